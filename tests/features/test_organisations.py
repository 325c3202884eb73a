"""Organisations: registered once, verified by a neighbour's akimat and nobody else, spoken for by their members."""

import re
from datetime import date, timedelta

import pytest
from sqlalchemy import event, select

from tests.conftest import MONDAY
from tests.factories import add_user, published
from webapp.account.services import forget_person
from webapp.journal.models import Fact
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.errors import DomainError
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message
from webapp.organisations import decisions, members, services
from webapp.organisations.models import Invitation
from webapp.organisations.services import Application
from webapp.people.models import Membership, Organisation, User
from webapp.people.services import close_account
from webapp.proposals.models import Draft, Proposal
from webapp.territories.services import by_kato
from webapp.voting.models import OrganisationVote

#: What the other database could do otherwise: conflicts, locks, dates, order.
both_databases = (
    "registers_an_organisation_and_owns",
    "registered_once",
    "at_one_moment",
    "two_moderators",
    "silence_of_the_akimat",
    "works_once",
    "ends_with_the_mandate",
    "one_vote",
    "is_accredited",
    "reminded_once",
    "filtered",
    "machines",
)
BIN, OTHER_BIN = "000140000121", "240660007770"
FIELDS = {
    "bin": BIN,
    "kind": "business_association",
    "name": "Түркістан кәсіпкерлері",
    "home": "611000000",
    "letter_number": "12-05/7",
    "letter_on": "2026-11-20",
}
DAY = timedelta(days=1)


def organisation(number=BIN):
    rollback()
    return db.session.scalars(select(Organisation).where(Organisation.bin == number)).one()


def facts(verb):
    rollback()
    return list(db.session.scalars(select(Fact).where(Fact.verb == verb).order_by(Fact.id)))


def mails(email):
    rollback()
    rows = db.session.scalars(select(Message).where(Message.to == email).order_by(Message.id))
    return [f"{row.subject}\n{row.body}" for row in rows]


def register(browser, status=303, **changes):
    page = browser.get("/organisations/new")
    return browser.submit(page, "/organisations/new", status, **(FIELDS | changes))


def crew(key):
    """Who speaks for it, and as what."""
    rollback()
    return {member.user_id: member.role for member in members.members_of(key)}


def apply_for(actor, at=MONDAY, number=BIN, kind="business_association", kato="611000000"):
    said = Application(number, kind, "Түркістан кәсіпкерлері", by_kato(kato), "12-05/7", date(2026, 11, 20))
    return services.register(actor, said, at)


@pytest.fixture
def waiting(world):
    """Айгерім registered an association in Turkistan."""
    with unit_of_work():
        return apply_for(world.aigerim).id


@pytest.fixture
def verified(world, waiting):
    with unit_of_work():
        found = db.session.get(Organisation, waiting)
        decisions.verify(world.moderator, found, decisions.sent_mark(found), MONDAY)
    return waiting


# Registration


def test_a_person_registers_an_organisation_and_owns_it(world, visit):
    browser = visit(world.aigerim)
    answer = register(browser)
    found = organisation()
    assert answer.location == f"/organisations/{found.id}"
    assert found.verified_at is None and found.letter_number == "12-05/7"
    assert found.verify_due_at == MONDAY.replace(hour=18, minute=59, second=59) + 2 * DAY  # the end of Wednesday
    assert crew(found.id) == {world.aigerim.id: "owner"}
    page = browser.get(answer.location)
    assert "Waiting for verification" in page.text and "25 November 2026" in page.text
    assert "Түркістан кәсіпкерлері" in browser.get("/my").text
    fact = facts("organisation:registered")[0]
    assert (fact.public, fact.acting_for_id, fact.territory_id) == (False, found.id, found.home_id)


