"""Choosing the other proposal, the check before a merger, undoing one, and one matter out of several places."""

from __future__ import annotations

from collections.abc import Collection

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask_login import current_user, login_required

from webapp.access.permissions import Permission
from webapp.access.services import refusal, require
from webapp.kernel.clock import now
from webapp.kernel.database import db
from webapp.kernel.errors import DomainError
from webapp.kernel.htmx import render
from webapp.kernel.i18n import gettext as _
from webapp.kernel.i18n import ngettext
from webapp.kernel.loading import load
from webapp.kernel.text import one_line, whole_number
from webapp.merging import matters, rules, services, words
from webapp.merging.choosing import alike, is_turned_round, may_join, named
from webapp.merging.forms import ChoiceForm, MatterForm, SearchForm
from webapp.merging.models import Merger
from webapp.merging.services import Pair
from webapp.proposals.choices import said_of_first
from webapp.proposals.loading import any_proposal
from webapp.proposals.models import Proposal
from webapp.rulebook.services import rule_in_force
from webapp.territories.models import Territory

bp = Blueprint("merging", __name__)
#: Of a search as many characters are asked with.
ABOUT_MAX = 160


def _choosing_page(proposal: Proposal, form: ChoiceForm, status: int = 200) -> Response:
    found = alike(current_user, proposal, now())
    return render("merging/choose.html", status=status, proposal=proposal, form=form, found=found, active="desk")


@bp.get("/desk/<key:key>/merger")
@login_required
def choose(key: int) -> Response:
    """The other proposal: from those that look alike, or by its number."""
    proposal = any_proposal(key)
    require(current_user, Permission.MERGE, Pair(proposal), now())
    if not may_join(current_user, proposal, now()):
        return redirect(url_for("portal.proposal", key=key), 303)
    return _choosing_page(proposal, ChoiceForm(formdata=None))


@bp.post("/desk/<key:key>/merger")
@login_required
def chosen(key: int) -> Response:
    """On to the check. Nothing is done yet."""
    proposal = any_proposal(key)
    require(current_user, Permission.MERGE, Pair(proposal), now())
    form = ChoiceForm()
    if not form.validate():
        return _choosing_page(proposal, form, 422)
    into = named(form.into.data)
    if into is None or into.id == proposal.id:
        form.refuse(DomainError(_("Choose a published proposal on the same matter."), "into"))
        return _choosing_page(proposal, form, 422)
    return redirect(url_for("merging.check", key=key, into=into.id), 303)


def _pair(key: int, into_key: int) -> tuple[Proposal, Proposal]:
    proposal, into = any_proposal(key), any_proposal(into_key)
    require(current_user, Permission.MERGE, Pair(proposal, into), now())
    return proposal, into


@bp.get("/desk/<key:key>/merger/<key:into>")
@login_required
def check(key: int, into: int) -> Response:
    """Both texts side by side, what becomes of the numbers, and the way to turn it round."""
    proposal, other = _pair(key, into)
    numbers = services.preview(proposal, other)
    turned = refusal(current_user, Permission.MERGE, Pair(other, proposal), now()) is None
    return render(
        "merging/check.html",
        proposal=proposal,
        into=other,
        reason=services.refused(proposal, other),
        sum=words.sum_of(numbers),
        consequences=words.consequences(numbers, services.undo_term(other, now())),
        can_turn=turned and services.refused(other, proposal) is None,
        is_turned_round=is_turned_round(proposal, other),
        active="desk",
    )


@bp.post("/mergers/<key:key>/undo")
@login_required
def undo(key: int) -> Response:
    """Part them again."""
    row = load(Merger, key)
    services.lock_in_order({row.proposal_id, row.into_id})
    services.unmerge(current_user, row, now())
    flash(_("Separated. The proposal goes on where it was, with the time it had left."), "success")
    return redirect(url_for("portal.proposal", key=row.proposal_id), 303)


def _place(wanted: str | None) -> tuple[Territory, list[Territory]]:
    """The territory for which somebody acts here, and all of which they could choose one."""
    mine = matters.places(current_user, now())
    chosen = next((place for place in mine if place.kato == wanted), mine[0] if mine else None)
    require(current_user, Permission.ADOPT, chosen, now())
    assert chosen is not None
    return chosen, mine


def _matter_page(
    place: Territory,
    about: str,
    places: list[Territory],
    *,
    begun: Proposal | None = None,
    form: MatterForm | None = None,
    ticked: Collection[int] = (),
    lead: int | None = None,
    status: int = 200,
) -> Response:
    rows, moment = matters.offered(place, about, begun), now()
    return render(
        "merging/matter.html",
        status=status,
        place=place,
        places=places,
        about=about,
        rows=rows,
        dates={row.id: said_of_first(row, moment) for row in rows},
        form=form or MatterForm(formdata=None, territory=place.kato, about=about),
        search=SearchForm(formdata=None, about=about),
        ticked=ticked,
        lead=lead,
        fewest=rules.FEWEST,
        most=rules.MOST,
        undo_days=rule_in_force(place, moment)[0].merger_days,
        active="desk",
    )


@bp.get("/regional-matters/new")
@login_required
def new_matter() -> Response:
    """Proposals of several places on the same matter, to be taken up as one."""
    place, mine = _place(request.args.get("territory"))
    key = whole_number(request.args.get("from"))
    begun = db.session.get(Proposal, key) if key is not None else None
    if begun is None or not begun.is_public:
        return _matter_page(place, _about(request.args.get("about")), mine)
    return _matter_page(place, begun.title, mine, begun=begun, ticked={begun.id}, lead=begun.id)


def _about(words: str | None) -> str:
    return one_line(words)[:ABOUT_MAX]


@bp.post("/regional-matters")
@login_required
def create_matter() -> Response:
    """Take them up."""
    form = MatterForm()
    place, mine = _place(form.territory.data)
    ticked = {key for word in request.form.getlist("proposal") if (key := whole_number(word)) is not None}
    lead = whole_number(request.form.get("lead"))
    try:
        mergers = _adopt(place, ticked, lead)
    except DomainError as error:
        if error.status == 403:
            raise
        form.refuse(DomainError(error.message))
        about = _about(form.about.data)
        return _matter_page(place, about, mine, form=form, ticked=ticked, lead=lead, status=error.status)
    flash(ngettext("%(num)d proposal was joined.", "%(num)d proposals were joined.", len(mergers)), "success")
    return redirect(url_for("portal.proposal", key=lead), 303)


def _adopt(place: Territory, ticked: set[int], lead: int | None) -> list[Merger]:
    """Lock what was chosen, and take it up. A refusal takes everything back, as the transaction ends without effect."""
    if lead is None:
        raise DomainError(_("Choose the proposal that leads: its text and number stay."))
    keys = ticked | {lead}
    if len(keys) > rules.MOST:
        raise DomainError(
            _("Select at least %(fewest)d and at most %(most)d proposals.", fewest=rules.FEWEST, most=rules.MOST)
        )
    found = services.lock_in_order(keys)
    if len(found) != len(keys):
        raise DomainError(_("One of these proposals is not there. Choose again."))
    others = [found[key] for key in sorted(found) if key != lead]
    return matters.adopt(current_user, place, found[lead], others, now())
