"""The steps in which a direction, a programme or a measure is written, and the form of each step."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webapp.cascade.forms import INDICATORS, ChoicesForm, IndicatorsForm, NotedForm, TermsForm, WordsForm
from webapp.kernel.errors import Invalid
from webapp.kernel.forms import amount_of
from webapp.kernel.i18n import by_language
from webapp.kernel.i18n import gettext as _
from webapp.proposals.choices import spheres
from webapp.strategies.models import Direction, Programme
from webapp.strategies.rules import Level
from webapp.strategies.services import change, count
from webapp.strategies.versions import Subject, indicators_of, plain_indicator

STEPS: dict[Level, tuple[str, ...]] = {
    Level.DIRECTION: ("words", "terms", "indicators"),
    Level.PROGRAMME: ("words", "choices", "terms", "indicators"),
    Level.MEASURE: ("words", "terms"),
}
FORMS: dict[str, type[NotedForm]] = {
    "words": WordsForm,
    "choices": ChoicesForm,
    "terms": TermsForm,
    "indicators": IndicatorsForm,
}


@by_language
def step_labels() -> dict[str, str]:
    """The steps as people read them."""
    return {
        "words": _("What it is"),
        "choices": _("What is adopted from the direction"),
        "terms": _("Who answers, and when"),
        "indicators": _("Indicator"),
        "publication": _("Check and publish"),
    }


def after(level: Level, step: str) -> str:
    """The step that follows; after the last one comes publication."""
    steps = STEPS[level]
    place = steps.index(step) + 1
    return steps[place] if place < len(steps) else "publication"


def filled(form: NotedForm, step: str, level: Level) -> NotedForm:
    """A form with its choices, and without the fields that another level has."""
    if isinstance(form, WordsForm):
        form.sphere.choices = {"": _("No sphere"), **spheres()}
    if isinstance(form, TermsForm):
        if level is not Level.DIRECTION:
            del form.goals
        if level is not Level.MEASURE:
            del form.budget_tenge
    return form


def form_for(subject: Subject, step: str, level: Level, sent: bool) -> NotedForm:
    """The form of a step with what stands there now, or as it was sent."""
    if sent:
        form = FORMS[step]()
    elif step == "indicators":
        form = IndicatorsForm(formdata=None, data=_indicator_data(indicators_of(subject) or _above(subject)))
    else:
        form = FORMS[step](formdata=None, obj=subject)
        if isinstance(form, TermsForm) and getattr(subject, "budget_tenge", None) is None:
            form.budget_tenge.data = ""
    if not subject.is_public:
        del form.note_kk
        del form.note_ru
    if isinstance(form, WordsForm):
        del form.territory, form.direction, form.programme
    return filled(form, step, level)


def _above(subject: Subject) -> list[Any]:
    """A region starts from the indicators of the direction."""
    is_fresh = isinstance(subject, Programme) and not subject.is_public
    return indicators_of(subject.direction) if is_fresh else []  # type: ignore[union-attr]


def _indicator_data(rows: list[Any]) -> dict[str, str]:
    data = {}
    for number, one in enumerate(rows[:INDICATORS], start=1):
        for name, value in plain_indicator(one).items():
            data[f"indicator_{number}_{name}"] = str(value)
    return data


def keep(actor: Any, subject: Subject, form: NotedForm, step: str, now: datetime) -> bool:
    """Save a valid step. `subject` must be locked. Returns whether anything changed; raises `Invalid` at a field."""
    notes = [form[name].data or "" if name in form else "" for name in ("note_kk", "note_ru")]
    if isinstance(form, IndicatorsForm):
        assert isinstance(subject, Direction | Programme)
        return count(actor, subject, form.said(), now, *notes)
    return change(actor, subject, content(form), now, *notes)


def content(form: NotedForm) -> dict[str, Any]:
    """What a form says, as `strategies.services.change` takes it."""
    kept = {name: field.data for name, field in form._fields.items() if not name.startswith("note_")}
    if "budget_tenge" in kept:
        kept["budget_tenge"] = amount_of(form.budget_tenge, _("Write the amount in whole tenge."))
    if kept.get("sphere", "") not in {"", *spheres()}:
        raise Invalid(_("Choose one of the options."), "sphere")
    return kept
