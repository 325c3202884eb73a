"""A person who stands in every table: all of it can be taken along, and when they leave nothing names them that need not."""

import json
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import JSON, String, Text, cast, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from tests.conftest import MONDAY
from tests.extra_feature import personal as extra
from tests.extra_feature.personal import Keepsake
from tests.factories import propose
from tests.scenery import build_scene, calm, standing_clock
from webapp.account import services
from webapp.account.services import PERSONAL, forget_person, my_data
from webapp.fraud.models import Arrival, CheckRequest, Quarantine
from webapp.kernel.database import db, locked, rollback, unit_of_work
from webapp.kernel.refused import mark_refused
from webapp.moderation.models import TriageDecision
from webapp.moderation.services import reject
from webapp.notifications.models import Wish
from webapp.people.models import Challenge, Consent, EmailCode, Membership, RecoveryCode, SecondStep, SignIn, User
from webapp.people.traces import After
from webapp.teamwork.models import Batch
from webapp.teamwork.notes import notes_of, write_note
from webapp.verification.models import OutsideSubject, Residence
from webapp.voting.models import OrganisationVote, PendingOrganisationVote, PendingVote

both_databases = True
sensitive = (
    "test_who_stands_in_every_table_takes_it_along_and_leaves_no_name",
    "test_work_does_not_come_back_to_an_account_that_is_gone",
)
TRACES = [trace for feature in PERSONAL for trace in feature.TRACES]


def rare(kind, limit, _numbers=count(1)):
    """Ordinary words; each name is somebody's alone."""
    return f"Аты{next(_numbers)}ққ" if kind in ("given name", "surname") else calm(kind, limit)


@pytest.fixture
def leaver(app, world):
    """An author who is named in every column that can name a person, also in those of staff."""
    app.config.update(VERIFICATION=["register", "desk"])
    with standing_clock():
        scene = build_scene(rare)
    with unit_of_work():
        person = scene.user("author@own")
        person.person_key = "p" * 64  # that of the scene holds the address
        _rest(person, scene)
        unfilled = [trace.name for trace in TRACES if not _name_in(trace, person)]
        assert unfilled == [], "the scene has no row for them: make one in _rest"
    return person.id


def _rest(person, scene):
    """What the scene has none of."""
    organisation, soon = scene["organisation verified"], MONDAY + timedelta(days=1)
    check = db.session.scalars(select(Quarantine)).first()
    code = {"code_key": "k" * 64, "created_at": MONDAY, "expires_at": soon}
    db.session.add_all(
        [
            Challenge(key="c" * 64, purpose="step", user_id=person.id, expires_at=soon),
            SecondStep(user_id=person.id),
            RecoveryCode(user_id=person.id, code_key="r" * 64),
            OutsideSubject(user_id=person.id, subject_key="s" * 64, at=MONDAY),
            Residence(user_id=person.id, home_id=1, since=MONDAY, provider="register", is_declared=False),
            EmailCode(purpose="sign-in", email=person.email, user_id=person.id, **code),
            Arrival(user_id=person.id, event="sign-up", network="n" * 16, at=MONDAY),
            SignIn(
                user_id=person.id, token_key="t", is_staff=True, browser="Firefox", created_at=MONDAY, seen_at=MONDAY
            ),
            Consent(user_id=person.id, purpose="account", given_at=MONDAY),
            Membership(organisation_id=organisation, user_id=person.id, role="representative"),
            Wish(person_id=person.id, changed_at=MONDAY),
            CheckRequest(quarantine_id=check.id, user_id=person.id, at=MONDAY),
        ]
    )
    mark_refused(person.email, "550", MONDAY)
    vote = {"proposal_id": scene["collecting"], "choice": 1, "home_id": 1, "at": MONDAY}
    _fill(PendingVote, voter_id=person.id, expires_at=soon, **vote)
    for model in (OrganisationVote, PendingOrganisationVote):
        _fill(model, member_id=person.id, voter_id=organisation, expires_at=soon, **vote)
    db.session.flush()


def _fill(model, **values):
    """A row with those of the values that the table has columns for."""
    names = {attribute.key for attribute in model.__mapper__.column_attrs}
    db.session.execute(insert(model).values(**{key: value for key, value in values.items() if key in names}))


def _name_in(trace, person):
    """Put the person into one row of the table, where none names them yet; False when that was not possible."""
    model, value = trace.column.class_, person.email if _is_text(trace.column) else person.id
    if db.session.scalar(select(func.count()).select_from(model).where(trace.column == value)):
        return True
    keys = list(model.__mapper__.primary_key)
    for row in db.session.execute(select(*keys)).all():
        found = [column == part for column, part in zip(keys, row, strict=True)]
        try:
            with db.session.begin_nested():
                db.session.execute(update(model).where(*found).values({trace.column: value}))
            return True
        except IntegrityError:
            continue
    return False


def _is_text(column):
    return isinstance(column.type, String)


