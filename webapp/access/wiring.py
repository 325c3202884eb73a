"""What the factory takes from this package: its jobs."""

from __future__ import annotations

from webapp.access.services import note_ended_grants
from webapp.kernel.jobs import Job

JOBS = (Job("grants", note_ended_grants),)
