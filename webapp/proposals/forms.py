"""The steps of proposing, one thing a page."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, RadioField, SelectField

from webapp.config import PHOTO_MAX
from webapp.kernel.forms import BaseForm, area_field, prose_field, required, text_field
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.photos.rules import ALT_MAX
from webapp.proposals.rules import PLACE_MAX, TEXT_MAX, TITLE_MAX

LANGS = {"kk": "Қазақша", "ru": "Русский", "en": "English"}


class TitleForm(BaseForm):
    """What should change."""

    title = text_field(
        _l("What should change?"),
        TITLE_MAX,
        description=_l("One short sentence, up to 80 characters."),
        validators=(required(_l("Write in one sentence what should change.")),),
    )
    lang = RadioField(_l("Language of your proposal"), choices=LANGS, default="kk")
    origin = HiddenField()
    #: The draft that has begun while its title was typed.
    draft = HiddenField()


class PlaceForm(BaseForm):
    """Where."""

    origin = SelectField(
        _l("City or district"), validators=[required(_l("Choose a city or district."))], validate_choice=False
    )
    place = text_field(
        _l("Address or part of the city"), PLACE_MAX, description=_l("Leave it empty if it concerns the whole city.")
    )


class TextForm(BaseForm):
    """The text, and two things that help the akimat."""

    text = prose_field(
        _l("Tell us more"),
        TEXT_MAX,
        description=_l("What is the problem, what do you propose, who benefits?"),
        validators=(required(_l("Write a few sentences about your proposal.")),),
    )
    sphere = SelectField(_l("Sphere"), validate_choice=False)
    funding = RadioField(_l("Where could the money come from?"), default="unknown")


class PhotoForm(BaseForm):
    """One photo, with words for whoever does not see it."""

    photo = FileField(
        _l("Photo"),
        description=_l(
            "JPEG, PNG or WebP, up to %(size)d MB. We make it smaller, and remove where and when it was taken.",
            size=PHOTO_MAX // 2**20,
        ),
        validators=[FileRequired(_l("Choose a photo."))],
        render_kw={"accept": "image/jpeg,image/png,image/webp"},
    )
    alt = text_field(
        _l("What the photo shows"),
        ALT_MAX,
        description=_l("For people who do not see it, for example: a dark crossing in front of the school."),
        validators=(required(_l("Write in a few words what the photo shows.")),),
    )


class RevisionForm(BaseForm):
    """The author's answer to a moderator's question."""

    keeps_typed = True

    title = text_field(
        _l("What should change?"), TITLE_MAX, validators=(required(_l("Write in one sentence what should change.")),)
    )
    text = prose_field(
        _l("Tell us more"), TEXT_MAX, validators=(required(_l("Write a few sentences about your proposal.")),)
    )
    note = area_field(_l("Your answer to the moderator"), 2000)

    def says_nothing(self, title: str, text: str) -> bool:
        """Whether there is neither an answer nor another word in the title and the text."""
        same = (self.title.data, self.text.data) == (title, text)
        return same and not (self.note.data or "").strip()


class NoteForm(BaseForm):
    """A word with an appeal."""

    keeps_typed = True

    note = area_field(
        _l("Why should it be looked at again?"),
        2000,
        validators=(required(_l("Write why it should be looked at again.")),),
    )
