"""Rules of the house, read from the source: one place commits, one reads the clock, no page needs another host."""

import ast
import hashlib
import re

import pytest

from tests.conftest import ROOT
from webapp.access.rules import Role

SOURCES = sorted((ROOT / "webapp").rglob("*.py"))
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
STYLES = sorted((ROOT / "static").rglob("*.css"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
HTMX = "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717"
LONGEST = 400

#: What reads the clock, as "owner.name"; a stopwatch (`perf_counter`, `monotonic`) tells no time of day.
CLOCKS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime", "time.ctime"),
    *("func.now", "func.current_timestamp", "func.current_date"),
}
MARKUP = {
    "an inline script": r"<script\b(?![^>]*\bsrc\s*=)",
    "an inline style": r"<style\b",
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "an on... attribute": r"<[^>]*\s(?:(?:data-)?hx-)?on[a-z:-]*\s*=",
    "an attribute that is not of HTML": r"<[^>]*\shx-[a-z:-]+\s*=",
    "a script in an address": r"javascript\s*:",
    "another host": r"\b(?:src|srcset|href|action|formaction|poster|data|hx-get|hx-post|content)\s*=\s*"
    r"[\"'](?:https?:)?//",
    "a script that htmx would evaluate": r"hx-(?:vals|headers|vars)\s*=\s*[\"']\s*js(?:on)?:|"
    r"hx-trigger\s*=\s*[\"'][^\"']*\[",
}


def name(path):
    return path.relative_to(ROOT).as_posix()


def calls(source):
    """Every call in a source as "owner.name" with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            last = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
            yield f"{last}.{node.func.attr}", node.lineno


def borrowed_clocks(source):
    """`from time import time` would hide the call from `calls`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            yield from (alias.name for alias in node.names if f"time.{alias.name}" in CLOCKS)


def faults(markup):
    """What a template must not contain."""
    plain = re.sub(r"\{#.*?#\}", "", markup, flags=re.S)
    plain = re.sub(r"<a\b[^>]*\brel=\"noopener\"[^>]*>", "", plain)  # a way out that a person takes by themselves
    return [fault for fault, pattern in MARKUP.items() if re.search(pattern, plain, re.I)]


def test_there_is_something_to_look_at():
    assert len(SOURCES) > 50 and len(TEMPLATES) > 30 and STYLES and len(SCRIPTS) == 7


def test_only_the_kernel_commits():
    found = [
        (name(path), line)
        for path in SOURCES
        for call, line in calls(path.read_text("utf-8"))
        if call == "session.commit"
    ]
    yardstick = "webapp/benchmark/bare.py"  # a bare Flask application of its own, to compare with
    assert [path for path, _line in found if path != yardstick] == ["webapp/kernel/database.py"]


def test_only_the_clock_reads_the_clock():
    found = [(name(path), call) for path in SOURCES for call, _line in calls(path.read_text("utf-8")) if call in CLOCKS]
    assert found == [("webapp/kernel/clock.py", "datetime.now")]
    assert [name(path) for path in SOURCES if list(borrowed_clocks(path.read_text("utf-8")))] == []


def test_no_statement_asks_the_database_for_the_time():
    words = re.compile(r"CURRENT_TIMESTAMP|CURRENT_DATE|\bNOW\(\)|datetime\('now'|strftime\('%s'", re.I)
    sources = [path for path in SOURCES if words.search(re.sub(r"\bnow\(\)", "", path.read_text("utf-8")))]
    assert [name(path) for path in sources] == []


@pytest.mark.parametrize(
    "source",
    [
        "datetime.now(UTC)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "func.now()",
        "dt.datetime.now()",
    ],
)
def test_a_read_of_the_clock_would_be_seen(source):
    assert [call for call, _line in calls(source) if call in CLOCKS]
    assert list(borrowed_clocks("from time import time"))


def test_rules_do_not_know_what_time_it_is():
    for path in SOURCES:
        if path.name == "rules.py":
            assert "kernel.clock import now" not in path.read_text("utf-8"), name(path)


def test_every_address_is_kebab_case(app):
    part = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+)?|")
    for rule in app.url_map.iter_rules():
        fixed = re.sub(r"<[^>]*>", "0", rule.rule)
        assert all(part.fullmatch(piece) for piece in fixed.split("/")), rule.rule
        assert rule.methods <= {"GET", "HEAD", "OPTIONS", "POST"}, rule.rule


def test_no_address_ends_in_a_slash(app):
    assert [rule.rule for rule in app.url_map.iter_rules() if rule.rule != "/" and rule.rule.endswith("/")] == []


def test_htmx_is_the_one_that_was_read():
    assert hashlib.sha256((ROOT / "static/js/htmx.min.js").read_bytes()).hexdigest() == HTMX


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_holds_no_code_and_needs_no_other_host(path):
    found = faults(path.read_text("utf-8"))
    if path.parent.name == "mail":  # mail programs know no style but one beside the words
        found = [fault for fault in found if fault != "a style attribute"]
    assert found == []


