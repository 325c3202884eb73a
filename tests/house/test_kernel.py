"""The kernel does what features would otherwise copy, and knows nothing of what they are about."""

import ast
import re

import pytest
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter

from tests.conftest import ROOT
from tests.house.test_source import SOURCES, name
from webapp.kernel.database import LARGEST_KEY


def past_the_session(source):
    """Statements that skip the session and ask for no row back: what `changed` is for."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            options = {ast.unparse(keyword) for keyword in node.keywords}
            if "synchronize_session=False" in options and ".returning(" not in ast.unparse(node):
                yield node.lineno


def test_one_place_changes_rows_past_the_session():
    assert list(past_the_session("run(update(A).execution_options(synchronize_session=False))")) == [1]
    found = {name(path) for path in SOURCES if list(past_the_session(path.read_text("utf-8")))}
    returning = "webapp/kernel/dead_letters.py"  # its statement asks for rows, a line above
    assert found - {returning} == {"webapp/kernel/database.py"}


def test_one_place_waits_to_be_alone():
    assert [name(path) for path in SOURCES if "advisory" in path.read_text("utf-8")] == ["webapp/kernel/database.py"]


def test_one_loop_does_each_once():
    """Whoever walks over keys and retries each in a transaction of its own calls `each_once`."""
    loops = {
        name(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.GeneratorExp) and "retrying(" in ast.unparse(node)
    }
    assert loops == {"webapp/kernel/jobs.py"}


#: Pages that tell of a number nobody has as they tell of one that is gone already, and so take any number.
TAKES_ANY_NUMBER = {
    *("account.end_device", "passkeys.remove", "mail_desk.one_again", "mail_desk.leave", "organisations.take_back"),
}


def test_a_number_in_an_address_is_a_key(app):
    """`<key:...>` answers 404 where no column could hold the number; `<int:...>` would ask PostgreSQL for it."""
    loose = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if any(type(kind) is IntegerConverter for kind in rule._converters.values())
    }
    assert loose == TAKES_ANY_NUMBER


def test_a_key_is_as_large_as_a_column_of_keys(app):
    address = app.url_map.bind("localhost")
    assert address.match(f"/organisations/{LARGEST_KEY}") == ("public_organisations.show", {"key": 2**31 - 1})
    for larger in (LARGEST_KEY + 1, 2**63, "9" * 40):
        with pytest.raises(NotFound):
            address.match(f"/organisations/{larger}")


FEATURES = {path.parent.name for path in SOURCES if len(path.relative_to(ROOT).parts) > 2} - {"kernel"}
#: What the house is about; the kernel may have served any other.
DOMAIN = re.compile(
    r"proposal|\bvot(e|es|ing|er)\b|petition|photo|\bplans?\b|\boffers?\b|moderat|officer|milestone|strateg|organisation"
    r"|\bkato\b|ladder|\brungs?\b|\bseats?\b|talon|territor",
    re.I,
)


def words_of(source):
    """Identifiers and strings of a source; what it says in docstrings and comments is for people."""
    tree = ast.parse(source)
    told = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value
        for field in ("id", "attr", "arg", "name", "module"):
            if isinstance(value := getattr(node, field, None), str):
                yield value.replace("_", " ")


def test_the_kernel_knows_nothing_of_the_house(app):
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    known = {}
    for path in SOURCES:
        if path.parent.name == "kernel":
            words = list(words_of(path.read_text("utf-8")))
            found = {match.group().lower() for word in words for match in DOMAIN.finditer(word)}
            found |= {word for word in words if word in endpoints - {"static"}}
            found |= {word for word in words if re.match(rf"webapp\.({'|'.join(FEATURES)})\b", word)}
            if found:
                known[name(path)] = found
    assert known == {}
