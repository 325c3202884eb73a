"""One form, one effect: a double click, or Back and the same button again, gets the answer of the first sending.

A form that makes something new carries a random word (`once_field()` in its template); its view wears
`@once`. The word is claimed in the transaction of the view, under a unique key, so that of two sendings
at one moment the second waits and reads what came of the first. A sending that is refused claims nothing.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import IO, Any, NamedTuple, TypeVar

from flask import g, make_response, redirect, request, session
from markupsafe import Markup
from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.kernel.clock import now
from webapp.kernel.database import Model, UTCDateTime, db, insert
from webapp.kernel.htmx import wants_fragment
from webapp.kernel.parts import delete_in_parts

FIELD = "once"
KEPT = timedelta(days=2)
_WORD = re.compile(r"[0-9a-f]{32}")
View = TypeVar("View", bound=Callable[..., Any])


class FormSent(Model):
    """A form that was sent: its word and sender as a hash, what it said as a hash, and where its answer led."""

    __tablename__ = "form_sent"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    content: Mapped[str] = mapped_column(String(64))
    location: Mapped[str] = mapped_column(String(400), default="")
    at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Earlier(NamedTuple):
    """What came of this very form before."""

    location: str
    is_same: bool


def once_field() -> Markup:
    """The hidden word of a form; one that comes back with a mistake keeps its own."""
    word = request.form.get(FIELD, "")
    if not _WORD.fullmatch(word):
        word = secrets.token_hex(16)
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, word)


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode(errors="replace")).hexdigest()


def _said() -> str:
    """What the form said, without what differs from page to page; a file by its name and all that is in it."""
    fields = [f"{name}={value}" for name, value in request.form.items(multi=True) if name not in ("csrf_token", FIELD)]
    files = [f"{name}={file.filename}={_content(file.stream)}" for name, file in request.files.items(multi=True)]
    return _hash(*fields, *files)


def _content(stream: IO[bytes]) -> str:
    """The hash of a file that was sent; whoever reads it next begins at its beginning."""
    stream.seek(0)
    found = hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]
    stream.seek(0)
    return found


def _claim() -> tuple[str, Earlier | None]:
    word = request.form.get(FIELD, "")
    if not _WORD.fullmatch(word):
        return "", None
    key = _hash(request.endpoint or "", request.path, str(session.get("_user_id") or ""), word)
    g.said = _said()
    row = {"key": key, "content": g.said, "location": "", "at": now()}
    fresh = insert(FormSent).values(row).on_conflict_do_nothing().returning(FormSent.key)
    if db.session.execute(fresh).first() is not None:
        return key, None
    there = db.session.execute(select(FormSent.location, FormSent.content).where(FormSent.key == key)).first()
    return key, Earlier(there.location, there.content == row["content"]) if there and there.location else None


def sent_before() -> str:
    """Where the first sending of this form led, when this one says something else; empty for the first."""
    return str(g.get("sent_before", ""))


def once(view: View) -> View:
    """The view makes something once for each form. Stands below `login_required` and the limits."""

    @wraps(view)
    def guarded(*args: Any, **named: Any) -> Any:
        key, earlier = _claim()
        if earlier is not None and earlier.is_same and not wants_fragment():
            return redirect(earlier.location, 303)
        g.sent_before = earlier.location if earlier else ""
        response = make_response(view(*args, **named))
        if key and response.status_code == 303 and len(response.location or "") <= 400:
            row = {"key": key, "content": g.said, "location": response.location, "at": now()}
            newest = {name: row[name] for name in ("content", "location")}
            statement = insert(FormSent).values(row)
            db.session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=newest))
        return response

    return guarded  # type: ignore[return-value]


def forget_sent_forms(moment: datetime) -> int:
    """The job: nobody presses Back that late."""
    return delete_in_parts(FormSent, FormSent.at < moment - KEPT)
