"""Processes for the races; they are started by the first race that needs them."""

from __future__ import annotations

import pytest

from tests.race.crew import Crew


@pytest.fixture(scope="session")
def crew():
    """Four processes: twice as many as the cores of a small server."""
    crew = Crew(4)
    yield crew
    crew.close()
