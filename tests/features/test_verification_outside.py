"""OpenID Connect against a real provider on loopback: one person is verified once, and no forged answer is believed."""

import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sqlalchemy import func, select

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import NEWCOMERS_IIN, add_user, published
from tests.identity_provider import (
    CLIENT,
    KEY,
    SECRET,
    STRANGE_KEY,
    IdentityProvider,
    signed,
    signed_with_a_secret,
    unsigned,
)
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import User
from webapp.people.rules import check_digit
from webapp.proposals.models import Proposal
from webapp.verification.models import Attempt, OutsideSubject, Residence

DINARA = "90010140001" + str(check_digit("90010140001"))
KEYS_AS_SECRET = KEY.as_pem(private=False)


@pytest.fixture(scope="module")
def running():
    provider = IdentityProvider()
    yield provider
    provider.stop()


@pytest.fixture
def outside(running, app):
    """The provider, and the application that knows of it."""
    running.forget()
    running.moment = int(MONDAY.timestamp())
    app.config.update(running.settings())
    app.extensions.pop("oidc_metadata", None)
    return running


def person(email="newcomer@test.example"):
    rollback()
    return db.session.scalars(select(User).where(User.email == email)).one()


def facts(verb="resident:verified"):
    rollback()
    return db.session.scalar(select(func.count()).select_from(Fact).where(Fact.verb == verb))


