"""The kernel does what features would otherwise copy, and knows nothing of what they are about."""

import ast

from tests.house.test_source import SOURCES, name


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
