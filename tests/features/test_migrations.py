"""The history of the schema runs forwards and backwards on both databases, and ends where the models are."""

from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask_migrate import downgrade, upgrade
from sqlalchemy import inspect, select, update

from tests.conftest import MONDAY, ROOT, make_app
from tests.factories import World as Everybody
from tests.factories import build_world, propose, published
from tests.postgresql import create_database
from webapp.answering.services import appeal_decline
from webapp.hanging.models import HangingCase
from webapp.journal.models import Fact
from webapp.journal.services import record, seal_facts
from webapp.journal.verbs import Verb
from webapp.kernel.database import access_mode, db, rollback, unit_of_work
from webapp.kernel.errors import Conflict, NotSetUp
from webapp.notifications.follows import follow
from webapp.notifications.models import Follow
from webapp.notifications.rules import Subject
from webapp.offers.models import BusinessPlan, Offer
from webapp.offers.plans import keep as keep_plan
from webapp.offers.plans import path_of
from webapp.people.models import User
from webapp.proposals.models import Proposal
from webapp.proposals.services import withdraw
from webapp.rulebook.models import RuleSet
from webapp.rulebook.presets import PRESETS
from webapp.teamwork.models import StaffNote
from webapp.teamwork.notes import write_note
from webapp.territories.services import nation
from webapp.verification.pepper_marks import trusted_peppers

both_databases = True
TERMS = db.text("SELECT term, weight FROM proposal_term WHERE proposal_id = :key")


@pytest.fixture
def empty(engine, request, tmp_path):
    """An application on a database without one table."""
    if engine == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite3'}"
    else:
        url = create_database(request.getfixturevalue("postgresql"), f"m{uuid4().hex[:12]}")
    app = make_app(url, tmp_path)
    with app.app_context():
        yield app
        rollback()
        db.session.remove()
        db.engine.dispose()


@contextmanager
def connected():
    rollback()
    with db.engine.connect() as connection:
        yield connection


def tables():
    with connected() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def structure():
    """Columns, indexes and constraints of every table, in one comparable form."""
    with connected() as connection:
        look = inspect(connection)
        return {
            name: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
                sorted((i["name"] or "", tuple(i["column_names"]), bool(i["unique"])) for i in look.get_indexes(name)),
                sorted((u["name"] or "", tuple(u["column_names"])) for u in look.get_unique_constraints(name)),
                sorted((k["name"] or "", k["referred_table"]) for k in look.get_foreign_keys(name)),
                sorted(c["name"] or "" for c in look.get_check_constraints(name)),
            )
            for name in look.get_table_names()
        }


def differences():
    with connected() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return compare_metadata(context, db.metadata)


def test_up_down_and_up_again(empty):
    upgrade()
    first = structure()
    assert tables() == set(db.metadata.tables)
    downgrade(revision="base")
    assert tables() == set()
    upgrade()
    assert structure() == first


def test_every_single_step_can_be_taken_back(empty):
    script = ScriptDirectory(str(ROOT / "migrations"))
    history = [step.revision for step in script.walk_revisions()][::-1]
    before = []
    for revision in history:
        before.append(structure())
        upgrade(revision=revision)
    for revision, expected in zip(reversed([None, *history[:-1]]), reversed(before), strict=True):
        downgrade(revision=revision or "base")
        found = structure()
        found.pop("alembic_version")
        expected.pop("alembic_version", None)
        assert found == expected, revision


def test_models_and_migrations_are_in_step(empty):
    upgrade()
    assert differences() == []


def test_the_comparison_sees_what_is_missing(empty):
    upgrade()
    with unit_of_work():
        db.session.execute(db.text("DROP INDEX ix_proposal_number"))
    assert [change[0] for change in differences()] == ["add_index"]


def test_upgrading_again_changes_nothing(empty):
    upgrade()
    first = structure()
    upgrade()
    assert structure() == first


def test_there_is_one_history_without_branches():
    script = ScriptDirectory(str(ROOT / "migrations"))
    assert len(script.get_heads()) == 1
    assert len(script.get_bases()) == 1