@pytest.mark.parametrize(
    "markup, fault",
    [
        ("<script>alert(1)</script>", "an inline script"),
        ('<script type="module">import x</script>', "an inline script"),
        ("<style>p{}</style>", "an inline style"),
        ('<p class="a" style="color:red">', "a style attribute"),
        ('<a href="/" onclick="x()">', "an on... attribute"),
        ("<body\n onload=x()>", "an on... attribute"),
        ('<a hx-on:click="x()">', "an on... attribute"),
        ('<a data-hx-on:click="x()">', "an on... attribute"),
        ('<a hx-target="#x">', "an attribute that is not of HTML"),
        ('<a href="JavaScript:x()">', "a script in an address"),
        ('<script src="https://cdn.example/x.js"></script>', "another host"),
        ('<img src="//cdn.example/x.png">', "another host"),
        ("<link href='http://fonts.example/css'>", "another host"),
        ('<a hx-vals="js:{a: 1}">', "a script that htmx would evaluate"),
        ('<a hx-trigger="click[ctrlKey]">', "a script that htmx would evaluate"),
    ],
)
def test_a_fault_in_a_template_would_be_seen(markup, fault):
    assert fault in faults(markup)


def test_markup_that_is_in_order_is_left_alone():
    assert (
        faults('<script src="{{ static_url("js/app.js") }}" defer></script><p data-copy="https://saty.kz">on = 1</p>')
        == []
    )


@pytest.mark.parametrize("path", [*STYLES, ROOT / "static/js/app.js", ROOT / "static/js/challenge.js"], ids=name)
def test_styles_and_scripts_need_no_other_host(path):
    text = path.read_text("utf-8")
    assert not re.search(r"@import|url\(\s*[\"']?(?:https?:)?//", text)
    assert not re.search(r"[\"'`](?:https?:)?//[a-z]", re.sub(r"xmlns='[^']*'|http://www\.w3\.org/\S*", "", text))
    assert not re.search(r"\beval\(|new Function|\.innerHTML\s*=|document\.write", text)


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_a_source_can_be_read_in_one_sitting(path):
    assert len(path.read_text("utf-8").splitlines()) < LONGEST


def test_every_source_says_what_it_is_for():
    silent = [name(path) for path in SOURCES if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert silent == []


def test_whoever_answers_for_a_proposal_takes_it_as_it_is_by_the_law():
    """A view loads a proposal by `proposals.due.present`; a verb settles what is due before it asks who may do it."""
    around = re.compile(r"\b(?:by_key|locked)\(Proposal\b")
    views = [path for path in SOURCES if "Blueprint(" in path.read_text(encoding="utf-8")]
    assert len(views) > 30 and [name(path) for path in views if around.search(path.read_text(encoding="utf-8"))] == []
    verbs = re.compile(r"^def \w+\([^)]*\bproposal: Proposal\b[^)]*\bnow: datetime\b.*?(?=^def |\Z)", re.S | re.M)
    unsettled = [
        f"{name(path)}: {verb.group(0).splitlines()[0]}"
        for path in SOURCES
        if path.name in ("services.py", "extending.py", "judging.py")
        for verb in verbs.finditer(path.read_text(encoding="utf-8"))
        if "actor: User" in verb.group(0).split(") ->")[0]
        and re.search(r"^    require\(", verb.group(0), re.M)
        and "settle(" not in verb.group(0).split("    require(")[0]
    ]
    assert unsettled == []


#: Who did a thing, as a fact tells it ("moderator", "author", "silence"), and whom a notice is for: no roles.
NO_ROLES = {
    *("webapp/moderation/services.py", "webapp/flagging/decisions.py", "webapp/proposals/photo.py"),
    *("webapp/portal/moderation_rows.py", "webapp/notifications/rules.py", "webapp/access/rules.py"),
}


def test_a_role_is_written_as_the_enum():
    """`Role.MODERATOR`, so that whoever looks for the uses of a role finds them all."""
    roles = {role.value for role in Role}
    found = {
        name(path)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and node.value in roles
    }
    assert found - NO_ROLES == set() and found >= NO_ROLES


def test_who_answers_for_a_place_is_asked_in_one_way():
    """Rights ask `answers_for` and `has_role`; whoever looks for the staff of a place asks `staff_of`."""
    asks = re.compile(r"Grant\.role\.in_|Grant\.role == (?!Notice\.kind)|\.role == Role\.\w+ and \w+\.holds")
    found = {name(path) for path in SOURCES if asks.search(path.read_text("utf-8"))}
    assert found <= {"webapp/access/services.py", "webapp/access/predicates.py"}, found
