"""Every place that puts a mail in the outbox: who expects to send calls `send`; a key of `enqueue` never comes back."""

import ast
import re

import pytest

from tests.house.test_source import SOURCES, name

#: The first word of each key of `enqueue`, and why it names one thing for ever.
LASTING = {
    "fact": "facts are never deleted",
    "flags": "reviews are never deleted",
    "digest": "a person and a day; the number of an account is not given a second time",
    "hangs": "a place, an officer and a day",
    "offer": "offers are never deleted, and each is answered once",
    "accreditation": "an organisation and the day on which its accreditation ends",
}


def enqueued(source):
    """Each call of `enqueue`: its line, whether its answer is thrown away, and the expression of its key."""
    tree = ast.parse(source)
    ignored = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (
            getattr(node.func, "id", "") == "enqueue" or getattr(node.func, "attr", "") == "enqueue"
        ):
            keys = [node.args[3]] if len(node.args) > 3 else [k.value for k in node.keywords if k.arg == "dedup_key"]
            yield node.lineno, id(node) in ignored, keys[0]


def texts(source):
    """All first words of texts with a colon in a source: a key may be put together elsewhere in its module."""
    for node in ast.walk(ast.parse(source)):
        parts = node.values if isinstance(node, ast.JoinedStr) else []
        if parts and isinstance(parts[0], ast.Constant):
            found = re.match(r"([a-z-]+):", str(parts[0].value))
            if found:
                yield found[1]


def callers():
    return {
        name(path): path.read_text("utf-8")
        for path in SOURCES
        if "enqueue(" in path.read_text("utf-8") and name(path) != "webapp/kernel/mail.py"
    }


def test_nobody_ignores_that_a_mail_was_not_written():
    found = callers()
    assert len(found) >= 4
    assert [(path, line) for path, source in found.items() for line, ignored, _key in enqueued(source) if ignored] == []


@pytest.mark.parametrize("path", sorted(callers()))
def test_a_key_is_made_of_what_never_comes_back(path):
    source = callers()[path]
    for _line, _ignored, key in enqueued(source):
        first = re.match(r"f?['\"]([a-z-]+):", ast.unparse(key))
        kinds = {first[1]} if first else set(texts(source)) & set(LASTING)
        assert kinds and kinds <= set(LASTING), f"{path}: say in LASTING why this key never comes back"


def test_an_ignored_answer_and_a_row_number_would_be_seen():
    source = 'enqueue(to, "s", "b", f"email-code:{row.id}", now)'
    ((line, ignored, key),) = enqueued(source)
    assert (line, ignored) == (1, True) and "email-code" not in LASTING and "email-code" in ast.unparse(key)
    assert next(enqueued('done = mail.enqueue(to, "s", "b", dedup_key=k, now=now)'))[1] is False
