"""A small proof of work at a door, asked only while many forms come from one network.

While less than half of a door's allowance is used by a network nobody sees anything. Above it the
form carries a riddle that the browser solves in about a second (`static/js/challenge.js`, the library
ALTCHA on this side). Without JavaScript waiting does the same: the form carries a signed moment and is
taken twenty seconds later. Riddle and moment work once; what is used is kept until it expires.
"""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import structlog
from altcha.v1 import ChallengeOptions, create_challenge, verify_solution
from flask import current_app, g, request
from itsdangerous import BadData, URLSafeSerializer
from limits import RateLimitItem, parse
from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column
from wtforms import HiddenField

from webapp.kernel.clock import now
from webapp.kernel.database import Model, UTCDateTime, db, insert, unit_of_work
from webapp.kernel.forms import BaseForm
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.kernel.networks import network_key
from webapp.kernel.parts import delete_in_parts
from webapp.kernel.security import limiter

log = structlog.get_logger("saty.challenge")
#: Half of it is tried on average: under a second on a computer, some seconds on an old phone.
MAX_NUMBER = 30_000
RIDDLE_LIFE = timedelta(minutes=20)
WAIT_SECONDS = 20
#: From a calm door to one at which an account is being attacked: so many times the work, and the wait.
WORK = (0, 1, 2, 4)
WAITS = (0, 1, 2, 3)
WAIT_LIFE = timedelta(minutes=30)


class UsedChallenge(Model):
    """A riddle or a wait that has opened a door; it opens no second one."""

    __tablename__ = "used_challenge"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Riddle(NamedTuple):
    """What the form shows: the riddle as JSON for the script, and the signed moment for the wait."""

    puzzle: str
    waited: str
    seconds: int
    why: str


@lru_cache(maxsize=16)
def _item(allowance: str) -> RateLimitItem:
    return parse(allowance)


def _network() -> str:
    return network_key(current_app.config["SECRET_KEY"], request.remote_addr) or "unknown"


def _is_over_half(door: str, allowance: str, count: bool) -> bool:
    """Whether the network of this request has used over half of what a door allows; `count` counts this try too."""
    if not current_app.config["RATELIMIT_ENABLED"]:
        return False
    item = _item(allowance)
    try:
        if count:
            limiter.limiter.hit(item, "challenge", door, _network())
        left = limiter.limiter.get_window_stats(item, "challenge", door, _network()).remaining
    except Exception as error:  # a store that is gone must not close the doors
        log.error("rate limit store unreachable", error=type(error).__name__)
        return False
    return (item.amount - left) * 2 > item.amount


def _key(door: str, level: int = 1) -> str:
    harder = f":{level}" if level > 1 else ""
    return f"{current_app.config['SECRET_KEY']}:challenge:{door}:{_network()}{harder}"


def _serializer(door: str) -> URLSafeSerializer:
    return URLSafeSerializer(_key(door), salt="wait")


def _puzzle(door: str, level: int) -> str:
    options = ChallengeOptions(
        hmac_key=_key(door, level), max_number=MAX_NUMBER * WORK[level], expires=now() + RIDDLE_LIFE
    )
    return json.dumps(create_challenge(options).to_dict())


def _wait(door: str) -> str:
    return str(_serializer(door).dumps([secrets.token_hex(8), int(now().timestamp())]))


def _use(key: str, expires_at: datetime) -> bool:
    """Mark a challenge as used, durably whatever becomes of the request; False when it was used before.

    The same request, begun again after a deadlock, may use it again.
    """
    passed: set[str] = g.setdefault("challenges_passed", set())
    if key in passed:
        return True
    with unit_of_work():
        statement = insert(UsedChallenge).values(key=key, expires_at=expires_at).on_conflict_do_nothing()
        is_fresh = db.session.execute(statement.returning(UsedChallenge.key)).first() is not None
    if is_fresh:
        passed.add(key)
    return is_fresh


