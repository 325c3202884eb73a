"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.desk.aside import bp as desk_aside
from webapp.desk.batch_views import bp as desk_batches
from webapp.desk.letters import bp as desk_letters
from webapp.desk.strategy import bp as desk_strategy
from webapp.desk.team import bp as desk_team
from webapp.desk.views import bp as desk

BLUEPRINTS = (desk, desk_aside, desk_batches, desk_letters, desk_team, desk_strategy)
