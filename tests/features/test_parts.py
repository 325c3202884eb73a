"""Long acts are done in parts: others come in between, whoever is stopped half-way goes on, and nothing is done by half."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import event, func, insert, select

from tests.conftest import MONDAY
from tests.factories import add_user, published
from tests.features.console import run
from tests.features.test_importing import line
from tests.features.test_register import iin
from webapp.importing import services as importing
from webapp.kernel import parts
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.parts import MOST, Pace, change_in_parts, delete_in_parts
from webapp.people.models import RegisterEntry, SignIn
from webapp.people.rules import check_digit
from webapp.people.sign_ins import forget_old
from webapp.proposals.models import Proposal
from webapp.verification import register_import
from webapp.voting.models import Vote
from webapp.voting.services import cast_vote

both_databases = True
sensitive = (
    "test_old_sign_ins_go_in_parts_and_the_others_stay",
    "test_rows_with_keys_of_several_columns_and_rows_that_do_not_fit_any_more",
)


def count(model, *where):
    rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


@pytest.fixture
def parted(app):
    """How many rows each writing transaction has changed, in their order."""
    written, here = [], [0]

    def note(_connection, cursor, statement, *_more):
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"} and cursor.rowcount > 0:
            here[0] += cursor.rowcount

    def done(_connection):
        if here[0]:
            written.append(here[0])
        here[0] = 0

    engine = db.engine
    listeners = (("after_cursor_execute", note), ("commit", done), ("rollback", done))
    for name, listener in listeners:
        event.listen(engine, name, listener)
    yield written
    for name, listener in listeners:
        event.remove(engine, name, listener)


def test_a_part_is_as_large_as_a_tenth_of_a_second_allows():
    pace = Pace(begin=100)
    pace.took(100, 0.001)
    assert pace.size == 200, "at most twice as many, however quick it was"
    pace.took(200, 1.0)
    assert pace.size == 20, "smaller at once"
    pace.took(20, 60.0)
    assert pace.size == parts.LEAST
    for _part in range(20):
        pace.took(pace.size, 0.0)
    assert pace.size == MOST
    assert Pace(begin=1, most=1).size == 1


def test_old_sign_ins_go_in_parts_and_the_others_stay(app, world, parted):
    key = world.aigerim.id
    rows = [
        {"user_id": key, "token_key": f"{n:064}", "is_staff": False, "browser": "", "created_at": at, "seen_at": at}
        for n, at in enumerate([MONDAY - timedelta(days=61)] * 6_000 + [MONDAY - timedelta(days=59)] * 10)
    ]
    with unit_of_work():
        db.session.execute(insert(SignIn), rows)
    parted.clear()
    assert forget_old(MONDAY) == 6_000
    assert sum(parted) == 6_000 and max(parted) <= MOST and len(parted) > 3, parted
    assert count(SignIn, SignIn.user_id == key) == 10
    assert forget_old(MONDAY) == 0


def test_rows_with_keys_of_several_columns_and_rows_that_do_not_fit_any_more(app, world, monkeypatch):
    """Votes have two; what has changed between looking and writing is left alone."""
    with unit_of_work():
        key = published(world, MONDAY).id
        for number in range(30):
            voter = add_user(f"voter{number}@test.example", MONDAY, home="611000000")
            row = {"proposal_id": key, "voter_id": voter.id, "choice": 1, "home_id": voter.home_id, "at": MONDAY}
            db.session.execute(insert(Vote).values(**row, network="n" * 16))
    monkeypatch.setattr(parts, "Pace", lambda: Pace(begin=7, most=7))
    real, seen = parts._write, []

    def write(statement, *how):
        if not seen:
            with unit_of_work():
                db.session.execute(Vote.__table__.update().where(Vote.voter_id == voter.id).values(network=None))
        seen.append(1)
        return real(statement, *how)

    monkeypatch.setattr(parts, "_write", write)
    assert change_in_parts(Vote, Vote.network.is_not(None), network=None) == 29
    assert len(seen) > 1 and count(Vote, Vote.network.is_(None)) == 30
    assert delete_in_parts(Vote, Vote.choice == 1) == 30 and count(Vote) == 0


def people(number):
    firsts = [f"80{k % 12 + 1:02d}153{k:04d}" for k in range(number)]
    return [f"{first},Сейітов,611000000" for first in (iin(f) for f in firsts if check_digit(f) is not None)]


def test_a_register_comes_in_parts_between_which_people_vote(app, world, parted, tmp_path, monkeypatch):
    file = tmp_path / "register.csv"
    file.write_text("\n".join(["iin,surname,kato", *people(900)]) + "\n", encoding="utf-8")
    wanted = len(people(900))
    with unit_of_work():
        key = published(world, MONDAY).id
    real, votes = register_import._take_in, []

    def take_in(rows, now):
        if len(votes) == 2:
            raise RuntimeError("killed")
        return real(rows, now)

    def vote():
        with unit_of_work():
            voter = add_user(f"between{len(votes)}@test.example", MONDAY, home="611000000")
            votes.append(cast_vote(voter, locked(Proposal, key), "support", MONDAY))

    took = Pace.took
    monkeypatch.setattr(Pace, "took", lambda pace, *how: (vote(), took(pace, *how)))
    monkeypatch.setattr(register_import, "_take_in", take_in)
    before = count(RegisterEntry)
    parted.clear()
    with pytest.raises(RuntimeError):
        run(app, "import-register", file)
    here = count(RegisterEntry) - before
    assert 0 < here < wanted and votes == [True, True], "two parts are there, and two votes"
    monkeypatch.undo()
    assert run(app, "import-register", file).out == f"{wanted} people are in the register.\n"
    assert count(RegisterEntry) - before == wanted and max(parted) <= MOST


def test_proposals_come_in_parts_and_whoever_was_stopped_goes_on(app, world, parted, tmp_path, monkeypatch):
    file = tmp_path / "proposals.jsonl"
    file.write_text("\n".join(json.dumps(line(n)) for n in range(1, 36)) + "\n", encoding="utf-8")
    assert run(app, "import-proposals", file, "--dry-run").out == "35 would be added, 0 known already.\n"
    assert count(Proposal) == 0
    real, done = importing._add_part, []

    def add(rows, now, pace):
        if len(done) == 1:
            raise RuntimeError("killed")
        done.append(real(rows, now, pace))
        return done[-1]

    with monkeypatch.context() as killed:
        killed.setattr(importing, "_add_part", add)
        with pytest.raises(RuntimeError):
            run(app, "import-proposals", file)
    assert count(Proposal) == done[0] == parts.LEAST
    answer = run(app, "import-proposals", file)
    assert answer.out == f"{35 - done[0]} added, {done[0]} known already.\n"
    assert count(Proposal) == 35
    lines = file.read_text(encoding="utf-8").replace("old-35", "old-36").splitlines()
    file.write_text("\n".join([*lines, "{"]) + "\n", encoding="utf-8")
    assert run(app, "import-proposals", file).code == 1 and count(Proposal) == 35, "a bad line, and nothing is changed"
