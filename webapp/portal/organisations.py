"""Organisations as everybody sees them: the list with filters, and the page of one with what it proposed and voted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, url_for
from flask_login import current_user
from sqlalchemy import Select, func, select

from webapp.access.permissions import Permission
from webapp.access.services import refusal
from webapp.kernel.asking import Asked
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db
from webapp.kernel.exports import addresses, as_csv, as_json, parts_of
from webapp.kernel.htmx import render
from webapp.kernel.i18n import current_language
from webapp.kernel.paging import PAGE_SIZE, Page, keyset_page
from webapp.kernel.totals import total_of
from webapp.organisations.choices import kinds, roles, states
from webapp.organisations.rules import KINDS, accreditation
from webapp.organisations.services import found as find
from webapp.organisations.services import role_in, state_of
from webapp.people.models import Organisation
from webapp.portal import words
from webapp.portal.dossier import bodies_on
from webapp.proposals.hiding import shown_lang, shown_title
from webapp.proposals.models import TITLED, Proposal
from webapp.territories.directory import directory
from webapp.territories.models import Territory
from webapp.territories.services import by_kato
from webapp.voting.models import SUPPORT, OrganisationVote

bp = Blueprint("public_organisations", __name__)
SHOWN = 50
CSV_COLUMNS = ("id", "bin", "name", "kind", "home_kato", "verified_at", "accreditation", "accredited_until", "url")


@dataclass(frozen=True)
class Filters:
    """What the reader asked for; what was not understood is said by `Asked`."""

    kind: str = ""
    place: str = ""

    @classmethod
    def read(cls, asked: Asked) -> Filters:
        """From the query string."""
        return cls(asked.choice("kind", KINDS), asked.code("place", by_kato))

    def query(self, **more: Any) -> str:
        """As a query string, without what is usual."""
        return urlencode({key: value for key, value in (vars(self) | more).items() if value})


def _query(filters: Filters) -> Select[Any]:
    query = select(
        Organisation.id,
        Organisation.bin,
        Organisation.name,
        Organisation.kind,
        Organisation.verified_at,
        Organisation.accredited_until,
        Territory.kato.label("home_kato"),
        getattr(Territory, f"name_{current_language()}").label("home_name"),
    ).join(Territory, Territory.id == Organisation.home_id)
    query = query.where(Organisation.verified_at.is_not(None))
    if filters.kind:
        query = query.where(Organisation.kind == filters.kind)
    place = by_kato(filters.place) if filters.place else None
    return query if place is None else query.where(Territory.path.startswith(place.path, autoescape=True))


def _page_of(filters: Filters, mark: str | None, size: int) -> Page:
    return keyset_page(_query(filters), [Organisation.id], mark, db.session.execute, size)


@bp.get("/organisations")
def index() -> Response:
    """Verified organisations, the latest to register first."""
    asked = Asked()
    filters, mark = Filters.read(asked), asked.mark(1)
    asked.by_a_person()
    page, today = _page_of(filters, mark, PAGE_SIZE), local_date(now())
    base = url_for("public_organisations.index")
    return render(
        "portal/organisations.html",
        filters=filters,
        total=total_of(_query(filters), Organisation.id),
        rows=[(row, accreditation(row.accredited_until, today)) for row in page.rows],
        kinds=kinds(),
        directory=directory(),
        query=filters.query(),
        next_url=f"{base}?{filters.query(page=page.next)}" if page.next else "",
        previous_url=f"{base}?{filters.query(page=page.previous)}" if page.previous else "",
        active="organisations",
    )


@bp.get("/organisations.<any(csv,json):kind>")
def for_machines(kind: str) -> Response:
    """The same list with the same filters, for machines."""
    asked = Asked()
    filters, mark = Filters.read(asked), asked.mark(1) if kind == "json" else None
    asked.by_a_program()
    today, base = local_date(now()), url_for("portal.index", _external=True).rstrip("/")

    def plain(row: Any) -> dict[str, Any]:
        return {name: getattr(row, name, "") for name in CSV_COLUMNS} | {
            "accreditation": accreditation(row.accredited_until, today).value,
            "accredited_until": row.accredited_until.isoformat() if row.accredited_until else None,
            "url": f"{base}/organisations/{row.id}",
        }

    if kind == "csv":
        parts = parts_of(_query(filters), Organisation.id, [Organisation.id.desc()])
        return as_csv((plain(row) for part in parts for row in part), CSV_COLUMNS, "organisations")
    _own, following = addresses("/organisations.json", filters.query)
    page = _page_of(filters, mark, 200)
    return as_json(map(plain, page.rows), following(page.next))


@bp.get("/organisations/<key:key>")
def show(key: int) -> Response:
    """One organisation; before it is verified only its members and its moderators see it."""
    organisation = find(key)
    if organisation is None:
        abort(404)
    moment = now()
    role = role_in(current_user, organisation) if current_user.is_authenticated else None
    is_staff = refusal(current_user, Permission.VERIFY_ORGANISATION, organisation, moment) is None
    state = state_of(organisation)
    if refusal(current_user, Permission.SEE_ORGANISATION, organisation, moment) is not None:
        abort(404)
    return render(
        "portal/organisation.html",
        organisation=organisation,
        state=state.value,
        states=states(),
        kinds=kinds(),
        role=role,
        roles=roles(),
        is_staff=is_staff,
        is_late=bool(organisation.verify_due_at and organisation.verify_due_at <= moment),
        accreditation=accreditation(organisation.accredited_until, local_date(moment)).value,
        body=bodies_on([organisation.home_id], moment).get(organisation.home_id),
        stages=words.stage_labels(),
        active="organisations",
        **_record_of(organisation),
    )


def _record_of(organisation: Organisation) -> dict[str, Any]:
    """What it proposed and how it voted, as far as the proposals are public."""
    columns = (Proposal.id, *TITLED, Proposal.stage, Proposal.number)
    own = select(*columns).where(Proposal.organisation_id == organisation.id, Proposal.is_public)
    cast = select(*columns, OrganisationVote.choice, OrganisationVote.at)
    cast = cast.join(OrganisationVote, OrganisationVote.proposal_id == Proposal.id)
    cast = cast.where(OrganisationVote.voter_id == organisation.id, Proposal.is_public)
    counted = select(OrganisationVote.choice, func.count()).join(Proposal, Proposal.id == OrganisationVote.proposal_id)
    counted = counted.where(OrganisationVote.voter_id == organisation.id, Proposal.is_public)
    counts = dict(db.session.execute(counted.group_by(OrganisationVote.choice)).all())
    newest = cast.order_by(OrganisationVote.at.desc(), Proposal.id.desc())
    return {
        "proposed": total_of(own, Proposal.id),
        "proposals": db.session.execute(own.order_by(Proposal.id.desc()).limit(SHOWN)).all(),
        "votes": db.session.execute(newest.limit(SHOWN)).all(),
        "supports": counts.get(SUPPORT, 0),
        "opposes": counts.get(-SUPPORT, 0),
        "shown": SHOWN,
        "shown_title": shown_title,
        "shown_lang": shown_lang,
    }
