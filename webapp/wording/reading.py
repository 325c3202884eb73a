"""All texts of one page or mail side by side, with where each stands: a native editor reads without code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urlsplit

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from flask import Flask, session

from webapp.kernel.i18n import COOKIE, listening
from webapp.wording.catalogue import Text

#: As `make messages` asks for them.
_KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None}
_IN_TEMPLATES = re.compile(r"""{%-?\s*(?:extends|include|from|import)\s+["']([^"']+)["']""")
_MACROS = re.compile(r"\bui\.([a-z_]+)\.")
_FILLED_IN = re.compile(r"%\([^)]*\)[sd]")
#: Sources whose texts stand in mails: those that send, and the sentences of facts (`notifications.sentences`).
_WRITES_MAIL = re.compile(
    r"^from webapp\.(kernel\.mail|[a-z]+\.letters|notifications\.sentences\.happening) import", re.MULTILINE
)


@dataclass(frozen=True)
class Line:
    """A text with the places of its English words, file:line."""

    text: Text
    places: tuple[str, ...]


@cache
def _places(root: Path) -> dict[str, list[tuple[str, int]]]:
    """The places of each English text, file and line. To read all sources takes seconds."""
    places: dict[str, list[tuple[str, int]]] = {}
    with (root / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    found = extract_from_dir(str(root), methods, options, _KEYWORDS, directory_filter=_may_speak)
    for source, line, message, _comments, _context in found:
        english = message[0] if isinstance(message, tuple) else message
        places.setdefault(english, []).append((source, line))
    return places


class Sources:
    """Where each text stands in the sources below `root`."""

    def __init__(self, root: Path, texts: dict[str, Text]) -> None:
        self._root, self._texts = root, texts
        self._places = _places(root)

    def lines(self, said: Iterable[str]) -> list[Line]:
        """Texts in the order in which they were said."""
        return [self._line(english) for english in said if english in self._texts]

    def of_files(self, files: set[str]) -> list[Line]:
        """All texts of some files, in the order in which they stand there."""
        places = ((place, english) for english, found in self._places.items() for place in found if place[0] in files)
        return self.lines(dict.fromkeys(english for _place, english in sorted(places)))

    def _line(self, english: str) -> Line:
        places = sorted(self._places.get(english, []))
        return Line(self._texts[english], tuple(f"{file}:{line}" for file, line in places))

    def files(self, name: str) -> set[str]:
        """The files that a name means: "mails", a path or the end of one, or a pattern with *; with what they take in.

        A template takes in the layout, the parts and the macros that it names.
        """
        every = {file for found in self._places.values() for file, _line in found}
        if name == "mails":
            return {file for file in every if file.startswith("templates/mail/") or self._writes_mail(file)}
        wanted = {file for file in every if fnmatch(file, f"*{name}") or file.startswith(name)}
        waiting = [file for file in wanted if file.startswith("templates/")]
        while waiting:
            for part in self._parts(waiting.pop()) - wanted:
                wanted.add(part)
                waiting.append(part)
        return wanted

    def _writes_mail(self, file: str) -> bool:
        return file.endswith(".py") and bool(_WRITES_MAIL.search((self._root / file).read_text(encoding="utf-8")))

    def _parts(self, file: str) -> set[str]:
        path = self._root / file
        source = path.read_text(encoding="utf-8") if path.is_file() else ""
        return {f"templates/{name}" for name in _IN_TEMPLATES.findall(source)} | {
            f"templates/_ui/{name}.html" for name in _MACROS.findall(source)
        }


def _may_speak(folder: str) -> bool:
    """Not a folder of an environment, of tools, or of what Python keeps: to walk through them takes long."""
    return not Path(folder).name.startswith((".", "__"))


@dataclass(frozen=True)
class Opened:
    """What a page said: its status, and the English words of its texts in the order in which they were said."""

    status: int
    said: tuple[str, ...]


def open_page(app: Flask, address: str, cookie: str = "") -> Opened:
    """Open a page of this site and listen. `cookie` is the session of whoever looks, empty for a visitor."""
    client, site = app.test_client(), app.config["PUBLIC_URL"]
    host = urlsplit(site).hostname or "localhost"  # a site answers under its own name only
    client.set_cookie(COOKIE, "en", domain=host)
    if cookie:
        client.set_cookie(app.config["SESSION_COOKIE_NAME"], cookie, domain=host)
    with listening() as heard:
        answer = client.get(address, base_url=site)
    seen = " ".join(unescape(answer.get_data(as_text=True)).split())
    return Opened(answer.status_code, tuple(english for english, said in heard.items() if _is_seen(said, seen)))


def _is_seen(said: str, seen: str) -> bool:
    """Whether a text stands on the page: lists of labels are put together whole, and a page shows one of them."""
    pieces = (" ".join(piece.split()) for piece in _FILLED_IN.split(said.replace("%%", "%")))
    return all(piece in seen for piece in pieces if len(piece) > 1)


def cookie_of(app: Flask) -> str:
    """The signed cookie of the session that stands in this request, as the browser would keep it."""
    answer = app.make_response("")
    app.session_interface.save_session(app, session, answer)
    name = app.config["SESSION_COOKIE_NAME"]
    kept = next((c for c in answer.headers.getlist("Set-Cookie") if c.startswith(f"{name}=")), "")
    return kept.split(";")[0].partition("=")[2]
