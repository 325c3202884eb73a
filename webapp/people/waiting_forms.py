"""Forms that wait for one account alone, on whatever device it comes back: those that it sent when its sign-in was over,
and those that it is typing.

Nothing of them is left in the browser, where the next person would find it. Secrets never get here. A form that is being
typed is a row for each page on which it stands: two pages with the same form never overwrite each other.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime, db
from webapp.kernel.parts import delete_in_parts
from webapp.kernel.typed import KEPT_AS
from webapp.people.models import User
from webapp.people.rules import iin_fault

#: The field that says which waiting form is being sent.
FIELD = KEPT_AS
#: As long as a draft.
KEPT = timedelta(days=30)
#: The oldest goes when another one comes; of those that were sent, and of those that are being typed.
MOST = 20
_UNSYNCHRONISED = {"synchronize_session": False}


class WaitingForm(Model):
    """One form: the address that it goes to, and its fields as pairs of name and value."""

    __tablename__ = "waiting_form"
    #: Random: a number would come back after its row has gone, and with it the button of an older page.
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(String(400))
    fields: Mapped[list[Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    #: Whether somebody pressed the button: such a form is offered behind the door, another one where it stands.
    was_sent: Mapped[bool] = mapped_column(Boolean, default=True)

    @property
    def state(self) -> str:
        """What it says, as a short word that a page can say it has seen."""
        return state_of(self.fields)


def state_of(fields: Any) -> str:
    """The same of any fields."""
    return hashlib.sha256(json.dumps(fields, ensure_ascii=True).encode()).hexdigest()[:24]


def keep_form(user_id: int, path: str, fields: list[tuple[str, str]], now: datetime) -> bool:
    """Let a form wait for an account; False when there is no such account any more. The same form waits once."""
    user = db.session.get(User, user_id)
    if user is None or not user.may_sign_in or len(path) > 400:
        return False
    kept = _without_numbers(fields)
    typed = next((value for name, value in fields if name == FIELD), "")
    db.session.execute(_typed_as(user_id, typed).execution_options(**_UNSYNCHRONISED))  # what was typed is sent now
    for place, row in enumerate(forms_of(user_id)):
        if place >= MOST - 1 or (row.path, row.fields) == (path, kept):
            db.session.delete(row)
    name = secrets.token_hex(16)
    db.session.add(WaitingForm(name=name, user_id=user_id, path=path, fields=kept, at=now, was_sent=True))
    db.session.flush()
    return True


def _without_numbers(fields: list[tuple[str, str]]) -> list[list[str]]:
    """The words of a form; its own name is none, and nobody's number is stored."""
    return [[name, value] for name, value in fields if name != FIELD and iin_fault(value.strip()) is not None]


def _typed_as(user_id: int, name: str) -> Any:
    return delete(WaitingForm).where(
        WaitingForm.name == name[:32], WaitingForm.user_id == user_id, WaitingForm.was_sent.is_(False)
    )


def keep_typed(
    user_id: int, name: str, path: str, fields: list[tuple[str, str]], seen: str, now: datetime
) -> WaitingForm | None:
    """Keep what somebody is typing under the name that their page has for it; None where there is no such account.

    `seen` is the state that the page knows. Where another page has written since, that one stays, and this page gets
    a row of its own.
    """
    user = db.session.get(User, user_id)
    if user is None or not user.may_sign_in or len(path) > 400:
        return None
    kept = _without_numbers(fields)
    row = db.session.scalar(select(WaitingForm).where(WaitingForm.name == name).with_for_update())
    if row is not None and not (
        (row.user_id, row.path, row.was_sent) == (user_id, path, False) and row.state in (seen, state_of(kept))
    ):
        row, name = None, secrets.token_hex(16)
    if row is None:
        for old in typed_of(user_id)[MOST - 1 :]:
            db.session.delete(old)
        row = WaitingForm(name=name, user_id=user_id, path=path, was_sent=False)
        db.session.add(row)
    row.fields, row.at = kept, now
    db.session.flush()
    return row


def typed_of(user_id: int, path: str | None = None) -> list[WaitingForm]:
    """What an account is typing, at one address or everywhere, the newest first."""
    query = select(WaitingForm).where(WaitingForm.user_id == user_id, WaitingForm.was_sent.is_(False))
    if path is not None:
        query = query.where(WaitingForm.path == path)
    return list(db.session.scalars(query.order_by(WaitingForm.at.desc(), WaitingForm.name)))


def forms_of(user_id: int) -> list[WaitingForm]:
    """What an account sent too late, the newest first."""
    query = select(WaitingForm).where(WaitingForm.user_id == user_id, WaitingForm.was_sent)
    return list(db.session.scalars(query.order_by(WaitingForm.at.desc(), WaitingForm.name)))


def forget_form(user_id: int, name: str) -> bool:
    """It was sent, or thrown away; whether it waited for this account."""
    where = (WaitingForm.name == name[:32], WaitingForm.user_id == user_id)
    gone = db.session.execute(delete(WaitingForm).where(*where).execution_options(**_UNSYNCHRONISED))
    return bool(gone.rowcount)


def forget_forms(now: datetime) -> int:
    """The job: forms that nobody has come back for."""
    return delete_in_parts(WaitingForm, WaitingForm.at < now - KEPT)
