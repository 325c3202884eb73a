"""A plugin for the whole run: a test during which the number of a person gets into a log or onto a console fails."""

from __future__ import annotations

import pytest

from tests.canaries import canaries


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What a test or the program printed or logged meanwhile; BINs may stand there, they are public."""
    report = yield
    if report.passed:
        said = "\n".join(text for title, text in report.sections if title.startswith("Captured"))
        found = canaries(said)
        if found:
            report.outcome = "failed"
            report.longrepr = f"{item.nodeid}: the number of a person was printed or logged ({len(found)} of them)."
    return report
