"""Forms that somebody sent when their sign-in was over: they wait for that account alone, on whatever device it comes back.

Nothing of them is left in the browser, where the next person would find it. Secrets never get here.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.database import Model, UTCDateTime, db
from webapp.kernel.parts import delete_in_parts
from webapp.people.models import User
from webapp.people.rules import iin_fault

#: The field that says which waiting form is being sent.
FIELD = "kept_form"
#: As long as a draft.
KEPT = timedelta(days=30)
#: The oldest goes when another one comes.
MOST = 20
_UNSYNCHRONISED = {"synchronize_session": False}


class WaitingForm(Model):
    """One form: the address that it was sent to, and its fields as pairs of name and value."""

    __tablename__ = "waiting_form"
    #: Random: a number would come back after its row has gone, and with it the button of an older page.
    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(String(400))
    fields: Mapped[list[Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


def keep_form(user_id: int, path: str, fields: list[tuple[str, str]], now: datetime) -> bool:
    """Let a form wait for an account; False when there is no such account any more. The same form waits once."""
    user = db.session.get(User, user_id)
    if user is None or not user.may_sign_in or len(path) > 400:
        return False
    words = [(name, value) for name, value in fields if name != FIELD]  # one that comes too late again is the same form
    kept = [[name, value] for name, value in words if iin_fault(value.strip()) is not None]  # nobody's number is stored
    for place, row in enumerate(forms_of(user_id)):
        if place >= MOST - 1 or (row.path, row.fields) == (path, kept):
            db.session.delete(row)
    db.session.add(WaitingForm(name=secrets.token_hex(16), user_id=user_id, path=path, fields=kept, at=now))
    db.session.flush()
    return True


def forms_of(user_id: int) -> list[WaitingForm]:
    """What waits for an account, the newest first."""
    query = select(WaitingForm).where(WaitingForm.user_id == user_id)
    return list(db.session.scalars(query.order_by(WaitingForm.at.desc(), WaitingForm.name)))


def forget_form(user_id: int, name: str) -> bool:
    """It was sent, or thrown away; whether it waited for this account."""
    where = (WaitingForm.name == name[:32], WaitingForm.user_id == user_id)
    gone = db.session.execute(delete(WaitingForm).where(*where).execution_options(**_UNSYNCHRONISED))
    return bool(gone.rowcount)


def forget_forms(now: datetime) -> int:
    """The job: forms that nobody has come back for."""
    return delete_in_parts(WaitingForm, WaitingForm.at < now - KEPT)
