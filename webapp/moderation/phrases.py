"""Templates of a body: texts with placeholders that a person picks, fills in and sends as their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.kernel.cases import in_case
from webapp.kernel.clock import local_date
from webapp.kernel.database import db
from webapp.kernel.errors import Conflict
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import format_date, in_language, localized
from webapp.kernel.i18n import gettext as _
from webapp.kernel.kazakh import Case
from webapp.moderation.models import Phrase
from webapp.moderation.rules import filled
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.territories.services import body_of

#: What a template is for.
USES = ("question", "rejection", "answer")
#: What the software can fill in by itself.
KNOWN = ("title", "number", "body", "place", "today", "due")


def phrases_for(territory: Territory, use: str) -> list[Phrase]:
    """The templates of a body and of those above it, for one use."""
    query = select(Phrase).where(
        Phrase.territory_id.in_(territory.ancestor_ids), Phrase.use == use, Phrase.retired_at.is_(None)
    )
    return list(db.session.scalars(query.order_by(Phrase.name, Phrase.id)))


def phrases_of(territory_ids: Sequence[int]) -> list[Phrase]:
    """All templates that some bodies keep."""
    query = select(Phrase).where(Phrase.territory_id.in_(territory_ids), Phrase.retired_at.is_(None))
    return list(db.session.scalars(query.order_by(Phrase.use, Phrase.name, Phrase.id)))


def keep_phrase(
    actor: User, territory: Territory, use: str, name: str, text_kk: str, text_ru: str, now: datetime
) -> Phrase:
    """A new template of a body. Both languages, so that nothing official goes out in one."""
    require(actor, Permission.KEEP_PHRASES, territory, now)
    found = Faults()
    if use not in USES:
        found.add(_("Say what the template is for."), "use")
    if not name.strip():
        found.add(_("Give it a name by which colleagues find it."), "name")
    for field, text in (("text_kk", text_kk), ("text_ru", text_ru)):
        if not text.strip():
            found.add(_("Write the text in Kazakh and in Russian."), field)
    found.stop()
    row = Phrase(
        territory_id=territory.id,
        use=use,
        name=name.strip(),
        text_kk=text_kk.strip(),
        text_ru=text_ru.strip(),
        by_id=actor.id,
        at=now,
    )
    db.session.add(row)
    db.session.flush()
    return row


def retire_phrase(actor: User, phrase: Phrase, territory: Territory, now: datetime) -> None:
    """It is offered no longer; what was sent with it stays."""
    require(actor, Permission.KEEP_PHRASES, territory, now)
    if phrase.retired_at is not None:
        raise Conflict(_("This template has been archived already."))
    phrase.retired_at = now


def in_both_languages(phrase: Phrase, proposal: Proposal, now: datetime) -> dict[str, str]:
    """The template for one proposal, in Kazakh and Russian, with what is known filled in."""
    texts = {}
    for language in ("kk", "ru"):
        with in_language(language):
            body = body_of(proposal.seat, local_date(now)) or proposal.seat
            values = {
                "title": proposal.title,
                "number": proposal.number,
                "body": localized(body),
                "place": localized(proposal.origin),
                "today": format_date(now),
                "due": format_date(proposal.due_at) if proposal.due_at else "",
            }
            texts[language] = filled(_cased(getattr(phrase, f"text_{language}"), values, language), values)
    return texts


#: `{due}{dat}`: a value in the case that the sentence asks for, as in the texts of the interface.
_CASED = re.compile(r"\{(body|place|today|due)\}\{(" + "|".join(Case) + r")\}")


def _cased(text: str, values: dict[str, str], language: str) -> str:
    """A template with the values whose case it names."""
    return _CASED.sub(lambda found: str(in_case(values[found[1]], Case(found[2]), language)), text)
