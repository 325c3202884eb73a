"""The decisions of moderators, read from the journal: what, where, why, how long it took, whether it was reversed.

Of a proposal that was not published only the reason is told; of persons nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import g, url_for
from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import aliased

from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.asking import Asked
from webapp.kernel.clock import LOCAL_ZONE, now
from webapp.kernel.database import LARGEST_KEY, db
from webapp.kernel.exports import parts_of
from webapp.kernel.i18n import by_language, current_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.paging import Page, keyset_page
from webapp.moderation import reasons as rejections
from webapp.proposals import hiding
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.territories.services import by_kato

KINDS = {
    "published": Verb.PROPOSAL_PUBLISHED,
    "returned": Verb.PROPOSAL_RETURNED,
    "rejected": Verb.PROPOSAL_REJECTED,
    "merged": Verb.PROPOSAL_MERGED,
    "forwarded": Verb.PROPOSAL_FORWARDED,
    "reviewed": Verb.FLAGS_REVIEWED,
    "hidden": Verb.CONTENT_HIDDEN,
    "upheld": Verb.HIDING_UPHELD,
    "shown": Verb.CONTENT_SHOWN,
}
KIND_OF = {verb.value: kind for kind, verb in KINDS.items()}
#: Against these the author may appeal.
APPEALABLE = (Verb.PROPOSAL_REJECTED.value, Verb.CONTENT_HIDDEN.value)
APPEALS = ("appealed", "reversed")
CSV_COLUMNS = ("id", "at", "body_kato", "kind", "reason", "working_days", "by", "appealed", "reversed", "url")
PER_PAGE, FOR_MACHINES, IN_FEED = 30, 200, 50


@by_language
def kind_labels() -> dict[str, str]:
    """What was decided."""
    return {
        "published": _("Published"),
        "returned": _("Returned with a question"),
        "rejected": _("Not published"),
        "merged": _("Joined to another"),
        "forwarded": _("Forwarded"),
        "reviewed": _("Reports looked at: it stays"),
        "hidden": _("Hidden"),
        "upheld": _("Appeal: stays hidden"),
        "shown": _("Appeal: shown again"),
    }


def reason_labels() -> dict[str, str]:
    """Reasons for not publishing, in the words that hold now, and for hiding; looked up once a request."""
    if "reason_labels" not in g:
        words = {code: reason.label for code, reason in rejections.reasons(now()).items()}
        g.reason_labels = words | hiding.reason_labels()
    return dict(g.reason_labels)


@by_language
def appeal_labels() -> dict[str, str]:
    """What became of a decision."""
    return {"appealed": _("Appealed against"), "reversed": _("Reversed after an appeal")}


@dataclass(frozen=True)
class Filters:
    """What the reader asked for; what was not understood is said by `Asked`.

    `place` means a territory and everything below it, `body` the body of one territory alone.
    """

    place: str = ""
    body: str = ""
    kind: str = ""
    reason: str = ""
    appeal: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def read(cls, asked: Asked) -> Filters:
        """From the query string."""
        return cls(
            asked.code("place", by_kato),
            asked.code("body", by_kato),
            asked.choice("kind", KINDS),
            asked.choice("reason", [*rejections.REASONS, *hiding.reason_labels()]),
            asked.choice("appeal", APPEALS),
            asked.day("since"),
            asked.day("until"),
        )

    def query(self, **more: Any) -> str:
        """As a query string, without what is usual."""
        return urlencode({key: value for key, value in (vars(self) | more).items() if value})


def _begins(day: str, after: int = 0) -> datetime:
    return datetime.combine(date.fromisoformat(day) + timedelta(days=after), time(), tzinfo=LOCAL_ZONE)


reason = Fact.facts["reason"].as_string()
days = Fact.facts["working_days"].as_integer()
by = Fact.facts["by"].as_string()
#: A forwarded proposal lies at its new body already; who decided is the one that it left.
decider = case(
    (Fact.verb == Verb.PROPOSAL_FORWARDED.value, Fact.facts["from_territory"].as_integer()), else_=Fact.territory_id
)


def _later(verb: Verb) -> Any:
    """Whether something happened to the same proposal after a rejection, before the next one."""
    later, again = aliased(Fact), aliased(Fact)
    next_one = select(func.min(again.id)).where(
        again.proposal_id == Fact.proposal_id, again.verb == Verb.PROPOSAL_REJECTED.value, again.id > Fact.id
    )
    until = func.coalesce(next_one.correlate(Fact).scalar_subquery(), LARGEST_KEY)
    where = (later.proposal_id == Fact.proposal_id, later.verb == verb.value, later.id > Fact.id, later.id < until)
    return exists().where(*where).correlate(Fact)


def _same(verb: Verb) -> Any:
    """Whether something happened to the same hiding."""
    later = aliased(Fact)
    where = (later.proposal_id == Fact.proposal_id, later.verb == verb.value, later.subject_id == Fact.subject_id)
    return exists().where(*where).correlate(Fact)


def _became(after_rejection: Verb, after_hiding: Verb) -> Any:
    return case(
        (Fact.verb == Verb.PROPOSAL_REJECTED.value, case((_later(after_rejection), 1), else_=0)),
        (Fact.verb == Verb.CONTENT_HIDDEN.value, case((_same(after_hiding), 1), else_=0)),
        else_=0,
    )


appealed = _became(Verb.REJECTION_APPEALED, Verb.HIDING_APPEALED)
was_reversed = _became(Verb.PROPOSAL_PUBLISHED, Verb.CONTENT_SHOWN)


def decisions(filters: Filters) -> Select[Any]:
    """One row a decision."""
    query = (
        select(
            Fact.id,
            Fact.at,
            Fact.verb,
            reason.label("reason"),
            days.label("working_days"),
            by.label("by"),
            Territory.id.label("body_id"),
            Territory.kato.label("body_kato"),
            getattr(Territory, f"name_{current_language()}").label("body_name"),
            case((Proposal.is_public, Fact.proposal_id)).label("proposal_id"),
            case((Proposal.is_public, Proposal.number)).label("number"),
            appealed.label("appealed"),
            was_reversed.label("reversed"),
        )
        .join(Territory, Territory.id == decider)
        .outerjoin(Proposal, Proposal.id == Fact.proposal_id)
    )
    verbs = [KINDS[filters.kind]] if filters.kind else KINDS.values()
    query = query.where(Fact.verb.in_([verb.value for verb in verbs]))
    query = query.where((Fact.verb != Verb.PROPOSAL_FORWARDED.value) | (by == "moderator"))
    undoing = aliased(Fact)  # what was taken back within its minute was no decision
    taken_back = (undoing.proposal_id == Fact.proposal_id, undoing.verb == Verb.DECISION_UNDONE.value)
    query = query.where(~exists().where(*taken_back, undoing.facts["undoes"].as_integer() == Fact.id))
    if filters.reason:
        query = query.where(reason == filters.reason)
    if filters.appeal:
        query = query.where((appealed if filters.appeal == "appealed" else was_reversed) == 1)
    if filters.since:
        query = query.where(Fact.at >= _begins(filters.since))
    if filters.until:
        query = query.where(Fact.at < _begins(filters.until, 1))
    if filters.body:
        query = query.where(Territory.kato == filters.body)
    place = by_kato(filters.place) if filters.place else None
    return query if place is None else query.where(Territory.path.startswith(place.path, autoescape=True))


def page_of(filters: Filters, mark: str | None, size: int = PER_PAGE) -> Page:
    """One page of decisions, newest first."""
    return keyset_page(decisions(filters), [Fact.id], mark, db.session.execute, size)


def all_rows(filters: Filters) -> Iterator[dict[str, Any]]:
    """Every decision for machines, newest first."""
    for part in parts_of(decisions(filters), Fact.id, [Fact.id.desc()]):
        yield from plain_rows(part)


def plain_rows(rows: Any) -> list[dict[str, Any]]:
    """Rows for machines."""
    base = url_for("portal.index", _external=True).rstrip("/")
    return [
        {name: getattr(row, name, "") for name in CSV_COLUMNS}
        | {
            "kind": KIND_OF[row.verb],
            "by": row.by if row.by == "silence" else "moderator",
            "appealed": bool(row.appealed),
            "reversed": bool(row.reversed),
            "url": f"{base}/proposals/{row.proposal_id}" if row.proposal_id else "",
        }
        for row in rows
    ]