def test_the_country_lives_on_a_migrated_schema(empty):
    upgrade()
    build_world(MONDAY)
    with unit_of_work():
        proposal = published(Everybody.read(), MONDAY)
        assert proposal.stage == "collecting"


def test_the_pepper_of_people_who_are_there_already_is_marked(empty):
    script = ScriptDirectory(str(ROOT / "migrations"))
    step = next(step for step in script.walk_revisions() if step.doc.startswith("Verification:"))
    upgrade(revision=step.down_revision)
    with unit_of_work():
        db.session.execute(
            db.text(
                'INSERT INTO "user" (email, password_hash, given_name, surname, shows_full_name, lang, created_at, person_key) '
                "VALUES ('a@test.example', '', 'A', 'B', false, 'kk', '2026-11-23 05:00:00+00:00', 'a key')"
            )
        )
    upgrade()
    assert db.session.scalars(db.text("SELECT version FROM pepper_mark")).all() == [1]
    trusted_peppers(MONDAY)
    rollback()
    empty.config["PERSON_PEPPER"] = "a pepper that somebody has mixed up"
    with pytest.raises(NotSetUp, match="PERSON_PEPPER"):
        trusted_peppers(MONDAY)


def test_addresses_are_brought_into_one_spelling_where_that_is_safe(empty):
    script = ScriptDirectory(str(ROOT / "migrations"))
    step = next(step for step in script.walk_revisions() if step.doc.startswith("Tries at the doors"))
    upgrade(revision=step.down_revision)
    before = ["a@тест.kz", "b@straße.de", "c@тест.kz", "c@xn--e1aybc.kz", "тест@example.kz", "d@test.example"]
    row = (
        'INSERT INTO "user" (email, password_hash, given_name, surname, shows_full_name, lang, created_at) '
        "VALUES (:email, '', 'A', 'B', false, 'kk', '2026-11-23 05:00:00+00:00')"
    )
    with unit_of_work():
        for email in before:
            db.session.execute(db.text(row), {"email": email})
    upgrade(revision=step.revision)
    after = list(db.session.scalars(db.text('SELECT email FROM "user" ORDER BY id')))
    assert after == ["a@xn--e1aybc.kz", "b@xn--strae-oqa.de", *before[2:]]
    rollback()
    downgrade(revision=step.down_revision)


def test_sources_of_populations_become_codes_and_go_back(empty):
    upgrade()
    script = ScriptDirectory(str(ROOT / "migrations"))
    step = next(step for step in script.walk_revisions() if step.doc.startswith("The source of a population"))
    sources = db.text("SELECT population_source FROM territory ORDER BY id")
    build_world(MONDAY)
    with unit_of_work():
        nation().population_source = "their own list"
    rollback()
    codes = db.session.scalars(sources).all()
    rollback()
    downgrade(revision=step.down_revision)
    texts = set(db.session.scalars(sources))
    assert {"Bureau of National Statistics", "parasat.club", "vlast.kz (rounded)", "their own list"} <= texts
    rollback()
    upgrade()
    assert db.session.scalars(sources).all() == codes
    rollback()


def test_a_database_shared_with_another_program_is_left_alone(empty):
    with unit_of_work():
        db.session.execute(db.text("CREATE TABLE their_table (id INTEGER PRIMARY KEY)"))
    upgrade()
    downgrade(revision="base")
    assert tables() == {"their_table"}


def test_promises_of_the_schema_hold(empty):
    from sqlalchemy.exc import IntegrityError

    upgrade()
    build_world(MONDAY)
    with unit_of_work():
        published(Everybody.read(), MONDAY)
    for broken in (
        "UPDATE proposal SET due_at = NULL",
        "UPDATE proposal SET supports = -1",
        "UPDATE proposal SET seat_id = 999999",
        "INSERT INTO territory (id, kato, kind, rung, path, name_kk, name_ru, name_en, population_source) "
        "VALUES (99999, '611000000', 'city', 'city', '/', 'a', 'a', 'a', '')",
        "UPDATE \"user\" SET person_key = 'the same'",
    ):
        with pytest.raises(IntegrityError), unit_of_work():
            db.session.execute(db.text(broken))


