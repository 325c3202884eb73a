"""A copy for another city, and what was learned."""

from __future__ import annotations

from wtforms import SelectField

from webapp.kernel.forms import BaseForm, date_field, prose_field, required, text_field
from webapp.kernel.i18n import lazy_gettext as _l


class CopyForm(BaseForm):
    """The words of the other city, to be made one's own; the owner and the term are one's own from the start."""

    keeps_typed = True

    territory = SelectField(_l("Your city"), validate_choice=False)
    programme = SelectField(_l("Programme"), validate_choice=False)
    title_kk = text_field(
        _l("Title in Kazakh"), 200, validators=(required(_l("Write the title in Kazakh and in Russian.")),)
    )
    title_ru = text_field(
        _l("Title in Russian"), 200, validators=(required(_l("Write the title in Kazakh and in Russian.")),)
    )
    text_kk = prose_field(_l("Text in Kazakh"), 8000, description=_l("Change what is different in your city."))
    text_ru = prose_field(_l("Text in Russian"), 8000)
    owner_kk = text_field(_l("Responsible body, in Kazakh"), 200)
    owner_ru = text_field(_l("Responsible body, in Russian"), 200)
    starts_on = date_field(_l("Begins on"))
    ends_on = date_field(_l("Ends on"))


class LessonsForm(BaseForm):
    """For those who do it after you."""

    keeps_typed = True

    lessons_kk = prose_field(
        _l("What you have learned, in Kazakh"),
        4000,
        description=_l("What went well, what you would do differently, what it really cost."),
    )
    lessons_ru = prose_field(_l("What you have learned, in Russian"), 4000)
