"""What was typed into the form of this request, and what of it may be shown or sent again.

One list says what is never given back: a password, a code, the number of a person. A file is never among
the fields at all. Everything that offers words again (the page of a problem, the form that lost its key, the
door, "confirm it is you") takes them from here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import current_app, g, request, session
from flask_wtf import FlaskForm
from flask_wtf.csrf import validate_csrf
from itsdangerous import BadSignature, URLSafeTimedSerializer
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData
from wtforms import Field as FormField
from wtforms import StringField, TextAreaField
from wtforms.fields import HiddenField, PasswordField
from wtforms.fields.core import UnboundField
from wtforms.validators import ValidationError

from webapp.kernel.i18n import gettext as _
from webapp.kernel.sizes import MOST_PARTS

#: Secrets, by the names of their fields; tests/house/test_typed.py compares this with the forms.
NEVER_KEPT = frozenset(
    {
        *("csrf_token", "begun_as", "password", "new_password", "second_code", "code", "iin"),
        *("credential", "challenge", "waited", "state", "iss", "signature"),
    }
)
#: What belongs to a door and not to the act that waits behind it.
SECRETS = NEVER_KEPT | {"waiting", "next", "back", "resend"}
#: So much is offered again: more is no form that a person has filled in.
MOST_FIELDS = 200
MOST_BYTES = 64 * 1024
#: In seconds: as long as the longest sign-in. What is older says nothing any more.
SEALED_FOR = 30 * 24 * 3600
#: Where a form says whose page it stood on.
BEGUN_AS = "begun_as"
#: Where a form says under which name it waits or is being typed.
KEPT_AS = "kept_form"
_MACHINES = re.compile(r"[a-z0-9_.:/?=&%-]{0,60}", re.IGNORECASE)


def sent() -> MultiDict[str, str]:
    """The fields of this request; none where they cannot be read."""
    found: MultiDict[str, str] | None = g.get("rescued_fields")
    if found is not None:
        return found
    try:
        return request.form
    except Exception:  # too large, or broken on the way
        return MultiDict()


def rescue() -> None:
    """The body is too large to be read as a form: save the fields that stand in its first two megabytes."""
    found: MultiDict[str, str] = MultiDict()
    if "rescued_fields" not in g:
        head = _head()
        boundary = request.mimetype_params.get("boundary", "")
        if request.mimetype == "application/x-www-form-urlencoded":
            found = MultiDict(parse_qsl(head.decode(errors="ignore"), errors="replace", separator="&")[:MOST_FIELDS])
        elif request.mimetype == "multipart/form-data" and boundary:
            found = MultiDict(_parts(head, boundary.encode()))
        g.rescued_fields = found


def _head() -> bytes:
    length = min(request.content_length or 0, int(current_app.config["MAX_CONTENT_LENGTH"]))
    try:
        head: bytes = request.environ["wsgi.input"].read(length)
    except (OSError, ValueError):
        return b""
    return head if head.count(b"&") <= MOST_PARTS else b""


def _parts(head: bytes, boundary: bytes) -> Iterator[tuple[str, str]]:
    """Complete fields at the beginning of a multipart body; files are passed over."""
    decoder = MultipartDecoder(boundary, max_form_memory_size=len(head) + 1, max_parts=MOST_FIELDS)
    decoder.receive_data(head)
    name, value = "", bytearray()
    try:
        while not isinstance(event := decoder.next_event(), NeedData | Epilogue):
            if isinstance(event, Field):
                name, value = event.name or "", bytearray()
            elif isinstance(event, File):
                name = ""
            elif isinstance(event, Data) and name:
                value += event.data
                if not event.more_data:
                    yield name, value.decode(errors="replace")
    except (ValueError, RequestEntityTooLarge):
        return


def typed_fields(but: frozenset[str] = NEVER_KEPT) -> list[tuple[str, str]]:
    """What came with the form, without secrets and keys; `but` names what else is left out."""
    return [(name, value) for name, value in sent().items(multi=True) if name not in but]


def fits(fields: list[tuple[str, str]]) -> bool:
    """Whether a form is small enough to be offered again as a whole; half a form is never sent."""
    size = sum(len(name.encode(errors="replace")) + len(value.encode(errors="replace")) for name, value in fields)
    return len(fields) <= MOST_FIELDS and size <= MOST_BYTES


def sendable(but: frozenset[str] = SECRETS) -> list[tuple[str, str]]:
    """The fields for a form that can be sent again by a button; empty where it is too large for that."""
    fields = typed_fields(but)
    return fields if fits(fields) and "rescued_fields" not in g else []


def is_worth_keeping(fields: Iterable[tuple[str, str]]) -> bool:
    """Whether there is anything in it that somebody has typed."""
    return any(value.strip() for _name, value in fields)


def all_shown(fields: Iterable[tuple[str, str]] | None = None) -> list[tuple[str, str]]:
    """Label and words of every field in which somebody writes, to be copied; at most so much as `fits`."""
    shown: list[tuple[str, str]] = []
    left = MOST_BYTES
    for name, value in typed_fields(SECRETS) if fields is None else fields:
        if len(shown) >= MOST_FIELDS or left <= 0:
            break
        if name in SECRETS or not value.strip() or not _is_written(name, value):
            continue
        raw = value.encode(errors="replace")
        cut = raw[:left].decode(errors="ignore")
        left -= len(raw)
        shown.append((str(_labels().get(name) or _("What you typed")), cut))
    return shown


def _is_written(name: str, value: str) -> bool:
    """Whether people write in this field themselves; where no form names it, whether it looks like words."""
    kind = _kinds().get(name)
    if kind is None:
        return _MACHINES.fullmatch(value.strip()) is None
    return kind or (len(value.split()) > 1 and _MACHINES.fullmatch(value.strip()) is None)


def _fields_of_forms() -> Iterable[tuple[str, UnboundField]]:
    """Every field of every form of the program, by its name on the page."""
    waiting: list[Any] = [FlaskForm]
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        for attribute in dir(form):
            field = getattr(form, attribute, None)
            if isinstance(field, UnboundField):
                yield field.kwargs.get("name") or attribute, field


@lru_cache(maxsize=1)
def _kinds() -> dict[str, bool]:
    """Whether a field of this name is one that people write in, in any form."""
    found: dict[str, bool] = {}
    for name, field in _fields_of_forms():
        kind: type[FormField] = field.field_class
        writes = issubclass(kind, StringField | TextAreaField) and not issubclass(kind, HiddenField | PasswordField)
        found[name] = found.get(name, False) or writes
    return found


@lru_cache(maxsize=1)
def _labels() -> dict[str, Any]:
    """The label of a name; of names that mean several things none."""
    found: dict[str, Any] = {}
    for name, field in _fields_of_forms():
        label = field.args[0] if field.args else field.kwargs.get("label")
        found[name] = label if found.get(name, label) == label else None
    return found


# --- what is saved while it is typed


def kept_form(save: str, seen: str, name: str = "") -> Markup:
    """The attributes of a form that say where it is saved, in which state its page has seen it, and under which name."""
    g.kept_form, g.kept_name = save, name
    unsaved = Markup(" data-unsaved") if request.method == "POST" else ""  # what came with the form stands here alone
    return Markup(' id="kept-form" data-save="{}" data-seen="{}"{}').format(save, seen, unsaved)


# --- whose form, and from where


def _seal() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="whose form")


def mark() -> str:
    """What a form of this page says about whose it is; empty for a stranger's."""
    key = session.get("_user_id") if "sign_in" in session else None
    return sealed(int(key)) if key and str(key).isdigit() else ""


