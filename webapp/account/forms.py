"""What a person decides about their own account."""

from __future__ import annotations

from wtforms import BooleanField, PasswordField, RadioField

from webapp.kernel.forms import BaseForm, at_most, required
from webapp.kernel.i18n import lazy_gettext as _l
from webapp.people.rules import PASSWORD_MAX


class NameForm(BaseForm):
    """The name in public."""

    shows_full_name = RadioField(_l("Name that others see"), choices={"no": "", "yes": ""}, default="no")


class DeletionForm(BaseForm):
    """The last word: with the password, so that nobody else says it."""

    agree = BooleanField(
        _l("I understand that this cannot be undone"),
        validators=[required(_l("Tick the box if you really want to delete your account."))],
    )
    password = PasswordField(
        _l("Your password"),
        validators=[required(_l("Write your password.")), at_most(PASSWORD_MAX)],
        render_kw={"autocomplete": "current-password"},
    )
