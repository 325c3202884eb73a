"""How often the present request may still try to be somebody: by device, by place, by account (docs/adr/0025-limits-of-an-account.md)."""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request
from werkzeug.exceptions import TooManyRequests

from webapp.kernel.clock import now
from webapp.kernel.database import commit
from webapp.kernel.networks import name_device, visitor
from webapp.people import tries
from webapp.people.models import User
from webapp.people.rules import PLACE_PAUSE, level_of

#: A year; a device that signs in begins it anew.
DEVICE_LIFE = 365 * 24 * 3600


def _cookie_name() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _device(email: str | None) -> str | None:
    return tries.device_for(email or "", request.cookies.get(_cookie_name(), ""))


def device_or_visitor() -> str:
    """Whose forms the limit of the door counts: those of a device that this account knows, or else of a household."""
    device = _device(request.form.get("email", "")[:500])
    name_device(device)
    return f"device:{device}" if device else visitor()


def level_at_door(email: str | None) -> int:
    """How much work is asked at the door of an account. Raises 429 where this very place has tried too often."""
    if not current_app.config["RATELIMIT_ENABLED"] or not email:
        return 0
    device, moment = _device(email), now()
    if tries.is_closed_here(tries.SIGN_IN, email, visitor(), device, moment):
        raise TooManyRequests(retry_after=int(PLACE_PAUSE.total_seconds()))
    return 0 if device else level_of(tries.failures(tries.SIGN_IN, email, moment))


def count_failure(email: str | None, was_wrong: bool) -> None:
    """A form that was refused counts: a wrong password against place and account, a form that lacked something, its
    proof of work or the password itself, against the place alone.
    """
    if email:
        tries.note_failure(tries.SIGN_IN, email, visitor(), _device(email), now(), was_wrong)
        commit()


def forgive_failures(email: str | None) -> None:
    """The right password: what was mistyped here before is forgotten."""
    tries.forgive(tries.SIGN_IN, email or "", visitor(), _device(email))


def remember_device(user: User) -> None:
    """This device has signed in to the account: from now on nobody else uses up its tries."""
    cookie = tries.device_cookie(user.email, request.cookies.get(_cookie_name(), ""))
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            _cookie_name(), cookie, max_age=DEVICE_LIFE, httponly=True, secure=secure, samesite="Lax", path="/"
        )
        return response