def _solution_fault(door: str, payload: str, level: int) -> str | None:
    """Why a solution opens nothing; None when it does, once. That of a harder riddle opens an easier door too."""
    again = _("The browser check failed or expired. It runs again now; send the form once more.")
    try:
        ok = any(
            verify_solution(payload, _key(door, harder), check_expires=False)[0] for harder in range(level, len(WORK))
        )
        parts = _payload(payload)
        expires_at = datetime.fromtimestamp(float(parts["salt"].split("expires=", 1)[1].split("&", 1)[0]), UTC)
    except Exception:  # whatever was sent in its place
        return again
    if not ok or expires_at <= now():
        return again
    if not _use(str(parts["challenge"])[:64], expires_at):
        return _("This browser check was used already. It runs again now; send the form once more.")
    return None


def _payload(encoded: str) -> dict[str, Any]:
    return dict(json.loads(base64.b64decode(encoded)))


def _read_wait(door: str, token: str) -> tuple[str, datetime] | None:
    """The name and the beginning of a wait that this door began for this network and that is still good."""
    try:
        name, began = _serializer(door).loads(token)
        began_at = datetime.fromtimestamp(began, UTC)
    except (BadData, ValueError, TypeError, OverflowError, OSError):
        return None
    return (name, began_at) if began_at <= now() < began_at + WAIT_LIFE else None


class ChallengedForm(BaseForm):
    """A form at a door. `door` names it, `allowance` is what half of is free ("30 per hour").

    `validate()` counts the try of this network, and asks for the riddle or the wait last: a form that
    has to be corrected anyway uses up nothing.
    """

    door = ""
    allowance = ""
    challenge = HiddenField()
    waited = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether everything fits, the challenge included where one is asked."""
        is_warm = _is_over_half(self.door, self.allowance, count=True)
        if not super().validate(extra_validators) or self.errors:
            return False
        level = max(int(is_warm), self.level())
        fault = self._challenge_fault(level) if level else None
        if fault:
            self.form_errors.append(fault)
        return fault is None

    def level(self) -> int:
        """How much is asked whatever the network does: 0 nothing, 3 the most. A form knows what it is the door of."""
        return 0

    def _challenge_fault(self, level: int) -> str | None:
        if self.challenge.data:
            return _solution_fault(self.door, self.challenge.data, level)
        found = _read_wait(self.door, self.waited.data or "")
        if found is None:
            return self._please_wait(WAIT_SECONDS * WAITS[level])
        name, began_at = found
        left = WAIT_SECONDS * WAITS[level] - int((now() - began_at).total_seconds())
        if left > 0:
            return self._please_wait(left)
        if not _use(f"wait:{name}", began_at + WAIT_LIFE):
            self.waited.data = ""
            return _("This form was sent already. Wait 20 seconds and send it again; what you typed is kept.")
        self.waited.data = ""  # it is used up: should the form come back, another wait begins
        return None

    def asked_because(self) -> str:
        """Why something is asked, over the riddle."""
        return _("Many forms come from your network at the moment")

    def _please_wait(self, seconds: int) -> str:
        return ngettext(
            "Many forms come from your network at the moment. Wait %(num)d second and send the form again; what you typed is kept.",
            "Many forms come from your network at the moment. Wait %(num)d seconds and send the form again; what you typed is kept.",
            seconds,
        )

    def riddle(self) -> Riddle | None:
        """What the page has to show; None while this network is calm. A wait that has begun goes on."""
        level = max(int(_is_over_half(self.door, self.allowance, count=False)), self.level())
        if not level:
            return None
        waited = self.waited.data or ""
        if _read_wait(self.door, waited) is None:
            waited = _wait(self.door)
        return Riddle(_puzzle(self.door, level), waited, WAIT_SECONDS * WAITS[level], self.asked_because())


def forget_used(now: datetime) -> int:
    """The job: what has expired opens nothing and need not be remembered."""
    return delete_in_parts(UsedChallenge, UsedChallenge.expires_at <= now)
