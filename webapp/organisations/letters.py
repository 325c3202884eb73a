"""Mails to owners and to invited people, each in the language of its reader; written to the outbox with the change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from flask import current_app
from sqlalchemy import select

from webapp.journal.models import Fact
from webapp.kernel.database import db
from webapp.kernel.i18n import current_language, format_date, in_language
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import enqueue, send
from webapp.organisations.models import Invitation
from webapp.organisations.rules import OWNER
from webapp.people.letters import hello
from webapp.people.models import Membership, Organisation, User
from webapp.people.rules import name_in_mail
from webapp.people.services import by_email

#: Subject and body.
Words = Callable[[], tuple[str, str]]


def _address(organisation: Organisation) -> str:
    return f"{current_app.config['PUBLIC_URL']}/organisations/{organisation.id}"


def _to_owners(organisation: Organisation, reason: str, words: Words, now: datetime) -> int:
    owners = select(User).join(Membership, Membership.user_id == User.id)
    owners = owners.where(Membership.organisation_id == organisation.id, Membership.role == OWNER).order_by(User.id)
    return sum(_send(owner, f"{reason}:{owner.id}", words, now) for owner in db.session.scalars(owners))


def _send(reader: User, key: str, words: Words, now: datetime) -> bool:
    with in_language(reader.lang):
        subject, body = words()
        body = f"{hello(reader)}\n\n{body}\n"
    return enqueue(reader.email, subject, body, key, now)


def tell_verified(organisation: Organisation, fact: Fact, now: datetime) -> int:
    """The owners may speak for it now."""

    def words() -> tuple[str, str]:
        subject = _("%(name)s is verified", name=name_in_mail(organisation.name))
        body = _("From now on the organisation can propose and vote. Invite its other representatives on its page:")
        return subject, f"{body}\n{_address(organisation)}"

    return _to_owners(organisation, f"fact:{fact.id}", words, now)


def tell_refused(organisation: Organisation, fact: Fact, now: datetime) -> int:
    """Why it was not verified, and what to do."""

    def words() -> tuple[str, str]:
        subject = _("%(name)s is not verified yet", name=name_in_mail(organisation.name))
        body = _("The moderator gave this reason:")
        way_out = _("Correct the application and send it again:")
        return subject, f"{body}\n{organisation.refusal}\n\n{way_out}\n{_address(organisation)}/correction"

    return _to_owners(organisation, f"fact:{fact.id}", words, now)


def remind_of_end(organisation: Organisation, until: date, now: datetime) -> int:
    """The accreditation ends soon."""

    def words() -> tuple[str, str]:
        day = format_date(until)
        subject = _("The accreditation of %(name)s ends on %(date)s", name=name_in_mail(organisation.name), date=day)
        body = _(
            "After that day its page says that the accreditation has ended. Send the new certificate to your akimat: its moderator enters it."
        )
        return subject, f"{body}\n{_address(organisation)}"

    return _to_owners(organisation, f"accreditation:{organisation.id}:{until.isoformat()}", words, now)


def send_invitation(invitation: Invitation, organisation: Organisation, token: str, now: datetime) -> None:
    """The only place where the code is written in clear. Only an address that somebody has confirmed reads the name:
    an owner typed it, and could write to anybody by it.
    """
    known = by_email(invitation.email)
    with in_language(known.lang if known else current_language()):
        subject = _("An organisation invites you to represent it on Saty")
        if known is not None and known.email_confirmed_at is not None:
            subject = _("%(name)s invites you to represent it on Saty", name=name_in_mail(organisation.name))
        lines = [
            _("Whoever accepts can propose and vote for the organisation. Open this address:"),
            f"{current_app.config['PUBLIC_URL']}/invitations/{token}",
            "",
            _(
                "It works once, for seven days, and only for the account with this e-mail address. If you have no account yet, sign up with it first."
            ),
            _("If you do not know this organisation, you do not need to do anything."),
        ]
    send(invitation.email, subject, "\n".join(lines) + "\n", "invitation", now)