def test_a_stranger_is_led_to_the_door_and_an_unconfirmed_one_to_the_code(world, visit):
    assert visit().get("/organisations/new", 303).location.startswith("/sign-in")
    with unit_of_work():
        db.session.get(User, world.newcomer.id).email_confirmed_at = None
    browser = visit(world.newcomer)
    assert browser.get("/organisations/new", 303).location.startswith("/confirm")
    assert "Confirm your e-mail first" in browser.post("/organisations/new", 403, **FIELDS).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bin": "000140000122"}, "This is not a BIN"),
        ({"bin": "851231399996"}, "This is not a BIN"),
        ({"bin": ""}, "Write the BIN"),
        ({"kind": "party"}, "Choose what kind"),
        ({"kind": ""}, "Choose what kind"),
        ({"name": " \t"}, "Write the name"),
        ({"home": "000000000"}, "Choose the city, district or region"),
        ({"home": "999999999"}, "Choose the city, district or region"),
        ({"letter_number": ""}, "Write the number of the letter"),
        ({"letter_on": "2026-11-24"}, "later than today"),
        ({"letter_on": "2025-11-01"}, "older than 365 days"),
        ({"letter_on": "tomorrow"}, "Write the date as year-month-day"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(world, visit, changes, sentence):
    answer = register(visit(world.aigerim), 422, **changes)
    assert sentence in answer.text
    if "name" not in changes:
        assert "Түркістан кәсіпкерлері" in answer.html
    rollback()
    assert db.session.scalar(select(Organisation.id).where(Organisation.name == FIELDS["name"])) is None


def test_a_bin_is_registered_once_and_the_way_out_is_said(world, visit):
    register(visit(world.aigerim))
    answer = register(visit(world.bolat), 422, name="Басқа атау")
    assert "registered already. Ask its owner to invite you by e-mail" in answer.text
    assert "Басқа атау" in answer.html
    assert "You have registered this organisation already" in register(visit(world.aigerim), 422).text
    assert organisation().name == FIELDS["name"]


def test_two_at_one_moment_are_one_organisation(world, monkeypatch):
    with unit_of_work():
        apply_for(world.aigerim)
    monkeypatch.setattr(services, "_with_bin", lambda _number: None)  # both have looked before either has written
    with pytest.raises(DomainError, match="registered already"), unit_of_work():
        apply_for(db.session.get(User, world.bolat.id))
    assert organisation().name == FIELDS["name"]


def test_a_region_can_be_home_and_the_region_verifies(world, visit):
    register(visit(world.aigerim), home="610000000")
    found = organisation()
    visit(world.moderator).get(f"/desk/organisations/{found.id}", 403)
    visit(world.region_moderator).get(f"/desk/organisations/{found.id}")


def test_nobody_sees_what_is_not_verified(world, visit, waiting):
    for browser in (visit(), visit(world.bolat), visit(world.almaty_moderator)):
        browser.get(f"/organisations/{waiting}", 404)
    visit(world.moderator).get(f"/organisations/{waiting}")
    for address in ("/organisations", "/organisations.json", "/organisations.csv"):
        assert FIELDS["name"] not in visit()._send("GET", address).html


# Verification


def test_the_moderator_of_the_home_verifies_and_the_owner_is_told(world, visit, waiting):
    browser = visit(world.moderator)
    assert "Organisations to verify" in browser.get("/desk").text
    page = browser.get(f"/desk/organisations/{waiting}")
    assert BIN in page.text and "№ 12-05/7 of 20 November 2026" in page.text
    browser.submit(page, f"/desk/organisations/{waiting}/verification")
    found = organisation()
    assert found.verified_at == MONDAY and found.verify_due_at is None
    assert any(f"/organisations/{waiting}" in mail for mail in mails(world.aigerim.email))
    fact = facts("organisation:verified")[-1]
    assert fact.public and fact.subject_id == waiting and fact.territory_id == found.home_id
    assert not {"Айгерім", "Сәрсенова"} & set(str(fact.facts).split())
    assert "Organisations to verify" not in browser.get("/desk").text
    page = visit().get(f"/organisations/{waiting}")
    assert "Verified organisation" in page.text and BIN in page.text and "Айгерім" not in page.text


@pytest.mark.parametrize("name", ["aigerim", "bolat", "officer", "almaty_moderator", "newcomer"])
def test_others_do_not_verify(world, visit, waiting, name):
    browser = visit(getattr(world, name))
    browser.get(f"/desk/organisations/{waiting}", 403)
    for act in ("verification", "refusal", "accreditation"):
        browser.post(f"/desk/organisations/{waiting}/{act}", 403, reason="x")
    assert organisation().verified_at is None
    assert visit().get(f"/desk/organisations/{waiting}", 303).location.startswith("/sign-in")


def test_nobody_verifies_an_organisation_they_belong_to(world, visit):
    with unit_of_work():
        key = apply_for(world.moderator).id
    answer = visit(world.moderator).get(f"/desk/organisations/{key}", 403)
    assert "Nobody decides on an organisation they belong to" in answer.text
    region = visit(world.region_moderator)
    region.submit(region.get(f"/desk/organisations/{key}"), f"/desk/organisations/{key}/verification")
    assert organisation().verified_at is not None


def test_a_refusal_needs_a_reason_and_can_be_corrected(world, visit, waiting):
    browser = visit(world.moderator)
    page = browser.get(f"/desk/organisations/{waiting}")
    assert "Write the reason" in browser.submit(page, f"/desk/organisations/{waiting}/refusal", 422, reason=" ").text
    browser.submit(page, f"/desk/organisations/{waiting}/refusal", reason="Хатта басқа БСН тұр.")
    found = organisation()
    assert found.refused_at == MONDAY and found.verify_due_at is None
    assert "Хатта басқа БСН тұр." in mails(world.aigerim.email)[-1]
    assert not facts("organisation:refused")[0].public
    owner = visit(world.aigerim)
    assert "Хатта басқа БСН тұр." in owner.get(f"/organisations/{waiting}").text
    page = owner.get(f"/organisations/{waiting}/correction")
    assert page.form(f"/organisations/{waiting}/correction")["letter_number"] == "12-05/7"
    taken = owner.submit(page, f"/organisations/{waiting}/correction", 422, bin="150240000016")
    assert "registered already" in taken.text
    owner.submit(page, f"/organisations/{waiting}/correction", bin=OTHER_BIN)
    again = organisation(OTHER_BIN)
    assert (again.id, again.refused_at, again.refusal) == (waiting, None, None)
    assert again.verify_due_at is not None
    owner.post(f"/organisations/{waiting}/correction", 409, **FIELDS)  # it waits now


def test_only_the_owner_corrects(world, visit, waiting):
    with unit_of_work():
        found = db.session.get(Organisation, waiting)
        decisions.refuse(world.moderator, found, decisions.sent_mark(found), "Себебі", MONDAY)
    for name in ("bolat", "moderator"):
        visit(getattr(world, name)).get(f"/organisations/{waiting}/correction", 403)
        visit(getattr(world, name)).post(f"/organisations/{waiting}/correction", 403, **FIELDS)


def test_a_refused_bin_is_free_for_its_true_owner(world, visit, waiting):
    with unit_of_work():
        found = db.session.get(Organisation, waiting)
        decisions.refuse(world.moderator, found, decisions.sent_mark(found), "Хат жоқ", MONDAY)
    register(visit(world.bolat), name="Шынайы атау")
    found = organisation()
    assert (found.id, found.name) == (waiting, "Шынайы атау")
    assert crew(waiting) == {world.bolat.id: "owner"}
    visit(world.aigerim).get(f"/organisations/{waiting}", 404)


def test_two_moderators_decide_and_one_is_told(world, visit, waiting):
    first, second = visit(world.moderator), visit(world.region_moderator)
    page = second.get(f"/desk/organisations/{waiting}")
    first.submit(first.get(f"/desk/organisations/{waiting}"), f"/desk/organisations/{waiting}/verification")
    answer = second.submit(page, f"/desk/organisations/{waiting}/refusal", 409, reason="Кеш")
    assert "A colleague has decided" in answer.text
    assert organisation().verified_at is not None


def test_a_page_of_an_earlier_application_verifies_nothing(world, visit, waiting):
    browser = visit(world.moderator)
    old = browser.get(f"/desk/organisations/{waiting}")
    with unit_of_work():
        found = db.session.get(Organisation, waiting)
        decisions.refuse(world.region_moderator, found, decisions.sent_mark(found), "Атауы басқа", MONDAY)
        said = Application(BIN, "ngo", "Өзге", by_kato("611000000"), "1", date(2026, 11, 20))
        services.correct(world.aigerim, found, said, MONDAY + timedelta(minutes=5))
    assert "sent again since" in browser.submit(old, f"/desk/organisations/{waiting}/verification", 409).text
    assert organisation().verified_at is None


def test_the_silence_of_the_akimat_is_on_record_once(world, visit, waiting, clock):
    due = organisation().verify_due_at
    jobs.run(due - timedelta(seconds=1))
    assert facts("organisation:overdue") == []
    late = due + timedelta(minutes=1)
    clock(late)
    assert jobs.run(late)["organisations"] == 1
    assert jobs.run(late + DAY)["organisations"] == 0
    fact = facts("organisation:overdue")
    assert len(fact) == 1 and fact[0].public
    assert fact[0].territory_id == by_kato("611000000").id  # the akimat of the home
    assert FIELDS["name"] not in str(fact[0].facts)
    with unit_of_work():  # a fresh one comes below
        apply_for(world.bolat, late, OTHER_BIN)
    page = visit(world.moderator).get("/desk")
    rows = [link.get("href") for link in page.find("a") if "/desk/organisations/" in (link.get("href") or "")]
    assert rows == [f"/desk/organisations/{waiting}", f"/desk/organisations/{organisation(OTHER_BIN).id}"]
    assert "Overdue" in page.text
    browser = visit(world.moderator)
    browser.submit(browser.get(f"/desk/organisations/{waiting}"), f"/desk/organisations/{waiting}/verification")
    assert organisation().overdue_at is None


def test_the_desk_shows_what_the_grant_covers(world, visit, waiting):
    assert "Organisations to verify" in visit(world.region_moderator).get("/desk").text
    for name in ("almaty_moderator", "officer"):
        assert "Organisations to verify" not in visit(getattr(world, name)).get("/desk").text


# Members


def invite(browser, key, email, role="representative", status=303):
    page = browser.get(f"/organisations/{key}/members")
    return browser.submit(page, f"/organisations/{key}/invitations", status, email=email, role=role)


def code_in(email):
    return re.search(r"/invitations/([\w-]+)", mails(email)[-1]).group(1)


def test_an_invitation_works_once_and_for_its_address_only(world, visit, verified):
    owner = visit(world.aigerim)
    invite(owner, verified, " KENTAU@test.example ")
    assert "kentau@test.example" in owner.get(f"/organisations/{verified}/members").text
    token = code_in(world.kentau.email)
    rollback()
    assert token not in str(db.session.execute(select(Invitation.code_key)).all())
    wrong = visit(world.bolat)
    assert "sent to another address" in wrong.get(f"/invitations/{token}").text
    wrong.post(f"/invitations/{token}/acceptance", 403)
    right = visit(world.kentau)
    right.submit(right.get(f"/invitations/{token}"), f"/invitations/{token}/acceptance")
    assert crew(verified) == {world.aigerim.id: "owner", world.kentau.id: "representative"}
    right.get(f"/invitations/{token}", 410)
    right.post(f"/invitations/{token}/acceptance", 410)
    assert "represents the organisation already" in invite(owner, verified, world.kentau.email, status=422).text


def test_an_invitation_ends_after_seven_days(world, visit, verified, clock):
    invite(visit(world.aigerim), verified, world.kentau.email)
    token = code_in(world.kentau.email)
    browser = visit(world.kentau)
    clock(MONDAY + 7 * DAY - timedelta(minutes=1))
    browser.get(f"/invitations/{token}")
    clock(MONDAY + 7 * DAY)
    assert "Ask the owner for another one" in browser.get(f"/invitations/{token}", 410).text
    browser.post(f"/invitations/{token}/acceptance", 410)
    assert len(crew(verified)) == 1


def test_an_invitation_works_after_sign_up(world, visit, verified):
    email = "fresh@test.example"
    invite(visit(world.aigerim), verified, email, role="owner")
    token = code_in(email)
    browser = visit()
    page = browser.get(f"/invitations/{token}")
    door = next(a.get("href") for a in page.find("a") if (a.get("href") or "").startswith("/sign-up?"))
    page = browser.submit(
        browser.get(door), "/sign-up", email=email, given_name="Жаңа", surname="Адам", password="a long password"
    )
    code = re.search(r"\b(\d{6})\b", mails(email)[-1]).group(1)
    browser.post(f"/invitations/{token}/acceptance", 401)
    page = browser.submit(browser.follow(page), "/confirm", code=code)
    assert page.location == f"/invitations/{token}"
    browser.submit(browser.follow(page), f"/invitations/{token}/acceptance")
    assert "Your organisations" in browser.get("/my").text
    assert sorted(crew(verified).values()) == ["owner", "owner"]


def test_a_later_invitation_replaces_an_earlier_one_and_can_be_taken_back(world, visit, verified):
    owner = visit(world.aigerim)
    invite(owner, verified, world.kentau.email)
    first = code_in(world.kentau.email)
    invite(owner, verified, world.kentau.email)
    second = code_in(world.kentau.email)
    assert first != second
    visit().get(f"/invitations/{first}", 410)
    visit().get(f"/invitations/{second}")
    rollback()
    key = db.session.scalars(select(Invitation.id).where(Invitation.closed_at.is_(None))).one()
    page = owner.get(f"/organisations/{verified}/members")
    owner.submit(page, f"/organisations/{verified}/invitations/{key}/withdrawal")
    visit().get(f"/invitations/{second}", 410)
    visit().get("/invitations/nothing", 410)


def removed(world, key):
    members.remove(db.session.get_one(User, world.aigerim.id), locked(Organisation, key), world.bolat.id, MONDAY)


def left(world, key):
    members.leave(db.session.get_one(User, world.bolat.id), locked(Organisation, key), MONDAY)


def handed_over(world, key):
    members.hand_over(db.session.get_one(User, world.bolat.id), locked(Organisation, key), world.aigerim.id, MONDAY)


def role_ended(world, key):
    row = db.session.scalars(select(Membership).where(Membership.user_id == world.bolat.id)).one()
    row.role = "representative"  # as a command or a merger of accounts would


def account_deleted(world, key):
    forget_person(locked(User, world.bolat.id), MONDAY)


def account_closed(world, key):
    close_account(locked(User, world.bolat.id), MONDAY)


@pytest.mark.parametrize("ends", [removed, left, handed_over, role_ended, account_deleted, account_closed])
def test_an_invitation_ends_with_the_mandate_of_who_sent_it(world, visit, verified, ends):
    join(verified, world.bolat, "owner")
    second = visit(world.bolat)
    for guest in ("kentau", "newcomer"):
        invite(second, verified, f"{guest}@test.example", "owner")
    late = visit(world.kentau)
    token, other = code_in("kentau@test.example"), code_in("newcomer@test.example")
    page = late.get(f"/invitations/{token}")
    with unit_of_work():
        ends(world, verified)
    visit(world.newcomer).get(f"/invitations/{other}", 410)
    late.submit(page, f"/invitations/{token}/acceptance", 410)
    rollback()
    assert not [m for m in members.members_of(verified) if m.user.email.startswith("kentau")]
    assert "kentau@test.example" not in visit(world.aigerim).get(f"/organisations/{verified}/members").text
    if ends in (removed, left):
        join(verified, world.bolat, "owner")
        visit(world.newcomer).get(f"/invitations/{other}", 410)  # they do not come back with the mandate


def test_the_invitations_of_an_owner_who_stays_work_on(world, visit, verified):
    join(verified, world.bolat, "owner")
    invite(visit(world.aigerim), verified, "kentau@test.example")
    with unit_of_work():
        removed(world, verified)
    guest, token = visit(world.kentau), code_in("kentau@test.example")
    guest.submit(guest.get(f"/invitations/{token}"), f"/invitations/{token}/acceptance")
    rollback()
    assert any(m.user_id == world.kentau.id for m in members.members_of(verified))


def test_only_owners_of_verified_organisations_invite(world, visit, waiting):
    owner = visit(world.aigerim)
    assert "has to be verified first" in owner.get(f"/organisations/{waiting}/members").text
    owner.post(f"/organisations/{waiting}/invitations", 403, email=world.kentau.email, role="owner")
    for name in ("bolat", "moderator"):
        visit(getattr(world, name)).get(f"/organisations/{waiting}/members", 403)
        visit(getattr(world, name)).post(f"/organisations/{waiting}/invitations", 403, email="x@y.kz", role="owner")


@pytest.mark.parametrize(
    ("email", "role", "sentence"),
    [
        ("nobody", "owner", "Write an e-mail address"),
        ("", "owner", "Write the e-mail"),
        ("a@b.kz", "akim", "Choose what"),
    ],
)
def test_odd_invitations(world, visit, verified, email, role, sentence):
    assert sentence in invite(visit(world.aigerim), verified, email, role, 422).text


def join(organisation_id, user, role="representative"):
    with unit_of_work():
        db.session.add(Membership(organisation_id=organisation_id, user_id=user.id, role=role))


def test_the_last_owner_hands_over_before_leaving(world, visit, verified):
    join(verified, world.kentau)
    owner = visit(world.aigerim)
    page = owner.get(f"/organisations/{verified}/members")
    answer = owner.submit(page, f"/organisations/{verified}/departure", 409)
    assert "You are the last owner" in answer.text
    owner.submit(page, f"/organisations/{verified}/members/{world.kentau.id}/ownership")
    assert crew(verified) == {world.kentau.id: "owner", world.aigerim.id: "representative"}
    owner.submit(owner.get(f"/organisations/{verified}/members"), f"/organisations/{verified}/departure")
    assert crew(verified) == {world.kentau.id: "owner"}
    owner.get(f"/organisations/{verified}/members", 403)
    owner.post(f"/organisations/{verified}/departure", 403)


def test_an_owner_removes_and_a_representative_does_not(world, visit, verified):
    join(verified, world.kentau)
    other = visit(world.kentau)
    other.get(f"/organisations/{verified}/members")
    for user in (world.aigerim.id, world.kentau.id):
        other.post(f"/organisations/{verified}/members/{user}/removal", 403)
        other.post(f"/organisations/{verified}/members/{user}/ownership", 403)
    owner = visit(world.aigerim)
    owner.post(f"/organisations/{verified}/members/{world.aigerim.id}/removal", 409)
    owner.post(f"/organisations/{verified}/members/{world.bolat.id}/removal", 409)
    owner.post(f"/organisations/{verified}/members/{world.bolat.id}/ownership", 409)
    page = owner.get(f"/organisations/{verified}/members")
    owner.submit(page, f"/organisations/{verified}/members/{world.kentau.id}/removal")
    other.get(f"/organisations/{verified}/members", 403)
    joined = [fact for verb in ("member:invited", "member:joined", "member:removed") for fact in facts(verb)]
    assert joined and not any(fact.public for fact in joined)


def test_what_was_proposed_stays_with_the_organisation(world, visit, verified):
    join(verified, world.kentau)
    key = propose_for(world, "kentau", verified)
    with unit_of_work():
        found = db.session.get(Organisation, verified)
        members.remove(world.aigerim, found, world.kentau.id, MONDAY)
    rollback()
    assert db.session.get(Proposal, key).author_id == world.aigerim.id
    visit(world.kentau).post(f"/proposals/{key}/withdrawal", 404)
    owner = visit(world.aigerim)
    owner.submit(owner.get(f"/proposals/{key}"), f"/proposals/{key}/withdrawal")
    assert facts("proposal:withdrawn")[0].acting_for_id == verified


# Acting for it


def propose_for(world, name, organisation_id):
    with unit_of_work():
        person = db.session.get(User, getattr(world, name).id)
        draft = Draft(
            token=f"for-{name}-{organisation_id}",
            author_id=person.id,
            title="Базарға жаңа көше керек",
            text="Мәтін",
            lang="kk",
            origin_id=by_kato("611000000").id,
            place="",
            sphere="economy",
            funding="ppp",
            created_at=MONDAY,
            expires_at=MONDAY + 30 * DAY,
            wants_submission=False,
            organisation_id=organisation_id,
        )
        db.session.add(draft)
        db.session.flush()
        from webapp.proposals.services import submit

        return submit(person, draft, MONDAY).id


def draft_of(browser):
    page = browser.submit(browser.get("/proposals/new"), "/proposals/new", title="Базарға көше", lang="kk")
    token = page.location.split("/")[2]
    browser.submit(browser.get(f"/drafts/{token}/place"), f"/drafts/{token}/place", origin="611000000")
    browser.submit(browser.get(f"/drafts/{token}/text"), f"/drafts/{token}/text", text="Көше керек.")
    return token


def test_a_verified_organisation_proposes_under_its_name(world, visit, verified):
    browser = visit(world.aigerim)
    token = draft_of(browser)
    page = browser.get(f"/drafts/{token}/check")
    assert "You propose as" in page.text
    browser.submit(page, f"/drafts/{token}/submission", organisation=str(verified))
    rollback()
    proposal = db.session.scalars(select(Proposal).where(Proposal.title == "Базарға көше")).one()
    assert proposal.organisation_id == verified
    assert facts("proposal:submitted")[0].acting_for_id == verified
    page = browser.get(f"/proposals/{proposal.id}")
    assert [a.get("href") for a in page.find("a") if a.text == FIELDS["name"]] == [f"/organisations/{verified}"]
    assert "Базарға көше" not in visit().get(f"/organisations/{verified}").text  # not published yet
    moderator = visit(world.moderator)
    moderator.submit(
        moderator.get(f"/desk/{proposal.id}/publication"), f"/desk/{proposal.id}/publication", sphere="economy"
    )
    assert "Базарға көше" in visit().get(f"/organisations/{verified}").text


@pytest.mark.parametrize("which", ["waiting", "foreign", "nothing"])
def test_an_organisation_that_one_may_not_speak_for_proposes_nothing(world, visit, waiting, which):
    browser = visit(world.aigerim)
    token = draft_of(browser)
    page = browser.get(f"/drafts/{token}/check")
    assert "You propose as" not in page.text
    foreign = world.member.memberships[0].organisation_id
    number = {"waiting": waiting, "foreign": foreign, "nothing": 999_999}[which]
    answer = browser.submit(page, f"/drafts/{token}/submission", 422, organisation=str(number))
    assert "You do not represent this organisation" in answer.text


def test_one_organisation_has_one_vote_whoever_casts_it(world, visit, verified):
    with unit_of_work():
        key = published(world, MONDAY - DAY).id
    join(verified, world.kentau)
    for name, choice in (("aigerim", "support"), ("kentau", "support"), ("kentau", "oppose")):
        browser = visit(getattr(world, name))
        page = browser.get(f"/proposals/{key}")
        assert "On behalf of" in page.text
        browser.post(f"/proposals/{key}/vote", 303, page, choice=choice, organisation=str(verified))
    rollback()
    proposal = db.session.get(Proposal, key)
    assert (proposal.organisation_supports, proposal.organisation_opposes) == (0, 1)
    assert (proposal.supports, proposal.opposes) == (0, 0)
    assert len(db.session.scalars(select(OrganisationVote)).all()) == 1
    page = visit().get(f"/organisations/{verified}")
    assert "Opposes this" in page.text and "For: 0. Against: 1." in page.text
    personal = [fact.verb for fact in db.session.scalars(select(Fact).where(Fact.proposal_id == key))]
    assert sorted(personal) == ["proposal:published", "proposal:submitted"]  # no vote leaves a fact


def test_an_unverified_organisation_has_no_vote(world, visit, waiting):
    with unit_of_work():
        key = published(world, MONDAY - DAY).id
    browser = visit(world.aigerim)
    page = browser.get(f"/proposals/{key}")
    assert "On behalf of" not in page.text
    answer = browser.post(f"/proposals/{key}/vote", 403, page, choice="support", organisation=str(waiting))
    assert "has to be verified first" in answer.text
    rollback()
    assert db.session.get(Proposal, key).organisation_supports == 0


# Accreditation


def accredit(browser, key, status=303, **changes):
    fields = {"certificate_number": "A-77", "certificate_on": "2026-11-02", "until": "2027-11-02"} | changes
    page = browser.get(f"/desk/organisations/{key}")
    return browser.submit(page, f"/desk/organisations/{key}/accreditation", status, **fields)


def test_an_association_is_accredited_and_everybody_sees_it(world, visit, verified, clock):
    accredit(visit(world.moderator), verified)
    page = visit().get(f"/organisations/{verified}")
    assert "Accredited until 2 November 2027" in page.text and "№ A-77 of 2 November 2026" in page.text
    fact = facts("organisation:accredited")[0]
    assert fact.public and fact.facts["until"] == "2027-11-02"
    clock(MONDAY + 344 * DAY)  # 2 November 2027
    assert "Accredited until" in visit().get(f"/organisations/{verified}").text
    clock(MONDAY + 345 * DAY)
    assert "Accreditation ended on 2 November 2027" in visit().get(f"/organisations/{verified}").text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"certificate_number": ""}, "Write the number of the certificate"),
        ({"certificate_on": "2026-11-24"}, "later than today"),
        ({"until": "2026-11-23"}, "must end after today"),
        ({"until": ""}, "Write the last day"),
    ],
)
def test_odd_certificates(world, visit, verified, changes, sentence):
    assert sentence in accredit(visit(world.moderator), verified, 422, **changes).text
    assert organisation().accredited_until is None


