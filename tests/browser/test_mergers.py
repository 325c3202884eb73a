"""Joining, parting and one matter of several places in a real browser, narrow and wide, with scripts and without."""

import pytest
from sqlalchemy import select

from tests.factories import TEXT, World, propose, published, supported
from tests.sizes import size
from webapp.kernel.clock import now
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.merging.models import Merger
from webapp.moderation.services import publish
from webapp.proposals.models import Proposal

CITY, NEIGHBOUR = "611000000", "612000000"
LONG = "Білім беру мекемелерінің жанындағы жаяу жүргіншілер өткелдерін жарықтандыру"


@pytest.mark.parametrize(
    ("lang", "width", "javascript"),
    size(
        [("kk", 360, True)],
        [("kk", 360, True), ("ru", 1280, False), ("kk", 1280, True), ("ru", 360, False), ("en", 360, True)],
    ),
)
def test_two_are_joined_parted_and_made_one_matter(person, arrange, lang, width, javascript):
    manner = {"lang": lang, "width": width, "javascript": javascript}
    about = f"{LONG[:60]} {lang} {width}"
    with unit_of_work():
        one = published(World.read(), now(), title=about).id
        other = published(World.read(), now(), title=f"Өткел {about}"[:80], text=TEXT * 3).id
        away = propose(World.read().kentau, now(), title=f"Кентау {about}"[:80], kato=NEIGHBOUR)
        publish(World.read().region_moderator, away, now())
        away = away.id
        supported(locked(Proposal, one), 3, CITY, now(), name=f"{lang}{width}a")
        supported(locked(Proposal, other), 5, CITY, now(), name=f"{lang}{width}b")

    moderator = person("moderator", **manner)
    moderator.go(f"/proposals/{one}")
    moderator.press(f"main a[href='/desk/{one}/merger']")
    moderator.send(f"/desk/{one}/merger", into="nothing")
    assert moderator.page.locator(".error-summary").count() == 1
    moderator.press(f"main a[href='/desk/{one}/merger/{other}']")
    assert moderator.page.locator(f"main a[href='/desk/{other}/merger/{one}']").count() == 1
    moderator.send(f"/desk/{one}/merger/{other}")
    assert moderator.path == f"/proposals/{other}"
    assert moderator.page.locator(f"#joined a[href='/proposals/{one}']").count() == 1
    moderator.page.locator("#joined summary").first.click()
    moderator.look()
    rollback()
    assert db.session.get_one(Proposal, other).supports == 8
    stranger = person(**manner)
    stranger.go(f"/proposals/{one}")
    assert stranger.page.locator(f"main a[href='/proposals/{other}']").count() == 1
    merger = db.session.scalar(select(Merger.id).where(Merger.proposal_id == one))
    moderator.go(f"/proposals/{one}")
    moderator.send(f"/mergers/{merger}/undo")
    assert moderator.path == f"/proposals/{one}"

    officer = person("region_officer", **manner)
    officer.go("/desk")
    officer.press("main a[href='/regional-matters/new']")
    officer.page.locator("main form[method=get] input[name=about]").fill(about)
    officer.press("main form[method=get] button[type=submit]")
    officer.press("main form[action='/regional-matters'] button[type=submit]")
    assert officer.page.locator(".error-summary").count() == 1
    for name in (f"#proposal-{one}", f"#proposal-{away}", f"#lead-{away}"):
        officer.page.locator(name).check(force=True)
    officer.look()
    officer.press("main form[action='/regional-matters'] button[type=submit]")
    assert officer.path == f"/proposals/{away}"
    assert officer.clicks <= 6
    rollback()
    lead = db.session.get_one(Proposal, away)
    assert (lead.stage, lead.seat.kato, lead.supports) == ("review", "610000000", 3)
