"""From a phone to the nation in a real browser: a resident, a moderator and three officers, with and without JavaScript."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import ACCEPTANCE, TEXT, crowd
from tests.sizes import size
from webapp.kernel.clock import local_date, now
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.jobs import jobs
from webapp.proposals.models import Proposal
from webapp.voting.services import cast_vote

ANSWER = {
    "text_kk": "Өткелге шам орнату қажет екенімен келісеміз, бірақ қала бюджетінде қаражат жоқ.",
    "text_ru": "Согласны, что освещение перехода нужно, но в городском бюджете средств нет.",
}


def latest(title):
    rollback()
    return db.session.scalars(select(Proposal).where(Proposal.title == title)).one()


def neighbours_support(key, count):
    with unit_of_work():
        proposal = locked(Proposal, key)
        for voter in crowd(count, "611000000", now(), f"neighbour{key}x"):
            cast_vote(voter, proposal, "support", now())


def the_date_passes(key):
    rollback()
    due = db.session.get(Proposal, key).due_at
    jobs.run(due + timedelta(minutes=1))


#: Every language at both widths, with and without JavaScript each; every pair of the three is among them.
ALL_WAYS = [
    ("kk", 360, True),
    ("kk", 1280, False),
    ("ru", 360, False),
    ("ru", 1280, True),
    ("en", 360, True),
    ("en", 1280, False),
]
#: Each language, each width, with and without JavaScript.
WAYS = size(ALL_WAYS[0:1] + ALL_WAYS[5:6], ALL_WAYS)


@pytest.mark.parametrize(
    ("lang", "width", "javascript"), WAYS, ids=[f"{'js' if js else 'no-js'}-{lang}-{width}" for lang, width, js in WAYS]
)
def test_from_a_phone_to_the_nation(person, arrange, javascript, lang, width):
    manner = {"lang": lang, "width": width, "javascript": javascript, "axe": javascript and width == 360}
    title = f"Өткелге жарық керек {lang} {width} {javascript}"

    aigerim = person("aigerim", **manner)
    aigerim.go("/")
    aigerim.press("a[href='/proposals/new']")
    aigerim.send("/proposals/new", title=title, lang="kk")
    if aigerim.path.endswith("/similar"):
        aigerim.press("main a[href$='/place']")
    token = aigerim.path.split("/")[2]
    aigerim.send(f"/drafts/{token}/place", origin="611000000")
    aigerim.send(f"/drafts/{token}/text", text=TEXT)
    aigerim.send(f"/drafts/{token}/submission")
    assert aigerim.path.endswith("/talon")
    assert aigerim.clicks <= 7
    proposal = latest(title)
    key = proposal.id
    assert proposal.number in aigerim.text()
    assert aigerim.page.locator("main .talon-qr svg").count() == 1

    moderator = person("moderator", **manner)
    moderator.go("/desk")
    moderator.press(f"main a[href='/desk/{key}']")
    moderator.press(f"main a[href='/desk/{key}/publication']")
    moderator.send(f"/desk/{key}/publication", sphere="safety")
    assert latest(title).stage == "collecting"

    aigerim.go(f"/proposals/{key}")
    aigerim.clicks = 0
    aigerim.press(f"main form[action='/proposals/{key}/vote'] button[value=support]")
    assert aigerim.clicks == 1
    assert latest(title).supports == 1
    assert aigerim.page.locator("#vote-panel .receipt-support").count() == 1
    assert "1" in aigerim.text("#ladder")

    neighbours_support(key, 19)
    assert latest(title).stage == "review"

    officer = person("officer", **manner)
    officer.go(f"/proposals/{key}/answer")
    officer.send(f"/proposals/{key}/answer", decision="pass_up", **ANSWER)
    assert latest(title).seat.kato == "610000000"

    region = person("region_officer", **manner)
    region.go(f"/proposals/{key}/answer")
    due = (local_date(now()) + timedelta(days=14)).isoformat()
    region.send(f"/proposals/{key}/answer", decision="hand_down", target="0", due_on=due, **ANSWER)
    assert latest(title).seat.kato == "611000000"

    the_date_passes(key)  # the city stays silent
    the_date_passes(key)  # and so does the region
    assert latest(title).seat.kato == "000000000"
    stranger = person(**manner)
    stranger.go(f"/proposals/{key}")
    assert stranger.page.locator(".rung-silent").count() == 2
    assert stranger.page.locator("#ladder [aria-current=step]").count() == 1

    nation = person("nation_officer", **manner)
    nation.go(f"/proposals/{key}/answer")
    rollback()
    day = local_date(latest(title).due_at)
    nation.send(
        f"/proposals/{key}/answer",
        **ACCEPTANCE,
        **ANSWER,
        milestone_1_kk="Орнату",
        milestone_1_ru="Установка",
        milestone_1_to=(day + timedelta(days=20)).isoformat(),
    )
    assert latest(title).stage == "accepted"
    nation.press("main #milestones a[href$='/report']")
    nation.send(nation.path, text_kk="Орнатылды", text_ru="Установлено")
    assert latest(title).stage == "done"
    aigerim.go(f"/proposals/{key}")
    assert aigerim.page.locator("#milestones li").count() == 1
