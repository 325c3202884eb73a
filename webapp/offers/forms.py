"""An offer, the answer to it, and a stage."""

from __future__ import annotations

from wtforms import BooleanField, FileField, HiddenField, RadioField, SelectField

from webapp.config import PLAN_MAX
from webapp.kernel.forms import BaseForm, amount_of, date_field, digits_field, prose_field, required, text_field
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l


class OfferForm(BaseForm):
    """What is offered."""

    keeps_typed = True

    organisation = SelectField(_l("Organisation"), validate_choice=False)
    form = RadioField(
        _l("How you help"), validate_choice=False, validators=[required(_l("Choose one of the options."))]
    )
    amount_tenge = digits_field(_l("Amount in whole tenge"), description=_l("Leave it empty if it is not money."))
    summary = prose_field(_l("What you offer"), 4000, validators=(required(_l("Say what you offer.")),))
    conditions = prose_field(_l("On which conditions"), 4000)
    plan = FileField(
        _l("Business plan"),
        description=_l(
            "A PDF of at most %(size)d MB. If the form contains a mistake, choose the file again.",
            size=PLAN_MAX // 2**20,
        ),
        render_kw={"accept": "application/pdf"},
    )

    @property
    def amount(self) -> int | None:
        """The amount. Raises `Invalid` when what was written is none."""
        return amount_of(self.amount_tenge, _("Write the amount in whole tenge, more than nothing."))


class AgreeForm(BaseForm):
    """What everybody may read."""

    with_plan = BooleanField(_l("The business plan, too"))


class OfferAnswerForm(BaseForm):
    """Taken up or not, and why."""

    outcome = RadioField(_l("Decision"), validate_choice=False, validators=[required(_l("Choose one of the options."))])
    answer_kk = prose_field(_l("Reasons in Kazakh"), 4000)
    answer_ru = prose_field(_l("Reasons in Russian"), 4000)


class StageForm(BaseForm):
    """A stage that is passed."""

    stage = HiddenField()
    done_on = date_field(_l("Date completed"))
    document = text_field(_l("Document"), 200, description=_l("Its kind, number and date."))
