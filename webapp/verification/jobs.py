"""Codes, nonces and sign-ins that nobody finished do not stay."""

from __future__ import annotations

from datetime import datetime

from webapp.kernel.parts import delete_in_parts
from webapp.verification.models import Attempt


def forget_old_attempts(now: datetime) -> int:
    """Delete what is past its term. An answer that comes later finds nothing, as it would find nothing usable."""
    return delete_in_parts(Attempt, Attempt.expires_at <= now)
