"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.offers.plans import forget_stray_plans
from webapp.offers.services import note_silence
from webapp.offers.views import bp as offers

BLUEPRINTS = (offers,)
JOBS = (
    Job("offers", note_silence, timedelta(minutes=5)),
    Job("stray plans", forget_stray_plans, timedelta(hours=6), phase=Phase.FORGET),
)
