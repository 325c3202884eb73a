"""What the factory takes from this package: its jobs."""

from __future__ import annotations

from webapp.journal.services import seal_facts
from webapp.kernel.jobs import Job, Phase

JOBS = (Job("seal", seal_facts, phase=Phase.SEAL),)
