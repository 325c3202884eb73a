"""Terms end at the hour of Kazakhstan, whatever the machine knows of it, or the site does not start."""

import os
import subprocess
import sys
from importlib import resources
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import ROOT, make_app
from webapp.config import SettingError
from webapp.kernel.clock import LOCAL_ZONE, is_the_countrys


def test_terms_end_at_the_hour_of_the_country_whatever_the_machine_has(tmp_path):
    """A machine whose own zone files are older than 2024 knows Almaty as UTC+6."""
    old = resources.files("tzdata").joinpath("zoneinfo", "Etc", "GMT-6").read_bytes()
    (tmp_path / "Asia").mkdir()
    (tmp_path / "Asia" / "Almaty").write_bytes(old)
    program = (
        "from datetime import date; from zoneinfo import ZoneInfo;"
        "from webapp.kernel.clock import LOCAL_ZONE; from webapp.rulebook.rules import end_of_day;"
        "print(end_of_day(date(2026, 12, 14), LOCAL_ZONE), end_of_day(date(2026, 12, 14), ZoneInfo('Asia/Almaty')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"PYTHONTZPATH": str(tmp_path)},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.count("18:59:59") == 2, done.stdout + done.stderr


def test_a_wrong_zone_does_not_start(monkeypatch):
    assert is_the_countrys(LOCAL_ZONE) and not is_the_countrys(ZoneInfo("Etc/GMT-6"))
    monkeypatch.setattr("webapp.config.LOCAL_ZONE", ZoneInfo("Etc/GMT-6"))
    with pytest.raises(SettingError, match="does not know Kazakhstan as UTC"):
        make_app("sqlite://", ROOT / "instance")
