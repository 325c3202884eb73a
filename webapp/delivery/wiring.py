"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.delivery.jobs import milestones, miss_of_measures
from webapp.delivery.judging import close_rounds
from webapp.delivery.reporting import miss_first_dates
from webapp.delivery.views import bp as delivery
from webapp.kernel.jobs import Job

BLUEPRINTS = (delivery,)
JOBS = (
    Job("milestones", milestones),
    Job("milestones of measures", miss_of_measures),
    Job("dates promised first", miss_first_dates, timedelta(minutes=5)),
    Job("judging", close_rounds),
)