def test_what_nobody_published_is_closed_and_plans_become_files(empty, tmp_path):
    """Rows of the time before: taken back unseen and followed, sealed with the first seal, a plan inside the database."""
    empty.config["UPLOADS"] = str(tmp_path / "uploads")
    upgrade()
    build_world(MONDAY)
    with unit_of_work():
        world = Everybody.read()
        shown, unseen = published(world, MONDAY), propose(world.aigerim, MONDAY)
        withdraw(world.aigerim, unseen, MONDAY)
        keys = shown.id, unseen.id
        for key in keys:
            follow(world.bolat.id, Subject.PROPOSAL, str(key), MONDAY)
        offer = Offer(organisation_id=1, proposal_id=shown.id, territory_id=shown.seat_id, form="pilot", summary="x",
                      lang="kk", made_at=MONDAY, answer_due_at=MONDAY, conditions="", answer_kk="", answer_ru="")  # fmt: skip
        db.session.add(offer)
        db.session.flush()
        keep_plan(offer, b"%PDF-1.7 plan %%EOF", MONDAY)
    seal_facts(MONDAY)
    with unit_of_work():  # the worker had not come to it when the site was brought up to date
        record(Verb.VOTES_GIVEN_BACK, shown, MONDAY, proposal_id=shown.id, votes=1, check=7)
    rollback()
    db.session.remove()
    downgrade(revision="0016")
    with access_mode("write"), connected() as connection:
        assert bytes(connection.scalar(db.text("SELECT data FROM business_plan"))) == b"%PDF-1.7 plan %%EOF"
        connection.execute(db.text("UPDATE proposal SET published_at = NULL"))
        connection.execute(db.text("UPDATE fact SET hash = 'an old seal' WHERE verb = 'proposal:published'"))
        connection.commit()
    upgrade()
    rollback()
    assert [db.session.get(Proposal, key).is_public for key in keys] == [True, False]
    assert db.session.get(Proposal, keys[0]).published_at == MONDAY
    assert [row.key for row in db.session.scalars(select(Follow))] == [str(keys[0])]
    seals = dict(db.session.execute(select(Fact.verb, Fact.seal)).all())
    assert seals["proposal:published"] == 1 and seals["proposal:submitted"] is None
    assert not db.session.scalar(select(Fact.public).where(Fact.verb == "votes:given-back"))
    assert path_of(db.session.scalars(select(BusinessPlan)).one()).read_bytes() == b"%PDF-1.7 plan %%EOF"


def test_words_that_were_taken_out_leave_the_index(empty):
    """Until then the index was only ever added to: what an author had taken out was in it still."""
    script = ScriptDirectory(str(ROOT / "migrations"))
    step = next(step for step in script.walk_revisions() if step.doc.startswith("The index of words"))
    upgrade()
    build_world(MONDAY)
    with unit_of_work():
        key = published(Everybody.read(), MONDAY, title="Су мен жарық", text="Үй жанында 5G керек").id
        before = dict(db.session.execute(TERMS, {"key": key}).all())
    downgrade(revision=step.down_revision)
    with unit_of_work():
        db.session.execute(db.text("INSERT INTO proposal_term VALUES ('канар', :key, 3)"), {"key": key})
        db.session.execute(db.text("DELETE FROM proposal_term WHERE term = 'су'"))
    upgrade()
    with unit_of_work():
        assert dict(db.session.execute(TERMS, {"key": key}).all()) == before
        assert before["су"] == 3 and before["5g"] == 1 and "канар" not in before


def test_an_appeal_that_was_promised_is_kept_where_somebody_is_above(empty):
    upgrade()
    build_world(MONDAY)
    until = MONDAY + timedelta(days=20)
    with unit_of_work():
        world = Everybody.read()
        city, top = published(world, MONDAY), published(world, MONDAY, title="Басқа ұсыныс")
        top.seat_id = nation().id
        for proposal in (city, top):
            proposal.stage = "declined"
            where = {"proposal_id": proposal.id, "territory_id": proposal.seat_id}
            record(Verb.PROPOSAL_DECLINED, proposal, MONDAY, **where, appeal_until=until.isoformat())
        keys = city.id, top.id
    rollback()
    db.session.remove()
    downgrade(revision="0019")
    upgrade()
    rollback()
    assert [db.session.get(Proposal, key).appeal_until for key in keys] == [until, None]
    with unit_of_work():  # however it came there: the author reads a sentence
        proposal = db.session.get(Proposal, keys[1])
        proposal.appeal_until = until
        with pytest.raises(Conflict):
            appeal_decline(db.session.get(User, proposal.author_id), proposal, "Келіспеймін", MONDAY)


