"""Codes, nonces and sign-ins that nobody finished do not stay."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete

from webapp.kernel.database import db, unit_of_work
from webapp.verification.models import Attempt


def forget_old_attempts(now: datetime) -> int:
    """Delete what is past its term. An answer that comes later finds nothing, as it would find nothing usable."""
    with unit_of_work():
        done = db.session.execute(delete(Attempt).where(Attempt.expires_at <= now))
    return int(done.rowcount)
