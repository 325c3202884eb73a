"""Mails about changes of a person's door, whichever part of it has changed."""

from __future__ import annotations

from datetime import datetime

from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language
from webapp.kernel.mail import send
from webapp.people.models import User


def hello(user: User) -> str:
    """How a mail begins. To an address that nobody has confirmed it says no name: a stranger may have typed it."""
    return _("Hello, %(name)s.", name=user.given_name) if user.email_confirmed_at else _("Hello.")


def tell_of_door(user: User, happened: str, mark: str, now: datetime) -> None:
    """A mail about a change of the door: who did not make it learns of it."""
    with in_language(user.lang):
        said = _(
            "If it was you, you do not need to do anything. If not, somebody knows your password: tell the operator of the site at once."
        )
        body = f"{hello(user)}\n\n{happened}\n\n{said}"
        send(user.email, happened.rstrip("."), body, mark, now)
