"""Processes for the races, and what they are told."""

from __future__ import annotations

import pytest

from tests.race.browsers import Answer, forget, posting
from tests.race.crew import Crew
from webapp.kernel.database import rollback


@pytest.fixture(scope="session")
def crew():
    """Processes for all races of the session."""
    crew = Crew()
    yield crew
    crew.close()


@pytest.fixture
def where(app, crew, database_url, tmp_path):
    """By which a process finds the database of the test; it lets go of it in the end."""
    yield database_url, str(tmp_path)
    crew.all_at_once(forget)


@pytest.fixture
def at_once(crew, where):
    """Forms are sent at one moment, each `(person id, address, fields)` by a process of its own."""

    def send(*forms: tuple[int | None, str, dict[str, str]]) -> list[Answer]:
        answers = crew.at_once(*((posting, *where, *form) for form in forms))
        rollback()
        return answers

    return send
