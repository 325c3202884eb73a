"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.verification.clerk import bp as verification_desk
from webapp.verification.jobs import forget_old_attempts
from webapp.verification.views import bp as verification
from webapp.verification.ways import bp as verification_ways

BLUEPRINTS = (verification, verification_ways, verification_desk)
JOBS = (Job("verification", forget_old_attempts, timedelta(minutes=10), phase=Phase.FORGET),)
