"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.fraud.jobs import forget_networks, keep_checks_complete
from webapp.fraud.returning import return_votes
from webapp.fraud.telling import tell_of_checks
from webapp.fraud.views import bp as fraud
from webapp.kernel.jobs import Job, Phase

BLUEPRINTS = (fraud,)
JOBS = (
    Job("checks", keep_checks_complete, timedelta(minutes=1)),
    Job("votes given back", return_votes, timedelta(minutes=5)),
    Job("sums of checks", tell_of_checks, timedelta(minutes=30)),
    Job("networks", forget_networks, timedelta(hours=6), phase=Phase.FORGET),
)
