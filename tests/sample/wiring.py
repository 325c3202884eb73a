"""What the factory takes from this package: its pages and jobs."""

from datetime import datetime

from tests.sample.views import bp as sample
from webapp.kernel.jobs import Job


def look_around(now: datetime) -> int:
    """Do nothing, once."""
    return 1


BLUEPRINTS = (sample,)
JOBS = (Job("sample", look_around),)
