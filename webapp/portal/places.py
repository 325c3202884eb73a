"""Places: territories with their ladder and rules, the chosen city and language, how it works."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import func, select

from webapp.access.services import acting_in
from webapp.access.words import role_labels, table_in_words
from webapp.answering.record import record_of
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db
from webapp.kernel.htmx import render
from webapp.kernel.i18n import COOKIE, known
from webapp.kernel.security import safe_next
from webapp.notifications import follows
from webapp.notifications.rules import Subject
from webapp.portal import words
from webapp.portal.cards import cards
from webapp.portal.dossier import bodies_on
from webapp.portal.forms import SampleForm
from webapp.portal.listing import Filters, newest_in
from webapp.proposals.models import Proposal
from webapp.proposals.rules import DRAFT_DAYS, Stage
from webapp.rulebook.outages import outages
from webapp.rulebook.rules import threshold
from webapp.rulebook.services import rules_in_force
from webapp.territories.directory import directory
from webapp.territories.models import Territory
from webapp.territories.services import by_kato, ladder, lineage, nation
from webapp.voting.recounting import last_round

bp = Blueprint("places", __name__)
CITY_COOKIE = "city"
#: Turkistan, the demonstration ground: its ladder explains the rules to whoever has chosen no city.
EXAMPLE_CITY = "611000000"


def chosen_city() -> Territory | None:
    """The city that the reader has chosen on this device."""
    kato = request.cookies.get(CITY_COOKIE, "")
    return by_kato(kato) if kato.isascii() and kato.isdigit() and len(kato) == 9 else None


@bp.get("/city")
def choose_city() -> Response:
    """Remember a city on this device, and go on."""
    response = redirect(safe_next(request.args.get("next")), 303)
    city = by_kato(request.args.get("kato", "")[:9])
    if city is not None and city.rung == "city":
        response.set_cookie(
            CITY_COOKIE, city.kato, max_age=31536000, httponly=True, samesite="Lax", secure=request.is_secure
        )
    elif not request.args.get("kato"):
        response.delete_cookie(CITY_COOKIE)
    return response


@bp.get("/language")
def language() -> Response:
    """Speak another language on this device, and go on. An unknown one changes nothing."""
    response = redirect(safe_next(request.args.get("next")), 303)
    code = known(request.args.get("to"))
    if code:
        response.set_cookie(COOKIE, code, max_age=31536000, httponly=True, samesite="Lax", secure=request.is_secure)
    return response


@bp.get("/territories")
def territories() -> Response:
    """Regions and their cities."""
    return render("portal/territories.html", directory=directory(), active="territories")


@bp.get("/territories/<kato>")
def territory(kato: str) -> Response:
    """A territory: ladder, body, rules in force, proposals, numbers."""
    place = by_kato(kato[:9]) if len(kato) == 9 and "\x00" not in kato else None
    if place is None:
        abort(404)
    line = lineage(place)
    steps = [step for step in line if step.rung]
    moment = now()
    bodies = bodies_on([step.id for step in steps], moment)
    rules = [(step, *rule) for step, rule in zip(steps, rules_in_force(steps, moment), strict=True)]
    inside = list(
        db.session.scalars(select(Territory).where(Territory.parent_id == place.id).order_by(Territory.kato).limit(300))
    )
    filters = Filters(place.kato) if place.rung else Filters()
    return render(
        "portal/territory.html",
        {"follow": ("follow", "flash")},
        follow=follows.button(current_user, Subject.TERRITORY, place.kato, f"/territories/{place.kato}/following"),
        active="territories",
        place=place,
        population_source=words.population_source_labels().get(place.population_source, place.population_source),
        steps=steps,
        bodies=bodies,
        staff=acting_in(place, moment),
        roles=role_labels(),
        parents=line[1:],
        inside=inside,
        rules=[
            {"step": step, "terms": terms, "row": row, "threshold": threshold(terms, step.population)}
            for step, terms, row in rules
        ],
        levels=words.level_labels(),
        presets=words.preset_labels(),
        cards=cards(newest_in(place, 6), moment) if place.rung else [],
        more_url=f"{url_for('portal.proposals')}?{filters.query()}",
        counts=stage_counts(place),
        record=record_of(place.id, moment) if place.rung else None,
        stages=words.stage_labels(),
        today=local_date(moment),
    )


def stage_counts(place: Territory) -> dict[str, int]:
    """Published proposals that began in a territory, by stage."""
    query = select(Proposal.stage, func.count()).join(Territory, Territory.id == Proposal.origin_id)
    query = query.where(Territory.path.startswith(place.path, autoescape=True), Proposal.is_public)
    found = dict(db.session.execute(query.group_by(Proposal.stage)).all())
    return {stage.value: found[stage.value] for stage in Stage if stage.value in found}


@bp.get("/how-it-works")
def how_it_works() -> Response:
    """The ladder in words, with the rules in force for the chosen city."""
    city = chosen_city()
    steps = ladder(city) if city else ladder(by_kato(EXAMPLE_CITY) or nation())
    rules = [(step, terms) for step, (terms, _row) in zip(steps, rules_in_force(steps, now()), strict=True)]
    return render(
        "portal/how_it_works.html",
        active="how",
        rules=[(s, t, threshold(t, s.population)) for s, t in rules],
        levels=words.level_labels(),
        permissions=table_in_words(),
        draft_days=DRAFT_DAYS,
        checked=last_round(),
        away=outages(now() - timedelta(days=365), now()),
        keep={name[5:-5].lower(): days for name, days in current_app.config.items() if name.startswith("KEEP_")},
    )


@bp.get("/style")
def style() -> Response:
    """Every component of the design system, for those who build on it."""
    bad = SampleForm(formdata=None)
    bad.validate()
    return make_response(render("style/index.html", active="style", form=SampleForm(formdata=None), bad_form=bad))
