"""Forms, states and stages of offers, in the language of the page."""

from __future__ import annotations

from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _
from webapp.offers.rules import Form, Stage, State


@by_language
def forms() -> dict[str, str]:
    """How somebody offers to help."""
    return {
        Form.PPP.value: _("Public-private partnership"),
        Form.TENDER.value: _("Taking part in a tender"),
        Form.OWN_FUNDS.value: _("Own funds"),
        Form.IN_KIND.value: _("In kind: land, things, work"),
        Form.PILOT.value: _("A pilot to try it out"),
    }


@by_language
def states() -> dict[str, str]:
    """Where an offer is."""
    return {
        State.SENT.value: _("Waits for an answer"),
        State.TAKEN_UP.value: _("Taken up"),
        State.DECLINED.value: _("Declined"),
        State.WITHDRAWN.value: _("Taken back"),
    }


@by_language
def stages() -> dict[str, str]:
    """Stages of a private PPP initiative."""
    return {
        Stage.TASK.value: _("Idea or social and economic task"),
        Stage.CONCEPT.value: _("Concept or investment proposal"),
        Stage.EXPERTISE.value: _("Expertise"),
        Stage.BUDGET.value: _("Maslikhat and budget commission"),
        Stage.CHOICE.value: _("Tender or direct negotiations"),
        Stage.CONTRACT.value: _("Contract"),
        Stage.MONITORING.value: _("Monitoring and evaluation"),
    }


@by_language
def stage_duties() -> dict[str, str]:
    """What is asked at each stage; the law itself decides, these sentences only lead to it."""
    return {
        Stage.TASK.value: _(
            "The public partner publishes tasks for which it looks for partners; an idea refers to one."
        ),
        Stage.CONCEPT.value: _(
            "The initiator writes the concept or the investment proposal: what, for whom, for how much."
        ),
        Stage.EXPERTISE.value: _("Experts look at the economy, the risks and what it costs the budget."),
        Stage.BUDGET.value: _("Obligations of the budget are considered by the budget commission and the maslikhat."),
        Stage.CHOICE.value: _(
            "The private partner is chosen by tender or auction, or in direct negotiations where the law allows it."
        ),
        Stage.CONTRACT.value: _("The contract names terms, payments and risks; it is registered."),
        Stage.MONITORING.value: _(
            "The public partner watches how the contract is carried out and evaluates the result."
        ),
    }
