"""What STYLE.md and docs/architecture.md say is enforced, is: tools run, tests exist, contracts are kept, layers and jobs agree."""

import ast
import re
import tomllib
from datetime import timedelta

import pytest

from tests.conftest import ROOT
from tests.house.test_documents import code, make_targets, read, section
from tools.contracts import Role, borrowed_of_flask, role_of
from webapp.kernel.jobs import jobs

SETTINGS = tomllib.loads(read("pyproject.toml"))["tool"]
CONTRACTS = SETTINGS["importlinter"]["contracts"]
RULES = sorted((ROOT / "webapp").rglob("rules*.py"))


def enforced():
    """The table of STYLE.md: a rule, and what enforces it."""
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", section(read("STYLE.md"), "What enforces what"), flags=re.M)
    return [row for row in rows if row[0] not in ("rule", "---")]


def recipe(target):
    """The lines of a target of the Makefile."""
    return re.search(rf"^{target}:.*\n((?:\t.*\n?)+)", read("Makefile"), flags=re.M).group(1)


def names_of_tests(path):
    """The names of the tests in a file."""
    return {node.name for node in ast.walk(ast.parse(read(path))) if isinstance(node, ast.FunctionDef)}


def what_runs():
    """All that a row of the table may name: tests of this folder, contracts, rules of ruff, tools of `make check`."""
    own = set().union(*(names_of_tests(path.relative_to(ROOT)) for path in (ROOT / "tests/house").glob("test_*.py")))
    return own | {contract["name"] for contract in CONTRACTS}


def test_every_named_test_contract_and_path_is_there():
    there, checked = what_runs(), recipe("check")
    for rule, by in enforced():
        for name in re.findall(r"`(test_\w+)`", by):
            assert name in there, f"{rule}: no test {name}"
        for name in re.findall(r'"([^"]+)"', by):
            assert name in there, f"{rule}: no contract {name}"
        for path in re.findall(r"`((?:tests|tools|webapp)/[\w./-]*)`", by):
            assert (ROOT / path).exists(), f"{rule}: no {path}"
            assert not path.startswith("tools/check") or path in checked, f"{rule}: {path} is not run"
        for group in re.findall(r"ruff ((?:`[A-Z]+\d*`(?: and )?)+)", by):
            for chosen in re.findall(r"`([A-Z]+\d*)`", group):
                assert chosen in SETTINGS["ruff"]["lint"]["select"], f"{rule}: ruff does not look for {chosen}"


def test_every_row_names_something_that_can_fail():
    silent = [rule for rule, by in enforced() if not re.search(r"`test_|tests/|tools/|\"|ruff|mypy|constraint", by)]
    assert len(enforced()) > 12 and silent == []


def test_every_contract_stands_in_the_table():
    named = {name for _rule, by in enforced() for name in re.findall(r'"([^"]+)"', by)}
    assert {contract["name"] for contract in CONTRACTS} - named == set()


def test_what_enforces_is_run_first_where_all_is_tested():
    made = re.findall(r"^make (\w+)", read(".ci/run"), flags=re.M)
    assert made == ["check", "test"]
    for tool in ("ruff format --check", "ruff check", "mypy", "bandit", "lint-imports", "j2lint"):
        assert tool in recipe("check"), tool


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_rules_are_typed_strictly_and_pure(path):
    globs, pure = SETTINGS["mypy"]["files"], next(c for c in CONTRACTS if c["name"] == "Rules are pure")
    assert SETTINGS["mypy"]["strict"] and any(path.match(pattern) for pattern in globs)
    inside = path.relative_to(ROOT / "webapp").with_suffix("").parts
    assert (len(inside) == 2 and inside[1] == "rules" and pure["source_modules"] == ["webapp.*.rules"]) or (
        f"webapp.{'.'.join(inside)}" in pure["source_modules"]
    )


@pytest.mark.parametrize(
    "name, source, role",
    [
        ("webapp.a.pages", "from flask import Blueprint\nbp = Blueprint('a', __name__)\nrequire(1)", Role.VIEWS),
        ("webapp.a.undoing", "def undo(actor):\n    require(actor)\n    db.session.add(actor)", Role.VERBS),
        ("webapp.a.judging", "def judge():\n    services.record(1)", Role.VERBS),
        ("webapp.a.services", "x = 1", Role.VERBS),
        ("webapp.a.forms", "class A(forms.CleanForm):\n    pass", Role.FORMS),
        ("webapp.a.tables", "class A(Model):\n    pass", Role.MODELS),
        ("webapp.a.rules", "class A(Model):\n    pass", Role.RULES),
        ("webapp.a.words", "def words():\n    return {}", None),
    ],
)
def test_the_contract_of_a_feature_sees_what_a_file_holds(name, source, role):
    assert role_of(name, ast.parse(source)) is role


def test_a_verb_that_reads_the_request_would_be_seen():
    assert borrowed_of_flask(ast.parse("from flask import current_app, request")) == {"request"}


def test_the_layers_of_the_document_are_the_layers_of_the_contract():
    layers = next(c for c in CONTRACTS if c["type"] == "layers")["layers"]
    text = re.search(r"^## The layers\n.*?```text\n(.*?)```", read("docs/architecture.md"), flags=re.S | re.M).group(1)
    assert text.splitlines() == layers


def test_every_package_has_a_line_in_the_document():
    packages = {path.parent.name for path in (ROOT / "webapp").glob("*/__init__.py")}
    table = re.search(r"^\| package \|.*?\n\n", read("docs/architecture.md"), flags=re.S | re.M).group(0)
    assert set(re.findall(r"^\| `(\w+)` \|", table, flags=re.M)) == packages


#: How the document writes how often a job runs; a job without one of these runs each time the worker looks.
OFTEN = {
    timedelta(seconds=5): "round after round",
    timedelta(minutes=1): "every minute",
    timedelta(minutes=5): "every five minutes",
    timedelta(minutes=10): "every ten minutes",
    timedelta(minutes=30): "every half hour",
    timedelta(hours=1): "every hour",
    timedelta(hours=6): "every six hours",
}


def documented_jobs():
    """Jobs of the document with what is said of each."""
    rows = re.findall(
        r"^\| ([^|`]+?) \| (.+) \|$", section(read("docs/architecture.md"), "The worker and deadlines"), flags=re.M
    )
    return {job.strip(): said for names, said in rows if names not in ("job", "---") for job in names.split(",")}


def test_every_job_is_in_the_document_with_how_often_it_runs(app):
    said = documented_jobs()
    assert set(said) == {name for name, _job, _every in jobs.all}
    for name, _job, every in jobs.all:
        told = [words for words in OFTEN.values() if words in said[name]]
        assert told == ([OFTEN[every]] if every else []), name


def test_the_jobs_of_the_document_stand_in_the_order_in_which_they_run(app):
    order = list(documented_jobs())
    alone = [name for name, _job, every in jobs.all if every < timedelta(hours=1) or not every]
    assert [name for name in order if name in alone] == alone


def test_quick_leaves_out_what_is_slow_and_nothing_else():
    line = recipe("quick")
    assert "tests/rules tests/features tests/house" in line and "not postgresql and not browser" in line
    assert "quick" in make_targets()[1] and any("make quick" in piece for piece in code(read("CONTRIBUTING.md")))
