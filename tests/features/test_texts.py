"""An editor reads all texts of a page or mail side by side; what an operator says instead is said, or named."""

import csv
import io
from datetime import date

import pytest

from tests.client import Visitor
from tests.conftest import MONDAY, make_app
from tests.factories import published
from tests.features import console
from webapp.commands import texts as commands
from webapp.kernel.cases import PlaceName
from webapp.kernel.database import db, rollback, unit_of_work
from webapp.kernel.i18n import LANGUAGES, format_date, gettext, ngettext, say_instead
from webapp.people.models import SignIn, User
from webapp.people.rules import browser_name
from webapp.people.sign_ins import begin
from webapp.wording.catalogue import all_texts
from webapp.wording.overrides import FILE
from webapp.wording.reading import open_page
from webapp.wording.rules import Fault, fault_of

HEAD = "where,english,form,instead_en,instead_kk,instead_ru\n"


@pytest.fixture
def said_again():
    """What was said instead is over at the end of the test."""
    yield
    for code in LANGUAGES:
        say_instead(code, {})


def run(app, *words):
    with app.app_context():
        done = console.run(app, "texts", *words)
    return done.code, done.out, done.err


def test_the_texts_of_a_page_in_three_languages_with_their_places(app, world):
    with unit_of_work():
        key = published(world, MONDAY).id
    code, out, _err = run(app, f"/proposals/{key}")
    assert code == 0
    blocks = out.strip().split("\n\n")
    assert 60 < len(blocks) < 400
    block = next(block for block in blocks if "    en  Proposed by %(name)s" in block)
    assert "templates/portal/proposal.html:" in block and "    kk  Автор" in block and "    ru  Автор" in block
    assert not any("    en  Not published" in block for block in blocks)  # a label that this page does not show
    code, out, _err = run(app, f"/proposals/{key}", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len({row["english"] for row in rows}) == len(blocks) and all(
        row["kk"] and row["ru"] for row in rows if row["form"] in {"", "0"}
    )


def test_as_whom_a_page_is_opened_and_that_nothing_of_it_stays(app, world):
    rollback()
    before = db.session.query(SignIn).count()
    code, _out, err = run(app, "/my")
    assert code == 1 and "/my answered 303" in err
    code, out, err = run(app, "/my", "--as", world.aigerim.email)
    assert code == 0 and "answered" not in err and "templates/portal/my.html" in out
    rollback()
    assert db.session.query(SignIn).count() == before
    code, _out, err = run(app, "/my", "--as", "nobody@example.kz")
    assert code == 1 and "Nobody has the address nobody@example.kz." in err


def test_the_texts_of_files_of_mails_and_of_everything(app):
    code, out, _err = run(app, "templates/portal/how_it_works.html")
    assert code == 0 and "templates/portal/how_it_works.html:" in out and "templates/_layouts/" in out
    _code, mails, _err = run(app, "mails")
    assert "webapp/offers/sentences.py:" in mails and "The work has begun." in mails
    assert "templates/mail/author.txt:" in mails and "is your code for Saty" in mails
    _code, everything, _err = run(app, "--csv")
    found = {row["english"] for row in csv.DictReader(io.StringIO(everything))}
    assert found == set(all_texts(app.config["BABEL_TRANSLATION_DIRECTORIES"]))
    code, _out, err = run(app, "no/such/file")
    assert code == 1 and "No text stands in 'no/such/file'" in err


def test_an_operator_says_it_otherwise(app, world, tmp_path, said_again):
    (tmp_path / FILE).write_text(
        HEAD + 'x,Propose,,Suggest,Ұсыныс енгізу,Внести предложение\nx,"%(num)d day",2,,,"%(num)d суток"\n',
        encoding="utf-8-sig",
    )
    app = make_app(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)
    for lang, word in (("en", "Suggest"), ("kk", "Ұсыныс енгізу"), ("ru", "Внести предложение")):
        assert word in Visitor(app, lang=lang).get("/how-it-works").text
    with app.test_request_context("/", headers={"Cookie": "lang=ru"}):
        assert gettext("Propose") == "Внести предложение"
    code, out, _err = run(app, "--check")
    assert code == 0 and "texts are said otherwise." in out
    abroad = make_app(app.config["SQLALCHEMY_DATABASE_URI"], tmp_path)  # a site that answers under its own name only
    abroad.config.update(PUBLIC_URL="https://saty.example", TRUSTED_HOSTS=["saty.example"])
    for more in ([], ["--as", world.aigerim.email]):
        code, out, err = run(abroad, "/how-it-works", *more)
        assert code == 0 and "answered" not in err and "templates/portal/how_it_works.html:" in out


BAD = {
    "No such text": ("", "x", "no text of the interface reads so"),
    "Proposed by %(name)s": ("", "Автор", "other placeholders"),
    "Propose": ("", "<b>Ұсыну</b>", "angle brackets"),
    "Sign in": ("1", "Кіру", "no such form"),
    "since %(date)s": ("", "{dat} %(date)s бері", "a mark in braces"),
}


def test_what_cannot_be_said_is_named_and_everything_else_is(tmp_path, said_again):
    rows = [[english, form, text] for english, (form, text, _why) in BAD.items()]
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["english", "form", "instead_kk"])
    table.writerows([*rows, ["Sign out", "", "Шығу батырмасы"]])
    (tmp_path / FILE).write_text(out.getvalue(), encoding="utf-8")
    app = make_app(f"sqlite:///{tmp_path}/saty.sqlite3", tmp_path)
    with app.test_request_context("/", headers={"Cookie": "lang=kk"}):
        assert gettext("Sign out") == "Шығу батырмасы" and "<" not in gettext("Propose")
    code, out, err = run(app, "--check")
    assert code == 1 and "1 texts are said otherwise." in out and f"{len(BAD)} rows" in err
    for line, (_form, _text, why) in enumerate(BAD.values(), start=2):
        assert f"{FILE}, line {line}: kk: " in err and why in err


