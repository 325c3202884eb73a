"""A report with its evidence, a plan, and a judgement."""

from __future__ import annotations

from datetime import date

from flask_babel import lazy_gettext as _l
from wtforms import DateField, FileField, RadioField, StringField
from wtforms.validators import Optional

from webapp.delivery.rules import Step
from webapp.kernel.errors import Invalid
from webapp.kernel.forms import BaseForm, area_field, text_field
from webapp.kernel.i18n import gettext as _
from webapp.kernel.text import tidy, whole_number

STEPS = 4


class ReportForm(BaseForm):
    """What was done, and what shows it."""

    text_kk = area_field(_l("What was done, in Kazakh"), 4000)
    text_ru = area_field(_l("What was done, in Russian"), 4000)
    document = text_field(_l("Document"), 200, description=_l("Its kind, number and date."))
    link = text_field(_l("Link to the document"), 400, description=_l("An address that begins with https://."))
    amount_tenge = StringField(
        _l("Paid, in whole tenge"), filters=[tidy], render_kw={"inputmode": "numeric", "autocomplete": "off"}
    )
    photo = FileField(
        _l("Photo"), description=_l("JPEG, PNG or WebP, at most 3 MB. It has to be chosen again after a mistake.")
    )
    alt = text_field(_l("What the photo shows"), 300)

    @property
    def amount(self) -> int | None:
        """The amount. Raises `Invalid` when what was written is none."""
        raw = "".join((self.amount_tenge.data or "").split())
        number = whole_number(raw, digits=15)
        if raw and number is None:
            raise Invalid(_("Write the amount in whole tenge."), "amount_tenge")
        return number


class WhyForm(BaseForm):
    """Why a report does not hold."""

    text_kk = area_field(_l("Reasons in Kazakh"), 2000)
    text_ru = area_field(_l("Reasons in Russian"), 2000)


class PlanForm(BaseForm):
    """Up to four milestones at a time."""

    def steps(self, today: date) -> list[Step]:
        """The rows that are not empty. Raises `Invalid` at a date that is missing."""
        found = []
        for number in range(1, STEPS + 1):
            kk, ru, begins, due = (self[f"milestone_{number}_{part}"].data for part in ("kk", "ru", "from", "to"))
            if not (kk or ru or begins or due):
                continue
            if due is None:
                raise Invalid(_("Give each milestone a date by which it is due."), f"milestone_{number}_to")
            found.append(Step(kk or "", ru or "", begins or today, due))
        return found


for _number in range(1, STEPS + 1):
    setattr(PlanForm, f"milestone_{_number}_kk", text_field(_l("Milestone in Kazakh"), 200))
    setattr(PlanForm, f"milestone_{_number}_ru", text_field(_l("Milestone in Russian"), 200))
    setattr(PlanForm, f"milestone_{_number}_from", DateField(_l("Begins on"), validators=[Optional()]))
    setattr(PlanForm, f"milestone_{_number}_to", DateField(_l("Due on"), validators=[Optional()]))


class JudgementForm(BaseForm):
    """Whether it was done."""

    choice = RadioField(_l("Was it done as promised?"), validate_choice=False)
    reason = area_field(_l("Why"), 500, description=_l("Everybody reads it, without your name. A “no” needs it."))
