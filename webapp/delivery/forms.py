"""A report with its evidence, a plan, and a judgement."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import FileField, RadioField

from webapp.config import PHOTO_MAX
from webapp.delivery.rules import Step
from webapp.kernel.errors import Invalid
from webapp.kernel.forms import BaseForm, amount_of, area_field, date_field, digits_field, prose_field, text_field
from webapp.kernel.i18n import gettext as _

STEPS = 4


class ReportForm(BaseForm):
    """What was done, and what shows it."""

    keeps_typed = True

    text_kk = prose_field(_l("What was done, in Kazakh"), 4000)
    text_ru = prose_field(_l("What was done, in Russian"), 4000)
    document = text_field(_l("Document"), 200, description=_l("Its kind, number and date."))
    link = text_field(_l("Link to the document"), 400, description=_l("An address that begins with https://."))
    amount_tenge = digits_field(_l("Paid, in whole tenge"))
    photo = FileField(
        _l("Photo"),
        description=_l(
            "JPEG, PNG or WebP, at most %(size)d MB. It has to be chosen again after a mistake.",
            size=PHOTO_MAX // 2**20,
        ),
    )
    alt = text_field(_l("What the photo shows"), 300)

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
    """The milestones that were filled in. Raises `Invalid` at a date that is missing."""
    found = []
    for number in range(1, STEPS + 1):
        kk, ru, begins, due = (form[f"milestone_{number}_{part}"].data for part in ("kk", "ru", "from", "to"))
        if not (kk or ru or begins or due):
            continue
        if due is None:
            raise Invalid(_("Give each milestone a date by which it is due."), f"milestone_{number}_to")
        found.append(Step(kk or "", ru or "", begins or today, due))
    return found


@with_steps
class PlanForm(BaseForm):
    """Up to four milestones at a time."""


class JudgementForm(BaseForm):
    """Whether it was done."""

    choice = RadioField(_l("Was it done as promised?"), validate_choice=False)
    reason = area_field(_l("Why"), 500, description=_l("Everybody reads it, without your name. A “no” needs it."))
