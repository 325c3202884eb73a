"""The electronic digital signature: a text made for one account, signed with a person's own key, checked by a sidecar."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import NEWCOMERS_IIN, add_user, published
from tests.signing import EMPLOYEE, PERSON, FakeVerifier, Sidecar, key_of, pasted
from webapp.journal.models import Fact
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.people.models import User
from webapp.people.rules import check_digit
from webapp.proposals.models import Proposal
from webapp.verification.attempts import reference_of
from webapp.verification.models import Attempt
from webapp.verification.providers.ncanode import Ncanode
from webapp.verification.providers.port import Unavailable
from webapp.verification.rules import SignedBy

DINARA = "90010140001" + str(check_digit("90010140001"))
SETTINGS = {"VERIFICATION": ["eds"], "VERIFICATION_TIMEOUT": 1, "PUBLIC_URL": "https://saty.example.kz"}


@pytest.fixture(scope="module")
def running():
    beside = Sidecar(MONDAY)
    yield beside
    beside.stop()


@pytest.fixture
def sidecar(running, app):
    running.at, running.mood, running.asked = MONDAY, "", []
    app.config.update(SETTINGS, EDS_VERIFIER_URL=running.url)
    return running


@pytest.fixture
def fake(app):
    """A verifier that finds every signature good."""
    good = SignedBy(
        DINARA, "", "КИМ", "ТИМУР", "SIGN", ("INDIVIDUAL",), MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
    )
    app.config.update(SETTINGS, EDS_VERIFIER_URL="http://127.0.0.1:9")
    app.extensions["signature_verifier"] = FakeVerifier(good)
    return app.extensions["signature_verifier"]


def person(email="newcomer@test.example"):
    rollback()
    return db.session.scalars(select(User).where(User.email == email)).one()


def facts():
    rollback()
    return db.session.scalar(select(func.count()).select_from(Fact).where(Fact.verb == "resident:verified"))


def take_text(browser):
    """Agree and download the text, byte for byte."""
    browser.submit(browser.get("/verify/eds"), "/verify/eds", agree="y")
    return browser._send("GET", "/verify/eds/saty.txt").response.get_data()


def send(browser, signature, status=303, home="750000000"):
    page = browser.get("/verify/eds")
    return browser.submit(page, "/verify/eds/signature", status, cms=signature, home=home)


def quickly(browser):
    """Sends signatures without looking at each page: only the answer is returned."""
    token = browser.get("/verify/eds").form("/verify/eds/signature")["csrf_token"]

    def post(signature):
        data = {"csrf_token": token, "cms": signature, "home": "611000000"}
        return browser._send("POST", "/verify/eds/signature", data=data)

    return post


def test_somebody_who_signs_is_verified_and_their_vote_counts(sidecar, world, visit):
    with unit_of_work():
        key = published(world, MONDAY - timedelta(days=1)).id
    newcomer = visit(world.newcomer)
    newcomer.post(f"/proposals/{key}/vote", choice="support")
    text = take_text(newcomer)
    assert text.decode() in newcomer.get("/verify/eds").find("pre")[0].text
    done = send(newcomer, pasted(key_of(NEWCOMERS_IIN, MONDAY).sign(text)))
    assert done.location == f"/proposals/{key}"
    assert person().is_verified and person().home.kato == "611000000"  # the register knows
    assert db.session.get(Proposal, key).supports == 1
    (path, question), *more = sidecar.asked
    assert path == "/cms/verify" and set(question) == {"cms", "data", "revocationCheck"} and not more
    assert question["revocationCheck"] == ["OCSP", "CRL"]


def test_the_text_names_purpose_site_account_and_term_and_nothing_else(sidecar, world, visit):
    newcomer = visit(world.newcomer)
    lines = take_text(newcomer).decode().split("\n")
    assert [line.partition(": ")[0] for line in lines] == [
        "Saty",
        "purpose",
        "site",
        "account",
        "nonce",
        "valid until",
        "",
    ]
    assert lines[1:4] == [
        "purpose: resident-verification",
        "site: https://saty.example.kz",
        f"account: {reference_of(world.newcomer.id)}",
    ]
    assert lines[5] == "valid until: 2026-11-23T05:10:00Z"
    assert len(lines[4]) == len("nonce: ") + 64
    assert take_text(newcomer) != "\n".join(lines).encode()  # another one each time
    rollback()
    assert lines[4][7:] not in repr([vars(row) for row in db.session.scalars(select(Attempt))])


@pytest.mark.parametrize("how", ["armoured", "one line", "a file of text", "a file of bytes", "with the text inside"])
def test_a_signature_is_taken_as_programs_give_it(sidecar, world, visit, how):
    newcomer = visit(world.newcomer)
    signature = key_of(DINARA, MONDAY).sign(take_text(newcomer), detached=how != "with the text inside")
    text = pasted(signature)
    page = newcomer.get("/verify/eds")
    data = page.form("/verify/eds/signature") | {"home": "611000000"}
    if how == "armoured":
        data["cms"] = f"-----BEGIN CMS-----\r\n{text}-----END CMS-----\r\n"
    elif how == "one line":
        data["cms"] = text.replace("\n", "")
    elif how.startswith("a file"):
        data["file"] = (io.BytesIO(signature if how.endswith("bytes") else text.encode()), "saty.txt.cms")
    else:
        data["cms"] = text
    answer = newcomer._send("POST", "/verify/eds/signature", data=data, content_type="multipart/form-data")
    assert answer.status == 303
    assert person().is_verified


def test_what_is_not_a_good_signature_of_this_text_is_refused_and_the_text_stays_good(sidecar, world, visit):
    newcomer = visit(world.newcomer)
    text = take_text(newcomer)
    good = key_of(DINARA, MONDAY)
    other = text.replace(b"resident-verification", b"a loan of 500 000 tenge")
    foreign = good.sign(other)  # signed once: a signature bears its second
    broken = bytearray(good.sign(text))
    broken[-5] ^= 1
    refused = {
        "another text": (foreign, "The signature is not good"),
        "another text inside": (good.sign(other, detached=False), "This is the signature of another text"),
        "one byte less": (good.sign(text[:-1], detached=False), "This is the signature of another text"),
        "changed": (bytes(broken), "The signature is not good"),
        "a false authority": (
            key_of(DINARA, MONDAY, authority=rsa.generate_private_key(65537, 2048)).sign(text),
            "The signature is not good",
        ),
        "a key of an employee": (
            key_of(DINARA, MONDAY, kinds=(EMPLOYEE,), bin="150240000016").sign(text),
            "This is the key of an organisation",
        ),
        "a person's key with a BIN": (
            key_of(DINARA, MONDAY, bin="150240000016").sign(text),
            "This is the key of an organisation",
        ),
        "a key for signing in": (key_of(DINARA, MONDAY, usage="AUTH").sign(text), "This key is for signing in"),
        "a key without a kind": (key_of(DINARA, MONDAY, kinds=("1.2.398.3.3.4.1.2",)).sign(text), "an organisation"),
        "out of date": (key_of(DINARA, MONDAY - timedelta(days=400)).sign(text), "The signature is not good"),
        "no IIN": (key_of("", MONDAY).sign(text), "This is not an IIN"),
        "a wrong IIN": (key_of(DINARA[:11] + "x", MONDAY).sign(text), "This is not an IIN"),
    }
    kept = send(newcomer, pasted(foreign), 422).form("/verify/eds/signature")["cms"]
    assert kept.strip() == pasted(foreign).strip()
    post = quickly(newcomer)
    for how, (signature, sentence) in refused.items():
        answer = post(pasted(signature))
        assert answer.status == 422 and sentence in answer.html, how
        assert not person().is_verified, how
    asked = len(sidecar.asked)
    for nonsense in (
        "",
        "nonsense",
        "=",
        "QUJD",
        pasted(text),
        "MIIB" * 10,
        "x" * 190_000,
        "\x0b\x1b",
        "QUJD" * 48_000,
    ):
        assert post(nonsense).status == 422, nonsense[:20]
    assert len(sidecar.asked) == asked  # what is no signature is not sent on
    send(newcomer, pasted(good.sign(text)))
    assert person().is_verified


def test_a_text_works_once_for_its_account_and_for_ten_minutes(sidecar, world, visit, clock):
    newcomer = visit(world.newcomer)
    key = key_of(DINARA, MONDAY)
    early = key.sign(take_text(newcomer))
    newer = take_text(newcomer)
    assert "The signature is not good" in send(newcomer, pasted(early), 422).text  # the newer text took its place
    with unit_of_work():
        add_user("second@test.example", MONDAY)
    second = visit(person("second@test.example"))
    take_text(second)
    assert "The signature is not good" in send(second, pasted(key.sign(newer)), 422).text
    page = newcomer.get("/verify/eds")
    clock(MONDAY + timedelta(minutes=10))
    late = newcomer.submit(page, "/verify/eds/signature", 422, cms=pasted(key.sign(newer)), home="611000000")
    assert "valid for ten minutes" in late.text
    assert newcomer.get("/verify/eds/saty.txt", 303).location == "/verify/eds"
    assert facts() == 0
    fresh = pasted(key.sign(take_text(newcomer)))
    page = newcomer.get("/verify/eds")
    for _turn in range(2):  # a double click
        newcomer.submit(page, "/verify/eds/signature", cms=fresh, home="611000000")
    assert facts() == 1 and person().is_verified


def test_the_home_is_asked_for_before_the_signature_is_used(fake, world, visit):
    newcomer = visit(world.newcomer)
    signature = pasted(key_of(DINARA, MONDAY).sign(take_text(newcomer)))
    assert "Choose the place where you live" in send(newcomer, signature, 422, home="").text
    assert fake.seen == []
    send(newcomer, signature)
    assert fake.seen and person().home.kato == "750000000"


def test_what_the_verifier_says_about_the_key_decides(fake, world, visit):
    newcomer, good = visit(world.newcomer), fake.signed_by
    signature = pasted(key_of(DINARA, MONDAY).sign(take_text(newcomer)))
    post = quickly(newcomer)
    for change, sentence in (
        ({"key_usage": "UNKNOWN"}, "This key is for signing in"),
        ({"key_users": ("CEO",)}, "the key of an organisation"),
        ({"not_after": MONDAY - timedelta(seconds=1)}, "not valid today"),
        ({"iin": "150240000016"}, "This is not an IIN"),
    ):
        fake.signed_by = good._replace(**change)
        assert sentence in post(signature).html, change
        assert not person().is_verified, change


MOODS = [
    *("500", "503", "404", "redirect", "hang", "drip", "huge"),
    *("garbage", "[]", "null", '{"valid": true}', "[" * 90_000),
    '{"valid": true, "signers": [{"certificates": []}]}',
    '{"valid": true, "signers": [{"certificates": [{"valid": true}]}]}',
    '{"valid": true, "signers": [{"certificates": [{"valid": true, "subject": 7}]}]}',
]


def test_a_sidecar_in_a_bad_mood_costs_nothing_but_patience(sidecar, world, visit):
    newcomer = visit(world.newcomer)
    signature = pasted(key_of(DINARA, MONDAY).sign(take_text(newcomer)))
    post = quickly(newcomer)
    for mood in MOODS:
        sidecar.mood = mood
        answer = post(signature)
        assert answer.status == 503, (mood[:40], answer.status)
        assert "Signatures cannot be checked at the moment. Nothing is lost" in answer.html
        assert not person().is_verified
    sidecar.mood = ""
    assert post(signature).status == 303
    assert person().is_verified


def test_a_sidecar_that_is_not_there(sidecar, app, world, visit):
    app.config["EDS_VERIFIER_URL"] = "http://127.0.0.1:9"
    newcomer = visit(world.newcomer)
    assert "Nothing is lost" in send(newcomer, pasted(key_of(DINARA, MONDAY).sign(take_text(newcomer))), 503).text


def test_the_adapter_reads_the_answer_as_the_sidecar_writes_it(sidecar, app):
    text = b"a text\n"
    found = Ncanode(sidecar.url, 2).verify(key_of(DINARA, MONDAY).sign(text), text)
    assert found == SignedBy(
        *(DINARA, "", "КИМ", "КИМ ТИМУР", "SIGN", ("INDIVIDUAL",)),
        datetime(2026, 10, 24, 5, tzinfo=UTC),
        datetime(2027, 9, 19, 5, tzinfo=UTC),
    )
    assert Ncanode(sidecar.url, 2).verify(key_of(DINARA, MONDAY, kinds=(PERSON, EMPLOYEE)).sign(text), text).key_users
    for mood, revoked in (("revocations", True), ("revokedBy", True), ("revocations", False)):
        states = f'"{mood}": [{{"revoked": {str(revoked).lower()}, "by": "OCSP"}}]'
        about = '"keyUsage": "SIGN", "notBefore": "2026-01-01T00:00:00Z", "notAfter": 1900000000000, "subject": {}'
        sidecar.mood = f'{{"valid": true, "signers": [{{"certificates": [{{"valid": true, {states}, {about}}}]}}]}}'
        assert (Ncanode(sidecar.url, 2).verify(b"x", text) is None) is revoked
    for states in (
        '"revocations": []',
        '"revocations": null',
        '"revokedBy": []',
        '"nothing": 1',
        '"revocations": [{"revoked": null, "by": "OCSP"}]',
        '"revocations": [{"by": "CRL"}]',
        '"revocations": [{"revoked": false, "by": "a friend"}]',
        '"revocations": [{"revoked": false}]',
        '"revocations": [{"revoked": false, "by": "OCSP"}, {"revoked": true, "by": "CRL"}]',
    ):
        sidecar.mood = f'{{"valid": true, "signers": [{{"certificates": [{{"valid": true, {states}, {about}}}]}}]}}'
        assert Ncanode(sidecar.url, 2).verify(b"x", text) is None, states
    sidecar.mood = "400"
    assert Ncanode(sidecar.url, 2).verify(b"x", text) is None
    for not_good in (
        '{"valid": "yes", "signers": [{}]}',
        '{"valid": true, "signers": []}',
        '{"valid": true, "signers": [{}, {}]}',
    ):
        sidecar.mood = not_good  # by nobody, by two
        assert Ncanode(sidecar.url, 2).verify(b"x", text) is None
    sidecar.mood = "500"
    with pytest.raises(Unavailable):
        Ncanode(sidecar.url, 2).verify(b"x", text)


def test_without_the_address_of_a_verifier_nothing_starts(tmp_path):
    from tests.conftest import make_app
    from webapp.config import SettingError

    for address in ("", "ftp://x", "verifier", "http://"):
        with pytest.raises(SettingError, match="EDS_VERIFIER_URL"):
            make_app(f"sqlite:///{tmp_path / 'x.sqlite3'}", tmp_path, VERIFICATION=["eds"], EDS_VERIFIER_URL=address)
