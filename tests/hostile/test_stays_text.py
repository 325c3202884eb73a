"""Hostile texts in every column that people write, on every page, in every export and mail: they stay text."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import ChoiceLoader, DictLoader
from sqlalchemy import String, Text, func, select

from tests.client import Page
from tests.conftest import ROOT, make_app
from tests.hostile.corpus import MARK, PAYLOADS, Hostile, one_title
from tests.hostile.looking import TRIGGERS, faults, in_mail, lost_lines, runs
from tests.matrix.table import TABLE, filled
from tests.matrix.test_every_route import nobody_answers
from tests.matrix.test_matrix import address
from tests.scenery import theatre
from tests.sizes import size
from webapp.flagging.models import FlagReview, Hiding
from webapp.kernel.database import Base, db
from webapp.kernel.exports import as_csv
from webapp.kernel.mail import Message, outbox
from webapp.kernel.markdown import render_markdown
from webapp.offers.models import Offer
from webapp.people.models import Organisation
from webapp.proposals.models import Proposal

LOOKING = ("visitor", "author@own", "owner", "moderator@own", "moderator@above", "officer@own", "operator@above")
#: Columns that hold codes, keys or names of our own making: nobody's text. A new column of text stands in
#: the scene (`tests/scenery.py`, through `words`) or, with good reason, here.
CODES = {
    "business_plan.sha256",
    "business_plan.name",
    "fact.actor",
    "fact.acting_for",
    "fact_salt.part",
    "fact_salt.salt",
    "waiting_form.name",
    "form_sent.content",
    "form_sent.key",
    "form_sent.location",
    "waiting_form.path",
    "offer.form",
    "offer.lang",
    "offer.state",
    "offer_stage.stage",
    "hanging_case.cause",
    "hanging_case.level",
    "hanging_reminder.cause",
    "hanging_reminder.level",
    "judgement.choice",
    "judgement.lang",
    "milestone_report.link",
    "direction.goals",
    "direction.sphere",
    "programme.sphere",
    "measure.sphere",
    "strategy_version.level",
    "commitment.source",
    "money_entry.kind",
    "money_entry.source",
    "flag.network",
    "flag.reason",
    "flag.what",
    "flag_review.decision",
    "flag_review.what",
    "hiding.decision",
    "hiding.reason",
    "hiding.what",
    "proposal.hidden",
    "proposal.hidden_reason",
    "proposal.photo_hidden_reason",
    "follow.key",
    "follow.kind",
    "message.error",
    "message.unsubscribe",
    "notice.kind",
    "notice.mail",
    "secret_address.fingerprint",
    "secret_address.purpose",
    "secret_address.seed",
    "arrival.event",
    "batch.act",
    "batch.token",
    "desk_setting.languages",
    "desk_view.query",
    "phrase.use",
    "rejection_reason.code",
    "triage_decision.batch",
    "arrival.network",
    "merger.stage",
    "outside_subject.subject_key",
    "pepper_mark.mark",
    "photo.name",
    "photo.sent_by",
    "quarantine.kinds",
    "residence.provider",
    "used_challenge.key",
    "verification_attempt.code_key",
    "verification_attempt.handle_key",
    "verification_attempt.home_kato",
    "verification_attempt.person_key",
    "verification_attempt.provider",
    "verification_attempt.seed",
    "verification_attempt.subject_key",
    "vote.network",
    "challenge.key",
    "challenge.purpose",
    "email_code.email",
    "email_code.purpose",
    "email_code.token_key",
    "email_code.whose",
    "failed_try.mark",
    "failed_try.whose",
    "refused_address.email",
    "refused_address.error",
    "passkey.credential_id",
    "sign_in.browser",
    "sign_in.former_key",
    "sign_in.sealed_token",
    "sign_in.token_key",
    "alembic_version.version_num", "answer.kind", "answer.source", "body.kind", "consent.purpose", "draft.funding",
    "draft.lang", "draft.sphere", "draft.token", "email_code.code_key", "fact.hash", "fact.prev_hash",
    "fact.subject_type", "fact.verb", "grant.role", "heartbeat.name", "invitation.code_key", "invitation.email",
    "invitation.role", "ladder_rung.cause", "ladder_rung.outcome", "membership.role", "message.dedup_key",
    "message.recipient", "milestone_report.outcome", "organisation.bin", "organisation.kind", "proposal.external_id", "proposal.funding",
    "proposal.lang", "proposal.number", "proposal.sphere", "proposal.stage", "proposal_term.term",
    "recovery_code.code_key", "register_entry.person_key", "register_entry.surname_key", "rule_set.preset",
    "rule_set.rung", "second_step.secret", "second_step.wanted_secret", "territory.kato", "territory.kind", "territory.name_ru_gen",
    "territory.path", "territory.rung", "triage_decision.kind", "triage_decision.reason", "user.email", "user.lang",
    "user.password_hash", "user.person_key",
}  # fmt: skip


def test_the_corpus_is_what_it_says():
    assert len(PAYLOADS) == len(set(PAYLOADS)) >= 60
    assert all(MARK in payload for payload in PAYLOADS)
    assert sum(runs(payload) for payload in PAYLOADS) >= 60
    assert sum(len(payload) <= 80 for payload in PAYLOADS) >= 60, "most fit into a title"


def test_every_text_of_the_corpus_and_every_column_is_in_the_scene(hostile):
    assert hostile.words.used == {payload for payload in PAYLOADS if len(payload) <= 8000}
    with hostile.app.app_context():
        empty = []
        for table in Base.metadata.tables.values():
            for column in table.columns:
                name = f"{table.name}.{column.name}"
                if not isinstance(column.type, String | Text) or name in CODES:
                    continue
                query = select(func.count()).select_from(table).where(column.contains(MARK))
                if not db.session.scalar(query):
                    empty.append(name)
        db.session.rollback()
    assert not empty, f"nothing hostile in {empty}: fill them in tests/scenery.py, or list them in CODES of this test"


@pytest.mark.parametrize("name", LOOKING)
def test_on_every_page_and_in_every_export(hostile, name):
    found, seen = [], 0
    for row in TABLE:
        if row.method == "GET" and name in row.let_in() and row.endpoint != "static":
            page = hostile.act(name, "GET", address(hostile.app, row, hostile.scene)[0])
            assert page.status in {200, 303} or nobody_answers(row, page), (row.route, page.status)
            seen += MARK in page.html
            found += faults(page, hostile.app.config["SECRET_KEY"] + "-")
    assert not found
    assert seen > 10, "hardly any page showed a text of the corpus: this test looks at nothing"


LINED = {
    "author@own": ("/proposals/{proposal}", "/proposals/{proposal}/revision", "/proposals/{proposal}/hiding/appeal"),
    "moderator@own": ("/proposals/{proposal}", "/desk/{proposal}", "/desk/flags/{review}", "/desk/organisations/{org}"),
    "moderator@above": ("/desk/{proposal}", "/desk/hidings/{hiding}"),
    "officer@own": ("/proposals/{proposal}/answer", "/measures/{measure}", "/measures/{measure}/money"),
    "owner": ("/organisations/{org}", "/organisations/{org}/correction", "/offers/{offer}"),
    "operator@above": ("/fraud-desk/checks/{check}", "/programmes/{measure}/versions"),
}


def test_every_text_of_several_lines_keeps_them_wherever_it_is_shown(hostile):
    """In every state of a proposal, of a report, of an organisation: what was typed in lines is read in lines."""
    keys = {"proposal": Proposal, "review": FlagReview, "hiding": Hiding, "org": Organisation, "offer": Offer}
    with hostile.app.app_context():
        numbers = {name: list(db.session.scalars(select(model.id))) for name, model in keys.items()}
        numbers |= {"measure": [1, 2, 3], "check": [1]}
        db.session.rollback()
    found, seen = set(), 0
    for name, patterns in LINED.items():
        for pattern in patterns:
            for number in numbers[pattern.partition("{")[2].partition("}")[0]]:
                page = hostile.act(name, "GET", re.sub("{.*?}", str(number), pattern))
                if page.status == 200:
                    seen += 1
                    found |= {f"{name} {pattern}: {what}" for what in lost_lines(page)}
    assert not found and seen > 60


@pytest.mark.parametrize("turn", range(size(2, 4)))
def test_in_every_form_that_comes_back(hostile, turn):
    """Refused forms keep what was typed; so do the pages "send it again" and "confirm it is you"."""
    words, found = Hostile(), []
    for _skipped in range(turn * 23):
        words("", 80)
    for row in TABLE:
        if row.method != "POST":
            continue
        path, form = address(hostile.app, row, hostile.scene)
        who = sorted(row.let_in() or {"author@own"})[-1]
        typed = {field: words("typed", 200) for field in {*form, "title", "name", "note", "email", "next", "back"}}
        found += faults(hostile.act(who, "POST", path, typed))
        stale = {"headers": {"Sec-Fetch-Site": "same-origin"}}
        found += faults(hostile.act(who, "POST", path, typed | {"csrf_token": "old"}, **stale))
    assert not found


@pytest.mark.parametrize("turn", range(size(2, 3)))
def test_in_every_address(hostile, turn):
    words, found = Hostile(), []
    for _skipped in range(turn * 31):
        words("", 80)
    for row in TABLE:
        if row.method == "GET" and row.endpoint != "static":
            path, _form = address(hostile.app, row, hostile.scene)
            names = (
                "next",
                "place",
                "kato",
                "to",
                "page",
                "sphere",
                "state",
                "sort",
                "kind",
                "after",
                "q",
                words("", 80),
            )
            found += faults(hostile.act("visitor", "GET", path, query_string={n: words("typed", 200) for n in names}))
    found += faults(hostile.act("visitor", "GET", f"/{words('', 200)}"))
    assert not found


def test_in_every_mail(hostile):
    with hostile.app.app_context():
        mails = outbox()
        subjects = list(db.session.scalars(select(Message.subject)))
        db.session.rollback()
        found = [fault for mail in mails for fault in in_mail(mail)]
    assert found == []
    assert len(mails) > 10 and sum(MARK in mail.body for mail in mails) > 10
    digests = [mail for mail in mails if "digest" in mail.extra_headers["Message-ID"]]
    assert any(MARK in mail.body for mail in digests), "no weekly mail holds a text of the corpus"
    assert any(MARK in str(mail.alternatives[0][0]) for mail in mails if getattr(mail, "alternatives", None))
    assert not [subject for subject in subjects if "\n" in subject or "\r" in subject]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_markdown_of_people(payload):
    from flask import Response

    html = f"<!doctype html><title>x</title><main>{render_markdown(payload)}</main>"
    response = Response(html, mimetype="text/html")
    response.request = SimpleNamespace(path="markdown")
    assert faults(Page(response)) == []
    assert MARK in html


CELLS = st.text(max_size=30) | st.builds(str.__add__, st.sampled_from(TRIGGERS), st.text(max_size=10))


@settings(max_examples=60)
@given(st.lists(st.tuples(CELLS, CELLS), max_size=5))
def test_no_cell_of_an_export_is_a_formula(app_of_exports, rows):
    """Whatever people have written: no cell begins like a formula, none gets lost, and the table keeps its shape."""
    import csv
    import io

    with app_of_exports.test_request_context():
        text = as_csv([{"a": a, "b": b} for a, b in rows], ("a", "b"), "x").get_data(as_text=True)
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))[1:]
    assert len(read) == len(rows)
    for cells, written in zip(read, rows, strict=True):
        for cell, said in zip(cells, written, strict=True):
            assert not cell.startswith(TRIGGERS) and not cell.lstrip(" ").startswith(TRIGGERS)
            assert cell.removeprefix("'") == said.removeprefix("'")


@pytest.fixture(scope="module")
def app_of_exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    return make_app(f"sqlite:///{folder / 'x.sqlite3'}", folder)


def careless(address_of_database, folder):
    """The application with one word too many in one template."""
    app = make_app(address_of_database, folder)
    source = (ROOT / "templates/portal/my.html").read_text(encoding="utf-8")
    assert "{{ proposal.title }}" in source
    planted = {"portal/my.html": source.replace("{{ proposal.title }}", "{{ proposal.title|safe }}")}
    app.jinja_loader = ChoiceLoader([DictLoader(planted), app.jinja_loader])
    app.jinja_env.loader = app.jinja_loader
    return app


def test_one_word_too_many_in_one_template_is_seen(template_file, tmp_path):
    """A test of the test."""
    with theatre(template_file, tmp_path, one_title, careless, who=["author@own"]) as stage:
        found = faults(stage.act("author@own", "GET", "/my"))
    assert "/my: <img onerror>" in found


def test_addresses_are_filled(hostile):
    assert filled(TABLE[0], hostile.scene) == ({}, {})