def test_only_verified_associations_are_accredited(world, visit, waiting):
    fields = {"certificate_number": "A-77", "certificate_on": "2026-11-02", "until": "2027-11-02"}
    browser = visit(world.moderator)
    answer = browser.post(f"/desk/organisations/{waiting}/accreditation", 403, **fields)
    assert "has to be verified first" in answer.text
    business = world.member.memberships[0].organisation_id
    answer = browser.post(f"/desk/organisations/{business}/accreditation", 403, **fields)
    assert "Only associations of businesses are accredited" in answer.text


def test_owners_are_reminded_once_and_again_for_a_new_certificate(world, visit, verified):
    accredit(visit(world.moderator), verified)
    join(verified, world.kentau)
    last = date(2027, 11, 2)
    for days, told in ((31, 0), (30, 1), (29, 0), (5, 0), (0, 0)):
        at = MONDAY + timedelta(days=(last - MONDAY.date()).days - days)
        assert jobs.run(at)["accreditations"] == told, days
    reminders = [mail for mail in mails(world.aigerim.email) if "2027" in mail]
    assert len(reminders) == 1
    assert not [mail for mail in mails(world.kentau.email) if "2027" in mail]  # a representative need not act
    with unit_of_work():
        found = db.session.get(Organisation, verified)
        found.accredited_until, found.reminded_at = last, None  # the same date entered again
    assert jobs.run(MONDAY + timedelta(days=(last - MONDAY.date()).days))["accreditations"] == 0
    with unit_of_work():
        found = db.session.get(Organisation, verified)
        decisions.accredit(world.moderator, found, "A-78", date(2026, 11, 3), date(2028, 11, 2), MONDAY)
    assert jobs.run(MONDAY + timedelta(days=690))["accreditations"] == 1


