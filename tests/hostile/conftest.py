"""The scene of `tests.scenery`, with every text a person can write taken from the corpus."""

import pytest

from tests.hostile.scene import hostile_theatre


@pytest.fixture(scope="session")
def hostile(template_file, tmp_path_factory):
    """Everybody on it has signed in; nothing in it is well meant."""
    with hostile_theatre(template_file, tmp_path_factory.mktemp("hostile")) as found:
        yield found
