"""Public pages that read across features."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, url_for
from flask_login import current_user, login_required
from sqlalchemy import select
from sqlalchemy.orm import joinedload, undefer

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.asking import Asked
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import Gone
from webapp.kernel.htmx import render
from webapp.kernel.i18n import format_date, localized
from webapp.kernel.i18n import gettext as _
from webapp.kernel.page_parts import by_place
from webapp.kernel.qr import qr
from webapp.kernel.refused import refused_since
from webapp.notifications import follows
from webapp.notifications.listing import unread
from webapp.notifications.rules import Subject
from webapp.offers.choices import states as offer_states
from webapp.offers.services import offers_of
from webapp.organisations.choices import states
from webapp.organisations.members import memberships_of
from webapp.organisations.services import state_of
from webapp.people import begun
from webapp.people.waiting_forms import forms_of
from webapp.portal import votes, words
from webapp.portal.cards import cards
from webapp.portal.dossier import bodies_on, dossier
from webapp.portal.listing import (
    STATES,
    Filters,
    marks_of,
    numbers,
    page_of,
    total,
)
from webapp.portal.parts import PARTS
from webapp.portal.places import chosen_city
from webapp.proposals.authors import is_author
from webapp.proposals.choices import date_labels
from webapp.proposals.dates import promises_of
from webapp.proposals.due import present
from webapp.proposals.models import Proposal
from webapp.proposals.rules import Stage
from webapp.proposals.services import drafts_of
from webapp.territories.directory import directory
from webapp.verification.rules import level
from webapp.voting.services import ballot_of

bp = Blueprint("portal", __name__)
#: What every page of a proposal names, in the same query.
WITH_NEIGHBOURS = (
    *map(joinedload, (Proposal.origin, Proposal.seat, Proposal.author, Proposal.organisation, Proposal.photo)),
    undefer(Proposal.has_joined),
    undefer(Proposal.has_serving),
)
PROPOSAL_FRAGMENTS = {
    "vote-panel": ("vote_panel", "ladder", "standing", "follow", "flash"),
    "follow": ("follow", "flash"),
}


@bp.get("/")
def index() -> Response:
    """Home: choose your city, then what is new, close, decided, silent."""
    city = chosen_city()
    moment = now()
    place = city.kato if city else ""
    shelves = [
        {
            "title": title,
            "more": url_for("portal.proposals") + "?" + filters.query(),
            "cards": cards(page_of(filters, None, 3).rows, moment),
        }
        for title, filters in (
            (_("Close to a threshold"), Filters(place, state="collecting", sort="closest")),
            (_("New"), Filters(place, state="collecting")),
            (_("An answer is due"), Filters(place, state="review")),
            (_("Decided and being carried out"), Filters(place, state="decided")),
            (_("Left without an answer"), Filters(place, state="silent")),
        )
    ]
    return render(
        "portal/index.html", city=city, directory=directory(), shelves=shelves, numbers=numbers(), active="home"
    )


@bp.get("/proposals")
def proposals() -> Response:
    """The list."""
    asked = Asked()
    filters = Filters.read(asked)
    mark, moment = asked.mark(marks_of(filters)), now()
    asked.by_a_person()
    page = page_of(filters, mark, moment=moment)
    base = url_for("portal.proposals")
    return render(
        "portal/proposals.html",
        {"results": ("results",), "follow": ("follow", "flash")},
        filters=filters,
        follow=follows.button(current_user, Subject.SPHERE, filters.sphere, f"/spheres/{filters.sphere}/following")
        if filters.sphere
        else None,
        cards=cards(page.rows, moment),
        total=total(filters),
        directory=directory(),
        stages=_states(),
        spheres=words.sphere_labels(),
        active="proposals",
        query=filters.query(),
        next_url=f"{base}?{filters.query(page=page.next)}" if page.next else "",
        previous_url=f"{base}?{filters.query(page=page.previous)}" if page.previous else "",
    )


def _states() -> list[tuple[str, str]]:
    labels = words.stage_labels() | {
        "silent": _("Not answered in time"),
        "ongoing": _("All open ones"),
        "decided": _("Accepted or being carried out"),
        "carried": _("Being carried out or carried out"),
    }
    return [(state, labels[state]) for state in STATES]


def visible(key: int) -> Proposal:
    """The proposal, if the reader may see it: published ones everybody, others their author and staff."""
    proposal = present(key, now(), options=WITH_NEIGHBOURS)
    if proposal is None:
        abort(404)
    if refusal(current_user, Permission.SEE_PROPOSAL, proposal, now()) is None:
        return proposal
    if proposal.stage == Stage.REJECTED:
        raise Gone(_("This proposal was not published."))
    if proposal.stage == Stage.WITHDRAWN:
        raise Gone(_("This proposal was withdrawn before it was published."))
    return abort(404)


@bp.get("/proposals/<key:key>")
def proposal(key: int) -> Response:
    """The page of a proposal."""
    found, moment = visible(key), now()
    context = dossier(current_user, found, moment)
    return render(
        "portal/proposal.html",
        PROPOSAL_FRAGMENTS,
        parts=by_place(PARTS, current_user, found, moment),
        follow=_following(found, context["vote"]["choice"]),
        address=url_for("portal.proposal", key=key, _external=True),
        active="proposals",
        **context,
    )


def _following(found: Proposal, choice: str | None) -> dict[str, Any] | None:
    if not found.is_public:
        return None
    action = f"/proposals/{found.id}/following"
    return follows.button(current_user, Subject.PROPOSAL, str(found.id), action, choice == "support")


@bp.get("/proposals/<key:key>/talon")
def talon(key: int) -> Response:
    """The receipt: number, QR, body, and what each of its dates is."""
    found, moment = visible(key), now()
    labels, dates = date_labels(), promises_of(found, moment)
    mine = is_author(current_user, found)
    body = bodies_on([found.seat_id], moment).get(found.seat_id)
    address = url_for("portal.proposal", key=key, _external=True)
    return render(
        "portal/talon.html",
        active="proposals",
        proposal=found,
        address=address,
        is_author=mine,
        wish=votes.wish(current_user, found, ballot_of(current_user, found).kept) if mine else None,
        talon={
            "number": found.number,
            "title": found.title,
            "lang": found.shown_lang,
            "body": localized(body) if body else localized(found.seat),
            "dates": [(labels[one.means], format_date(one.at)) for one in dates],
            "ended": words.stage_labels()[found.stage] if found.closed_at is not None else "",
            "printed_label": format_date(moment),
            "submitted_label": format_date(found.submitted_at),
            "url": address,
            "qr": qr(address),
        },
    )


@bp.get("/my")
@login_required
def my() -> Response:
    """One's own page: drafts, proposals, what is kept."""
    mine = db.session.scalars(
        select(Proposal).where(Proposal.author_id == current_user.id).order_by(Proposal.id.desc()).limit(50)
    )
    return render(
        "portal/my.html",
        active="my",
        drafts=drafts_of(current_user),
        kept=bool(begun.offered(current_user.id, now()) or forms_of(current_user.id)),
        mine=list(mine),
        unread=unread(current_user.id, now()),
        stages=words.stage_labels(),
        memberships=[(m.organisation, state_of(m.organisation).value) for m in memberships_of(current_user.id)],
        states=states(),
        offers=offers_of([m.organisation_id for m in current_user.memberships]) if current_user.memberships else [],
        offer_states=offer_states(),
        refused_since=refused_since(current_user.email),
        level=level(current_user.email_confirmed_at is not None, current_user.is_verified).value,
    )
