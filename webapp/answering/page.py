"""What the officer's page shows, and how what was filled in becomes an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.answering import services
from webapp.answering.choices import decisions, outcomes, sources
from webapp.answering.forms import AnswerForm
from webapp.answering.models import Answer
from webapp.answering.rules import ACCEPTING, Decision, Reply
from webapp.delivery.forms import STEPS, steps_of
from webapp.delivery.rules import Step
from webapp.escalation.models import Tally
from webapp.escalation.services import position_of
from webapp.escalation.tallies import standings
from webapp.journal.rules import SMALLEST_CELL
from webapp.kernel.clock import local_date
from webapp.kernel.database import db
from webapp.kernel.errors import Invalid
from webapp.kernel.faults import Faults, at_fields
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import localized
from webapp.kernel.text import spaced_number, whole_number
from webapp.moderation.phrases import in_both_languages, phrases_for
from webapp.people.models import Organisation, User
from webapp.proposals.choices import said_of_first
from webapp.proposals.models import Proposal
from webapp.territories.models import Territory
from webapp.voting.models import WORDS, OrganisationVote

#: Below so many votes a place is not named: nobody can be recognised in a crowd of ten.
K = SMALLEST_CELL
ORGANISATIONS = 30


def by_place(proposal: Proposal) -> list[tuple[Territory, int, int]]:
    """Cities and districts with at least `K` votes: supports and opposes, the most votes first."""
    votes = Tally.supports + Tally.opposes
    query = (
        select(Territory, Tally.supports, Tally.opposes)
        .join(Tally, Tally.territory_id == Territory.id)
        .where(Tally.proposal_id == proposal.id, Territory.rung == "city", votes >= K)
    )
    return [
        (row[0], row[1], row[2]) for row in db.session.execute(query.order_by(votes.desc(), Territory.id).limit(50))
    ]


def by_organisation(proposal: Proposal) -> list[tuple[Organisation, str]]:
    """Organisations that have taken a side, with "support" or "oppose"."""
    query = (
        select(Organisation, OrganisationVote.choice)
        .join(OrganisationVote, OrganisationVote.voter_id == Organisation.id)
        .where(OrganisationVote.proposal_id == proposal.id)
        .order_by(OrganisationVote.at)
    )
    return [(row[0], WORDS[row[1]]) for row in db.session.execute(query.limit(ORGANISATIONS))]


def context(proposal: Proposal, form: AnswerForm, now: datetime) -> dict[str, Any]:
    """The whole file: support, what each rung did, places, organisations, answers given before."""
    found = standings(proposal.id)
    here = position_of(proposal, [rung for rung, _s in found])
    offered = decisions()
    if here == len(found) - 1:
        offered.pop(Decision.PASS_UP.value)
    if here == 0:
        offered.pop(Decision.HAND_DOWN.value)
    for decision in services.passed_on(proposal):
        offered.pop(decision.value, None)
    form.decision.choices = offered
    form.source.choices = {"": _("Choose a source"), **sources()}
    form.target.choices = {
        "": _("Choose a rung"),
        **{str(rung.position): localized(rung.territory) for rung, _s in found[:here]},
    }
    rung = found[here][0]
    return {
        "proposal": proposal,
        "form": form,
        "here": here,
        "found": found,
        "due_label": said_of_first(proposal, now),
        "outcomes": outcomes(),
        "may_extend": rung.extended < rung.extensions and proposal.overdue_at is None,
        "places": by_place(proposal),
        "k": K,
        "organisations": by_organisation(proposal),
        "answers": services.answers_of(proposal.id),
        "phrases": phrases_for(proposal.seat, "answer"),
        "milestone_numbers": range(1, STEPS + 1),
        "today": local_date(now),
        "letter": None,
    }


def use_template(form: AnswerForm, proposal: Proposal, key: str, now: datetime) -> None:
    """Fill a form that has not been sent from a template of the body."""
    for phrase in phrases_for(proposal.seat, "answer") if key else ():
        if str(phrase.id) == key:
            texts = in_both_languages(phrase, proposal, now)
            form.text_kk.data, form.text_ru.data = texts["kk"], texts["ru"]


def _decision(form: AnswerForm) -> Decision:
    try:
        return Decision(form.decision.data)
    except ValueError as error:
        raise Invalid(_("Choose a decision."), "decision") from error


def faults_of(proposal: Proposal, form: AnswerForm, now: datetime) -> tuple[Faults, Reply, list[Step]]:
    """All that is to be changed in a form, whatever else is wrong with it; and the answer that it stands for."""
    found = Faults()
    decision = found.of(lambda: _decision(form), Decision.DECLINE)
    is_accepted = decision in ACCEPTING
    unplanned = Faults()
    steps = unplanned.of(lambda: steps_of(form, local_date(now)), None) if is_accepted else []
    reply = Reply(
        decision,
        form.text_kk.data or "",
        form.text_ru.data or "",
        form.responsible_kk.data or "",
        form.responsible_ru.data or "",
        form.source.data or "",
        spaced_number(form.amount_tenge.data),
    )
    some = steps if steps is not None else [Step("", "", local_date(now), local_date(now))]  # its own faults say enough
    services.check(proposal, reply, some, _position(form), form.due_on.data, now, found)
    found.take(unplanned)
    return found, reply, steps or []


def _position(form: AnswerForm) -> int | None:
    return whole_number(form.target.data, digits=1)


def carry_out(actor: User, proposal: Proposal, form: AnswerForm, now: datetime) -> Answer:
    """The answer that a form stands for. `proposal` must be locked. Raises `Invalid` with everything at its field."""
    found, reply, steps = faults_of(proposal, form, now)
    try:
        found.stop()
        return services.decide(
            actor, proposal, reply, now, steps=steps, target_position=_position(form), due_on=form.due_on.data
        )
    except Invalid as error:
        raise at_fields(error, {"milestones": "milestone_1_kk"}) from error