def go_there(browser):
    """Agree, sign in at the provider, and come back: the address of the answer on this site."""
    left = browser.submit(browser.get("/verify/oidc"), "/verify/oidc", agree="y")
    back = requests.get(left.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return f"{parts.path}?{parts.query}"


def quickly(browser, token):
    """The same road without looking at each page: only the answer is returned."""
    left = browser._send("POST", "/verify/oidc", data={"csrf_token": token, "agree": "y"})
    back = requests.get(left.location, allow_redirects=False, timeout=5).headers["Location"]
    told = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    data = {"csrf_token": token, "home": "611000000"} | told
    return browser._send("POST", "/verify/oidc/answer", data=data)


def finish(browser, address, status=303, home="611000000"):
    return browser.submit(browser.get(address), "/verify/oidc/answer", status, home=home)


def test_somebody_who_signs_in_there_is_verified_here_and_their_vote_counts(outside, world, visit):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    outside.claims = {"iin": DINARA, "kato": "612000000", "email": world.aigerim.email}
    newcomer = visit(world.newcomer)
    newcomer.post(f"/proposals/{key}/vote", choice="support")
    assert "Your vote is kept" in newcomer.get("/verify/oidc").text
    done = finish(newcomer, go_there(newcomer))
    assert done.location == f"/proposals/{key}"
    verified = person()
    assert verified.is_verified and verified.home.kato == "612000000"  # what the provider says, not what was chosen
    assert db.session.get(Proposal, key).supports == 1
    row = db.session.scalars(select(Residence)).one()
    assert (row.provider, row.is_declared) == ("oidc", False)
    assert person("aigerim@test.example").person_key != verified.person_key  # the e-mail means nothing


def test_what_leaves_this_site_is_only_what_the_protocol_needs(outside, world, visit):
    newcomer = visit(world.newcomer)
    page = newcomer.get("/verify/oidc?next=/proposals/7")
    assert f"form-action 'self' {outside.url};" in page.response.headers["Content-Security-Policy"]
    left = newcomer.submit(page, "/verify/oidc", agree="y")
    parts = urlsplit(left.location)
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert set(asked) == {
        *("response_type", "client_id", "redirect_uri", "scope", "state", "nonce", "code_challenge"),
        "code_challenge_method",
    }
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/verify/oidc/answer"
    assert asked["code_challenge_method"] == "S256" and asked["scope"] == "openid"
    known = (world.newcomer.email, "proposals", SECRET, "next")
    assert [word for word in known if word in left.location] == []
    stored = repr([vars(row) for row in db.session.scalars(select(Attempt))])
    assert [asked[name] for name in ("state", "nonce", "code_challenge") if asked[name] in stored] == []


def test_only_the_one_page_allows_its_form_to_lead_there(outside, world, visit):
    newcomer = visit(world.newcomer)
    for path in ("/verify", "/verify/desk", "/my", "/"):
        assert outside.url not in newcomer.get(path).response.headers["Content-Security-Policy"], path


def test_opening_the_answer_changes_nothing(outside, world, visit):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    address = go_there(newcomer)
    for _turn in range(3):
        newcomer.get(address)
    assert outside.exchanges == 0 and not person().is_verified
    finish(newcomer, address)
    assert person().is_verified


def test_the_register_knows_the_home_better_than_the_person(outside, world, visit):
    outside.claims = {"iin": NEWCOMERS_IIN}
    newcomer = visit(world.newcomer)
    finish(newcomer, go_there(newcomer), home="750000000")
    assert person().home.kato == "611000000"


def test_a_home_that_nobody_else_knows_is_noted_as_declared(outside, world, visit):
    outside.claims = {"iin": DINARA, "kato": "999999999"}
    newcomer = visit(world.newcomer)
    finish(newcomer, go_there(newcomer), home="750000000")
    rollback()
    row = db.session.scalars(select(Residence)).one()
    assert (row.home.kato, row.is_declared) == ("750000000", True)
    assert "as you said yourself" in newcomer.get("/my/home").text


def test_without_a_home_the_answer_is_not_used_up(outside, world, visit):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    address = go_there(newcomer)
    for home in ("", "999999999", "x" * 300):
        assert "Choose the place where you live" in finish(newcomer, address, 422, home=home).text
    assert outside.exchanges == 0
    finish(newcomer, address)
    assert person().is_verified


SPOILT = {
    "another issuer": lambda c: signed(c | {"iss": "https://idp.example"}),
    "another audience": lambda c: signed(c | {"aud": "another-site"}),
    "an audience beside ours, and another party": lambda c: signed(c | {"aud": [CLIENT, "x"], "azp": "x"}),
    "no audience": lambda c: signed({k: v for k, v in c.items() if k != "aud"}),
    "another nonce": lambda c: signed(c | {"nonce": "0" * 64}),
    "no nonce": lambda c: signed({k: v for k, v in c.items() if k != "nonce"}),
    "too old": lambda c: signed(c | {"iat": c["iat"] - 900, "exp": c["exp"] - 600}),
    "from the future": lambda c: signed(c | {"iat": c["iat"] + 900, "exp": c["exp"] + 900}),
    "without an end": lambda c: signed({k: v for k, v in c.items() if k != "exp"}),
    "without a subject": lambda c: signed({k: v for k, v in c.items() if k != "sub"}),
    "an empty subject": lambda c: signed(c | {"sub": ""}),
    "signed by nobody": unsigned,
    "signed by nobody, said otherwise": lambda c: unsigned(c, "RS256"),
    "signed by nobody, in capitals": lambda c: unsigned(c, "NONE"),
    "signed with the public key as a secret": lambda c: signed_with_a_secret(c, KEYS_AS_SECRET),
    "signed with the secret of the client": lambda c: signed_with_a_secret(c, SECRET.encode()),
    "signed with a strange key": lambda c: signed(c, STRANGE_KEY),
    "signed with an unknown key": lambda c: signed(c, STRANGE_KEY, kid="two"),
    "bringing its own key": lambda c: signed(c, STRANGE_KEY, jwk=STRANGE_KEY.as_dict(private=False)),
    "changed after signing": lambda c: _changed(signed(c), unsigned(c | {"iin": NEWCOMERS_IIN})),
    "cut short": lambda c: signed(c).rpartition(".")[0],
    "nonsense": lambda c: "nonsense",
    "a number": lambda c: 7,
    "nothing": lambda c: None,
}


def _changed(good, other):
    head, _body, signature = good.split(".")
    return f"{head}.{other.split('.')[1]}.{signature}"


def test_forged_and_careless_statements_are_refused(outside, world, visit, clock):
    newcomer = visit(world.newcomer)
    token = newcomer.get("/verify/oidc").form("/verify/oidc")["csrf_token"]
    for number, (how, spoil) in enumerate(SPOILT.items()):
        moment = MONDAY + timedelta(minutes=11 * number)
        clock(moment)
        outside.moment, outside.claims, outside.statement = int(moment.timestamp()), {"iin": DINARA}, spoil
        refusal = quickly(newcomer, token)
        assert refusal.status == 422 and "The answer of eGov cannot be accepted" in refusal.html, how
        assert outside.exchanges == number + 1, how
        assert not person().is_verified and facts() == 0, how
    outside.statement = signed
    finish(newcomer, go_there(newcomer))
    assert person().is_verified  # the same road, when nothing is spoilt


def test_without_a_valid_iin_nobody_is_verified(outside, world, visit):
    wrong = DINARA[:11] + str((int(DINARA[11]) + 1) % 10)
    newcomer = visit(world.newcomer)
    token = newcomer.get("/verify/oidc").form("/verify/oidc")["csrf_token"]
    for iin in (None, "", "12", wrong, [DINARA], int(DINARA[:11]), {"iin": DINARA}):
        outside.claims = {"iin": iin}
        refusal = quickly(newcomer, token)
        assert refusal.status == 422 and "eGov did not tell us a valid IIN" in refusal.html, iin
        assert DINARA not in refusal.html
        assert not person().is_verified and facts() == 0


def test_a_code_that_was_issued_for_another_attempt_is_worth_nothing(outside, world, visit):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    first, second = go_there(newcomer), None
    code = parse_qs(urlsplit(first).query)["code"][0]
    second = go_there(newcomer)
    page = newcomer.get(second)
    refusal = newcomer.submit(page, "/verify/oidc/answer", 422, code=code, home="611000000")  # PKCE does not fit
    assert "cannot be accepted" in refusal.text
    assert not person().is_verified


def test_another_state_is_refused(outside, world, visit):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    page = newcomer.get(go_there(newcomer))
    for state in ("", "0" * 64, "x"):
        refusal = newcomer.submit(page, "/verify/oidc/answer", 409, state=state, home="611000000")
        assert "belongs to another account" in refusal.text
    assert outside.exchanges == 0 and not person().is_verified


def test_the_answer_of_one_account_is_worth_nothing_on_another(outside, world, visit):
    """Somebody who lets a victim send the attacker's answer would tie the victim's account to themselves."""
    outside.claims = {"iin": DINARA}
    address = go_there(visit(world.newcomer))
    with unit_of_work():
        add_user("victim@test.example", MONDAY)
    victim = visit(person("victim@test.example"))
    assert "belongs to another account" in finish(victim, address, 409).text
    assert not person("victim@test.example").is_verified and outside.exchanges == 0


def test_the_same_answer_twice_and_too_late(outside, world, visit, clock):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    address = go_there(newcomer)
    page = newcomer.get(address)
    clock(MONDAY + timedelta(minutes=10))
    assert "is too old" in newcomer.submit(page, "/verify/oidc/answer", 409, home="611000000").text
    clock(MONDAY + timedelta(minutes=20))
    outside.moment += 1200
    address = go_there(newcomer)
    finish(newcomer, address)
    assert "was used already" in finish(newcomer, address, 409).text
    assert facts() == 1 and outside.exchanges == 1


def test_an_answer_in_the_name_of_another_issuer_is_refused(outside, world, visit):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    page = newcomer.get(go_there(newcomer))
    newcomer.submit(page, "/verify/oidc/answer", 422, iss="https://other.example", home="611000000")
    assert outside.exchanges == 0 and not person().is_verified


def test_of_five_answers_at_one_moment_one_verifies(outside, app, world, visit):
    outside.claims = {"iin": DINARA}
    browsers = [visit(world.newcomer) for _turn in range(5)]
    address = go_there(browsers[0])
    pages = [browser.get(address) for browser in browsers]
    rollback()
    statuses, ready = [], threading.Barrier(5)

    def send(browser, page):
        data = page.form("/verify/oidc/answer") | {"home": "611000000"}
        ready.wait()
        statuses.append(browser._send("POST", "/verify/oidc/answer", data=data).status)

    threads = [threading.Thread(target=send, args=pair) for pair in zip(browsers, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 409, 409, 409, 409]
    assert facts() == 1 and outside.exchanges == 1 and person().is_verified


def test_somebody_who_comes_back_without_a_code_is_told(outside, world, visit):
    newcomer = visit(world.newcomer)
    for query in ("error=access_denied&state=x", "", "code=1", "state=1", "error=%3Cb%3E"):
        page = newcomer.get(f"/verify/oidc/answer?{query}", 422)
        assert "eGov has not confirmed who you are" in page.text
        page.form("/verify/oidc")  # and can begin again


def test_a_sign_in_that_has_shown_one_person_does_not_show_another(outside, world, visit):
    outside.claims = {"iin": DINARA}
    newcomer = visit(world.newcomer)
    finish(newcomer, go_there(newcomer))
    with unit_of_work():
        add_user("second@test.example", MONDAY)
    second = visit(person("second@test.example"))
    outside.claims = {"iin": NEWCOMERS_IIN}
    assert "another person" in finish(second, go_there(second), 409).text
    assert not person("second@test.example").is_verified
    outside.claims = {"iin": NEWCOMERS_IIN, "sub": "person-8"}
    finish(second, go_there(second))
    assert person("second@test.example").is_verified
    assert db.session.scalar(select(func.count()).select_from(OutsideSubject)) == 2


def test_where_the_provider_is_silent_the_person_is_told_and_nothing_is_lost(app, world, visit):
    provider = IdentityProvider()
    app.config.update(provider.settings())
    provider.moment, provider.claims = int(MONDAY.timestamp()), {"iin": DINARA}
    newcomer = visit(world.newcomer)
    address = go_there(newcomer)
    page = newcomer.get(address)
    provider.stop()
    refusal = newcomer.submit(page, "/verify/oidc/answer", 503, home="611000000")
    assert "eGov does not answer at the moment. Nothing is lost" in refusal.text
    app.extensions.pop("oidc_metadata", None)
    assert "eGov does not answer" in newcomer.get("/verify/oidc", 503).text
    assert "eGov does not answer" in newcomer.post("/verify/oidc", 503, agree="y").text
    assert not person().is_verified


def test_a_document_of_another_provider_is_not_believed(outside, world, visit):
    good, newcomer = outside.app.view_functions["configuration"], visit(world.newcomer)
    try:
        for document in (
            {"issuer": "https://other.example"},
            {"authorization_endpoint": "http://idp.example/a"},
            {"authorization_endpoint": "https://idp.example;script-src *;/a"},
            {"authorization_endpoint": "https://me@idp.example/a"},
            {"jwks_uri": None},
            {"token_endpoint": "javascript:alert(1)"},
        ):
            outside.app.view_functions["configuration"] = lambda said=document: good().get_json() | said
            assert "eGov does not answer" in newcomer.get("/verify/oidc", 503).text
    finally:
        outside.app.view_functions["configuration"] = good


def test_nobody_leaves_without_agreeing(outside, world, visit):
    newcomer = visit(world.newcomer)
    refusal = newcomer.submit(newcomer.get("/verify/oidc"), "/verify/oidc", 422)
    assert "Without your agreement" in refusal.text
    assert outside.url in refusal.response.headers["Content-Security-Policy"]  # the form is sent from here again


def test_where_it_is_switched_off_there_is_no_such_page(world, visit):
    newcomer = visit(world.newcomer)
    for path in ("/verify/oidc", "/verify/oidc/answer?code=1&state=1", "/verify/eds"):
        newcomer.get(path, 404)
    newcomer.post("/verify/oidc", 404, agree="y")
    assert "/verify/oidc" not in newcomer.get("/verify").html


def test_what_it_needs_is_asked_for_at_the_start(running, tmp_path):
    from webapp.config import SettingError

    settings = running.settings()
    assert make_app(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path, **settings)
    for change in (
        {"OIDC_ISSUER": ""},
        {"OIDC_ISSUER": "http://idp.example"},
        {"OIDC_ISSUER": "https://idp.example?x"},
        {"OIDC_CLIENT_ID": ""},
        {"OIDC_CLIENT_SECRET": ""},
        {"OIDC_NAME": ""},
        {"OIDC_SCOPE": "profile"},
        {"VERIFICATION": ["oidc", "telepathy"]},
        {"VERIFICATION_TIMEOUT": 0},
    ):
        (name,) = change
        with pytest.raises(SettingError, match=name):
            make_app(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path, **settings | change)


def test_it_works_in_the_browser_of_a_stranger_only_after_signing_in(outside, app):
    stranger = Visitor(app)
    assert stranger.get("/verify/oidc", 303).location.startswith("/sign-in")
    assert stranger.get("/verify/oidc/answer?code=1&state=2", 303).location.startswith("/sign-in")
