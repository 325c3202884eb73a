"""The officer's answer on one page."""

from __future__ import annotations

from wtforms import RadioField, SelectField

from webapp.delivery.forms import with_steps
from webapp.kernel.forms import BaseForm, area_field, date_field, digits_field, prose_field, required, text_field, today
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import whole_number


@with_steps
class AnswerForm(BaseForm):
    """Decision, reasons in two languages, and for an acceptance body, resources and milestones."""

    keeps_typed = True

    decision = RadioField(_l("Decision"), validate_choice=False, validators=[required(_l("Choose a decision."))])
    text_kk = prose_field(
        _l("Reasons in Kazakh"), 10_000, description=_l("Official answers are in Kazakh and in Russian.")
    )
    text_ru = prose_field(_l("Reasons in Russian"), 10_000)
    responsible_kk = text_field(_l("Responsible body, in Kazakh"), 200)
    responsible_ru = text_field(_l("Responsible body, in Russian"), 200)
    source = SelectField(_l("Where the resources come from"), validate_choice=False)
    amount_tenge = digits_field(_l("Amount in whole tenge"))
    target = SelectField(_l("Rung that must answer"), validate_choice=False)
    due_on = date_field(_l("Date by which the lower rung must answer"), earliest=today)


class ExtensionForm(BaseForm):
    """How many working days more, and why."""

    keeps_typed = True

    days = digits_field(_l("Working days"), validators=(required(_l("Say by how many working days.")),))
    text_kk = area_field(_l("Reasons in Kazakh"), 2000)
    text_ru = area_field(_l("Reasons in Russian"), 2000)

    @property
    def number(self) -> int | None:
        """The days as a number; None when it is none."""
        return whole_number(self.days.data, digits=3)