@pytest.mark.parametrize(
    "raw",
    [
        b"english;form;instead_kk\nPropose;;x\n",
        "english,form,instead_kk\nPropose,,Ұ\n".encode("utf-16"),
        b"\x00",
        b"",
        "english,form,instead_kk\nPropose,,Енгізу\n".encode("cp1251", "replace"),
    ],
    ids=["semicolons", "utf16", "zero", "empty", "windows1251"],
)
def test_a_file_that_is_no_table_never_keeps_a_site_from_starting(tmp_path, raw, said_again):
    (tmp_path / FILE).write_bytes(raw)
    app = make_app(f"sqlite:///{tmp_path}/saty.sqlite3", tmp_path)
    with app.test_request_context("/", headers={"Cookie": "lang=kk"}):
        assert gettext("Sign out")
    code, _out, err = run(app, "--check")
    assert code == 1 and FILE in err


def test_which_texts_may_stand_instead():
    assert fault_of(["since %(date)s"], "%(date)s{abl} бері", "kk") is None
    assert fault_of(["since %(date)s"], "с %(date)s{abl}", "ru") is Fault.MARK
    assert fault_of(["A city %(place)s"], "Сайт %(place)s{gen}", "ru") is None
    assert fault_of(["%(num)d day", "%(num)d days"], "бір күн", "kk") is None
    assert fault_of(["Yes"], "100 %", "ru") is None  # nothing is filled in
    assert fault_of(["%(percent)s of them"], "%(percent)s % из них", "ru") is Fault.PER_CENT
    assert fault_of(["%(name)s"], "%(nome)s", "kk") is Fault.PLACEHOLDERS


def test_marks_are_read_on_pages_and_in_mails_and_escaped_values_stay_escaped(app):
    said = {("%(num)d day", form): "%(num)d{dat} дейін" for form in (0, 1)} | {
        ("since %(date)s", 0): "%(date)s{abl} бері"
    }

    try:
        say_instead("kk", said)
        say_instead("ru", {("since %(date)s", 0): "для %(date)s{gen}"})
        with app.test_request_context("/", headers={"Cookie": "lang=kk"}):
            assert gettext("since %(date)s", date=format_date(date(2026, 9, 5))) == "2026 жылғы 5 қыркүйектен бері"
            assert gettext("since %(date)s", date="<b>Семей қаласы") == "<b>Семей қаласынан бері"
            page = app.jinja_env.from_string("{{ _('since %(date)s', date=d) }}")
            assert page.render(d="<b>Семей қаласы") == "&lt;b&gt;Семей қаласынан бері"
            assert page.render(d=format_date(date(2026, 9, 5))) == "2026 жылғы 5 қыркүйектен бері"
            assert ngettext("%(num)d day", "%(num)d days", 5) == "5-ке дейін"
        with app.test_request_context("/", headers={"Cookie": "lang=ru"}):
            assert gettext("since %(date)s", date=PlaceName("город Семей", "города Семея")) == "для города Семея"
            assert gettext("since %(date)s", date="Сауранский район") == "для Сауранского района"
    finally:
        for code in LANGUAGES:
            say_instead(code, {})


def test_a_per_cent_sign_where_nothing_is_filled_in_is_one(app, said_again):
    """In code and on pages alike: a text without placeholders is no pattern."""
    say_instead("ru", {("Propose", 0): "Предложить на 100 %"})
    with app.test_request_context("/", headers={"Cookie": "lang=ru"}):
        assert gettext("Propose") == "Предложить на 100 %"
        assert app.jinja_env.from_string("{{ _('Propose') }}").render() == "Предложить на 100 %"


def test_who_signs_in_meanwhile_stays_signed_in(app, world, monkeypatch):
    def open_slowly(site, address, cookie=""):
        with unit_of_work():
            begin(db.session.get(User, world.aigerim.id), "Firefox", MONDAY)
        return open_page(site, address, cookie)

    monkeypatch.setattr(commands, "open_page", open_slowly)
    code, _out, _err = run(app, "/my", "--as", world.aigerim.email)
    rollback()
    assert code == 0 and [row.browser for row in db.session.query(SignIn)] == [browser_name("Firefox")]