def _naming(trace, person_id, email):
    value = email if _is_text(trace.column) else person_id
    return db.session.scalar(select(func.count()).select_from(trace.column.class_).where(trace.column == value))


def test_who_stands_in_every_table_takes_it_along_and_leaves_no_name(leaver, clock):
    person = db.session.get_one(User, leaver)
    email, names = person.email, (person.given_name, person.surname)
    assert "user.surname" in _columns_that_say(*names) and len(_columns_that_say(email)) > 2
    stored = my_data(person)
    assert [trace.name for trace in TRACES if trace.shown and not stored[trace.shown]] == []
    with unit_of_work():
        forget_person(locked(User, leaver), MONDAY)
    still = {trace.name: _naming(trace, leaver, email) for trace in TRACES}
    assert [trace.name for trace in TRACES if trace.after is not After.KEPT and still[trace.name]] == []
    assert [trace.name for trace in TRACES if trace.after is After.KEPT and not still[trace.name]] == []
    assert _columns_that_say(email, *names) == [], "a name is left"


def _columns_that_say(*words):
    """Columns of text or JSON in which one of the words stands; JSON may hold it with its letters escaped."""
    found, words = [], {*words, *(json.dumps(word)[1:-1] for word in words)}
    for table in db.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, String | Text | JSON):
                says = or_(*(cast(column, Text).contains(word, autoescape=True) for word in words))
                if db.session.scalar(select(func.count()).select_from(table).where(says)):
                    found.append(f"{table.name}.{column.name}")
    return found


def test_a_moderator_takes_notes_along_and_colleagues_keep_them(world, visit, clock):
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY)
        key = proposal.id
        write_note(world.moderator, proposal, "Құрылыс мерзімін тексеру керек", [world.officer.id], MONDAY)
        write_note(world.officer, proposal, "Маған беріңіз", [world.moderator.id], MONDAY)
    stored = my_data(db.session.get_one(User, world.moderator.id))
    assert [(note["proposal"], note["text"], note["mentions"]) for note in stored["staff_notes"]] == [
        (key, "Құрылыс мерзімін тексеру керек", 1)
    ]
    assert [mention["proposal"] for mention in stored["mentions"]] == [key]
    assert "Маған беріңіз" not in str(stored), "the words of a colleague are the colleague's"
    with unit_of_work():
        forget_person(locked(User, world.moderator.id), MONDAY)
    assert [(note.author_id is None, len(note.mentions)) for note in notes_of(key)] == [(False, 0), (True, 1)]
    page = visit(world.region_moderator).get(f"/desk/{key}")
    assert "A former colleague" in page.text and "Құрылыс мерзімін тексеру керек" in page.text


def test_work_does_not_come_back_to_an_account_that_is_gone(world, clock):
    gone, others = world.moderator.id, world.region_moderator.id
    with unit_of_work():
        proposal = propose(world.aigerim, MONDAY)
        decision = reject(world.region_moderator, proposal, "insult", MONDAY)
        decision.before = {**decision.before, "assignee_id": gone}
        had = [
            {"proposal_id": 1, "assignee_id": gone, "became": {"assignee_id": others, "department_id": None}},
            {
                "proposal_id": gone,
                "assignee_id": int(f"{gone}0"),
                "became": {"department_id": gone, "assignee_id": gone},
            },
        ]
        db.session.add(Batch(token="t", user_id=others, act="assign", count=2, at=MONDAY, before=had))
        decision_id = decision.id
    with unit_of_work():
        forget_person(locked(User, gone), MONDAY)
    rollback()
    assert db.session.get_one(TriageDecision, decision_id).before["assignee_id"] is None
    assert db.session.get_one(Batch, "t").before == [
        {"proposal_id": 1, "assignee_id": None, "became": {"assignee_id": others, "department_id": None}},
        {"proposal_id": gone, "assignee_id": int(f"{gone}0"), "became": {"department_id": gone, "assignee_id": None}},
    ]


def test_a_feature_is_added_by_the_tuple_alone(world, clock, monkeypatch):
    monkeypatch.setattr(services, "PERSONAL", (*PERSONAL, extra))
    with unit_of_work():
        Keepsake.__table__.create(db.session.connection())
        for person in (world.aigerim, world.bolat):
            db.session.add(Keepsake(user_id=person.id, words=f"of {person.given_name}"))
    assert my_data(db.session.get_one(User, world.aigerim.id))["keepsakes"] == ["of Айгерім"]
    with unit_of_work():
        forget_person(locked(User, world.aigerim.id), MONDAY)
    assert db.session.scalars(select(Keepsake.words)).all() == ["of Болат"]


def test_two_features_that_show_one_key_are_an_error(world, clock, monkeypatch):
    monkeypatch.setattr(services, "PERSONAL", (*PERSONAL, PERSONAL[0]))
    with pytest.raises(ValueError, match="shown already"):
        my_data(db.session.get_one(User, world.aigerim.id))
