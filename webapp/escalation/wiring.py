"""What the factory takes from this package: its jobs."""

from __future__ import annotations

from webapp.escalation.jobs import windows_and_silence
from webapp.kernel.jobs import Job

JOBS = (Job("windows and silence", windows_and_silence),)
