"""Mails about offers: to officers who owe an answer, and to those who speak for the organisation."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from sqlalchemy import select

from webapp.access.rules import Role
from webapp.access.services import staff_of
from webapp.kernel.database import db
from webapp.kernel.i18n import format_date, in_language, localized
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import enqueue
from webapp.offers.models import Offer
from webapp.people.letters import hello
from webapp.people.models import Membership, User
from webapp.people.rules import name_in_mail


def _address(offer: Offer) -> str:
    return f"{current_app.config['PUBLIC_URL']}/offers/{offer.id}"


def tell_officers(offer: Offer, now: datetime) -> int:
    """An offer has come; by when it is to be answered. Once for each officer; offers are never deleted."""
    told = 0
    for officer in staff_of([offer.territory_id], Role.OFFICER, now):
        with in_language(officer.lang):
            subject = _("An offer for %(place)s", place=localized(offer.territory))
            due = format_date(offer.answer_due_at)
            body = _(
                "%(name)s has made an offer. Answer it by %(date)s:",
                name=name_in_mail(offer.organisation.name),
                date=due,
            )
            told += _send(officer, subject, body, offer, f"offer:{offer.id}:made:{officer.id}", now)
    return told


def tell_members(offer: Offer, now: datetime) -> int:
    """The body has answered. Once for each member and answer."""
    told = 0
    query = select(User).join(Membership, Membership.user_id == User.id)
    for person in db.session.scalars(query.where(Membership.organisation_id == offer.organisation_id)):
        with in_language(person.lang):
            subject = _("Your offer has been answered")
            body = _("The body has answered the offer of %(name)s:", name=name_in_mail(offer.organisation.name))
            told += _send(person, subject, body, offer, f"offer:{offer.id}:{offer.state}:{person.id}", now)
    return told


def _send(person: User, subject: str, body: str, offer: Offer, key: str, now: datetime) -> bool:
    return enqueue(person.email, subject, f"{hello(person)}\n\n{body}\n{_address(offer)}\n", key, now)
