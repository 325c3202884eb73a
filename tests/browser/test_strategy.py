"""Strategy, money, what hangs, delivery, offers and lineage in a real browser: no barrier, and the road without scripts."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import World, published
from tests.sizes import size
from tests.strategies import (
    KENTAU,
    TURKISTAN_REGION,
    add_commitment,
    add_direction,
    add_entry,
    add_measure,
    add_programme,
)
from webapp.delivery.models import Milestone
from webapp.hanging.services import keep_cases
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db, unit_of_work
from webapp.offers import services as offers
from webapp.offers.rules import Form
from webapp.people.models import Organisation
from webapp.strategies.models import Indicator

EVERYWHERE = [(lang, width) for lang in ("kk", "ru", "en") for width in (360, 1280)]
DAY = timedelta(days=1)


@pytest.fixture
def cascade(arrange):
    """Addresses of a direction, a programme, measures, a promise, an offer and a proposal, with what hangs."""
    moment = now()
    at, today = moment - 60 * DAY, local_date(moment)
    with unit_of_work():
        world = World.read()
        words = {"text_kk": "Түнде де жарық көшелер.", "text_ru": "Улицы, светлые и ночью."}
        direction = add_direction(at, "Қауіпсіз көшелер", goals="11.2 16.7", **words)
        add_direction(at, "Ешкім ілмеген бағыт", owner_kk="", owner_ru="")
        counted = {
            "name_kk": "Өткел",
            "name_ru": "Переход",
            "unit_kk": "%",
            "unit_ru": "%",
            "baseline": 41.5,
            "target": 90,
        }
        db.session.add(
            Indicator(direction_id=direction.id, position=0, baseline_year=2025, target_year=2029, **counted)
        )
        programme = add_programme(at, direction, adopted_kk="Бәрі", adopted_ru="Всё", **words)
        measure = add_measure(at, programme, lessons_kk="Бірге тексеріңіз", lessons_ru="Проверяйте вместе", **words)
        copy = add_measure(at, programme, KENTAU, replicated_from_id=measure.id, **words)
        for owner, done in ((measure, moment), (measure, None), (copy, None)):
            step = {"title_kk": "Жоба", "title_ru": "Проект", "starts_on": today - 50 * DAY, "due_on": today - 3 * DAY}
            db.session.add(Milestone(measure_id=owner.id, position=0, done_at=done, **step))
        add_entry(at, programme, 20_000_000, source="regional_budget")
        add_entry(at, measure, 5_000_000)
        promise = add_commitment(at, measure)
        said = offers.Said(Form.PPP, 250_000_000, "Шам орнатамыз", "Он жыл", b"%PDF-1.7\n%%EOF")
        organisation = db.session.scalars(select(Organisation)).first()
        offer = offers.make(world.member, organisation, measure, said, moment)
        offers.agree(world.member, offer, True, moment)
        proposal = published(world, moment, title="Неге қызмет етеді")
        step = db.session.scalars(select(Milestone).where(Milestone.done_at.is_(None))).first()
        found = {
            "direction": f"/directions/{direction.id}",
            "programme": f"/programmes/{programme.id}",
            "measure": f"/measures/{measure.id}",
            "promise": f"/commitments/{promise.id}/answer",
            "offer": f"/offers/{offer.id}",
            "proposal": f"/proposals/{proposal.id}",
            "milestone": f"/milestones/{step.id}",
        }
    keep_cases(moment)
    return found


@pytest.mark.parametrize(("lang", "width"), size([("kk", 360), ("en", 1280)], EVERYWHERE))
def test_no_barriers_of_strategy(person, cascade, lang, width):
    stranger = person(lang=lang, width=width)
    measure, programme, direction = (cascade[name] for name in ("measure", "programme", "direction"))
    paths = [
        *("/strategy", f"/strategy?region={TURKISTAN_REGION}", "/progress", f"/progress?region={TURKISTAN_REGION}"),
        *("/hanging", "/network", direction, f"{direction}/versions", programme, f"{programme}/money"),
        *(measure, f"{measure}/money", f"{measure}/lineage", f"{measure}/offers", cascade["offer"]),
    ]
    for path in size(paths[0 if lang == "kk" else 1 :: 2], paths):
        stranger.go(path)


@pytest.mark.parametrize(("lang", "width"), size([("ru", 360)], EVERYWHERE))
def test_no_barriers_for_who_writes_it(person, cascade, lang, width):
    manner = {"lang": lang, "width": width}
    measure, programme = cascade["measure"], cascade["programme"]
    city = person("officer", **manner)
    for path in (
        *(
            "/desk/strategy",
            "/strategy",
            "/measures/new",
            "/strategy/import",
            measure,
            f"{measure}/edit/words",
            f"{measure}/edit/terms",
        ),
        *(f"{measure}/milestones", f"{measure}/money", f"{measure}/lessons", f"{measure}/ending", cascade["promise"]),
        *(f"{cascade['milestone']}/report", cascade["offer"], f"{cascade['proposal']}/serving"),
    ):
        city.go(path)
    city.go(f"{measure}/milestones")
    city.send(f"{measure}/milestones")  # empty: the messages of the form are shown
    assert city.page.locator(".error-summary").count() == 1
    region = person("region_officer", **manner)
    for path in (f"{programme}/edit/choices", f"{programme}/edit/indicators", f"{measure}/commitments/new"):
        region.go(path)
    member = person("member", **manner)
    for path in (f"{measure}/offers/new", cascade["offer"]):
        member.go(path)


@pytest.mark.parametrize("javascript", [True, False])
def test_a_ministry_writes_a_direction_step_by_step(person, arrange, javascript):
    nation = person("nation_officer", lang="ru", width=360, javascript=javascript)
    nation.go("/strategy")
    nation.press("a[href='/directions/new']")
    nation.send(
        "/directions/new", title_kk="Таза ауа", title_ru="Чистый воздух", text_kk="Түтінсіз", text_ru="Без дыма"
    )
    address = nation.path.removesuffix("/edit/terms")
    year = local_date(now()).year
    nation.send(nation.path, starts_on=f"{year}-01-01", ends_on=f"{year + 3}-12-31", goals="11.6")
    nation.send(nation.path)
    assert nation.path == f"{address}/publication"
    nation.send(nation.path)
    assert nation.path == address and "Чистый воздух" in nation.text()
    stranger = person(lang="kk", width=360, javascript=javascript)
    stranger.go(address)
    assert "Таза ауа" in stranger.text()


def test_the_matrix_is_read_with_the_keyboard_on_a_phone(person, cascade):
    stranger = person(lang="ru", width=360)
    stranger.go("/progress")
    frame = stranger.page.locator(".matrix")
    assert frame.evaluate("one => one.scrollWidth > one.clientWidth")  # it is wider than the phone, the page is not
    for _turn in range(60):
        stranger.page.keyboard.press("Tab")
        if frame.evaluate("one => one === document.activeElement"):
            break
    assert frame.evaluate("one => one === document.activeElement")
    for _turn in range(5):
        stranger.page.keyboard.press("ArrowRight")
    stranger.page.wait_for_timeout(300)
    assert frame.evaluate("one => one.scrollLeft") > 0
    first = stranger.page.locator(".matrix tbody th").first.bounding_box()
    assert 0 <= first["x"] < 60  # the name of the direction stays in sight
    labels = stranger.page.locator(".matrix th[scope=col]").count()
    assert labels == 22 and frame.get_attribute("aria-label")
