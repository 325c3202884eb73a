"""Mails about verification, each in the language of its reader; written to the outbox with the change."""

from __future__ import annotations

from datetime import datetime

from flask import current_app

from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import in_language, localized, ngettext
from webapp.kernel.mail import send
from webapp.people.letters import hello
from webapp.people.models import User
from webapp.territories.models import Territory


def _send(reader: User, subject: str, body: str, key: str, now: datetime) -> None:
    send(reader.email, subject, f"{hello(reader)}\n\n{body}\n", key, now)


def _not_you() -> str:
    return _("If this was not you, tell the operator of the site at once.")


def tell_verified(user: User, home: Territory, now: datetime) -> None:
    """After a desk: the person has the result in writing."""
    with in_language(user.lang):
        said = _(
            "A member of staff has confirmed who you are. Your votes count from now on, in this place: %(place)s.",
            place=localized(home),
        )
        _send(user, _("You are verified as a resident"), f"{said}\n\n{_not_you()}", "verified", now)


def tell_moved(user: User, home: Territory, now: datetime) -> None:
    """The home has changed."""
    with in_language(user.lang):
        said = _(
            "Votes that you cast from now on count in this place: %(place)s. Votes that you have cast before stay where they were counted.",
            place=localized(home),
        )
        _send(user, _("Your home has changed"), f"{said}\n\n{_not_you()}", "moved", now)


def tell_taken_over(former: User, now: datetime) -> None:
    """To the account that is no longer the verified one."""
    with in_language(former.lang):
        said = _(
            "The same person is verified on another account now, by their own choice. The votes that were cast here stay counted and belong to that account. This account is no longer verified; everything else in it stays."
        )
        way = _(
            "If this was not you, go to the desk of your akimat with your identity card, and tell the operator of the site."
        )
        _send(former, _("Your verification was moved to another account"), f"{said}\n\n{way}", "taken", now)


def send_take_over_code(former: User, code: str, minutes: int, key: str, now: datetime) -> None:
    """To the address of the other account: whoever reads it there owns both."""
    with in_language(former.lang):
        said = ngettext(
            "Somebody who knows your IIN and surname wants to move your verification from this account to another one. If it is you, type this code on the page that asked for it: %(code)s\n\nIt works for %(num)d minute, and only the code of the newest mail. If it is not you, do not give it to anybody: then nothing happens.",
            "Somebody who knows your IIN and surname wants to move your verification from this account to another one. If it is you, type this code on the page that asked for it: %(code)s\n\nIt works for %(num)d minutes, and only the code of the newest mail. If it is not you, do not give it to anybody: then nothing happens.",
            minutes,
            code=code,
        )
        site = current_app.config["PUBLIC_URL"]
        _send(
            former,
            _("%(code)s is your code for moving your verification", code=code),
            f"{said}\n\n{_not_you()}\n{site}",
            key,
            now,
        )