# Public lists


def test_the_list_is_filtered_by_kind_and_place(world, visit, verified):
    browser = visit()
    assert FIELDS["name"] in browser.get("/organisations?kind=business_association&place=610000000").text
    assert FIELDS["name"] not in browser.get("/organisations?kind=business").text
    assert FIELDS["name"] not in browser.get("/organisations?place=750000000").text
    assert "Сырдария сервис" in browser.get("/organisations?kind=business&place=611000000").text
    for odd in ("kind=party", "page=AAAA", "place=999999999", "page=" + "9" * 20):
        browser.get(f"/organisations?{odd}")


def test_the_list_for_machines(world, visit, verified):
    found = visit()._send("GET", "/organisations.json?kind=business_association").response.get_json()
    assert [row["bin"] for row in found["items"]] == [BIN]
    assert found["items"][0] == found["items"][0] | {
        "name": FIELDS["name"],
        "home_kato": "611000000",
        "accreditation": "none",
        "accredited_until": None,
    }
    assert found["next"] is None
    csv = visit()._send("GET", "/organisations.csv").html
    assert csv.splitlines()[0].endswith("id,bin,name,kind,home_kato,verified_at,accreditation,accredited_until,url")
    assert "150240000016" in csv


def test_long_lists_have_pages(world, visit):
    with unit_of_work():
        home = by_kato("611000000").id
        for number in range(20):
            row = Organisation(
                bin=f"9{number:011}", kind="ngo", name=f"Ұйым {number}", home_id=home, verified_at=MONDAY
            )
            db.session.add(row)
    browser = visit()
    page = browser.get("/organisations")
    following = next(a.get("href") for a in page.find("a", rel="next"))
    assert "Сырдария сервис" in browser.get(following).text


