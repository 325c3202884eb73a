"""What the factory takes from this package: its jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.photos.services import forget_strays

JOBS = (Job("stray photos", forget_strays, timedelta(hours=6), phase=Phase.FORGET),)
