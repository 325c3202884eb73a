"""The five decisions of a moderator: one table, from the address of the page to the verb that carries it out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel.speaklater import LazyString

from webapp.kernel.i18n import lazy_gettext as _l
from webapp.moderation import services
from webapp.moderation.forms import DecisionForm, ForwardForm, PublishForm, QuestionForm, RejectForm
from webapp.moderation.models import TriageDecision
from webapp.moderation.reasons import offered
from webapp.moderation.rules import Kind
from webapp.moderation.targets import target_of
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.rulebook.services import rule_in_force

CarryOut = Callable[[User, Proposal, Any, datetime], TriageDecision]


def _publish(actor: User, proposal: Proposal, form: PublishForm, now: datetime) -> TriageDecision:
    return services.publish(actor, proposal, now, form.sphere.data or "")


def _ask(actor: User, proposal: Proposal, form: QuestionForm, now: datetime) -> TriageDecision:
    return services.ask(actor, proposal, form.question.data, now)


def _forward(actor: User, proposal: Proposal, form: ForwardForm, now: datetime) -> TriageDecision:
    target, department = target_of(form.target.data or "")
    return services.forward(actor, proposal, target or proposal.seat, now, department)


def _reject(actor: User, proposal: Proposal, form: RejectForm, now: datetime) -> TriageDecision:
    return services.reject(actor, proposal, form.reason.data, now, form.note_kk.data, form.note_ru.data)


def _nothing_more(_proposal: Proposal, _now: datetime) -> dict[str, Any]:
    return {}


def _asked(proposal: Proposal, now: datetime) -> dict[str, Any]:
    terms, _row = rule_in_force(proposal.seat, now)
    return {"asked": services.questions_to(proposal), "may_ask": terms.questions}


def _reasons(_proposal: Proposal, now: datetime) -> dict[str, Any]:
    return {"reasons": offered(now)}


@dataclass(frozen=True)
class Page:
    """The page on which a decision is filled in, and what the form does once it is valid."""

    #: The endpoint of the act; that of the page adds "_form".
    endpoint: str
    form: type[DecisionForm]
    #: The verb, called with the values of the form. The proposal must be locked.
    carry_out: CarryOut
    #: The use of the body's templates (`Phrase.use`) that can fill the form; "" where there are none.
    phrases: str = ""
    #: What the template of this decision shows besides its form.
    shows: Callable[[Proposal, datetime], dict[str, Any]] = _nothing_more


@dataclass(frozen=True)
class Decision:
    """How one decision is called, where it is made and how."""

    kind: Kind
    #: The last word of its address: /desk/7/publication.
    path: str
    #: The key of the keyboard on the desk.
    key: str
    #: As an act: "Publish".
    label: LazyString
    #: As what has happened: "Published".
    done: LazyString
    #: None for joining: one looks for the other proposal first (`merging.views`).
    page: Page | None


#: In the order in which the desk offers them.
DECISIONS: dict[Kind, Decision] = {
    decision.kind: decision
    for decision in (
        Decision(
            Kind.PUBLISH,
            "publication",
            "p",
            _l("Publish"),
            _l("Published"),
            Page("publish", PublishForm, _publish),
        ),
        Decision(
            Kind.RETURN,
            "question",
            "q",
            _l("Ask the author"),
            _l("Returned with a question"),
            Page("ask", QuestionForm, _ask, phrases="question", shows=_asked),
        ),
        Decision(Kind.MERGE, "merger", "d", _l("Duplicate of …"), _l("Joined to another proposal"), None),
        Decision(
            Kind.FORWARD,
            "forwarding",
            "f",
            _l("Forward"),
            _l("Forwarded"),
            Page("forward", ForwardForm, _forward),
        ),
        Decision(
            Kind.REJECT,
            "rejection",
            "r",
            _l("Reject"),
            _l("Not published"),
            Page("reject", RejectForm, _reject, phrases="rejection", shows=_reasons),
        ),
    )
}
#: Those that are filled in on a page of their own, by the word in the address of the letter: /desk/7/letter/publish.
FILLED_IN: dict[str, tuple[Decision, Page]] = {
    kind.value: (decision, decision.page) for kind, decision in DECISIONS.items() if decision.page is not None
}
