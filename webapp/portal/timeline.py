"""The public timeline: the facts of a proposal, newest first; their sentences are those of `notifications.sentences`."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.i18n import format_date, format_datetime, localized
from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences import sentence
from webapp.portal.words import source_labels
from webapp.proposals.hiding import reason_labels

#: A consequence that was recorded so long after its date says when.
NOTICED_LATE = timedelta(hours=1)


_KINDS: dict[str, str] = {
    Verb.BODY_SILENT: "silent",
    Verb.TERM_OVERDUE: "overdue",
    Verb.MILESTONE_OVERDUE: "overdue",
    Verb.PLAN_OVERDUE: "overdue",
    Verb.PROPOSAL_REOPENED: "overdue",
    Verb.PROPOSAL_ACCEPTED: "accepted",
    Verb.IMPLEMENTATION_DONE: "done",
    Verb.PROPOSAL_DECLINED: "declined",
    Verb.THRESHOLD_REACHED: "climbed",
    Verb.PROPOSAL_CLIMBED: "climbed",
    Verb.PROPOSAL_ADOPTED: "climbed",
}


def events(facts: list[Fact], bodies: dict[int, Any]) -> list[dict[str, Any]]:
    """Facts for the timeline macro, newest first. `bodies` maps territory ids to bodies."""
    return [
        {
            "at_iso": fact.happened_at.isoformat(timespec="milliseconds"),
            "at_label": format_datetime(fact.happened_at),
            "body": localized(bodies[fact.territory_id]) if fact.territory_id in bodies else "",
            "sentence": sentence(fact.verb, fact.facts, on_page=True),
            "detail": _detail(fact),
            "kind": _KINDS.get(fact.verb, "plain"),
        }
        for fact in sorted(facts, key=lambda fact: (fact.happened_at, fact.id), reverse=True)
    ]


def _detail(fact: Fact) -> str:
    said = _more(fact)
    if fact.at - fact.happened_at < NOTICED_LATE:
        return said
    recorded = _("Recorded on %(date)s.", date=format_date(fact.at))
    return f"{said} {recorded}".strip()


def _more(fact: Fact) -> str:
    if fact.verb == Verb.SITE_AWAY:
        return str(fact.facts.get("reason", ""))
    if fact.verb == Verb.PROPOSAL_ACCEPTED and fact.facts.get("source"):
        source = source_labels().get(fact.facts["source"], "")
        return f"{_('Where the resources come from')}: {source}" if source else ""
    if fact.verb == Verb.CONTENT_HIDDEN:
        return f"{reason_labels().get(fact.facts['reason'], '')}. {fact.facts['sentence']}"
    if fact.verb in (Verb.CONTENT_SHOWN, Verb.HIDING_UPHELD):
        return str(fact.facts.get("answer", ""))
    return ""
