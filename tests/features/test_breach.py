"""The report after a leak: whose data, of what kind, what happened; addresses in a file that nobody else reads."""

import csv
import stat
from datetime import timedelta

from sqlalchemy import func, select

from tests.conftest import MONDAY
from tests.factories import published, supported
from tests.features.console import refused, run
from webapp.account.services import forget_person
from webapp.commands.breach import KINDS, personal_tables
from webapp.kernel.database import db, locked, unit_of_work
from webapp.people.models import User
from webapp.voting.models import Vote

WINDOW = ("breach-report", "--from", "2026-11-20T00:00", "--to", "2026-11-23T12:00")


def prepared(world):
    with unit_of_work():
        supported(published(world, MONDAY - timedelta(days=2)), 3, "611000000", MONDAY - timedelta(days=1))


def test_it_counts_rows_accounts_and_kinds(app, world):
    prepared(world)
    users = db.session.scalar(select(func.count()).select_from(User))
    answer = run(app, *WINDOW)
    assert answer.code == 0
    assert f"user: {users} rows, {users} accounts: e-mail, name" in answer.out
    assert "vote: 3 rows, 3 accounts: how people voted" in answer.out
    assert "proposal: 1 rows, 1 accounts" in answer.out
    assert f"{users} accounts are affected." in answer.out
    assert "Tell the ministry by 2026-" in answer.out
    assert "proposal:published: 1" in answer.out


def test_only_some_tables_and_only_what_was_there_by_then(app, world):
    prepared(world)
    with unit_of_work():
        supported(
            published(world, MONDAY + timedelta(days=1)), 2, "611000000", MONDAY + timedelta(days=1), name="later"
        )
    answer = run(app, *WINDOW, "--table", "vote")
    assert "vote: 3 rows, 3 accounts" in answer.out and "user:" not in answer.out
    assert "3 accounts are affected." in answer.out


def test_addresses_go_to_a_file_of_ones_own(app, world, tmp_path):
    prepared(world)
    gone = db.session.scalars(select(Vote.voter_id)).first()
    with unit_of_work():
        forget_person(locked(User, gone), MONDAY - timedelta(hours=20))
    target = tmp_path / "notices.csv"
    answer = run(app, *WINDOW, "--table", "vote", "--table", "pending_vote", "--notices", target)
    assert "2 addresses, readable by you alone. 1 deleted accounts have none." in answer.out
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    rows = list(csv.DictReader(target.open(encoding="utf-8")))
    assert len(rows) == 2 and all(row["email"].startswith("voter") and "@" in row["email"] for row in rows)
    assert all(row["data"] == KINDS["vote"] and row["language"] == "kk" for row in rows)
    assert "cannot be made" in refused(app, *WINDOW, "--notices", target)
    assert not any(row["email"] in answer.out for row in rows)


def test_the_timeline_is_in_order(app, world):
    prepared(world)
    answer = run(app, *WINDOW)
    lines = [line.strip() for line in answer.out.splitlines() if line.startswith("  2026-")]
    times = [line.split(" ", 1)[0] for line in lines]
    assert times == sorted(times) and any("proposal:submitted proposal 1" in line for line in lines)


def test_refusals(app, world):
    assert "before" in refused(app, "breach-report", "--from", "2026-11-23", "--to", "2026-11-20")
    assert "not a moment" in refused(app, "breach-report", "--from", "yesterday", "--to", "2026-11-20")
    assert "Holds nothing about people: territory" in refused(app, *WINDOW, "--table", "territory")
    assert "--to" in refused(app, "breach-report", "--from", "2026-11-23")


def test_every_table_that_points_to_an_account_is_known(app):
    wanted = {
        t.name for t in db.metadata.tables.values() if any(k.column is User.__table__.c.id for k in t.foreign_keys)
    }
    assert wanted | {"user", "message", "register_entry", "invitation"} <= set(personal_tables())
