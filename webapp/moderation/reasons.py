"""The closed list of rejection reasons: a sentence for the public, the law, and what can be done instead.

The list is closed, its words are not: an operator lets other words for a reason begin from now on, or
takes it off the list. A decision keeps the words that held when it was made.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select

from webapp.access.permissions import Permission
from webapp.access.services import require
from webapp.journal.services import record
from webapp.journal.verbs import Verb
from webapp.kernel.database import db
from webapp.kernel.errors import Invalid
from webapp.kernel.faults import Faults
from webapp.kernel.i18n import LANGUAGES, in_language, localized
from webapp.kernel.i18n import gettext as _
from webapp.moderation.models import RejectionReason
from webapp.people.models import User

REASONS = (
    *("appeal_not_proposal", "not_competence", "personal_data", "insult"),
    *("unlawful", "unclear", "advertising", "already_decided"),
)


@dataclass(frozen=True)
class Reason:
    """A reason in one language."""

    label: str
    text: str
    way: str
    law: str

    @property
    def passage(self) -> str:
        """What the author reads."""
        return " ".join(part for part in (self.text, self.way) if part)


PARTS = tuple(field.name for field in fields(Reason))


def _usual() -> dict[str, Reason]:
    own_rules = _("Rules of this site, page “How it works”")
    return {
        "appeal_not_proposal": Reason(
            _("It is a personal appeal or complaint"),
            _(
                "Your text asks an authority to settle one person's case. Here we collect ideas that concern many people."
            ),
            _("Send it through e-Otinish or call 109: there it gets a legal term."),
            _("Administrative Procedural and Process-Related Code of 29 June 2020, No 350-VI"),
        ),
        "not_competence": Reason(
            _("No public authority can decide this"),
            _("No city, region or ministry can decide this."),
            _("Describe what an authority could do about it and send the proposal again."),
            own_rules,
        ),
        "personal_data": Reason(
            _("It discloses personal data"),
            _("Your text names or shows private persons in a way that the law on personal data does not allow."),
            _("Leave them out and send the proposal again."),
            _("Law on Personal Data and Their Protection of 21 May 2013, No 94-V"),
        ),
        "insult": Reason(
            _("It insults or threatens somebody"),
            _("Your text insults or threatens somebody."),
            _("Say what should change, without attacks on persons, and send the proposal again."),
            own_rules,
        ),
        "unlawful": Reason(
            _("It asks for something that the law forbids"),
            _("What you ask for is forbidden by law."),
            _("If the law itself should change, a petition on e-petition.kz is the way."),
            own_rules,
        ),
        "unclear": Reason(
            _("It is not clear what should change"),
            _("We could not see what should change, where and for whom."),
            _("Write it in two or three sentences and send the proposal again."),
            own_rules,
        ),
        "advertising": Reason(
            _("It is advertising or was sent many times"),
            _("Your text advertises something, or the same text was sent many times."),
            _("Propose what should change for everybody, once. To offer a service to the city, look for its tenders."),
            own_rules,
        ),
        "already_decided": Reason(
            _("It has been decided or carried out already"),
            _("What you propose has been decided or carried out already."),
            _("Check the list of proposals. If something about it should be different, propose exactly that."),
            own_rules,
        ),
    }


def _in_words(row: RejectionReason) -> Reason:
    return Reason(*(localized(row, part) for part in PARTS))


def rows_at(at: datetime) -> dict[str, RejectionReason]:
    """The newest row of each code that had begun at a moment."""
    newest = select(func.max(RejectionReason.id)).where(RejectionReason.valid_from <= at).group_by(RejectionReason.code)
    rows = db.session.scalars(select(RejectionReason).where(RejectionReason.id.in_(newest)))
    return {row.code: row for row in rows}


def _worded(rows: Mapping[str, RejectionReason]) -> dict[str, Reason]:
    return {code: _in_words(rows[code]) if code in rows else usual for code, usual in _usual().items()}


def reasons(at: datetime) -> dict[str, Reason]:
    """All reasons in the words that held at a moment, in the reader's language, also those no longer offered."""
    return _worded(rows_at(at))


def offered(at: datetime) -> dict[str, Reason]:
    """The reasons that a moderator can choose from at a moment."""
    rows = rows_at(at)
    return {code: reason for code, reason in _worded(rows).items() if code not in rows or rows[code].is_offered}


def words_in_force(code: str, at: datetime) -> dict[str, str]:
    """The words of a reason in all languages, as the form for new ones begins with: label_kk, text_ru, ..."""
    words = {}
    for language in LANGUAGES:
        with in_language(language):
            reason = reasons(at)[code]
        words.update({f"{part}_{language}": getattr(reason, part) for part in PARTS})
    return words


def let_words_begin(actor: User, code: str, words: dict[str, str], is_offered: bool, now: datetime) -> RejectionReason:
    """Other words for a reason from now on, or none: it is taken off the list. A journalled, public act."""
    require(actor, Permission.EDIT_REASONS, None, now)
    if code not in REASONS:
        raise Invalid(_("There is no such reason on the list."))
    found = Faults()
    needed = {f"{part}_{language}" for part in ("label", "text", "way") for language in LANGUAGES}
    for name in sorted(needed):
        if not words.get(name, "").strip():
            found.add(_("Write it in all three languages: everybody reads it in their own."), name)
    if not is_offered and set(offered(now)) <= {code}:
        found.add(_("One reason has to stay on the list."), "is_offered")
    found.stop()
    row = RejectionReason(code=code, valid_from=now, is_offered=is_offered, by_id=actor.id, **words)
    db.session.add(row)
    db.session.flush()
    record(Verb.REASONS_CHANGED, row, now, actor=actor, code=code, is_offered=is_offered)
    return row


def history(code: str) -> list[RejectionReason]:
    """All rows of a reason, newest first."""
    query = select(RejectionReason).where(RejectionReason.code == code).order_by(RejectionReason.id.desc())
    return list(db.session.scalars(query))
