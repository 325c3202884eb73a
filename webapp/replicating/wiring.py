"""What the factory takes from this package: its pages."""

from __future__ import annotations

from webapp.replicating.pages import bp as replicating

BLUEPRINTS = (replicating,)
