"""Every page that people use, in three languages and two widths: no barrier, nothing over the edge, nothing too heavy.

`make test` looks at one width of each language; `make soak` has all of them, light and dark.
"""

from datetime import timedelta

import pytest

from tests.factories import World, add_user, propose, published, supported
from tests.sizes import size
from webapp.flagging.decisions import Verdict, appeal, hide
from webapp.flagging.services import Report, flag, open_review
from webapp.kernel.clock import now
from webapp.kernel.database import db, locked, unit_of_work
from webapp.moderation import services as moderation
from webapp.people.services import by_email, send_code
from webapp.proposals.models import Proposal

OPEN = ("/", "/proposals", "/territories", "/territories/611000000", "/territories/000000000", "/how-it-works")
DOORS = ("/sign-in", "/sign-up", "/proposals/new", "/nothing-here")
KILOBYTES, REQUESTS = 90, 6
EVERYWHERE = [(lang, width) for lang in ("kk", "ru", "en") for width in (360, 1280)]


@pytest.fixture
def matters(arrange):
    """Ids of one proposal in each of the stages that look different."""
    with unit_of_work():
        world = World.read()
        made = {"collecting": published(world, now() - timedelta(days=2), title="Жинап жатыр").id}
        for name in ("submitted", "returned", "rejected"):
            made[name] = propose(world.aigerim, now(), title=f"Күйі {name}").id
        moderation.ask(world.moderator, db.session.get(Proposal, made["returned"]), "Қай көше?", now())
        moderation.reject(world.moderator, db.session.get(Proposal, made["rejected"]), "unclear", now())
        made["review"] = published(world, now() - timedelta(days=2), title="Жауап күтілуде").id
        supported(locked(Proposal, made["review"]), 20, "611000000", now(), name=f"pages{made['review']}x")
    return made


@pytest.fixture
def reports(arrange):
    """One with reports, one that is hidden, one against whose hiding the author has appealed."""
    made = {}
    with unit_of_work():
        world = World.read()
        for name in ("reported", "hidden", "contested"):
            made[name] = published(world, now() - timedelta(days=2), title=f"Күйі {name}").id
    with unit_of_work():
        _report(world, made)
    return made


def _report(world, made):
    for name in ("reported", "hidden", "contested"):
        said = Report("text", "untrue", "Бұл адам мұны айтқан жоқ.")
        flag(None, locked(Proposal, made[name]), said, f"{made[name]:016x}", now())
        review = open_review(made[name], "text")
        if name == "reported":
            made["review of reports"] = review.id
            continue
        row = hide(world.moderator, review, Verdict("title_and_text", "untrue", "Адам туралы жалған сөз."), now())
        if name == "contested":
            appeal(world.aigerim, row, "Бұл рас.", now())
            made["hiding"] = row.id


def turns(paths, lang):
    """In `make test` the two manners take the pages in turn; in `make soak` each page is looked at in each manner."""
    return size(paths[0 if lang == "kk" else 1 :: 2], paths)


@pytest.mark.parametrize(("lang", "width"), size([("kk", 360), ("ru", 1280)], EVERYWHERE))
def test_no_barriers_of_reports(person, reports, lang, width):
    manner = {"lang": lang, "width": width}
    stranger = person(**manner)
    reported, hidden = (f"/proposals/{reports[name]}" for name in ("reported", "hidden"))
    for path in turns(
        [f"{reported}/flag", f"{reported}/flag/received", hidden, "/moderation", "/moderation/statistics"], lang
    ):
        stranger.go(path)
    author = person("aigerim", **manner)
    for path in (hidden, f"{hidden}/hiding/appeal"):
        author.go(path)
    moderator, number = person("moderator", **manner), reports["review of reports"]
    preview = f"/desk/flags/{number}/hiding?extent=text&reason=untrue&sentence=Адам туралы жалған сөз."
    for path in ("/desk/flags", f"/desk/flags/{number}", preview):
        moderator.go(path)
    judge = person("region_moderator", **manner)
    judge.go(f"/desk/hidings/{reports['hiding']}")


@pytest.mark.parametrize(("lang", "width"), size([("kk", 360), ("ru", 1280)], EVERYWHERE))
def test_no_barriers(person, matters, lang, width):
    manner = {"lang": lang, "width": width}
    stranger = person(**manner)
    for path in turns(
        [*OPEN, *DOORS, f"/proposals/{matters['collecting']}", f"/proposals/{matters['review']}", "/style"], lang
    ):
        stranger.go(path)
    author = person("aigerim", **manner)
    for path in turns(["/my", *(f"/proposals/{key}" for key in matters.values())], lang):
        author.go(path)
    for path in (f"/proposals/{matters['submitted']}/talon", f"/proposals/{matters['returned']}/revision"):
        author.go(path)
    author.go(f"/proposals/{matters['rejected']}/appeal")
    moderator = person("moderator", **manner)
    for path in ("/desk", f"/desk/{matters['submitted']}"):
        moderator.go(path)
    moderator.page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true })")
    moderator.look()
    officer = person("officer", **manner)
    for path in ("/desk", f"/proposals/{matters['review']}/answer"):
        officer.go(path)
    officer.send(f"/proposals/{matters['review']}/answer")  # empty: every message of the form is shown
    assert officer.page.locator(".error-summary").count() == 1


@pytest.mark.parametrize("lang", size(["kk"], ["kk", "ru", "en"]))
def test_no_barriers_in_the_dark(person, matters, lang):
    stranger = person(lang=lang, scheme="dark")
    for path in turns([*OPEN, f"/proposals/{matters['review']}", "/style"], lang):
        stranger.go(path)


def test_no_barriers_at_the_doors(person, arrange):
    with unit_of_work():
        user = add_user("doors@test.example", now())
        user.email_confirmed_at = None
        send_code(user, now())
    newcomer = person("doors", lang="kk", width=360)
    newcomer.go("/confirm")
    newcomer.send("/confirm", code="000000")
    assert newcomer.page.locator(".error-summary").count() == 1
    with unit_of_work():
        by_email("doors@test.example").email_confirmed_at = now()
    newcomer.go("/verify")
    newcomer.send("/verify", iin="123", surname="Ким")
    assert newcomer.page.locator("[aria-invalid=true]").count() >= 1


@pytest.mark.parametrize("width", [320, 768, 1920])
def test_nothing_hangs_over_the_edge(person, matters, width):
    stranger = person(lang="kk", width=width, axe=False)
    for path in (*OPEN, *DOORS, *(f"/proposals/{matters[name]}" for name in ("collecting", "review")), "/style"):
        stranger.go(path)


@pytest.mark.parametrize("path", ["/", "/proposals", "proposal"])
def test_a_first_visit_is_light(person, matters, path):
    """At most 90 kB and 6 requests, as they went over the wire."""
    with unit_of_work():
        world = World.read()
        for number in range(20):
            published(world, now(), title=f"Салмақ {number}: аулада балаларға арналған алаң керек")
    stranger = person(lang="kk", axe=False)
    sizes = []
    wire = stranger.context.new_cdp_session(stranger.page)
    wire.send("Network.enable")
    wire.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    stranger.go(f"/proposals/{matters['review']}" if path == "proposal" else path)
    stranger.page.wait_for_load_state("networkidle")
    assert 3 <= len([url for url in stranger.asked if not url.startswith("data:")]) <= REQUESTS
    assert 10_000 < sum(sizes) <= KILOBYTES * 1000, sum(sizes)