def signed_in_last() -> int | None:
    """The account that this browser was signed in with last, also when that sign-in is over; None where it was none."""
    key = str(session.get("_user_id") or "")
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else None


def begun_as() -> int | None:
    """The account on whose page the form of this request stood; None where it does not say."""
    return unsealed(sent().get(BEGUN_AS, ""))


def sealed(key: int | None) -> str:
    """An account, in a form that nobody can make up; empty for nobody."""
    return "" if key is None else str(_seal().dumps(key))


def unsealed(said: str) -> int | None:
    """The account that was sealed; None for anything else."""
    try:
        key = _seal().loads(said[:200], max_age=SEALED_FOR)
    except BadSignature:
        return None
    return key if isinstance(key, int) else None


def _origin(address: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(address)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or parts.password is not None:
        return None
    return parts.scheme, parts.hostname, port


def is_own_form() -> bool:
    """Whether the browser says that the form was sent from a page of this site: scheme, host and port are the same."""
    site = request.headers.get("Sec-Fetch-Site")
    if site:
        return site == "same-origin"
    said = _origin(request.headers.get("Origin") or request.headers.get("Referer", ""))
    return said is not None and said == _origin(request.host_url)


def came_from_here() -> bool:
    """Whether words may be given back: they came from a page of ours, and not from another site's form."""
    if g.get("csrf_valid") or is_own_form():
        return True
    try:
        validate_csrf(sent().get("csrf_token"))
    except ValidationError:
        return False
    return True
