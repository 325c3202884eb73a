"""Sign-up, sign-in, code."""

from __future__ import annotations

from typing import Any

from wtforms import EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import ValidationError

from webapp.kernel.address_fields import email_field
from webapp.kernel.challenge import ChallengedForm
from webapp.kernel.forms import BaseForm, at_most, required, text_field
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.kernel.i18n import ngettext
from webapp.kernel.text import tidy
from webapp.people.breached import is_breached
from webapp.people.rules import NAME_MAX, PASSWORD_MAX, PASSWORD_MIN, PasswordFault, is_name, password_fault


def _new_password(label: Any) -> PasswordField:
    """A password that is chosen; its strength is checked by the form, which knows what it must not be about."""
    return PasswordField(
        label,
        description=_l("At least 10 characters. A few unrelated words are easy to remember."),
        validators=[required(_l("Choose a password."))],
        render_kw={"autocomplete": "new-password"},
    )


def a_name(_form: Any, field: StringField) -> None:
    """The name of a person; what else somebody writes there would stand in mails and on pages as if we said it."""
    if not is_name(field.data or ""):
        raise ValidationError(_("Write the name with letters, blanks, hyphens and apostrophes only."))


def refuse_weak(field: PasswordField, about: tuple[str, ...]) -> None:
    """Raise the sentence that belongs to what is wrong with a new password."""
    fault = password_fault(field.data or "", about, is_breached)
    if fault is not None:
        raise ValidationError(
            {
                PasswordFault.SHORT: ngettext(
                    "Choose a password of at least %(num)d character.",
                    "Choose a password of at least %(num)d characters.",
                    PASSWORD_MIN,
                ),
                PasswordFault.LONG: _("Shorten it: at most %(max)d characters fit.", max=PASSWORD_MAX),
                PasswordFault.BREACHED: _(
                    "This password is known from data leaks, and attackers try it first. Choose another one."
                ),
                PasswordFault.ABOUT_YOU: _("Your name or address makes up most of it. Choose another one."),
            }[fault]
        )


class SignInForm(ChallengedForm):
    """E-mail and password."""

    door, allowance = "sign-in", "30 per 5 minutes"
    #: Set by the view: how much a stranger has to show at the door of this account.
    account_level = 0

    def level(self) -> int:
        """As much as was tried at this account, from everywhere."""
        return self.account_level

    def asked_because(self) -> str:
        """Whose fault it is: not the network's, where it is the account that is being tried."""
        if self.account_level:
            return _("Many wrong passwords were tried for this address lately")
        return super().asked_because()

    def _please_wait(self, seconds: int) -> str:
        if not self.account_level:
            return super()._please_wait(seconds)
        return ngettext(
            "Many wrong passwords were tried for this address lately. Wait %(num)d second and send the form again: nobody is locked out, it only takes longer.",
            "Many wrong passwords were tried for this address lately. Wait %(num)d seconds and send the form again: nobody is locked out, it only takes longer.",
            seconds,
        )

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

    email = email_field(_l("E-mail"), description=_l("We send a code there. Nobody else sees it."))
    given_name = text_field(_l("First name"), NAME_MAX, validators=(required(_l("Write your first name.")), a_name))
    surname = text_field(
        _l("Surname"),
        NAME_MAX,
        description=_l("Others see only its first letter, unless you decide otherwise."),
        validators=(required(_l("Write your surname.")), a_name),
    )
    password = _new_password(_l("Password"))

    def validate_password(self, field: PasswordField) -> None:
        """Long enough, unknown to thieves, and not about the person."""
        refuse_weak(field, (self.email.data or "", self.given_name.data or "", self.surname.data or ""))


class ForgottenForm(ChallengedForm):
    """Where the code for a new password goes."""

    door, allowance = "reset", "20 per hour"

    email = email_field(_l("E-mail"), autocomplete="username")


class AddressForm(BaseForm):
    """Where mails go from now on."""

    email = email_field(_l("E-mail"))


def _mailed_code() -> StringField:
    """Six digits from a mail, twelve while many are tried."""
    return StringField(
        _l("Code from the mail"),
        description=_l("The digits from the newest mail. You can paste them."),
        filters=[tidy],
        validators=[required(_l("Write the code from the mail.")), at_most(20)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric"},
    )


class _ChoosesPassword(BaseForm):
    """A form with a `new_password`; the view says what it must not be about."""

    about: tuple[str, ...] = ()

    def validate_new_password(self, field: PasswordField) -> None:
        """Long enough, unknown to thieves, and not about the person."""
        refuse_weak(field, self.about)


class ResetForm(_ChoosesPassword):
    """The code from the mail and a new password."""

    code = _mailed_code()
    new_password = _new_password(_l("New password"))


class ChangePasswordForm(_ChoosesPassword):
    """The password that is, and the one that will be."""

    password = PasswordField(
        _l("Present password"),
        validators=[required(_l("Write your password.")), at_most(PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
    new_password = _new_password(_l("New password"))


class PasskeyForm(BaseForm):
    """A new passkey: the name by which its owner knows it, and what the device has answered."""

    name = text_field(
        _l("Name of this device"),
        60,
        description=_l("So that you know later which passkey is where."),
        validators=(required(_l("Write a name, for example “my phone”.")),),
    )
    credential = HiddenField(
        validators=[required(_l("Your device has not answered. Press the button again.")), at_most(20_000)]
    )


class CodeForm(BaseForm):
    """Six digits from a mail."""

    code = _mailed_code()


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
