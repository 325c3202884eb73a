"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.hanging.jobs import remind
from webapp.hanging.pages import bp as hanging
from webapp.hanging.services import forget_reminders, keep_cases
from webapp.kernel.jobs import Job, Phase

BLUEPRINTS = (hanging,)
JOBS = (
    Job("hanging", keep_cases, timedelta(minutes=5)),
    Job("reminders of what hangs", remind, timedelta(hours=1)),
    Job("old reminders", forget_reminders, timedelta(hours=6), phase=Phase.FORGET),
)
