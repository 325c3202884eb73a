"""What staff fills in for a direction, a programme, a measure, their money, and what a proposal serves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import FileField, HiddenField, RadioField, SelectField
from wtforms.validators import ValidationError

from webapp.kernel.forms import (
    BaseForm,
    area_field,
    date_field,
    digits_field,
    file_of,
    prose_field,
    required,
    text_field,
)
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import decimal_number, spaced_number, whole_number
from webapp.strategies.rules import Measured

INDICATORS = 4


def tenge(raw: str | None) -> int | None:
    """An amount in whole tenge, maybe with blanks between the digits and a minus before; None for anything else."""
    signed = (raw or "").strip().replace("−", "-")
    number = spaced_number(signed.removeprefix("-"))
    return -number if number is not None and signed.startswith("-") else number


class NotedForm(BaseForm):
    """What changes something that is published says why."""

    keeps_typed = True

    note_kk = area_field(_l("What has changed and why, in Kazakh"), 500)
    note_ru = area_field(_l("What has changed and why, in Russian"), 500)


class WordsForm(NotedForm):
    """Title, text and sphere; when it is new, also whose it is."""

    territory = SelectField(_l("Territory"), validate_choice=False)
    direction = HiddenField()
    programme = HiddenField()
    title_kk = text_field(
        _l("Title in Kazakh"), 200, validators=(required(_l("Write the title in Kazakh and in Russian.")),)
    )
    title_ru = text_field(
        _l("Title in Russian"), 200, validators=(required(_l("Write the title in Kazakh and in Russian.")),)
    )
    title_en = text_field(_l("Title in English"), 200)
    text_kk = prose_field(
        _l("Text in Kazakh"), 8000, description=_l("What is to be reached, for whom, and how the result can be seen.")
    )
    text_ru = prose_field(_l("Text in Russian"), 8000)
    sphere = SelectField(_l("Sphere"), validate_choice=False)


class ChoicesForm(NotedForm):
    """What a region makes of a direction."""

    adopted_kk = prose_field(
        _l("Adopted, in Kazakh"), 4000, description=_l("What is taken from the direction without changes.")
    )
    adopted_ru = prose_field(_l("Adopted, in Russian"), 4000)
    altered_kk = prose_field(
        _l("Changed, in Kazakh"), 4000, description=_l("What is done differently here, and why the region needs that.")
    )
    altered_ru = prose_field(_l("Changed, in Russian"), 4000)
    left_out_kk = prose_field(
        _l("Left out, in Kazakh"), 4000, description=_l("What is not adopted here, and why. Everybody reads it.")
    )
    left_out_ru = prose_field(_l("Left out, in Russian"), 4000)


class TermsForm(NotedForm):
    """Who answers for it, from when until when, and what is particular to its level."""

    owner_kk = text_field(
        _l("Responsible body, in Kazakh"),
        200,
        description=_l("The department that is responsible for it. Without one it is listed in public as stalled."),
    )
    owner_ru = text_field(_l("Responsible body, in Russian"), 200)
    starts_on = date_field(_l("Begins on"))
    ends_on = date_field(_l("Ends on"))
    goals = text_field(
        _l("Sustainable Development Goals"),
        120,
        description=_l("Numbers of goals or targets with blanks between them, for example 11.2 16.7."),
    )
    budget_tenge = digits_field(_l("Budget in whole tenge"), description=_l("Planned sums have to fit into it."))


class IndicatorsForm(NotedForm):
    """Up to four indicators."""

    def said(self) -> list[Measured]:
        """The rows that are not empty."""
        rows = []
        for number in range(1, INDICATORS + 1):
            raw = {name: self[f"indicator_{number}_{name}"].data or "" for name in INDICATOR_FIELDS}
            if any(raw.values()):
                rows.append(_measured(raw))
        return rows


def _measured(raw: dict[str, str]) -> Measured:
    numbers: dict[str, Decimal | None] = {name: decimal_number(raw[name]) for name in ("baseline", "target")}
    years = {name: whole_number(raw[name], digits=4) for name in ("baseline_year", "target_year")}
    words = {name: raw[name] for name in ("name_kk", "name_ru", "unit_kk", "unit_ru")}
    return Measured(**words, **numbers, **years)


INDICATOR_FIELDS: dict[str, tuple[Any, int]] = {
    "name_kk": (_l("Indicator, in Kazakh"), 200),
    "name_ru": (_l("Indicator, in Russian"), 200),
    "unit_kk": (_l("Unit in Kazakh"), 40),
    "unit_ru": (_l("Unit in Russian"), 40),
    "baseline": (_l("Value at the beginning"), 20),
    "baseline_year": (_l("Year of that value"), 4),
    "target": (_l("Target"), 20),
    "target_year": (_l("Year of the target"), 4),
}
for _number in range(1, INDICATORS + 1):
    for _name, (_label, _limit) in INDICATOR_FIELDS.items():
        setattr(IndicatorsForm, f"indicator_{_number}_{_name}", text_field(_label, _limit))


class ReasonForm(BaseForm):
    """Why, in both official languages."""

    reason_kk = area_field(_l("Reasons in Kazakh"), 2000)
    reason_ru = area_field(_l("Reasons in Russian"), 2000)


class MoneyForm(BaseForm):
    """A sum."""

    kind = RadioField(
        _l("Status of the money"), validate_choice=False, validators=[required(_l("Choose one of the options."))]
    )
    source = SelectField(_l("Where the money comes from"), validate_choice=False)
    amount_tenge = digits_field(
        _l("Amount in whole tenge"),
        description=_l("A correction begins with a minus: entries are never changed."),
        signed=True,
    )
    on = date_field(_l("Date of the document"), needed=_l("Write the date of the document."))
    document = text_field(_l("Document"), 200, description=_l("Its kind, number and date."))
    reason_kk = area_field(
        _l("Reasons in Kazakh"), 2000, description=_l("For a correction, or for more than was granted.")
    )
    reason_ru = area_field(_l("Reasons in Russian"), 2000)


class PromiseForm(BaseForm):
    """Money promised to a city."""

    giver = SelectField(_l("Who gives it"), validate_choice=False)
    source = SelectField(_l("Where the money comes from"), validate_choice=False)
    amount_tenge = digits_field(_l("Amount in whole tenge"))
    due_on = date_field(_l("Available by"), needed=_l("Enter the date by which the money is available."))
    condition_kk = area_field(_l("Condition in Kazakh"), 2000)
    condition_ru = area_field(_l("Condition in Russian"), 2000)
    document = text_field(_l("Document"), 200, description=_l("Its kind, number and date."))
    reason_kk = area_field(
        _l("Reasons in Kazakh"), 2000, description=_l("Where more is promised than the programme has left.")
    )
    reason_ru = area_field(_l("Reasons in Russian"), 2000)


class ServingForm(BaseForm):
    """What a proposal serves: one of those offered, or none."""

    serves = RadioField(_l("The proposal is part of"), validate_choice=False, validators=[required(_l("Choose one."))])


class MeasureForm(BaseForm):
    """What becomes of an accepted proposal."""

    measure = RadioField(_l("Measure"), validate_choice=False, validators=[required(_l("Choose one."))])
    title_kk = text_field(_l("Title of the new measure in Kazakh"), 200)
    title_ru = text_field(_l("Title of the new measure in Russian"), 200)
    programme = SelectField(_l("Programme of the new measure"), validate_choice=False)


class ImportForm(BaseForm):
    """A file with drafts, and whose they become."""

    territory = SelectField(_l("Territory"), validate_choice=False)
    file = FileField(_l("CSV file"))

    def validate_file(self, field: FileField) -> None:
        """A file has to be chosen."""
        if file_of(field) is None:
            raise ValidationError(_("Choose a file."))
