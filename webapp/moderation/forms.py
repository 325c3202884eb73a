"""What a moderator fills in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wtforms import BooleanField, HiddenField, RadioField, SelectField

from webapp.kernel.forms import BaseForm, area_field, required, text_field
from webapp.kernel.i18n import LANGUAGES
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import whole_number
from webapp.moderation.reasons import offered
from webapp.moderation.targets import targets
from webapp.proposals.choices import spheres
from webapp.proposals.models import Proposal


class DecisionForm(BaseForm):
    """What every decision carries: what the page was made from, and the list one came from."""

    keeps_typed = True

    seen = HiddenField()
    back = HiddenField()

    @property
    def version(self) -> int | None:
        """The number of the fact that the page was made from."""
        return whole_number(self.seen.data)

    def offer(self, proposal: Proposal, now: datetime) -> None:
        """Put in what can be chosen; a form without choices has nothing to put in."""

    def fill_from(self, texts: Mapping[str, str], proposal: Proposal) -> None:
        """Write a template of the body, in Kazakh and in Russian, into the fields that take words."""


class PublishForm(DecisionForm):
    """Publish, with a sphere."""

    sphere = SelectField(_l("Sphere"), validate_choice=False)

    def offer(self, proposal: Proposal, now: datetime) -> None:
        """The eight spheres, or none."""
        self.sphere.choices = {"": _("Choose a sphere"), **spheres()}


class QuestionForm(DecisionForm):
    """A question to the author."""

    question = area_field(
        _l("Question to the author"),
        2000,
        description=_l("The term is paused until the author answers."),
        validators=(required(_l("Write the question that the author is to answer.")),),
    )

    def fill_from(self, texts: Mapping[str, str], proposal: Proposal) -> None:
        """A question is asked in the language of the proposal."""
        self.question.data = texts["kk" if proposal.lang == "kk" else "ru"]


class RejectForm(DecisionForm):
    """A reason from the list, and words of one's own in both languages."""

    reason = RadioField(
        _l("Reason"),
        validate_choice=False,
        validators=[required(_l("Choose a reason from the list: the author has to know why."))],
    )
    note_kk = area_field(_l("What exactly, in Kazakh"), 2000)
    note_ru = area_field(_l("What exactly, in Russian"), 2000)

    def offer(self, proposal: Proposal, now: datetime) -> None:
        """The reasons that are on the list now."""
        self.reason.choices = {code: reason.label for code, reason in offered(now).items()}

    def fill_from(self, texts: Mapping[str, str], proposal: Proposal) -> None:
        """Both languages: the author reads the one, everybody may ask for the other."""
        self.note_kk.data, self.note_ru.data = texts["kk"], texts["ru"]


class ForwardForm(DecisionForm):
    """Another body, or a department of this one."""

    target = SelectField(
        _l("Body or department that can take it"),
        validate_choice=False,
        validators=[required(_l("Choose another body or a department that can take it."))],
    )

    def offer(self, proposal: Proposal, now: datetime) -> None:
        """Departments of this body, then bodies."""
        self.target.choices = targets(proposal)


class PhraseForm(BaseForm):
    """A template of a body."""

    territory = SelectField(_l("Body"), validate_choice=False)
    use = SelectField(_l("What it is for"), validate_choice=False)
    name = text_field(_l("Name"), 120, validators=(required(_l("Give it a name by which colleagues find it.")),))
    text_kk = area_field(
        _l("Text in Kazakh"), 5000, validators=(required(_l("Write the text in Kazakh and in Russian.")),)
    )
    text_ru = area_field(
        _l("Text in Russian"), 5000, validators=(required(_l("Write the text in Kazakh and in Russian.")),)
    )


class ReasonForm(BaseForm):
    """The words of a reason from now on, in three languages."""

    is_offered = BooleanField(_l("Moderators can choose it"))


_PARTS = (
    ("label", {"kk": _l("Name in Kazakh"), "ru": _l("Name in Russian"), "en": _l("Name in English")}, 120, False),
    (
        "text",
        {"kk": _l("Sentence in Kazakh"), "ru": _l("Sentence in Russian"), "en": _l("Sentence in English")},
        1000,
        True,
    ),
    (
        "way",
        {
            "kk": _l("What can be done instead, in Kazakh"),
            "ru": _l("What can be done instead, in Russian"),
            "en": _l("What can be done instead, in English"),
        },
        1000,
        True,
    ),
    ("law", {"kk": _l("Ground in Kazakh"), "ru": _l("Ground in Russian"), "en": _l("Ground in English")}, 300, False),
)
for _part, _labels, _limit, _is_long in _PARTS:
    for _language in LANGUAGES:
        _field = area_field if _is_long else text_field
        setattr(ReasonForm, f"{_part}_{_language}", _field(_labels[_language], _limit))
