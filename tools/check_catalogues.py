"""Whether every text of the interface exists in Kazakh and Russian, with the same placeholders, as an editor would have it."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))  # run as a file, too

from tools.wording import catalogue_faults, data_faults, english_faults, forms_of, sentences

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("kk", "ru")
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%")
#: What the demonstration and the table of the country say to readers.
DATA = ("webapp/**/*.json", "webapp/**/*.csv")


def faults(wanted: Catalog, catalogue: Catalog) -> Iterator[str]:
    """What is missing, what is doubtful, what would break when it is filled in."""
    for message in wanted:
        if not message.id:
            continue
        sources, _texts = forms_of(message)
        found = catalogue.get(message.id, message.context)
        if found is None:
            yield f"not in the catalogue: {sources[0][:70]!r}"
            continue
        _sources, texts = forms_of(found)
        if not all(texts):
            yield f"not translated: {sources[0][:70]!r}"
        elif found.fuzzy:
            yield f"doubtful (fuzzy): {sources[0][:70]!r}"
        else:
            allowed = [set(PLACEHOLDER.findall(source)) for source in sources]
            for text in texts:
                if set(PLACEHOLDER.findall(text)) not in allowed:
                    yield f"other placeholders: {sources[0][:70]!r}"
                    break


def extracted() -> Catalog:
    """The words that the sources and templates use now."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        command = [
            Path(sys.executable).with_name("pybabel"),
            "-q",
            "extract",
            "--ignore-dirs",
            ".*",
            "-F",
            "babel.cfg",
            "-k",
            "_l",
        ]
        subprocess.run([*command, "-o", file.name, "."], cwd=ROOT, check=True)
        return read_po(file)


def main() -> int:
    """0 when the catalogues are complete and an editor would mark nothing, 1 with a list otherwise."""
    wanted = extracted()
    bad = 0
    for language in LANGUAGES:
        path = ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language)
        for fault in [*faults(wanted, catalogue), *sentences([*catalogue_faults(catalogue, language)])]:
            print(f"{language}: {fault}")
            bad += 1
    for fault in sentences([*english_faults(wanted)]):
        print(f"en: {fault}")
        bad += 1
    for pattern in DATA:
        for file in sorted(ROOT.glob(pattern)):
            for fault in sentences([*data_faults([file.read_text(encoding="utf-8").replace("\\n", " ")])]):
                print(f"{file.relative_to(ROOT)}: {fault}")
                bad += 1
    print(
        f"{len(wanted)} messages in {len(LANGUAGES) + 1} languages."
        if not bad
        else f"{bad} messages need a translator."
    )
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())
