"""What was promised, what has come of it, and what supporters say of that."""

from __future__ import annotations

from webapp.journal.verbs import Verb
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.notifications.sentences.happening import Happening, Sentence


def _promised(it: Happening) -> str:
    number = it.number("milestones", 1)
    return ngettext("%(num)d more milestone is promised.", "%(num)d more milestones are promised.", number)


def _overdue(it: Happening) -> str:
    if it.get("moved_to"):
        return _(
            "The date promised first has passed, and it is not done: %(title)s. It is postponed to %(date)s.",
            title=it.title,
            date=it.day("moved_to"),
        )
    return _("Milestone overdue: %(title)s.", title=it.title)


def _asked(it: Happening) -> str:
    """The timeline tells anybody that supporters are asked; a notice asks those whom it reaches."""
    if not it.on_page and it.get("again"):
        return _("You are asked again: was it done as promised?")
    if not it.on_page:
        return _("Was it done as promised? You are asked to judge it on its page.")
    if it.get("again"):
        return _("Supporters are asked again whether it was done.")
    return _("Supporters are asked whether it was done as promised.")


def _judged(it: Happening) -> str:
    judged = {name: it.number(name) for name in ("yes", "partly", "no")}
    if not any(judged.values()):
        return f"{_('Was it done as promised?')} {_('Nobody answered.')}"
    return _("Supporters have judged: yes %(yes)d, partly %(partly)d, no %(no)d.", **judged)


SAID: dict[str, Sentence] = {
    Verb.IMPLEMENTATION_STARTED: lambda _it: _("The work has begun."),
    Verb.MILESTONE_DONE: lambda it: _("Milestone reported done: %(title)s.", title=it.title),
    Verb.MILESTONE_PARTLY: lambda it: _("Milestone reported partly done: %(title)s.", title=it.title),
    Verb.MILESTONE_MOVED: lambda it: _(
        "Milestone postponed from %(before)s to %(date)s: %(title)s.",
        title=it.title,
        date=it.day("moved_to"),
        before=it.day("moved_from"),
    ),
    Verb.MILESTONE_OVERDUE: _overdue,
    Verb.MILESTONE_REOPENED: lambda it: _("Milestone opened again: %(title)s.", title=it.title),
    Verb.IMPLEMENTATION_DONE: lambda _it: _("All milestones are reported done."),
    Verb.PLAN_PROMISED: _promised,
    Verb.PLAN_OVERDUE: lambda _it: _("Supporters opened the work again, and no new plan was made in the term."),
    Verb.JUDGEMENT_OPENED: _asked,
    Verb.JUDGEMENT_CLOSED: _judged,
    Verb.PROPOSAL_REOPENED: lambda it: _(
        "A majority of supporters said that it was not done. The body makes a new plan by %(date)s.", date=it.due
    ),
}
