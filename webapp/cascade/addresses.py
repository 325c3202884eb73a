"""Addresses of directions, programmes and measures, and whom they open to."""

from __future__ import annotations

from flask import abort
from flask_login import current_user

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.cascade.words import PLURALS
from webapp.kernel.clock import now
from webapp.kernel.loading import load
from webapp.strategies.versions import MODELS, Subject

PLURAL = "<any(directions, programmes, measures):plural>"
LEVELS = f"{PLURAL}/<key:key>"


def subject_of(plural: str, key: int, lock: bool = False) -> Subject:
    """One of the three by its address; a draft of others is nobody's business. Aborts with 404."""
    subject: Subject = load(MODELS[PLURALS[plural]], key, lock)
    if refusal(current_user, Permission.SEE_STRATEGY, subject, now()) is not None:
        abort(404)
    return subject
