"""What is typed to be verified, and what a member of staff types at the desk."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileField
from wtforms import BooleanField, HiddenField, SelectField, StringField, TextAreaField

from webapp.kernel.forms import BaseForm, at_most, required, text_field
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.text import one_line, tidy
from webapp.proposals.choices import place_choices

#: Characters of a pasted signature: its largest size in base64, with line ends.
LONGEST = 200_000


def iin_field(description: Any) -> StringField:
    """Twelve digits, blanks between them do not matter."""
    return StringField(
        _l("IIN"),
        description=description,
        filters=[lambda v: "".join((v or "").split())],
        validators=[required(_l("Write your IIN.")), at_most(20)],
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )


class RegisterForm(BaseForm):
    """IIN and surname, as in the register."""

    iin = iin_field(_l("12 digits, on your identity card. We keep only a keyed fingerprint of it."))
    surname = text_field(_l("Surname as on the identity card"), 80, validators=(required(_l("Write your surname.")),))
    agree = BooleanField(
        _l(
            "I agree that my IIN is checked against the population register, only to make sure that one person has one vote"
        ),
        validators=[required(_l("Without your agreement we must not check the register."))],
    )


class AgreeForm(BaseForm):
    """Before anybody is asked who the person is."""

    agree = BooleanField(
        _l("I agree that a keyed fingerprint of my IIN is kept, only to make sure that one person has one vote"),
        validators=[required(_l("Without your agreement we must not learn who you are."))],
    )


class _WithHome(BaseForm):
    home = SelectField(
        _l("City or district where you live"),
        description=_l("Used if neither the register nor the answer says it; your votes count there."),
        validate_choice=False,
        validators=[required(_l("Choose the place where you live."))],
    )

    def offer_places(self) -> None:
        """Fill the list of places, in the language of the page."""
        self.home.choices = {"": [("", _("Choose a place"))], **_pairs()}


def _pairs() -> dict[str, list[tuple[str, str]]]:
    return {group: list(places.items()) for group, places in place_choices().items()}


class AnswerForm(_WithHome):
    """What came back from the OpenID provider, and where the person lives."""

    code = HiddenField(validators=[at_most(4000)])
    state = HiddenField(validators=[at_most(200)])
    iss = HiddenField(validators=[at_most(500)])


class SignatureForm(_WithHome):
    """A signature, pasted or as a file, and where the person lives."""

    cms = TextAreaField(
        _l("Signature"),
        description=_l("What your signing program gave you (CMS, base64). Paste it, or choose its file below."),
        filters=[tidy],
        validators=[at_most(LONGEST)],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    file = FileField(_l("File with the signature"), description=_l("A file like saty.txt.cms or saty.txt.p7s."))


class CodeForm(BaseForm):
    """The code from the mail to the other account."""

    code = StringField(
        _l("Code from the mail"),
        description=_l("Six digits, sent to the address of your other account."),
        filters=[one_line],
        validators=[required(_l("Write the code from the mail.")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class ClerkForm(BaseForm):
    """The code that the person reads out, and what stands on the identity card."""

    code = StringField(
        _l("Code that the person reads out"),
        description=_l("Eight letters and digits, on the page “In person” of the person's own account."),
        filters=[one_line],
        validators=[required(_l("Write the code that the person reads out.")), at_most(20)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    iin = iin_field(_l("12 digits, from the identity card in front of you. Make no copy of the card."))
    home = SelectField(
        _l("City or district where the person lives"),
        validate_choice=False,
        validators=[required(_l("Choose the place where the person lives."))],
    )