@pytest.mark.parametrize("who", ["stranger", "aigerim", "moderator"])
def test_a_page_takes_at_most_twelve_queries(world, visit, verified, who):
    with unit_of_work():
        for number in range(6):
            person = add_user(f"many{number}@test.example", MONDAY)
            db.session.add(Membership(organisation_id=verified, user_id=person.id, role="representative"))
        keys = [published(world, MONDAY - DAY, title=f"Ұсыныс {number} туралы").id for number in range(6)]
        for key in keys:
            db.session.add(
                OrganisationVote(
                    proposal_id=key,
                    voter_id=verified,
                    choice=1,
                    home_id=by_kato("611000000").id,
                    at=MONDAY,
                    member_id=world.aigerim.id,
                )
            )
    with unit_of_work():
        for number in ("991241234561", OTHER_BIN):
            apply_for(db.session.get(User, world.aigerim.id), number=number, kato="611000000")
    browser = visit() if who == "stranger" else visit(getattr(world, who))
    browser._send("GET", "/organisations")
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    other = organisation(OTHER_BIN).id
    event.listen(db.engine, "before_cursor_execute", note)
    counted = {}
    for address in (
        "/organisations",
        "/organisations.csv",
        "/organisations/new",
        f"/organisations/{verified}",
        f"/organisations/{verified}/members",
        f"/desk/organisations/{other}",
        "/desk",
        "/my",
    ):
        seen.clear()
        assert browser._send("GET", address).status in (200, 303, 403, 404)
        counted[address] = len(seen)
    event.remove(db.engine, "before_cursor_execute", note)
    assert {address: count for address, count in counted.items() if count > 12} == {}
