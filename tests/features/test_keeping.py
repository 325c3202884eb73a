"""What is kept only for a term goes when the term is over, not a day before, and nothing else goes with it."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.conftest import MONDAY, make_app
from tests.factories import add_user, published, supported
from webapp.account.jobs import forget_invitations, forget_rest, forget_unconfirmed
from webapp.account.services import forget_person
from webapp.config import SettingError, load
from webapp.kernel.challenge import UsedChallenge, forget_used
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.dead_letters import forget_messages
from webapp.kernel.jobs import jobs
from webapp.kernel.mail import Message, deliver_due, enqueue
from webapp.organisations.models import Invitation
from webapp.people.codes import forget_codes
from webapp.people.models import Consent, EmailCode, Organisation, User
from webapp.people.services import by_email, send_code, sign_up
from webapp.proposals.models import Proposal
from webapp.proposals.services import start_draft
from webapp.voting.models import Vote
from webapp.voting.services import keep_vote

both_databases = True
sensitive = (
    "test_confirmed_verified_and_deleted_accounts_stay",
    "test_of_a_sent_mail_only_its_key_stays",
    "test_the_rest_of_a_deleted_account_waits_for_the_proposals_it_voted_on",
    "test_used_challenges_are_forgotten_when_they_expire",
)


def count(model, *where):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def newcomer(email="late@test.example", at=MONDAY):
    with unit_of_work():
        user = sign_up(email, "hash", "Кеш", "Қалған", "kk", at)
        send_code(user, at)
        return user.id


def test_an_account_that_nobody_confirms_goes_with_all_that_hangs_on_it(app, world):
    key = newcomer()
    with unit_of_work():
        user = db.session.get_one(User, key)
        start_draft(user, "Бастама", "kk", MONDAY)
        keep_vote(user, published(world, MONDAY), "support", MONDAY)
    assert forget_unconfirmed(MONDAY + timedelta(days=30)) == 0
    assert forget_unconfirmed(MONDAY + timedelta(days=30, seconds=1)) == 1
    rollback()
    assert by_email("late@test.example") is None
    assert count(EmailCode) == count(Message, Message.to == "late@test.example") == 0
    assert count(Consent, Consent.user_id == key) == 0
    assert forget_unconfirmed(MONDAY + timedelta(days=31)) == 0


def test_confirmed_verified_and_deleted_accounts_stay(app, world):
    everybody = count(User)
    with unit_of_work():
        locked(User, world.bolat.id).email_confirmed_at = None  # an address that was changed, say
        locked(User, world.member.id).email_confirmed_at = None
        forget_person(locked(User, world.kentau.id), MONDAY)
    assert forget_unconfirmed(MONDAY + timedelta(days=4000)) == 0
    assert count(User) == everybody


def test_an_account_that_something_stands_on_stays(app, world):
    key = newcomer()
    with unit_of_work():
        organisation = db.session.scalars(select(Organisation)).first()
        db.session.add(
            Invitation(
                organisation_id=organisation.id,
                email="x@test.example",
                role="member",
                code_key="k",
                invited_by_id=key,
                created_at=MONDAY,
                expires_at=MONDAY,
            )
        )
    assert forget_unconfirmed(MONDAY + timedelta(days=40)) == 0
    assert forget_invitations(MONDAY + timedelta(days=90)) == 0
    assert forget_invitations(MONDAY + timedelta(days=91)) == 1
    assert forget_unconfirmed(MONDAY + timedelta(days=91)) == 1


def test_the_address_is_free_again(app, world):
    newcomer()
    forget_unconfirmed(MONDAY + timedelta(days=31))
    assert newcomer(at=MONDAY + timedelta(days=32))


def test_codes_are_forgotten_after_a_day(app, world):
    newcomer()
    assert forget_codes(MONDAY + timedelta(days=1)) == 0
    assert forget_codes(MONDAY + timedelta(days=1, seconds=1)) == 1
    assert count(EmailCode) == 0


def test_of_a_sent_mail_only_its_key_stays(app, world):
    with unit_of_work():
        enqueue("a@test.example", "subject", "body", "reason:1", MONDAY)
    deliver_due(MONDAY)
    with unit_of_work():
        enqueue("b@test.example", "subject", "body", "reason:2", MONDAY)  # it waits still
    assert forget_messages(MONDAY + timedelta(days=30)) == 0
    assert forget_messages(MONDAY + timedelta(days=31)) == 1
    rollback()
    rows = db.session.execute(select(Message.dedup_key, Message.to, Message.subject, Message.body).order_by(Message.id))
    assert [tuple(row) for row in rows] == [
        ("reason:1", "", "", ""),
        ("reason:2", "b@test.example", "subject", "body"),
    ]
    with unit_of_work():
        assert not enqueue("a@test.example", "subject", "body", "reason:1", MONDAY + timedelta(days=40))
    assert forget_messages(MONDAY + timedelta(days=32)) == 0


def test_the_rest_of_a_deleted_account_waits_for_the_proposals_it_voted_on(app, world):
    with unit_of_work():
        proposal = published(world, MONDAY)
        (voter,) = supported(proposal, 1, "611000000", MONDAY)
        db.session.add(Consent(user_id=voter.id, purpose="account", given_at=MONDAY))
        key, voter_id = proposal.id, voter.id
    with unit_of_work():
        forget_person(locked(User, voter_id), MONDAY)
    year = MONDAY + timedelta(days=365, seconds=1)
    assert forget_rest(MONDAY + timedelta(days=365)) == 0
    assert forget_rest(year) == 0
    assert db.session.get_one(User, voter_id).person_key is not None
    with unit_of_work():
        row = locked(Proposal, key)
        row.closed_at, row.due_at, row.stage = MONDAY, None, "unsupported"
    assert forget_rest(year) == 1
    user = db.session.get_one(User, voter_id, populate_existing=True)
    assert (user.person_key, user.home_id) == (None, None)
    assert count(Consent, Consent.user_id == voter_id) == 0
    assert count(Vote) == 1  # it stays counted, where the voter lived when it was cast
    assert forget_rest(year) == 0


def test_used_challenges_are_forgotten_when_they_expire(app):
    with unit_of_work():
        db.session.add(UsedChallenge(key="a", expires_at=MONDAY))
        db.session.add(UsedChallenge(key="b", expires_at=MONDAY + timedelta(minutes=1)))
    assert forget_used(MONDAY) == 1
    assert count(UsedChallenge) == 1


def test_the_worker_does_all_of_it(app, world):
    newcomer()
    done = jobs.run(MONDAY + timedelta(days=400))
    wanted = {
        "unconfirmed accounts",
        "codes",
        "sent mails",
        "deleted accounts",
        "networks",
        "used challenges",
        "checks",
    }
    assert wanted <= set(done) and -1 not in done.values()
    assert done["unconfirmed accounts"] == 1


def test_the_terms_are_settings(engine, database_url, tmp_path, monkeypatch):
    app = make_app(database_url, tmp_path, KEEP_UNCONFIRMED_DAYS=2)
    with app.app_context():
        with unit_of_work():
            add_user("quick@test.example", MONDAY).email_confirmed_at = None
        assert forget_unconfirmed(MONDAY + timedelta(days=3)) == 1
        db.session.remove()
        db.engine.dispose()
    monkeypatch.setenv("KEEP_MAIL_DAYS", "0")
    with pytest.raises(SettingError, match="KEEP_MAIL_DAYS"):
        load(tmp_path)


@pytest.mark.parametrize(
    "lang, words", [("en", "after 30 days"), ("kk", "Не қанша уақыт сақталады"), ("ru", "Сроки хранения данных")]
)
def test_the_terms_stand_on_a_page(app, visit, lang, words):
    page = visit(lang=lang).get("/how-it-works")
    assert words in page.text and "365" in page.text
