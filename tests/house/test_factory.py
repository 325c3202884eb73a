"""The factory stays short: each feature names its pages and jobs, and one tuple names the features."""

import ast
import re
from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy.exc import OperationalError

from tests.conftest import MONDAY, ROOT
from tests.house.test_source import SOURCES, name
from webapp import FEATURES, create_app
from webapp.kernel.jobs import Job, Jobs, Phase, jobs
from webapp.portal import shell

#: What the worker does, in the order in which it does it. A change of this list is a change of what happens first.
ORDER = {
    Phase.DUE: [
        *("wishes of authors", "triage terms", "windows and silence", "milestones", "milestones of measures"),
        *("dates promised first", "judging", "hanging", "reminders of what hangs", "offers", "organisations"),
        *("accreditations", "flags", "grants", "checks", "votes given back", "sums of checks"),
    ],
    Phase.TELL: ["notices"],
    Phase.WRITE: ["answers to reports", "digests"],
    Phase.SEND: ["mail"],
    Phase.SEAL: ["seal"],
    Phase.COUNT: ["recount"],
    Phase.FORGET: [
        *("old reminders", "stray plans", "networks of reports", "networks", "old notices", "sent forms", "sent mails"),
        *("used challenges", "sign-ins", "codes", "failed tries", "challenges", "waiting forms", "refused addresses"),
        *("unconfirmed accounts", "invitations", "deleted accounts", "drafts", "verification", "stray photos"),
    ],
}


@pytest.fixture
def sample(tmp_path, monkeypatch):
    """An application with one feature more, in front of all others."""
    monkeypatch.setattr(jobs, "all", list(jobs.all))
    settings = {"SECRET_KEY": "x", "PERSON_PEPPER": "y", "MAIL_BACKEND": "memory"}
    return create_app(("tests.sample", *FEATURES), INSTANCE=str(tmp_path), **settings)


def test_the_factory_can_be_read_on_one_screen():
    tree = ast.parse((ROOT / "webapp/__init__.py").read_text("utf-8"))
    lengths = {node.name: node.end_lineno - node.lineno + 1 for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert lengths["create_app"] < 80


def test_jobs_run_in_the_order_that_is_written_here(app):
    assert [entry[0] for entry in jobs.all] == [one for phase in Phase for one in ORDER[phase]]


def test_a_job_stands_in_the_phase_that_is_written_here():
    found = {job.name: job.phase for one in FEATURES for job in getattr(import_module(f"{one}.wiring"), "JOBS", ())}
    assert found == {job: phase for phase, names in ORDER.items() for job in names}


def test_a_phase_comes_before_the_order_of_registration():
    some = Jobs()
    some.register([Job("late", len, phase=Phase.SEAL), Job("first", len), Job("second", len, timedelta(hours=1))])
    assert [entry[0] for entry in some.all] == ["first", "second", "late"]
    with pytest.raises(ValueError, match="one name"):
        some.register([Job("late", len), Job("late", len, phase=Phase.SEAL)])


def test_every_package_that_has_something_to_name_is_in_the_tuple():
    wired = {name(path.parent).replace("/", ".") for path in SOURCES if path.name == "wiring.py"}
    assert wired == set(FEATURES) and len(FEATURES) == len(set(FEATURES))


def test_a_feature_names_all_its_pages_itself(app):
    for path in SOURCES:
        for made in re.findall(r'^\w+ = Blueprint\("(\w+)"', path.read_text("utf-8"), flags=re.M):
            package = ".".join(path.relative_to(ROOT).parts[:2])
            assert made in {blueprint.name for blueprint in import_module(f"{package}.wiring").BLUEPRINTS}, path
            assert made in app.blueprints, path


def test_a_new_feature_is_one_name_in_the_tuple(sample):
    answer = sample.test_client().get("/sample/7")
    assert (answer.status_code, answer.text) == (200, "sample 7")
    assert jobs.all[0][0] == "sample" and jobs.all[0][1](MONDAY) == 1
    assert [entry[0] for entry in jobs.all[1:]] == [one for phase in Phase for one in ORDER[phase]]


def broken(error):
    def refusal(*_asked):
        raise error

    return refusal


def test_the_head_of_a_page_shows_a_bug_in_a_predicate(world, visit, monkeypatch, capsys):
    browser = visit(world.officer)
    monkeypatch.setattr(shell, "refusal", broken(TypeError("a bug")))
    assert browser.client.get("/proposals").status_code == 500
    assert "TypeError: a bug" in capsys.readouterr().err


def test_the_head_of_a_page_does_without_a_database(world, visit, monkeypatch):
    browser = visit(world.officer)
    monkeypatch.setattr(shell, "refusal", broken(OperationalError("SELECT", {}, Exception("gone"))))
    answer = browser.client.get("/proposals")
    assert answer.status_code == 200 and "/desk" not in answer.text
