"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job, Phase
from webapp.voting.recounting import recount_on
from webapp.voting.views import bp as voting
from webapp.voting.wishes import count_wishes

BLUEPRINTS = (voting,)
JOBS = (
    Job("wishes of authors", count_wishes, timedelta(minutes=1)),
    Job("recount", recount_on, timedelta(seconds=5), phase=Phase.COUNT),
)
