"""Every column that names a person has its place: shown or not, let go or kept, and for what reason."""

import re

import pytest
from sqlalchemy import String

from tests.conftest import ROOT
from webapp.account.services import PERSONAL
from webapp.kernel.database import db
from webapp.people.models import User
from webapp.people.traces import After, Trace, gone, kept

#: Columns that hold a number or an address of a person without a foreign key.
WITHOUT_A_KEY = {"fact.actor_id", "email_code.email", "invitation.email", "message.recipient", "refused_address.email"}
#: The account itself, which `account` empties at the end.
OF_THE_ACCOUNT = {"user.email"}
#: Whoever adds a column with such a name says what becomes of it.
ADDRESSES = {"email", "recipient", "mail_address", "phone"}


def traces():
    return [trace for feature in PERSONAL for trace in feature.TRACES]


def columns_that_name_people():
    found = {
        f"{table.name}.{key.parent.name}"
        for table in db.metadata.tables.values()
        for key in table.foreign_keys
        if key.column is User.__table__.c.id
    }
    addresses = {
        f"{table.name}.{column.name}"
        for table in db.metadata.tables.values()
        for column in table.columns
        if column.name in ADDRESSES and isinstance(column.type, String)
    }
    return found | addresses | {"fact.actor_id"}


def unplaced(placed, there):
    """Columns without a place, columns with two, and places without a column."""
    names = [trace.name for trace in placed]
    return (
        sorted(there - set(names) - OF_THE_ACCOUNT),
        sorted({name for name in names if names.count(name) > 1}),
        sorted(set(names) - there),
    )


def test_every_column_that_names_a_person_has_one_place():
    there = columns_that_name_people()
    assert len(there) > 50 and there >= WITHOUT_A_KEY | OF_THE_ACCOUNT
    assert unplaced(traces(), there) == ([], [], [])


def test_a_column_without_a_place_and_a_place_without_a_column_would_be_seen():
    there, placed = columns_that_name_people(), traces()
    assert unplaced(placed[1:], there)[0] == [placed[0].name]
    assert unplaced([*placed, placed[0]], there)[1] == [placed[0].name]
    assert unplaced(placed, there - {placed[0].name})[2] == [placed[0].name]


@pytest.mark.parametrize("trace", traces(), ids=lambda trace: trace.name)
def test_what_is_kept_or_not_shown_has_a_reason(trace):
    if trace.after is After.KEPT or not trace.shown:
        assert len(trace.why) > 20, "say who needs it"
    if trace.after is After.EMPTIED:
        assert trace.column.property.columns[0].nullable, "a name that cannot be taken out needs a migration"


def test_the_document_lists_what_stays_and_why():
    text = (ROOT / "docs/security.md").read_text("utf-8").partition("## What stays when somebody leaves")[2]
    rows = re.findall(r"^\| `([\w.]+)` \| (.+) \|$", text.partition("\n## ")[0], flags=re.M)
    assert rows == sorted((trace.name, trace.why) for trace in traces() if trace.after is After.KEPT)


def test_a_trace_knows_its_column():
    trace = kept(User.id, "", "a reason that is long enough")
    assert trace == Trace(User.id, "", After.KEPT, "a reason that is long enough") and trace.name == "user.id"
    assert gone(User.email, "account").name == "user.email"
