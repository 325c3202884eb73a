"""What the documents say is what the source says: links, settings, commands, targets, fields, decisions, words."""

import ast
import csv
import re

import pytest
from babel.messages.pofile import read_po

from tests.conftest import ROOT
from webapp.commands.serving import PEOPLE
from webapp.demo.services import PASSWORD
from webapp.importing import services as importing
from webapp.proposals.rules import FUNDINGS, SPHERES, TEXT_MAX
from webapp.rulebook.presets import PRESETS
from webapp.territories.services import COLUMNS

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
SOURCES = sorted((ROOT / "webapp").rglob("*.py"))
FOLDERS = ("webapp", "templates", "tests", "tools", "migrations", "static/css")
READERS = {"env", "env_bool", "env_hosts", "env_int", "env_list", "env_secret"}
DECISION = ("Context", "Decision", "Consequences", "How to reverse")
#: Examples of what not to do.
BAD_EXAMPLES = {"escalation/utils.py"}
UNFINISHED = re.compile(r"\b(?:TODO|TBD|FIXME|lorem)\b", re.I)
MACHINE = re.compile(r"(?<![\w.:/-])/(?:work|home|root|tmp|Users|mnt|private)/|\b[A-Z]:\\")


def name(path):
    return path.relative_to(ROOT).as_posix()


def read(path):
    return (ROOT / path).read_text("utf-8")


def prose(text):
    """A document without its code."""
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))


def code(text):
    """Pieces of code in a document: what stands between back-quotes, and the lines of its blocks."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", text, flags=re.S | re.M)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M))
    return [*spans, *(line for block in blocks for line in block.replace("\\\n", " ").splitlines())]


def anchors(text):
    """The addresses of the headings, as GitHub makes them."""
    found = {}
    for heading in re.findall(r"^#{1,6} +(.+?) *$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), flags=re.M):
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found[slug] = found.get(slug, -1) + 1
    return {slug if number == 0 else f"{slug}-{number}" for slug, last in found.items() for number in range(last + 1)}


def links(text):
    """Where a document leads inside the project."""
    targets = re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(text))
    return [target for target in targets if not re.match(r"[a-z]+:", target)]


def dead_links(path, text):
    """Links of a document that lead nowhere."""
    dead = []
    for target in links(text):
        file, _hash, anchor = target.partition("#")
        goal = (path.parent / file).resolve() if file else path
        is_file = goal.is_file() and ROOT in goal.parents
        if not is_file or (anchor and anchor not in anchors(text if goal == path else goal.read_text("utf-8"))):
            dead.append(target)
    return dead


def section(text, heading):
    """What stands below a heading, up to the next heading."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,6}} |\Z)", text, flags=re.S | re.M)
    return found.group(2) if found else ""


def first_cells(text):
    """What the first cells of tables name in back-quotes."""
    return re.findall(r"^\| `([^`]+)`", text, flags=re.M)


