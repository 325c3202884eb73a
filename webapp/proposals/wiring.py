"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.proposals.photo import bp as photo
from webapp.proposals.saving import bp as saving
from webapp.proposals.services import forget_old_drafts
from webapp.proposals.views import bp as proposing

BLUEPRINTS = (proposing, saving, photo)
JOBS = (Job("drafts", forget_old_drafts, timedelta(hours=6), phase=Phase.FORGET),)
