"""Everything that is stored about a person, in one place to read and one place to forget."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from webapp.access.services import finish_grant
from webapp.delivery.models import Judgement
from webapp.flagging.models import Flag, Hiding
from webapp.fraud.models import Arrival, CheckRequest
from webapp.journal.models import Fact
from webapp.journal.services import forget_actor, record
from webapp.journal.verbs import Verb
from webapp.kernel.database import changed, db
from webapp.kernel.errors import Conflict
from webapp.kernel.i18n import gettext as _
from webapp.kernel.mail import Message
from webapp.kernel.refused import clear_mark, refused_since
from webapp.notifications.models import Follow, Notice, SecretAddress, Wish
from webapp.offers.models import Offer
from webapp.organisations.models import Invitation
from webapp.people.models import Consent, EmailCode, Membership, Passkey, RecoveryCode, SecondStep, SignIn, User
from webapp.people.passwords import NO_PASSWORD
from webapp.people.waiting_forms import WaitingForm, forms_of, typed_of
from webapp.photos.models import Photo
from webapp.photos.services import remove as remove_photo
from webapp.proposals.due import settle
from webapp.proposals.models import Draft, Proposal
from webapp.proposals.rules import Event, Stage
from webapp.proposals.services import advance
from webapp.verification.models import Attempt, OutsideSubject, Residence
from webapp.verification.services import residences
from webapp.voting.models import WITHDRAWN, WORDS, OrganisationVote, PendingOrganisationVote, PendingVote, Vote


def _when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def my_data(user: User) -> dict[str, Any]:
    """All that is stored about a person, as plain values; keyed hashes are named, not shown."""
    return {
        "account": {
            "email": user.email,
            "given_name": user.given_name,
            "surname": user.surname,
            "shows_full_name": user.shows_full_name,
            "language": user.lang,
            "created_at": _when(user.created_at),
            "email_confirmed_at": _when(user.email_confirmed_at),
            "mails_come_back_since": _when(refused_since(user.email)),
            "verified_at": _when(user.verified_at),
            "home_kato": user.home.kato if user.home else None,
            "password": "an Argon2id hash",
            "iin": "a keyed hash (HMAC-SHA256), from which the number cannot be read" if user.person_key else None,
        },
        "homes": [
            {"kato": row.home.kato, "since": _when(row.since), "by": row.provider, "declared": row.is_declared}
            for row in residences(user)
        ],
        "sign_ins_elsewhere": [
            {"subject": "a keyed hash (HMAC-SHA256)", "at": _when(row.at)}
            for row in db.session.scalars(select(OutsideSubject).where(OutsideSubject.user_id == user.id))
        ],
        "consents": [
            {"purpose": row.purpose, "given_at": _when(row.given_at)}
            for row in db.session.scalars(select(Consent).where(Consent.user_id == user.id).order_by(Consent.id))
        ],
        "proposals": [
            {
                "id": row.id,
                "number": row.number,
                "title": row.written_title,
                "text": row.written_text,
                "stage": row.stage,
            }
            for row in db.session.scalars(select(Proposal).where(Proposal.author_id == user.id).order_by(Proposal.id))
        ],
        "drafts": [
            {"title": row.title, "text": row.text, "place": row.place, "expires_at": _when(row.expires_at)}
            for row in db.session.scalars(select(Draft).where(Draft.author_id == user.id).order_by(Draft.id))
        ],
        "waiting_forms": [
            {"goes_to": row.path, "fields": row.fields, "at": _when(row.at), "was_sent": row.was_sent}
            for row in [*forms_of(user.id), *typed_of(user.id)]
        ],
        "photos": [
            {"name": row.name, "alt": row.alt, "proposal": row.proposal_id, "at": _when(row.at)}
            for row in db.session.scalars(_photos(user).order_by(Photo.id))
        ],
        "reports": [
            {"proposal": row.proposal_id, "what": row.what, "reason": row.reason, "note": row.note, "at": _when(row.at)}
            for row in db.session.scalars(select(Flag).where(Flag.reporter_id == user.id).order_by(Flag.id))
        ],
        "appeals_against_hidings": [
            {"proposal": row.proposal_id, "note": row.appeal_note, "at": _when(row.appealed_at)}
            for row in db.session.scalars(
                select(Hiding).join(Proposal, Proposal.id == Hiding.proposal_id).where(Proposal.author_id == user.id)
            )
            if row.appealed_at is not None
        ],
        "asks_to_be_looked_at": [
            _when(at) for at in db.session.scalars(select(CheckRequest.at).where(CheckRequest.user_id == user.id))
        ],
        "arrivals": [
            {"event": row.event, "at": _when(row.at), "network": "a keyed hash" if row.network else None}
            for row in db.session.scalars(select(Arrival).where(Arrival.user_id == user.id).order_by(Arrival.at))
        ],
        "votes": _votes(Vote, user.id) + _votes(PendingVote, user.id),
        "votes_for_organisations": [
            {
                "organisation": row.voter_id,
                "proposal": row.proposal_id,
                "choice": WORDS[row.choice],
                "at": _when(row.at),
            }
            for kind in (OrganisationVote, PendingOrganisationVote)
            for row in db.session.scalars(select(kind).where(kind.member_id == user.id))
        ],
        "judgements": [
            {"round": row.round_id, "choice": row.choice, "reason": row.reason, "at": _when(row.at)}
            for row in db.session.scalars(select(Judgement).where(Judgement.user_id == user.id))
        ],
        "offers_for_organisations": [
            {"offer": row.id, "organisation": row.organisation_id, "summary": row.summary, "at": _when(row.made_at)}
            for row in db.session.scalars(select(Offer).where(Offer.by_id == user.id).order_by(Offer.id))
        ],
        "organisations": [
            {"name": row.organisation.name, "bin": row.organisation.bin, "role": row.role} for row in user.memberships
        ],
        "roles": [
            {
                "role": row.role,
                "territory_kato": row.territory.kato,
                "from": _when(row.valid_from),
                "until": _when(row.valid_until),
            }
            for row in user.grants
        ],
        "sign_ins": [
            {
                "browser": row.browser,
                "began_at": _when(row.created_at),
                "seen_at": _when(row.seen_at),
                "ended_at": _when(row.ended_at),
            }
            for row in db.session.scalars(select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.id))
        ],
        "passkeys": [
            {"name": row.name, "added_at": _when(row.created_at), "used_at": _when(row.used_at)}
            for row in db.session.scalars(select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id))
        ],
        **_notifications(user),
        "messages": [
            {"subject": row.subject, "created_at": _when(row.created_at), "sent_at": _when(row.sent_at)}
            for row in db.session.scalars(select(Message).where(Message.to == user.email).order_by(Message.id))
        ],
        "journal": [
            {"at": _when(row.at), "verb": row.verb, "proposal": row.proposal_id}
            for row in db.session.scalars(select(Fact).where(Fact.actor_id == user.id).order_by(Fact.id))
        ],
    }


def _notifications(user: User) -> dict[str, Any]:
    """What they follow, want and were told; of secret addresses only that there are some."""

    def mine(kind: Any, *order: Any) -> Any:
        return db.session.scalars(select(kind).where(kind.person_id == user.id).order_by(*order))

    facts = dict(
        db.session.execute(
            select(Fact.id, Fact.verb).join(Notice, Notice.fact_id == Fact.id).where(Notice.person_id == user.id)
        ).all()
    )
    return {
        "mails_wanted": [{"own": row.own, "digest": row.digest} for row in mine(Wish)],
        "follows": [
            {"what": row.kind, "key": row.key, "wanted": row.wanted, "at": _when(row.at)}
            for row in mine(Follow, Follow.at)
        ],
        "notices": [
            {"what": facts[row.fact_id], "as": row.kind, "at": _when(row.at), "read_at": _when(row.read_at)}
            for row in mine(Notice, Notice.id)
        ],
        "secret_addresses": [
            {"for": row.purpose, "made_at": _when(row.made_at)} for row in mine(SecretAddress, SecretAddress.made_at)
        ],
    }


def _photos(user: User) -> Any:
    drafts = select(Draft.id).where(Draft.author_id == user.id)
    proposals = select(Proposal.id).where(Proposal.author_id == user.id)
    return select(Photo).where(Photo.draft_id.in_(drafts) | Photo.proposal_id.in_(proposals))


def _votes(kind: Any, user_id: int) -> list[dict[str, Any]]:
    rows = db.session.scalars(select(kind).where(kind.voter_id == user_id).order_by(kind.proposal_id))
    return [
        {
            "proposal": row.proposal_id,
            "choice": "withdrawn" if row.choice == WITHDRAWN else WORDS[row.choice],
            "at": _when(row.at),
            "counted": kind is Vote and row.quarantine_id is None,
            "set_aside": kind is Vote and row.quarantine_id is not None,
            "brought_by_a_merger": row.merger_id is not None,
            "network": "a keyed hash" if kind is Vote and row.network else None,
        }
        for row in rows
    ]


def hindrance(user: User) -> str | None:
    """What has to be settled before a person can leave, as a sentence; None when nothing."""
    for membership in user.memberships:
        others = select(Membership.id).where(
            Membership.organisation_id == membership.organisation_id,
            Membership.role == "owner",
            Membership.user_id != user.id,
        )
        if membership.role == "owner" and db.session.scalar(others.limit(1)) is None:
            return _("You are the only owner of %(name)s. Hand it over first.", name=membership.organisation.name)
    return None


def forget_person(user: User, now: datetime, record_it: bool = True) -> None:
    """Erase a person: votes stay counted, proposals become those of "a resident". `user` must be locked.

    The keyed hash of the IIN stays with the empty account, so that nobody votes twice by leaving and
    coming back; on a new verification it moves to the new account together with the votes
    (`verification.services.make_verified`).
    """
    reason = hindrance(user)
    if reason:
        raise Conflict(reason)
    _withdraw_unpublished(user, now)
    _remove_photos(user)
    for statement in (
        delete(PendingVote).where(PendingVote.voter_id == user.id),
        delete(PendingOrganisationVote).where(PendingOrganisationVote.member_id == user.id),
        update(Vote).where(Vote.voter_id == user.id).values(network=None),
        delete(Arrival).where(Arrival.user_id == user.id),
        delete(CheckRequest).where(CheckRequest.user_id == user.id),
        update(Judgement).where(Judgement.user_id == user.id).values(reason="", lang=""),
        update(Offer).where(Offer.by_id == user.id).values(by_id=None),
        update(Proposal).where(Proposal.author_id == user.id).values(author_id=None),
        update(Flag).where(Flag.reporter_id == user.id).values(reporter_id=None),
        delete(Draft).where(Draft.author_id == user.id),
        delete(WaitingForm).where(WaitingForm.user_id == user.id),
        delete(EmailCode).where(EmailCode.user_id == user.id),
        delete(SignIn).where(SignIn.user_id == user.id),
        delete(EmailCode).where(EmailCode.email == user.email),
        delete(Passkey).where(Passkey.user_id == user.id),
        delete(SecondStep).where(SecondStep.user_id == user.id),
        delete(RecoveryCode).where(RecoveryCode.user_id == user.id),
        delete(Attempt).where(Attempt.user_id == user.id),
        delete(Residence).where(Residence.user_id == user.id),
        delete(OutsideSubject).where(OutsideSubject.user_id == user.id),
        delete(Message).where(Message.to == user.email),
        *(delete(kind).where(kind.person_id == user.id) for kind in (Notice, Follow, Wish, SecretAddress)),
        delete(Membership).where(Membership.user_id == user.id),
        delete(Invitation).where(Invitation.email == user.email),
    ):
        changed(statement)
    _end_grants(user, now)
    forget_actor(user.id)
    db.session.expire(user, ["memberships"])
    clear_mark(user.email)
    user.email = f"deleted-{user.id}@invalid"
    user.password_hash = NO_PASSWORD
    user.given_name = user.surname = ""
    user.shows_full_name = False
    user.email_confirmed_at = user.verified_at = user.second_step_at = None
    user.deleted_at = now
    db.session.flush()
    if record_it:
        record(Verb.PERSON_LEFT, user, now, public=False)


def _remove_photos(user: User) -> None:
    """Photos go with the person, also from proposals that stay: a picture can show who took it, and where."""
    for photo in db.session.scalars(_photos(user)).all():
        remove_photo(id=photo.id)


def _end_grants(user: User, now: datetime) -> None:
    """All roles that have not ended, also those with a later end: otherwise mails for a body would go to nobody."""
    for grant in user.grants:
        if grant.holds(now):
            finish_grant(grant, now)


def _withdraw_unpublished(user: User, now: datetime) -> None:
    """What nobody has published yet leaves with its author."""
    stages = (Stage.SUBMITTED, Stage.RETURNED, Stage.REJECTED)
    mine = select(Proposal).where(
        Proposal.author_id == user.id, Proposal.stage.in_(stages), Proposal.closed_at.is_(None)
    )
    for proposal in db.session.scalars(mine.with_for_update(of=Proposal)).all():
        settle(proposal, now)
        if proposal.stage not in stages or proposal.closed_at is not None:
            continue
        advance(proposal, Event.WITHDRAW, now)
        record(Verb.PROPOSAL_WITHDRAWN, proposal, now, proposal_id=proposal.id, territory_id=proposal.seat_id)