def settings_read(source):
    """Environment variables that a source reads: name, whether `NAME_FILE` works too, and a literal default."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Subscript):
            owner, words = f"{ast.unparse(node.value)}.get", [node.slice]
        elif isinstance(node, ast.Call):
            owner, words = ast.unparse(node.func), node.args
        else:
            continue
        literal = [word.value if isinstance(word, ast.Constant) else None for word in words]
        if literal and owner in READERS | {"os.environ.get", "os.getenv"} and isinstance(literal[0], str):
            as_file = owner in READERS
            yield literal[0], as_file, literal[1] if as_file and literal[1:] else None


def all_settings():
    """Every variable that the program reads: whether a file will do, and its literal default."""
    found = {}
    for path in SOURCES:
        for variable, as_file, default in settings_read(path.read_text("utf-8")):
            known_file, known_default = found.get(variable, (False, None))
            found[variable] = (known_file or as_file, known_default if default is None else default)
    return found


def documented_settings(text):
    """Variables with a line of their own: whether the line says *file*, and its default."""
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]*)`([^|]*)\| *([^|]*?) *\|", text, flags=re.M)
    return {variable: ("(file)" in note, default.replace("`", "")) for variable, note, default in rows}


def strange_settings(text, known):
    """What a text names like a variable although nothing reads it."""
    named = {word for piece in code(text) for word in re.findall(r"\b[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]\b", piece)}
    named |= set(documented_settings(text))
    return named - set(known) - {f"{variable}_FILE" for variable, (as_file, _default) in known.items() if as_file}


def as_written(default):
    """A default of the source as the table writes it."""
    return {True: "yes", False: "no"}[default] if isinstance(default, bool) else str(default)


def own_commands(app):
    """The commands of the project that an operator is to know."""
    return {
        word: command
        for word, command in app.cli.commands.items()
        if command.callback.__module__.startswith("webapp.") and not command.hidden
    }


def words_of(command):
    """What can be typed behind a command: options as they are, arguments in capitals, choices."""
    for parameter in command.params:
        if parameter.param_type_name == "option":
            yield from (*parameter.opts, *parameter.secondary_opts)
        else:
            yield parameter.name.upper()
        yield from getattr(parameter.type, "choices", ())


def unsaid(command, text):
    """Options, arguments and choices of a command that a text does not name."""
    return [word for word in words_of(command) if not re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text)]


def make_targets():
    """Targets of the Makefile, and those of them with a help text."""
    makefile = read("Makefile")
    return set(re.findall(r"^([a-z-]+):", makefile, flags=re.M)), re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.M)


def fields_read():
    """Fields of a line that `import-proposals` reads."""
    tree = ast.parse(read("webapp/importing/services.py"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"_text", "_choice", "_moment"}:
            yield node.args[1].value


def decisions_named(text):
    """Numbers and files of decisions that a text refers to."""
    return set(re.findall(r"\bADR (\d+)", text)), set(re.findall(r"\bdocs/adr/([\w.-]+)", text))


def files_named(text):
    """Files that a document names in back-quotes."""
    for piece in re.findall(r"`([^`\s]+)`", text):
        if re.fullmatch(r"[\w./-]+/[\w.-]+\.(?:py|html|txt|csv|css|js|toml|md|sh|po)", piece):
            yield piece


def is_there(file):
    """Whether a file that a document names exists, as named from the root, from `webapp/` or from `templates/`."""
    return any((root / file).exists() for root in (ROOT, ROOT / "webapp", ROOT / "templates"))


def test_there_are_documents_to_look_at():
    wanted = {"README.md", "CONTRIBUTING.md", "STYLE.md", "CHANGELOG.md", "SECURITY.md", "docs/index.md"}
    assert wanted <= {name(path) for path in DOCUMENTS}
    assert sum(len(links(path.read_text("utf-8"))) for path in DOCUMENTS) > 50


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_link_leads_somewhere(path):
    assert dead_links(path, path.read_text("utf-8")) == []


def test_a_dead_link_would_be_seen():
    path = ROOT / "README.md"
    text = (
        "# One two\n[a](nothing.md) [b](#one-two) [c](#one) [d](https://x) ![e\nf](no.png) `[g](h)` [i](../README.md)"
    )
    assert dead_links(path, text) == ["nothing.md", "#one", "no.png", "../README.md"]
    assert dead_links(path, "[a](docs/index.md#decisions) [b](docs/index.md#none)") == ["docs/index.md#none"]


def test_every_document_is_on_the_map():
    index = ROOT / "docs/index.md"
    linked = {(index.parent / target.partition("#")[0]).resolve() for target in links(index.read_text("utf-8"))}
    assert [name(path) for path in DOCUMENTS if path not in linked and path != index] == []


def test_every_setting_has_a_line():
    assert set(all_settings()) == set(documented_settings(read("docs/settings.md")))


def test_every_line_of_a_setting_says_whether_a_file_will_do_and_what_is_usual():
    lines = documented_settings(read("docs/settings.md"))
    for variable, (as_file, default) in all_settings().items():
        assert lines[variable][0] == as_file, variable
        if default is not None:
            assert lines[variable][1] == as_written(default), variable


@pytest.mark.parametrize("path", ["README.md", "SECURITY.md", "docs/settings.md", "docs/operations.md"])
def test_no_setting_is_named_that_nothing_reads(path):
    assert strange_settings(read(path), all_settings()) == set()


@pytest.mark.parametrize(
    "source",
    [
        "env('A_B')",
        "env_bool('A_B', False)",
        "env_int('A_B', 1)",
        "env_list('A_B')",
        "env_secret('A_B', x, y)",
        "os.environ.get('A_B')",
        "os.environ['A_B']",
        "os.getenv('A_B')",
    ],
)
def test_a_setting_would_be_seen(source):
    assert [variable for variable, _file, _default in settings_read(source)] == ["A_B"]


def test_a_setting_that_nothing_reads_would_be_seen():
    known = {"A_B": (True, None), "C_D": (False, None)}
    text = "| `A_B` (file) | 1 | x |\n`A_B_FILE` and `C_D` and `C_D_FILE`\n```\nE_F=1\n```\n| `G` | 1 | x |\n"
    assert strange_settings(text, known) == {"C_D_FILE", "E_F", "G"}
    assert documented_settings(text) == {"A_B": (True, "1"), "G": (False, "1")}


def test_every_command_is_in_the_manual_with_all_that_can_be_typed(app):
    manual = read("docs/operations.md")
    for word, command in own_commands(app).items():
        text = section(manual, word)
        assert text, f"no section {word}"
        assert unsaid(command, text) == [], word


def test_the_manual_names_no_command_that_is_not_there(app):
    manual = read("docs/operations.md")
    described = set(re.findall(r"^### ([a-z-]+)$", section_of_commands(manual), flags=re.M))
    assert described == set(own_commands(app)) | {"db"}


def section_of_commands(manual):
    """Everything between the heading Commands and the next of its level."""
    return manual.partition("\n## Commands\n")[2].partition("\n## ")[0]


def test_every_command_line_of_a_document_can_be_typed(app):
    others = {"db": None, "run": None, "shell": None, "routes": None}
    commands = own_commands(app) | others
    for path in DOCUMENTS:
        for piece in code(path.read_text("utf-8")):
            for word, rest in re.findall(r"flask --app wsgi ([a-z-]+)([^|#&]*)", piece):
                assert word in commands, f"{name(path)}: {piece}"
                if commands[word] is not None:
                    known = {"--help", *words_of(commands[word])}
                    assert set(re.findall(r"--[a-z-]+", rest)) <= known, f"{name(path)}: {piece}"


def test_an_option_that_is_not_described_would_be_seen(app):
    command = own_commands(app)["up"]
    assert unsaid(command, "`up [--port N] [--with-demo]` and --without-demos") == ["--without-demo"]
    assert unsaid(own_commands(app)["rules"], "rules PRESET is `demo` or saty-default") == ["kz-petition-2024"]


def test_every_make_target_is_in_the_guide():
    assert [target for target in make_targets()[1] if f"| `make {target}` |" not in read("CONTRIBUTING.md")] == []


def test_no_document_names_a_target_that_is_not_there():
    for path in DOCUMENTS:
        named = {word for piece in code(path.read_text("utf-8")) for word in re.findall(r"^make ([a-z-]+)", piece)}
        assert named <= make_targets()[0], name(path)


def test_targets_are_found():
    every, helpful = make_targets()
    assert {"run", "test", "check", "chromium"} <= every
    assert "chromium" not in helpful and "run" in helpful


def test_every_field_of_an_imported_proposal_is_described():
    guide = section(read("docs/how-to/import-proposals.md"), "The fields")
    assert sorted(first_cells(guide)) == sorted(fields_read())
    rows = {row.split("`")[1]: row for row in guide.splitlines() if row.startswith("| `")}
    assert f"{importing.TITLE_STORED} characters" in rows["title"]
    assert f"{TEXT_MAX * 2:,} characters" in rows["text"]
    allowed = {"lang": importing.LANGS, "state": importing.STATES, "funding": FUNDINGS}
    for field, words in allowed.items():
        assert [word for word in words if f"`{word}`" not in rows[field]] == [], field
    assert [sphere for sphere in SPHERES if f"`{sphere}`" not in guide] == []


def test_every_example_of_an_imported_proposal_can_be_read():
    from tests.conftest import MONDAY

    lines = [line for line in code(read("docs/how-to/import-proposals.md")) if line.startswith("{")]
    assert len(lines) >= 2
    for line in lines:
        assert set(importing.parse_line(line.encode(), MONDAY)) == set(fields_read())


def test_every_column_of_an_imported_table_is_described():
    assert first_cells(section(read("docs/how-to/import-territories.md"), "What you need")) == list(COLUMNS)
    calls = [node for node in ast.walk(ast.parse(read("webapp/commands/residents.py"))) if isinstance(node, ast.Call)]
    columns = next(ast.literal_eval(call.args[1]) for call in calls if ast.unparse(call.func) == "read_table")
    assert first_cells(section(read("docs/how-to/import-register.md"), "What you need")) == list(columns)


def test_every_preset_and_its_numbers_are_in_the_guide():
    guide = section(read("docs/how-to/set-the-rules.md"), "The presets")
    table = [[cell.strip() for cell in row.strip("|").split("|")] for row in guide.splitlines() if row.startswith("|")]
    heads = [head.strip("`") for head in table[0][1:]]
    assert set(heads) == set(PRESETS)
    rows = {row[0]: dict(zip(heads, row[1:], strict=True)) for row in table[2:]}
    for preset, rungs in PRESETS.items():
        for rung, terms in rungs.items():
            cell = rows[f"threshold, {rung}"][preset]
            numbers = [terms.threshold_number]
            if terms.threshold_share is not None:
                assert f"{terms.threshold_share / 1000:g} %" in cell
                numbers += [n for n in (terms.threshold_floor, terms.threshold_cap) if n is not None and n > 1]
            assert [number for number in numbers if f"{number:,}" not in cell] == [], (preset, rung)
            if terms.spread_places:
                spread = re.findall(r"\d+", rows[f"spread, {rung}"][preset])
                assert spread == [str(terms.spread_places), str(terms.spread_supports)], (preset, rung)
            assert str(terms.answer_working_days) in rows["answer, working days"][preset]
        city = rungs["city"]
        for row, number in {
            "share of support among votes": city.minimum_support_percent,
            "collecting support, days": city.collection_days,
            "checking a text, working days": city.triage_working_days,
            "appeal, working days": city.appeal_working_days,
            "question to the author, days": city.return_days,
            "the author may withdraw below": city.withdraw_below,
        }.items():
            assert re.findall(r"\d+", rows[row][preset])[0] == str(number), (preset, row)


def test_every_decision_that_is_named_is_written_down():
    files = {path.name for path in (ROOT / "docs/adr").glob("*.md")}
    numbers = {file[:4] for file in files}
    texts = [
        path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".html", ".css"}
    ]
    seen = set()
    for path in [*texts, *DOCUMENTS, ROOT / "Makefile", ROOT / "pyproject.toml"]:
        if path.name == "test_documents.py":
            continue
        named, paths = decisions_named(path.read_text("utf-8"))
        assert named <= numbers and paths <= files, name(path)
        seen |= named
    assert {"0002", "0004"} <= seen


def test_a_decision_that_is_not_written_down_would_be_seen():
    assert decisions_named("(ADR 0099), docs/adr/0098-x.md: y") == ({"0099"}, {"0098-x.md"})


@pytest.mark.parametrize("path", sorted((ROOT / "docs/adr").glob("*.md")), ids=name)
def test_a_decision_says_why_what_then_and_how_to_undo_it(path):
    text = path.read_text("utf-8")
    assert text.startswith(f"# {path.name[:4]}. ")
    assert tuple(re.findall(r"^## (.+)$", text, flags=re.M)) == DECISION
    assert all(len(section(text, heading).split()) > 5 for heading in DECISION)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_a_document_is_finished_and_knows_no_machine(path):
    text = path.read_text("utf-8")
    assert UNFINISHED.findall(text) == []
    assert MACHINE.findall(text) == []


@pytest.mark.parametrize(
    "text", ["a TODO here", "tbd", "Lorem ipsum", "in /home/somebody/saty", "(/tmp/x)", r"C:\saty"]
)
def test_what_is_unfinished_or_of_a_machine_would_be_seen(text):
    assert UNFINISHED.search(text) or MACHINE.search(text)


def test_addresses_and_conventions_are_no_machine():
    assert not MACHINE.search("https://saty.example.kz/home/ /usr/bin/chromium /srv/saty docs/root/x ./tmp/x")


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_every_file_that_a_document_names_is_there(path):
    named = set(files_named(path.read_text("utf-8"))) - BAD_EXAMPLES
    assert [file for file in sorted(named) if not is_there(file)] == []


def test_a_file_that_is_not_there_would_be_seen():
    named = list(files_named("`webapp/no/such.py` `kernel/clock.py` `test_x.py` `webapp/<x>/y.py`"))
    assert named == ["webapp/no/such.py", "kernel/clock.py"]
    assert [file for file in named if not is_there(file)] == ["webapp/no/such.py"]


def test_every_test_that_the_house_style_names_is_there():
    named = set(re.findall(r"`(test_\w+)`", read("STYLE.md")))
    written = {
        function
        for path in (ROOT / "tests").rglob("test_*.py")
        for function in re.findall(r"^ *def (test_\w+)", path.read_text("utf-8"), flags=re.M)
    }
    assert len(named) > 5
    assert named - written == set()


def test_every_metric_is_in_the_manual():
    measured = set(re.findall(r'"(saty_\w+)"', read("webapp/portal/health.py")))
    assert measured and measured == set(re.findall(r"saty_\w+", read("docs/operations.md")))


def test_the_sign_ins_of_the_demonstration_are_those_that_are_made():
    readme = read("README.md")
    assert f"`{PASSWORD}`" in readme
    assert [email for email, _who in PEOPLE if f"| `{email}`" not in readme] == []


def any_form(words):
    """A pattern for a word or phrase in any of its forms: endings of long words are free."""
    stems = [word[:-2] if len(word) > 5 else word for word in words.casefold().split()]
    return r"\b" + r"\w*[ ,]+".join(re.escape(stem) for stem in stems)


def vocabulary(language):
    """All that pages and mails say in a language, with the names of territories and bodies."""
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message.string for message in read_po(file, locale=language)]
    texts = [text for string in messages for text in ([string] if isinstance(string, str) else string)]
    for table in ("kazakhstan.csv", "bodies.csv"):
        with (ROOT / "webapp/territories" / table).open(encoding="utf-8") as file:
            texts += [row[f"name_{language}"] for row in csv.DictReader(file)]
    return "\n".join(texts).casefold()


def translated(text):
    """Rows of the glossary that have a Kazakh and a Russian word."""
    for row in re.findall(r"^\|(.*)\|$", text, flags=re.M):
        cells = [cell.strip() for cell in row.split("|")]
        place = 2 if cells[0].startswith("`") or cells[0] == "in the code" else 1
        pair = cells[place : place + 2]
        if len(pair) == 2 and re.search("[а-яә]", "".join(pair), re.I) and pair[0] != "Қазақша":
            yield pair


def test_the_words_of_the_glossary_are_those_of_the_pages():
    pairs = list(translated(read("docs/glossary.md")))
    assert len(pairs) > 70
    for place, language in enumerate(("kk", "ru")):
        said = vocabulary(language)
        assert [pair[place] for pair in pairs if not re.search(any_form(pair[place]), said)] == [], language


def test_a_word_that_no_page_says_would_be_seen():
    assert re.search(any_form("организация"), vocabulary("ru"))
    assert not re.search(any_form("тикет"), vocabulary("ru"))
    assert not re.search(any_form("жауапты қала"), vocabulary("kk"))
