"""Causes and states in the language of the page, and the names of what hangs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from webapp.hanging.rules import Cause, State
from webapp.kernel.database import db
from webapp.kernel.i18n import by_language, format_percent, ngettext
from webapp.kernel.i18n import gettext as _
from webapp.proposals.models import Proposal
from webapp.resources.models import Commitment
from webapp.strategies.models import Direction, Measure, Programme
from webapp.strategies.wording import said

MODELS: dict[str, Any] = {"direction": Direction, "programme": Programme, "measure": Measure}


@by_language
def cause_labels() -> dict[str, str]:
    """Causes as headings."""
    return {
        Cause.NO_PROGRAMME.value: _("A direction without a programme in a region"),
        Cause.NO_MONEY.value: _("A programme without funding"),
        Cause.NO_OWNER.value: _("No responsible body"),
        Cause.NO_MEASURES.value: _("A programme without measures"),
        Cause.NO_PROGRESS.value: _("A programme without progress in its term"),
        Cause.NO_MILESTONES.value: _("A measure without milestones"),
        Cause.NO_REPORT.value: _("A milestone without a report"),
        Cause.OVERDUE.value: _("A measure whose term has ended"),
        Cause.PROMISE_UNANSWERED.value: _("Promised money without an answer"),
        Cause.BODY_SILENT.value: _("A body that does not answer in time"),
    }


def reason_of(cause: str, number: int) -> str:
    """A cause as a reason, with the number of the rules where it says one."""
    if cause == Cause.NO_PROGRESS:
        share = format_percent(number)
        return _("%(percent)s of its term is over, and no milestone of any measure is reported.", percent=share)
    if cause == Cause.NO_MILESTONES:
        return ngettext(
            "%(num)d day after its publication no milestone is promised.",
            "%(num)d days after its publication no milestone is promised.",
            number,
        )
    return _plain_reasons()[cause]


@by_language
def _plain_reasons() -> dict[str, str]:
    """Each cause that says no number."""
    return {
        Cause.NO_PROGRAMME.value: _("The direction is in force, and this region has no programme for it."),
        Cause.NO_MONEY.value: _("Nothing is planned or committed for the programme or its measures."),
        Cause.NO_OWNER.value: _("It is in force, and no responsible body is named."),
        Cause.NO_MEASURES.value: _("No city has undertaken a measure under the programme."),
        Cause.NO_REPORT.value: _("The date of a milestone has passed without a report."),
        Cause.OVERDUE.value: _("Its term is over, and not every milestone is reported."),
        Cause.PROMISE_UNANSWERED.value: _("The term in which the city answers has passed."),
        Cause.BODY_SILENT.value: _("The term for an answer or a milestone has passed."),
    }


@by_language
def state_labels() -> dict[str, str]:
    """What has come of a direction in a region."""
    return {
        State.NONE.value: _("no programme"),
        State.ADOPTED.value: _("programme, no measures"),
        State.UNDERWAY.value: _("under way"),
        State.DONE.value: _("done"),
    }


#: A shape for each state, so that colour alone says nothing.
SHAPES = {
    State.NONE.value: "dot",
    State.ADOPTED.value: "clock",
    State.UNDERWAY.value: "implementing",
    State.DONE.value: "accepted",
}


def url_of(level: str, key: int) -> str:
    """The page of what hangs; a promise has none of its own (`names` gives that of its measure)."""
    return f"/{level}s/{key}"


def names(found: Iterable[tuple[str, int]]) -> dict[tuple[str, int], tuple[str, str, str]]:
    """Title, language and address of some things, one query for each level there is."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for level, key in found:
        wanted[level].add(key)
    named: dict[tuple[str, int], tuple[str, str, str]] = {}
    for level, keys in wanted.items():
        named |= {(level, key): name for key, name in _named(level, keys)}
    return named


def _named(level: str, keys: set[int]) -> Iterable[tuple[int, tuple[str, str, str]]]:
    if level == "proposal":
        for proposal in db.session.scalars(select(Proposal).where(Proposal.id.in_(keys))):
            yield proposal.id, (proposal.title, proposal.shown_lang, url_of(level, proposal.id))
    elif level == "commitment":
        query = select(Commitment.id, Measure.id.label("measure_id"), *_titles(Measure))
        rows = query.join(Measure, Measure.id == Commitment.measure_id).where(Commitment.id.in_(keys))
        for row in db.session.execute(rows):
            yield row.id, (*said(row), url_of("measure", row.measure_id))
    else:
        model = MODELS[level]
        query = select(model.id, *_titles(model)).where(model.id.in_(keys))
        for row in db.session.execute(query):
            yield row.id, (*said(row), url_of(level, row.id))


def _titles(model: Any) -> tuple[Any, Any, Any]:
    return model.title_kk, model.title_ru, model.title_en
