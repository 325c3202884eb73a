"""What reporters, moderators and authors fill in."""

from __future__ import annotations

from wtforms import RadioField

from webapp.flagging.rules import NOTE_MAX, SENTENCE_MAX
from webapp.kernel.challenge import ChallengedForm
from webapp.kernel.forms import BaseForm, area_field, required
from webapp.kernel.i18n import lazy_gettext as _l


class FlagForm(ChallengedForm):
    """What is wrong, and with what."""

    keeps_typed = True

    door, allowance = "flag", "20 per hour"
    what = RadioField(_l("What do you report?"), default="text", validate_choice=False)
    reason = RadioField(
        _l("What is wrong with it?"), validate_choice=False, validators=[required(_l("Choose a reason from the list."))]
    )
    note = area_field(_l("Note to the moderator"), NOTE_MAX)


class StaysForm(BaseForm):
    """Why it stays."""

    note = area_field(_l("Note for your colleagues"), NOTE_MAX, description=_l("It is not public."))


class HideForm(BaseForm):
    """How much is hidden, why, and a sentence for everybody."""

    extent = RadioField(_l("What is hidden?"), validate_choice=False)
    reason = RadioField(_l("Reason"), validate_choice=False)
    sentence = area_field(
        _l("One sentence for everybody"),
        SENTENCE_MAX,
        description=_l("Say what was wrong, without repeating it and without naming anybody."),
    )
    remark = area_field(_l("Note for your colleagues"), NOTE_MAX, description=_l("It is not public."))


class AppealDecisionForm(BaseForm):
    """Whether it stays hidden, and why."""

    outcome = RadioField(
        _l("Decision"), validate_choice=False, validators=[required(_l("Choose whether it stays hidden."))]
    )
    answer = area_field(
        _l("Why, for the author and for everybody"), NOTE_MAX, validators=(required(_l("Write to the author why.")),)
    )
