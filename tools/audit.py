#!/usr/bin/env python3
"""Whether a known weakness is on record for a version that requirements.txt pins.

    make audit

Asks the advisories of PyPI through pip-audit for every pinned package; nothing is installed. Exits with 0 when nothing is on
record, with 1 when something is, with 2 when the advisories could not be asked: then nothing was judged, and that is said.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

LOCKS = ("requirements.txt", "requirements-dev.txt")
#: How pip-audit and what lies below it speak of a service that cannot be reached.
UNREACHED = ("ConnectionError", "Max retries exceeded", "ServiceError", "Failed to establish", "timed out", "HTTPError")
#: What it says of a package of which it could learn nothing; beside that it says that all is well.
SKIPPED = "could not be audited"
SECONDS = 180
UNJUDGED = 2


def asked(lock: Path, program: Sequence[str]) -> tuple[int, str]:
    """What pip-audit says of one file; `UNJUDGED` with what it said when it could not ask."""
    command = [*program, "--requirement", str(lock), "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return UNJUDGED, f"no answer within {SECONDS} seconds"
    said = f"{done.stdout}{done.stderr}".strip()
    skipped = said.count(SKIPPED)
    if done.returncode and not skipped and any(word in said for word in UNREACHED):
        return UNJUDGED, said.splitlines()[-1]
    if done.returncode:
        return 1, said
    return (UNJUDGED, f"{skipped} packages {SKIPPED}") if skipped else (0, said)


def main(program: Sequence[str] = (sys.executable, "-m", "pip_audit"), root: Path | None = None) -> int:
    """Every lock; the worst answer."""
    worst = 0
    for name in LOCKS:
        code, said = asked((root or Path(__file__).resolve().parent.parent) / name, program)
        if code == UNJUDGED:
            print(f"{name}: the advisories cannot be reached from here, so no version was judged. ({said[-200:]})")
        else:
            print(f"{name}: {said or 'nothing is on record.'}")
        worst = max(worst, code)
    return worst


if __name__ == "__main__":
    sys.exit(main())
