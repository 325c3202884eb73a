"""The public timeline, where it tells of strategy, plans and their results."""

from __future__ import annotations

from typing import Any

from webapp.journal.models import Fact
from webapp.journal.verbs import Verb
from webapp.kernel.i18n import current_language, ngettext
from webapp.kernel.i18n import gettext as _

#: Facts whose sentences stand here.
CARRIED_OUT = frozenset(
    {
        Verb.PROPOSAL_PLACED,
        Verb.PROPOSAL_BECAME_MEASURE,
        Verb.PROPOSAL_JOINED_MEASURE,
        Verb.MILESTONE_REOPENED,
        Verb.PLAN_PROMISED,
        Verb.PLAN_OVERDUE,
        Verb.JUDGEMENT_OPENED,
        Verb.JUDGEMENT_CLOSED,
        Verb.PROPOSAL_REOPENED,
    }
)


def title_of(facts: dict[str, Any]) -> str:
    """The title that a fact names, in the language of the page."""
    return str(facts["title_kk"] if current_language() == "kk" else facts["title_ru"])


def carried_out(fact: Fact, due: str) -> str:
    """What happened, in one sentence."""
    match fact.verb:
        case Verb.MILESTONE_REOPENED:
            return _("Milestone opened again: %(title)s.", title=title_of(fact.facts))
        case Verb.PLAN_PROMISED:
            num = int(fact.facts.get("milestones", 1))
            return ngettext("%(num)d more milestone is promised.", "%(num)d more milestones are promised.", num)
        case Verb.PLAN_OVERDUE:
            return _("Supporters opened the work again, and no new plan was made in the term.")
        case Verb.JUDGEMENT_OPENED if fact.facts.get("again"):
            return _("Supporters are asked again whether it was done.")
        case Verb.JUDGEMENT_OPENED:
            return _("Supporters are asked whether it was done as promised.")
        case Verb.JUDGEMENT_CLOSED if not any(fact.facts.get(name) for name in ("yes", "partly", "no")):
            return f"{_('Was it done as promised?')} {_('Nobody answered.')}"
        case Verb.JUDGEMENT_CLOSED:
            return _(
                "Supporters have judged: yes %(yes)d, partly %(partly)d, no %(no)d.",
                **{name: int(fact.facts.get(name, 0)) for name in ("yes", "partly", "no")},
            )
        case Verb.PROPOSAL_REOPENED:
            return _(
                "A majority of supporters said that it was not done. The body makes a new plan by %(date)s.", date=due
            )
        case Verb.PROPOSAL_PLACED if fact.facts.get("id"):
            return _("The moderator has confirmed what it is part of: %(title)s.", title=title_of(fact.facts))
        case Verb.PROPOSAL_PLACED:
            return _("The moderator has recorded that it is part of none of these.")
        case Verb.PROPOSAL_BECAME_MEASURE:
            return _("Became a measure of the city: %(title)s.", title=title_of(fact.facts))
        case Verb.PROPOSAL_JOINED_MEASURE:
            return _("Joined a measure of the city: %(title)s.", title=title_of(fact.facts))
    return fact.verb