def test_rule_sets_of_before_get_the_numbers_that_the_code_held(empty):
    upgrade()
    script = ScriptDirectory(str(ROOT / "migrations"))
    step = next(step for step in script.walk_revisions() if step.doc.startswith("Numbers that a citizen may dispute"))
    build_world(MONDAY)
    with unit_of_work():
        for key, cause in enumerate(("no-milestones", "no-progress", "no-owner"), start=1):
            row = {"cause": cause, "level": "measure", "subject_id": key, "since": MONDAY.date(), "opened_at": MONDAY}
            db.session.add(HangingCase(territory_id=nation().id, **row))
    rollback()
    before = db.session.scalars(select(RuleSet).order_by(RuleSet.id)).all()
    kept = [row.terms() for row in before]
    assert kept == [PRESETS["demo"][row.rung] for row in before]
    rollback()
    downgrade(revision=step.down_revision)
    old = db.session.execute(db.text("SELECT threshold_number, outage_hours FROM rule_set ORDER BY id")).all()
    assert old == [(terms.threshold_number, terms.outage_hours) for terms in kept]
    rollback()
    upgrade()
    assert [row.terms() for row in db.session.scalars(select(RuleSet).order_by(RuleSet.id))] == kept
    numbers = select(HangingCase.cause, HangingCase.number).order_by(HangingCase.id)
    assert db.session.execute(numbers).all() == [("no-milestones", 30), ("no-progress", 25), ("no-owner", 0)]


def test_notes_keep_who_is_mentioned_and_go_back_with_their_names(empty):
    """SQLite makes the table of notes anew; those that have lost their author cannot go back."""
    upgrade()
    with unit_of_work():
        build_world(MONDAY)
        world = Everybody.read()
        proposal = propose(world.aigerim, MONDAY)
        for author in (world.moderator, world.officer):
            write_note(author, proposal, "Тексеру керек", [world.officer.id], MONDAY)
    rollback()
    with unit_of_work():
        db.session.execute(update(StaffNote).where(StaffNote.author_id == world.officer.id).values(author_id=None))
    db.session.remove()
    for step, left in ((downgrade, 1), (upgrade, 1)):
        step(revision="0033" if step is downgrade else "head")
        with connected() as connection:
            for table in ("staff_note", "mention"):
                assert connection.execute(db.text(f"SELECT count(*) FROM {table}")).scalar() == left, (step, table)


def test_a_table_that_is_made_anew_keeps_what_refers_to_it(empty):
    """SQLite drops the old table: the photo of a draft, which goes with its draft, stays where the draft stays."""
    upgrade(revision="0029")
    with access_mode("write"), connected() as connection:
        for statement in (
            "INSERT INTO draft (id, token, title, text, lang, place, sphere, funding, created_at, expires_at, wants_submission)"
            " VALUES (1, 'a draft that is long enough', 'Шам', 'Мәтін', 'kk', '', '', 'budget', :at, :at, false)",
            "INSERT INTO photo (id, draft_id, name, alt, width, height, sent_by, at)"
            " VALUES (1, 1, 'a-name', 'Шам', 1, 1, '', :at)",
        ):
            connection.execute(db.text(statement), {"at": MONDAY.replace(tzinfo=None)})
        connection.commit()
    upgrade()
    with connected() as connection:
        assert connection.execute(db.text("SELECT draft_id FROM photo")).scalar() == 1
        if connection.dialect.name == "sqlite":  # and from now on references are enforced again
            assert connection.execute(db.text("PRAGMA foreign_keys")).scalar() == 1
