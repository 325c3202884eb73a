"""Every word of the interface exists in three languages, and no page shows a word of another one."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest
from babel.messages.pofile import read_po

from tests.conftest import MONDAY, ROOT
from tests.factories import published, supported
from webapp.kernel.database import unit_of_work

PAGES = (
    "/",
    "/proposals",
    "/territories",
    "/territories/611000000",
    "/how-it-works",
    "/sign-in",
    "/sign-up",
    "/nothing",
)


def catalogue(language):
    with (ROOT / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


def test_the_catalogues_are_complete():
    done = subprocess.run([sys.executable, "tools/check_catalogues.py"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_missing_word_would_be_seen():
    from tools.check_catalogues import faults

    russian, kazakh = catalogue("ru"), catalogue("kk")
    russian.get("Proposals").string = ""
    assert list(faults(kazakh, russian)) == ["not translated: 'Proposals'"]
    russian.get("Proposals").string = "Предложения %(count)d"
    assert list(faults(kazakh, russian)) == ["other placeholders: 'Proposals'"]


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_no_english_shows_through(world, visit, language):
    with unit_of_work():
        proposal = published(world, MONDAY - timedelta(days=1))
        supported(proposal, 20, "611000000", MONDAY)
        key = proposal.id
    english = {
        text
        for message in catalogue(language)
        if message.id
        for text in ([message.id] if isinstance(message.id, str) else message.id)
        if len(text.split()) > 2 and "%(" not in text
    }
    stranger, author, officer = (
        visit(lang=language),
        visit(world.aigerim, lang=language),
        visit(world.officer, language),
    )
    pages = [stranger.get(path, 404 if path == "/nothing" else 200) for path in PAGES]
    pages += [author.get("/my"), author.get(f"/proposals/{key}"), author.get(f"/proposals/{key}/talon")]
    pages += [author.get("/proposals/new"), officer.get("/desk"), officer.get(f"/proposals/{key}/answer")]
    for page in pages:
        assert [text for text in english if text in page.text] == [], page.url
        assert not re.search(r"%\(\w+\)", page.text), page.url
