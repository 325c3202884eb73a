"""What a moderator fills in."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField

from webapp.kernel.forms import BaseForm, area_field, required


class PublishForm(BaseForm):
    """Publish, with a sphere."""

    sphere = SelectField(_l("Sphere"), validate_choice=False)


class QuestionForm(BaseForm):
    """A question to the author."""

    question = area_field(
        _l("Question to the author"),
        2000,
        description=_l("The clock stands still until the author answers."),
        validators=(required(_l("Write the question that the author is to answer.")),),
    )


class RejectForm(BaseForm):
    """A reason from the list, and a word of one's own."""

    reason = RadioField(
        _l("Reason"),
        validate_choice=False,
        validators=[required(_l("Choose a reason from the list: the author has to know why."))],
    )
    note = area_field(_l("What exactly, and what can the author do instead?"), 2000)


class ForwardForm(BaseForm):
    """Another body."""

    target = SelectField(
        _l("Body that can take it"),
        validate_choice=False,
        validators=[required(_l("Choose another body that can take it."))],
    )
