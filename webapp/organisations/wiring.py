"""What the factory takes from this package: its pages and jobs."""

from __future__ import annotations

from datetime import timedelta

from webapp.kernel.jobs import Job
from webapp.organisations.desk import bp as organisations_desk
from webapp.organisations.jobs import accreditations, verification_terms
from webapp.organisations.views import bp as organisations

BLUEPRINTS = (organisations, organisations_desk)
JOBS = (
    Job("organisations", verification_terms),
    Job("accreditations", accreditations, timedelta(hours=1)),
)
