"""Levels, the staff desk, the other account of the same person, moving home, and what does not stay."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.client import Visitor
from tests.conftest import MONDAY
from tests.factories import NEWCOMERS_IIN, PASSWORD, add_user, propose, published
from tests.features.console import run
from tests.signing import FakeVerifier, key_of, pasted
from webapp import create_app
from webapp.access.services import give_role
from webapp.account.services import forget_person, my_data
from webapp.escalation.models import Tally
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.mail import Message
from webapp.kernel.security import limiter
from webapp.moderation.services import publish
from webapp.people.models import RegisterEntry, User
from webapp.people.rules import check_digit
from webapp.people.services import close_account
from webapp.proposals.models import Draft, Proposal
from webapp.rulebook.presets import PRESETS
from webapp.rulebook.services import set_rules
from webapp.territories.services import by_kato, nation
from webapp.verification.jobs import forget_old_attempts
from webapp.verification.models import Attempt, Residence
from webapp.verification.rules import SignedBy
from webapp.voting.models import PendingVote, Vote
from webapp.voting.services import recount

DINARA = "90010140001" + str(check_digit("90010140001"))
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")


def person(name):
    rollback()
    return db.session.scalars(select(User).where(User.email == f"{name}@test.example")).one()


def newest_fact(verb):
    rollback()
    return db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id.desc())).first()


def mails_to(name):
    rollback()
    rows = db.session.scalars(select(Message).where(Message.to == f"{name}@test.example").order_by(Message.id))
    return [(row.subject, row.body) for row in rows]


def count(model, *conditions):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions))


def code_of(browser):
    """The code that the person reads out."""
    browser.submit(browser.get("/verify/desk"), "/verify/desk", agree="y")
    return CODE.search(browser.get("/verify/desk").text).group()


def at_the_desk(clerk, code, status=303, iin=DINARA, home="611000000"):
    page = clerk.get("/desk/residents")
    return clerk.submit(page, "/desk/residents", status, code=code, iin=iin, home=home)


def verify(browser, iin=NEWCOMERS_IIN, surname="Ким", status=303):
    return browser.submit(browser.get("/verify"), "/verify", status, iin=iin, surname=surname, agree="y")


def second_account(name="second"):
    with unit_of_work():
        add_user(f"{name}@test.example", MONDAY - timedelta(days=1), given="Тимур", surname="Ким")
    return person(name)


@pytest.fixture
def signer(app):
    """EDS with a verifier that finds every signature good; nobody knows where the person lives."""
    app.config.update(VERIFICATION=["eds"], EDS_VERIFIER_URL="http://127.0.0.1:9")
    far = timedelta(days=500)
    good = SignedBy(DINARA, "", "КИМ", "ТИМУР", "SIGN", ("INDIVIDUAL",), MONDAY - far, MONDAY + far)
    app.extensions["signature_verifier"] = FakeVerifier(good)

    def sign(browser, home, status=303):
        browser.submit(browser.get("/verify/eds"), "/verify/eds", agree="y")
        text = browser._send("GET", "/verify/eds/saty.txt").response.get_data()
        signature = pasted(key_of(DINARA, MONDAY).sign(text))
        page = browser.get("/verify/eds")
        return browser.submit(page, "/verify/eds/signature", status, cms=signature, home=home)

    return sign


# Levels


def test_everybody_reads_their_level_and_each_contains_the_one_before(world, visit):
    with unit_of_work():
        add_user("fresh@test.example", MONDAY).email_confirmed_at = None
    fresh, newcomer, aigerim = visit(person("fresh")), visit(world.newcomer), visit(world.aigerim)
    assert "visitor: e-mail not confirmed" in fresh.get("/my").text
    assert "e-mail confirmed: you can propose; your votes wait" in newcomer.get("/my").text
    assert "verified: your votes count" in aigerim.get("/my").text
    assert fresh.get("/verify", 303).location == "/confirm?next=/verify"
    refusal = fresh.post("/verify", 403, iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    assert "Confirm your e-mail first" in refusal.text
    assert fresh.get("/verify/desk", 303).location == "/confirm?next=/verify/desk"


def test_only_the_ways_that_are_switched_on_are_offered(app, world, visit):
    newcomer = visit(world.newcomer)
    page = newcomer.get("/verify")
    assert "/verify/desk" in page.html and page.form("/verify")
    app.config["VERIFICATION"] = []
    assert "Nobody can be verified here yet" in newcomer.get("/verify").text
    newcomer.post("/verify", 404, iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    newcomer.get("/verify/desk", 404)
    visit(world.moderator).get("/desk/residents", 404)
    assert not person("newcomer").is_verified


def waiting_text(world, token):
    return Draft(
        token=token, author_id=world.newcomer.id, title="Көшеге жарық керек", text="Мәтін " * 20, lang="kk",
        origin_id=by_kato("611000000").id, place="", sphere="safety", funding="budget", created_at=MONDAY,
        expires_at=MONDAY + timedelta(days=30), wants_submission=True,
    )  # fmt: skip


def test_a_text_that_waited_is_sent_after_verification(world, visit):
    newcomer = visit(world.newcomer)
    with unit_of_work():
        db.session.add(waiting_text(world, "waiting"))
    done = verify(newcomer)
    rollback()
    sent = db.session.scalars(select(Proposal).where(Proposal.author_id == world.newcomer.id)).one()
    assert done.location == f"/proposals/{sent.id}/talon"


def test_texts_that_waited_together_have_no_moment_in_common(world, visit):
    """In public a moment is told to the microsecond: one that two proposals share says that one person wrote both."""
    newcomer = visit(world.newcomer)
    with unit_of_work():
        db.session.add_all([waiting_text(world, f"waiting-{number}") for number in range(3)])
    verify(newcomer)
    rollback()
    moments = {row.submitted_at for row in db.session.scalars(select(Proposal))}
    told = select(Fact.at).where(Fact.verb == "proposal:submitted")
    assert len(moments) == 3 and set(db.session.scalars(told)) == moments
    assert max(moments) - min(moments) < timedelta(seconds=1)


# The staff desk


def test_a_clerk_verifies_who_sits_before_them_and_a_kept_vote_counts(world, visit):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    newcomer, clerk = visit(world.newcomer), visit(world.moderator)
    newcomer.post(f"/proposals/{key}/vote", choice="support")
    code = code_of(newcomer)
    assert "/desk/residents" in clerk.get("/desk").html
    done = clerk.follow(at_the_desk(clerk, code.lower().replace("-", " "), home="611000000"))
    assert "The person is verified and is told by mail" in done.text
    found = person("newcomer")
    assert found.is_verified and found.home.kato == "611000000"
    assert (db.session.get(Proposal, key).supports, count(PendingVote)) == (1, 0)
    fact = newest_fact("resident:verified")
    assert (fact.actor_id, fact.subject_id, fact.public) == (world.moderator.id, found.id, False)
    assert fact.facts == {"provider": "desk"}
    ((subject, body),) = [mail for mail in mails_to("newcomer") if DINARA not in mail[1]]
    assert code not in body and ("Түркістан" in body or "Туркестан" in body)
    assert "no such code" in at_the_desk(clerk, code, 422).text  # once


def test_without_the_code_nobody_is_verified(world, visit, clock):
    newcomer, clerk = visit(world.newcomer), visit(world.moderator)
    code = code_of(newcomer)
    wrong = ("A" if code[0] != "A" else "B") + code[1:]
    assert at_the_desk(clerk, wrong, 422).form("/desk/residents")["iin"] == DINARA  # kept
    data = clerk.get("/desk/residents").form("/desk/residents") | {"iin": DINARA, "home": "611000000"}
    for guess in ("", "AAAA-AAAA", code[:-1], "x" * 20):
        assert clerk._send("POST", "/desk/residents", data=data | {"code": guess}).status == 422
    newer = code_of(newcomer)
    assert "no such code" in at_the_desk(clerk, code, 422).text
    page = clerk.get("/desk/residents")
    clock(MONDAY + timedelta(minutes=9, seconds=59))
    assert (
        "This is not an IIN" in clerk.submit(page, "/desk/residents", 422, code=newer, iin="1", home="611000000").text
    )
    clock(MONDAY + timedelta(minutes=10))
    clerk.submit(clerk.get("/confirm-it-is-you"), "/confirm-it-is-you", password=PASSWORD)
    late = clerk.submit(page, "/desk/residents", 422, code=newer, iin=DINARA, home="611000000")
    assert "its ten minutes are over" in late.text
    assert not person("newcomer").is_verified


def test_a_moderator_verifies_in_their_own_territory_and_below(world, visit):
    newcomer = visit(world.newcomer)
    code = code_of(newcomer)
    for name, kato in (
        ("moderator", "612000000"),
        ("region_moderator", "750000000"),
        ("officer", "611000000"),
        ("nation_officer", "611000000"),
        ("aigerim", "611000000"),
    ):
        visit(getattr(world, name)).post("/desk/residents", 403, code=code, iin=DINARA, home=kato)
        assert not person("newcomer").is_verified, name
    for name, kato in (
        ("moderator", "611000000"),
        ("region_moderator", "612000000"),
        ("almaty_moderator", "750000000"),
    ):
        visit(getattr(world, name)).post("/desk/residents", 303, code=code_of(newcomer), iin=DINARA, home=kato)
        assert person("newcomer").home.kato == kato, name


def test_the_list_of_places_is_that_of_the_own_territory(world, visit):
    options = [option.get("value") for option in visit(world.moderator).get("/desk/residents").find("option")]
    assert options == ["", "611000000"]


def test_nobody_verifies_themselves_not_even_with_another_account(world, visit):
    clerk = visit(world.moderator)
    assert "Nobody verifies themselves" in at_the_desk(clerk, code_of(clerk), 403).text
    colleague = visit(world.region_moderator)
    at_the_desk(colleague, code_of(clerk))
    assert person("moderator").is_verified
    again = code_of(visit(second_account()))
    assert "Nobody verifies themselves" in at_the_desk(clerk, again, 403).text
    assert not person("second").is_verified


def test_an_old_password_is_asked_for_again_and_what_was_typed_is_kept(world, visit, clock):
    newcomer, clerk = visit(world.newcomer), visit(world.moderator)
    page = clerk.get("/desk/residents")
    clock(MONDAY + timedelta(minutes=11))
    code = code_of(newcomer)
    asked = clerk.submit(page, "/desk/residents", 403, code=code, iin=DINARA, home="611000000")
    kept = asked.form("/confirm-it-is-you")
    assert kept["home"] == "611000000" and "code" not in kept and "iin" not in kept  # a page gives back no secret
    assert code not in asked.html and DINARA not in asked.html
    assert not person("newcomer").is_verified
    again = clerk.submit(asked, "/confirm-it-is-you", 307, password=PASSWORD)
    assert again.location == "/desk/residents"


def test_where_staff_needs_a_second_step_so_does_this_page(app, world, visit):
    app.config["STAFF_TOTP_REQUIRED"] = True
    clerk = visit(world.moderator)
    assert "second step" in clerk.get("/desk/residents", 403).text
    clerk.post("/desk/residents", 403, code=code_of(visit(world.newcomer)), iin=DINARA, home="611000000")
    assert not person("newcomer").is_verified


def test_codes_cannot_be_tried_without_end(world, database_url, tmp_path, clock, monkeypatch):
    monkeypatch.setattr(limiter, "enabled", limiter.enabled)  # as it was, for the tests that follow
    settings = {"SECRET_KEY": "tests", "PERSON_PEPPER": "pepper of the tests", "MAIL_BACKEND": "memory"}
    guarded = create_app(
        INSTANCE=str(tmp_path), SQLALCHEMY_DATABASE_URI=database_url, RATELIMIT_ENABLED=True, **settings
    )
    clerk = Visitor(guarded)
    clerk.sign_in(world.moderator)
    page = clerk.get("/desk/residents")
    data = page.form("/desk/residents") | {"code": "AAAA-AAAA", "iin": DINARA, "home": "611000000"}
    statuses = [clerk._send("POST", "/desk/residents", data=data).status for _turn in range(31)]
    with guarded.app_context():
        db.engine.dispose()
    assert statuses == [422] * 30 + [429]


@pytest.mark.parametrize("typed", ["Kим", "кИM", "КИМ"])
def test_a_latin_letter_among_cyrillic_ones_is_nobodys_fault(world, visit, typed):
    verify(visit(world.newcomer), surname=typed)
    assert person("newcomer").is_verified


# The other account of the same person


@pytest.fixture
def voted(world, visit):
    """The newcomer is verified by the register, has voted, and comes with a second account."""
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    first = visit(world.newcomer)
    verify(first)
    first.post(f"/proposals/{key}/vote", choice="support")
    return key, first, visit(second_account())


def test_after_the_register_the_other_account_has_to_agree_by_mail(voted, visit):
    key, first, second = voted
    refusal = verify(second, status=422)
    assert "one person has one vote" in refusal.text and "Sign out here and sign in there" in refusal.text
    assert "newcomer@" not in refusal.html
    asked = second.follow(second.submit(refusal, "/verify/other-account/code"))
    _subject, body = mails_to("newcomer")[-1]
    code = re.search(r"\b\d{6}\b", body).group()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    refused = second.submit(asked, "/verify/other-account/take-over", 422, code=wrong)
    assert "is wrong" in refused.text and not person("second").is_verified
    second.post("/verify/other-account/code", 409, asked)  # one mail is enough
    done = second.submit(refused, "/verify/other-account/take-over", code=code)
    assert "You are verified" in second.follow(done).text
    new, old = person("second"), person("newcomer")
    assert new.is_verified and new.home.kato == "611000000"
    assert (old.verified_at, old.person_key) == (None, None)
    assert count(Vote) == count(Vote, Vote.voter_id == new.id) == 1
    assert db.session.get(Proposal, key).supports == 1
    with unit_of_work():
        assert recount(MONDAY) == []
    assert len(mails_to("newcomer")) == 2
    assert "e-mail confirmed: you can propose" in first.get("/my").text
    assert newest_fact("verification:moved").subject_id == old.id
    first.post(f"/proposals/{key}/vote", choice="oppose")  # waits again, for nobody
    assert db.session.get(Proposal, key).opposes == 0


def test_five_wrong_codes_are_the_last(voted):
    _key, _first, second = voted
    asked = second.follow(second.submit(verify(second, status=422), "/verify/other-account/code"))
    code = re.search(r"\b\d{6}\b", mails_to("newcomer")[-1][1]).group()
    for _turn in range(5):
        second.submit(asked, "/verify/other-account/take-over", 422, code="1")
    assert "Five codes were wrong" in second.submit(asked, "/verify/other-account/take-over", 422, code=code).text
    assert person("newcomer").is_verified and not person("second").is_verified


def test_three_codes_a_day_and_only_the_newest_is_good(voted, visit, clock):
    _key, _first, second = voted
    askers = [second, *(visit(second_account(f"again{number}")) for number in range(3))]
    pages = []
    for number, browser in enumerate(askers[:3]):
        refusal = verify(browser, status=422)
        pages.append(browser.follow(browser.submit(refusal, "/verify/other-account/code")))
        assert len(mails_to("newcomer")) == number + 1
    codes = [re.search(r"\b\d{6}\b", body).group() for _subject, body in mails_to("newcomer")]
    assert "операторына дереу хабарлаңыз" in mails_to("newcomer")[-1][1], "how to say that it was not oneself"
    fourth = verify(askers[3], status=422)
    words = askers[3].post("/verify/other-account/code", 409, fourth).text
    assert "Three codes were sent" in words and len(mails_to("newcomer")) == 3
    for browser, page, code in zip(askers[:2], pages[:2], codes[:2], strict=True):
        refused = browser.submit(page, "/verify/other-account/take-over", 422, code=code)
        assert "is wrong" in refused.text, "a later code has replaced it"
        assert refused.form("/verify/other-account/code"), "it can be sent anew, once a day has passed"
    clock(MONDAY + timedelta(minutes=29))
    assert askers[3].post("/verify/other-account/code", 409, fourth).text == words
    askers[2].submit(pages[2], "/verify/other-account/take-over", code=codes[2])
    assert person("again1").is_verified


def test_nothing_is_taken_over_without_a_code_or_after_its_time(voted, clock):
    _key, _first, second = voted
    refusal = verify(second, status=422)
    second.post("/verify/other-account/take-over", 422, refusal, code="123456")  # none was sent
    asked = second.follow(second.submit(refusal, "/verify/other-account/code"))
    code = re.search(r"\b\d{6}\b", mails_to("newcomer")[-1][1]).group()
    clock(MONDAY + timedelta(minutes=30))
    second.submit(asked, "/verify/other-account/take-over", 303, code=code)
    assert second.get("/verify/other-account", 303).location == "/verify"
    assert person("newcomer").is_verified and not person("second").is_verified


def test_a_choice_belongs_to_the_account_that_it_was_given_to(voted, world, visit):
    _key, _first, second = voted
    verify(second, status=422)
    stranger = visit(world.moderator)
    assert stranger.get("/verify/other-account", 303).location == "/verify"
    stranger.post("/verify/other-account/take-over", 303, code="1")
    stranger.post("/verify/other-account/code", 409)
    assert person("newcomer").is_verified


def test_after_the_desk_the_person_decides_at_once(voted, world, visit):
    key, first, second = voted
    clerk = visit(world.moderator)
    told = at_the_desk(clerk, code_of(second), 422, iin=NEWCOMERS_IIN)
    assert "verified on another account" in told.text
    choice = second.follow(second.get("/verify")) if second.get("/verify").status == 303 else second.get("/verify")
    assert "You are verified on another account" in choice.text
    done = second.submit(second.get("/verify/other-account"), "/verify/other-account/take-over")
    assert done.status == 303 and person("second").is_verified and not person("newcomer").is_verified
    at_the_desk(clerk, code_of(first), 422, iin=NEWCOMERS_IIN)  # and back again
    first.submit(first.get("/verify/other-account"), "/verify/other-account/take-over")
    assert person("newcomer").is_verified and not person("second").is_verified
    assert count(Vote, Vote.voter_id == person("newcomer").id) == 1
    with unit_of_work():
        assert recount(MONDAY) == []


def test_who_left_and_comes_back_gets_the_votes_without_being_asked(voted, visit):
    key, _first, second = voted
    with unit_of_work():
        forget_person(locked(User, person("newcomer").id), MONDAY)
    verify(second)
    assert person("second").is_verified
    assert count(Vote, Vote.voter_id == person("second").id) == 1


def test_whose_account_was_closed_does_not_come_back_by_another_one(voted, world, visit):
    _key, _first, second = voted
    verify(second, status=422)
    with unit_of_work():
        close_account(locked(User, person("newcomer").id), MONDAY)
    assert "closed by the operator" in verify(second, status=422).text
    assert "closed by the operator" in at_the_desk(visit(world.moderator), code_of(second), 422, iin=NEWCOMERS_IIN).text
    assert not person("second").is_verified and person("newcomer").is_verified


# Moving home


def tallies(key):
    rollback()
    rows = db.session.scalars(select(Tally).where(Tally.proposal_id == key))
    places = {by_kato(kato).id: kato for kato in ("611000000", "612000000", "610000000", "000000000")}
    return {places.get(row.territory_id): row.supports for row in rows if row.supports}


def test_after_a_move_new_votes_count_in_the_new_place_and_old_ones_stay(app, world, visit, tmp_path):
    with unit_of_work():
        before = published(world, MONDAY - timedelta(days=1)).id
        later = propose(world.aigerim, MONDAY - timedelta(days=1), title="Саябаққа тағы орындық керек")
        publish(world.moderator, later, MONDAY - timedelta(days=1))
        after = later.id
    newcomer = visit(world.newcomer)
    verify(newcomer)
    newcomer.post(f"/proposals/{before}/vote", choice="support")
    path = tmp_path / "register.csv"
    path.write_text(f"iin,surname,kato\n{NEWCOMERS_IIN},Ким,612000000\n")
    tried = run(app, "import-register", path, "--dry-run")
    assert tried.out == "1 people would be in the register.\n1 verified accounts would have another home.\n"
    assert person("newcomer").home.kato == "611000000" and len(mails_to("newcomer")) == 0
    done = run(app, "import-register", path)
    assert done.out == "1 people are in the register.\n1 verified accounts have another home.\n"
    assert person("newcomer").home.kato == "612000000"
    newcomer.post(f"/proposals/{after}/vote", choice="support")
    assert tallies(before) == {"611000000": 1, "610000000": 1, "000000000": 1}
    assert tallies(after) == {"612000000": 1, "610000000": 1, "000000000": 1}
    newcomer.post(f"/proposals/{before}/vote", choice="oppose")  # turned where it was counted
    assert tallies(before) == {}
    with unit_of_work():
        assert recount(MONDAY) == []
    fact = newest_fact("resident:moved")
    assert (fact.public, fact.facts) == (False, {"provider": "register", "declared": False})
    assert len(mails_to("newcomer")) == 1
    page = newcomer.get("/my/home").text
    assert "Kentau" in page and "Turkistan" in page and "population register" in page
    assert run(app, "import-register", path).out == "1 people are in the register.\n"


def test_a_register_that_says_what_it_said_before_does_not_undo_a_move(app, world, visit, tmp_path):
    newcomer = visit(world.newcomer)
    verify(newcomer)
    at_the_desk(visit(world.region_moderator), code_of(newcomer), iin=NEWCOMERS_IIN, home="612000000")
    assert person("newcomer").home.kato == "612000000"
    path = tmp_path / "register.csv"
    path.write_text(f"iin,surname,kato\n{NEWCOMERS_IIN},Ким,611000000\n")
    run(app, "import-register", path)
    assert person("newcomer").home.kato == "612000000"


def test_looking_into_the_register_again_brings_the_new_home_of_the_same_person_only(world, visit):
    newcomer = visit(world.newcomer)
    verify(newcomer)
    with unit_of_work():
        entry = db.session.scalars(select(RegisterEntry)).one()
        entry.home_id = by_kato("750000000").id
    page = newcomer.get("/my/home")
    moved = newcomer.submit(page, "/my/home", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    assert moved.location == "/my/home" and "Almaty" in newcomer.follow(moved).text
    same = newcomer.submit(page, "/my/home", iin=NEWCOMERS_IIN, surname="Ким", agree="y")
    assert "Nothing had to be changed" in newcomer.follow(same).text
    refused = newcomer.submit(page, "/my/home", 422, iin=DINARA, surname="Ким", agree="y")
    assert "The register has no such person" in refused.text
    assert count(Residence, Residence.user_id == world.newcomer.id) == 2


def test_an_account_does_not_become_another_person_by_moving(world, visit):
    newcomer, clerk = visit(world.newcomer), visit(world.region_moderator)
    verify(newcomer)
    refused = at_the_desk(clerk, code_of(newcomer), 422, iin=DINARA, home="612000000")
    assert "verified as another person" in refused.text
    assert person("newcomer").home.kato == "611000000"


def test_a_declared_home_waits_as_the_nation_said_when_it_was_declared(signer, world, visit, clock):
    def let_begin(days, now):
        with unit_of_work():
            set_rules(nation(), "nation", replace(PRESETS["demo"]["nation"], home_days=days), now)

    let_begin(30, MONDAY - timedelta(days=1))
    newcomer = visit(world.newcomer)
    signer(newcomer, "611000000")
    assert "30 days" in newcomer.get("/my/home").text
    let_begin(400, MONDAY + timedelta(days=1))
    clock(MONDAY + timedelta(days=29))
    assert "once in 30 days" in signer(visit(world.newcomer), "750000000", 409).text
    clock(MONDAY + timedelta(days=30))
    signer(visit(world.newcomer), "750000000")
    assert person("newcomer").home.kato == "750000000"


def test_a_declared_home_changes_once_in_ninety_days(signer, world, visit, clock):
    newcomer = visit(world.newcomer)
    signer(newcomer, "611000000")
    rollback()
    assert db.session.scalars(select(Residence.is_declared)).all() == [True]
    clock(MONDAY + timedelta(days=89))
    newcomer = visit(world.newcomer)
    refused = signer(newcomer, "750000000", 409)
    assert "once in 90 days" in refused.text
    assert person("newcomer").home.kato == "611000000"
    clock(MONDAY + timedelta(days=90))
    newcomer = visit(world.newcomer)
    moved = newcomer.follow(signer(newcomer, "750000000"))
    assert "count in this place: Almaty" in moved.text
    assert person("newcomer").home.kato == "750000000"
    signer(newcomer, "750000000")  # the same again is no move
    assert count(Residence) == 2


def test_a_declaration_does_not_change_what_is_known_better(signer, app, world, visit):
    app.config["VERIFICATION"] = ["desk", "eds"]
    newcomer = visit(world.newcomer)
    at_the_desk(visit(world.moderator), code_of(newcomer))
    refused = signer(newcomer, "750000000", 409)
    assert "from a better source than a declaration" in refused.text
    assert person("newcomer").home.kato == "611000000"
    signer(newcomer, "611000000")
    assert count(Residence) == 1


def test_who_is_not_verified_has_no_home_to_move_from(world, visit):
    newcomer = visit(world.newcomer)
    assert newcomer.get("/my/home", 303).location == "/verify"
    assert newcomer.post("/my/home", 303, iin=DINARA, surname="Ким", agree="y").location == "/verify"


# What does not stay, and what does


def test_codes_and_nonces_are_forgotten_after_their_term(app, world, visit):
    code_of(visit(world.newcomer))
    assert count(Attempt) == 1
    assert forget_old_attempts(MONDAY + timedelta(minutes=9)) == 0
    run(app, "tick", "--at", (MONDAY + timedelta(minutes=10)).isoformat())
    assert count(Attempt) == 0


def test_somebody_who_begins_without_end_is_stopped(world, visit, clock):
    newcomer = visit(world.newcomer)
    page = newcomer.get("/verify/desk")
    for _turn in range(12):
        newcomer.submit(page, "/verify/desk", agree="y")
    assert "many times within the last hour" in newcomer.submit(page, "/verify/desk", 409, agree="y").text


def test_the_own_data_hold_the_homes_and_leaving_takes_them_away(world, visit):
    newcomer = visit(world.newcomer)
    verify(newcomer)
    code_of(newcomer)
    rollback()
    assert my_data(person("newcomer"))["homes"] == [
        {"kato": "611000000", "since": MONDAY.isoformat(), "by": "register", "declared": False}
    ]
    with unit_of_work():
        forget_person(locked(User, world.newcomer.id), MONDAY)
    assert count(Residence, Residence.user_id == world.newcomer.id) == count(Attempt) == 0


def test_no_number_and_no_code_stands_in_clear(app, world, visit, capfd):
    newcomer, clerk = visit(world.newcomer), visit(world.moderator)
    code = code_of(newcomer)
    at_the_desk(clerk, code, 422, iin="123456789012")
    at_the_desk(clerk, code)
    run(app, "tick")
    rollback()
    stored = " ".join(
        repr(tuple(row)) for table in db.metadata.sorted_tables for row in db.session.execute(table.select())
    )
    said = "".join(capfd.readouterr())
    for secret in (DINARA, code, code.replace("-", ""), "123456789012"):
        assert secret not in stored and secret not in said


def test_a_role_that_has_ended_verifies_nobody(world, visit, clock):
    with unit_of_work():
        helper = add_user("helper@test.example", MONDAY)
        give_role(helper, "moderator", by_kato("611000000"), MONDAY, until=MONDAY + timedelta(minutes=5))
    clerk, code = visit(person("helper")), code_of(visit(world.newcomer))
    clock(MONDAY + timedelta(minutes=5))
    clerk.post("/desk/residents", 403, code=code, iin=DINARA, home="611000000")
    assert not person("newcomer").is_verified
