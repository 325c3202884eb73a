"""A report with its evidence, a plan, and a judgement."""

from __future__ import annotations

from datetime import date
from typing import Any

from wtforms import FileField, RadioField

from webapp.config import PHOTO_MAX
from webapp.delivery.choices import outcomes
from webapp.delivery.rules import Outcome, Step
from webapp.kernel.faults import Faults
from webapp.kernel.forms import BaseForm, amount_of, area_field, date_field, digits_field, prose_field, text_field
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import all_written

STEPS = 4


class ReportForm(BaseForm):
    """Done, partly done or later: what was done and what shows it, or why not and by when."""

    keeps_typed = True

    outcome = RadioField(_l("Progress"), default=Outcome.DONE.value, validate_choice=False)
    text_kk = prose_field(_l("What was done; if it comes later, why. In Kazakh"), 4000)
    text_ru = prose_field(_l("What was done; if it comes later, why. In Russian"), 4000)
    early_kk = area_field(_l("Why it is reported before its planned beginning, in Kazakh"), 1000)
    early_ru = area_field(_l("Why it is reported before its planned beginning, in Russian"), 1000)
    moved_to = date_field(_l("The new date"))
    document = text_field(_l("Document"), 200, description=_l("Its kind, number and date."))
    link = text_field(_l("Link to the document"), 400, description=_l("An address that begins with https://."))
    amount_tenge = digits_field(_l("Paid, in whole tenge"))
    photo = FileField(
        _l("Photo"),
        description=_l(
            "JPEG, PNG or WebP, at most %(size)d MB. If the form contains a mistake, choose the photo again.",
            size=PHOTO_MAX // 2**20,
        ),
    )
    alt = text_field(_l("What the photo shows"), 300)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.outcome.choices = list(outcomes().items())
        if self.outcome.data is None:  # an untouched form of before, a program: done
            self.outcome.data = Outcome.DONE.value

    @property
    def amount(self) -> int | None:
        """The amount. Raises `Invalid` when what was written is none."""
        return amount_of(self.amount_tenge, _("Write the amount in whole tenge."))


class WhyForm(BaseForm):
    """Why a report does not hold."""

    keeps_typed = True

    text_kk = area_field(_l("Reasons in Kazakh"), 2000)
    text_ru = area_field(_l("Reasons in Russian"), 2000)


def with_steps(form: type[BaseForm]) -> type[BaseForm]:
    """A form with the fields of four milestones behind its own."""
    for number in range(1, STEPS + 1):
        setattr(form, f"milestone_{number}_kk", text_field(_l("Milestone in Kazakh"), 200))
        setattr(form, f"milestone_{number}_ru", text_field(_l("Milestone in Russian"), 200))
        setattr(form, f"milestone_{number}_from", date_field(_l("Begins on")))
        setattr(form, f"milestone_{number}_to", date_field(_l("Due on")))
    return form


def steps_of(form: BaseForm, today: date) -> list[Step]:
    """The milestones that were filled in. Raises `Invalid` with all that is wrong, each at its own field."""
    steps, faults = [], Faults()
    for number in range(1, STEPS + 1):
        kk, ru, begins, due = (form[f"milestone_{number}_{part}"].data for part in ("kk", "ru", "from", "to"))
        unread = any(form[f"milestone_{number}_{part}"].errors for part in ("from", "to"))
        if not (kk or ru or begins or due or unread):
            continue
        for part, text in (("kk", kk), ("ru", ru)):
            if not all_written(text or ""):
                faults.add(_("Name each milestone in Kazakh and in Russian."), f"milestone_{number}_{part}")
        step = Step(kk or "", ru or "", begins or today, due or date.max)
        if due is None:
            faults.add(_("Give each milestone a date by which it is due."), f"milestone_{number}_to")
        elif due < step.starts_on and begins is not None:
            faults.add(_("A milestone cannot be due before it begins."), f"milestone_{number}_to")
        elif due <= today:
            faults.add(_("A milestone must be due after today."), f"milestone_{number}_to")
        steps.append(step)
    faults.stop()
    return steps


@with_steps
class PlanForm(BaseForm):
    """Up to four milestones at a time."""


class JudgementForm(BaseForm):
    """Whether it was done."""

    choice = RadioField(_l("Was it done as promised?"), validate_choice=False)
    reason = area_field(_l("Why"), 500, description=_l("Everybody reads it, without your name. A “no” needs it."))
