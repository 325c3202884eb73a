"""Every text of the interface, by its English words, in the forms that each language has for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Message
from babel.messages.mofile import read_mo

from webapp.kernel.i18n import LANGUAGES


@dataclass(frozen=True)
class Text:
    """A text: by language one form, or those for numbers; the English ones are those that the code names."""

    forms: Mapping[str, tuple[str, ...]]

    @property
    def english(self) -> str:
        """What the text is known by."""
        return self.forms["en"][0]


def _forms(message: Message) -> tuple[tuple[str, ...], tuple[str, ...]]:
    source, said = message.id, message.string
    return (
        tuple(source) if isinstance(source, list | tuple) else (source,),
        tuple(said) if isinstance(said, list | tuple) else (said,),
    )


def all_texts(folder: str) -> dict[str, Text]:
    """The compiled catalogues below a folder, put together. Raises OSError where one is not there."""
    forms: dict[str, dict[str, tuple[str, ...]]] = {}
    for code in LANGUAGES:
        if code == "en":
            continue  # the English texts are the keys of the others
        with (Path(folder) / code / "LC_MESSAGES" / "messages.mo").open("rb") as file:
            for message in read_mo(file):
                if message.id:
                    english, said = _forms(message)
                    forms.setdefault(english[0], {"en": english})[code] = said
    return {english: Text(found) for english, found in forms.items()}
