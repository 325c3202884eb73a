"""Sign-up, sign-in, code, verification."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, PasswordField, StringField
from wtforms.validators import Email, Length

from webapp.kernel.challenge import ChallengedForm
from webapp.kernel.forms import BaseForm, at_most, required, text_field
from webapp.kernel.text import tidy
from webapp.people.rules import PASSWORD_MAX, PASSWORD_MIN

_email = _l("Write an e-mail address like name@example.kz.")


class SignInForm(ChallengedForm):
    """E-mail and password."""

    door, allowance = "sign-in", "30 per 5 minutes"

    email = EmailField(
        _l("E-mail"),
        validators=[required(_l("Write your e-mail address.")), at_most(254)],
        filters=[tidy],
        render_kw={"autocomplete": "username"},
    )
    password = PasswordField(
        _l("Password"),
        validators=[required(_l("Write your password.")), at_most(PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )


class SignUpForm(ChallengedForm):
    """A new account."""

    door, allowance = "sign-up", "30 per hour"

    email = EmailField(
        _l("E-mail"),
        description=_l("We send a code there. Nobody else sees it."),
        filters=[tidy],
        validators=[required(_l("Write your e-mail address.")), Email(message=_email), at_most(254)],
        render_kw={"autocomplete": "email"},
    )
    given_name = text_field(_l("First name"), 80, validators=(required(_l("Write your first name.")),))
    surname = text_field(
        _l("Surname"),
        80,
        description=_l("Others see only its first letter, unless you decide otherwise."),
        validators=(required(_l("Write your surname.")),),
    )
    password = PasswordField(
        _l("Password"),
        description=_l("At least 10 characters. A few unrelated words are easy to remember."),
        validators=[
            required(_l("Choose a password.")),
            Length(PASSWORD_MIN, PASSWORD_MAX, message=_l("Choose a password of at least %(min)d characters.")),
        ],
        render_kw={"autocomplete": "new-password"},
    )


class CodeForm(BaseForm):
    """Six digits from a mail."""

    code = StringField(
        _l("Code from the mail"),
        description=_l("Six digits. You can paste them."),
        filters=[tidy],
        validators=[required(_l("Write the code from the mail.")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


def _app_code(name: str = "code") -> StringField:
    return StringField(
        _l("Code from your app"),
        name=name,
        description=_l("Six digits. A recovery code works here too, once."),
        filters=[tidy],
        validators=[required(_l("Write the code that your app shows.")), at_most(40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "off", "spellcheck": "false"},
    )


class SecondStepForm(BaseForm):
    """A code of the authenticator app, or a recovery code."""

    code = _app_code()


class EnrolmentForm(BaseForm):
    """The first code of a new secret."""

    code = StringField(
        _l("Code from your app"),
        description=_l("Six digits. You can paste them."),
        filters=[tidy],
        validators=[required(_l("Write the code that your app shows.")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class PasswordForm(BaseForm):
    """It is you: the password again."""

    password = PasswordField(
        _l("Password"),
        validators=[required(_l("Write your password.")), at_most(PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )


class PasswordAndCodeForm(PasswordForm):
    """It is you: the password again, and the second step. The act that waits may have a `code` of its own."""

    code = _app_code("second_code")


class VerifyForm(BaseForm):
    """IIN and surname, as in the register."""

    iin = StringField(
        _l("IIN"),
        description=_l("12 digits, on your identity card. We keep only a keyed fingerprint of it."),
        filters=[lambda v: "".join((v or "").split())],
        validators=[required(_l("Write your IIN.")), at_most(20)],
        render_kw={"autocomplete": "off", "inputmode": "numeric"},
    )
    surname = text_field(_l("Surname as on the identity card"), 80, validators=(required(_l("Write your surname.")),))
    agree = BooleanField(
        _l(
            "I agree that my IIN is checked against the population register, only to make sure that one person has one vote"
        ),
        validators=[required(_l("Without your agreement we must not check the register."))],
    )
