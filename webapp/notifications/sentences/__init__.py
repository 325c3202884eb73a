"""Each fact that people read, in one sentence: the timeline, lists, feeds, notices and mails all say it from here.

A verb has one function from the fact to the sentence; the tables of all packages are merged into one. Letters to an
author speak in their own voice ("your proposal …", templates/mail/author.txt); what they do not say themselves, they
take from here. Reasons: ADR 0037.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any

from webapp.kernel.i18n import gettext as _
from webapp.notifications.sentences.happening import Happening, Sentence

#: Where the sentences are: each module has a table `SAID`, from verb to sentence. A package that brings verbs of its
#: own (`journal.verbs.FeatureVerb`) is named here. They are names, because some of these packages stand above this one.
SENTENCES: tuple[str, ...] = (
    "webapp.notifications.sentences.proposals",
    "webapp.notifications.sentences.answers",
    "webapp.notifications.sentences.results",
    "webapp.notifications.sentences.watching",
    "webapp.notifications.sentences.strategy",
    "webapp.notifications.sentences.site",
    "webapp.hanging.sentences",
    "webapp.offers.sentences",
)


def said() -> Mapping[str, Sentence]:
    """The whole table: what is said of each verb."""
    return _merged(SENTENCES)


@lru_cache(maxsize=4)
def _merged(modules: tuple[str, ...]) -> Mapping[str, Sentence]:
    table: dict[str, Sentence] = {}
    for module in modules:
        own = import_module(module).SAID
        if twice := table.keys() & own.keys():
            raise ValueError(f"{module} says again what is said already: {sorted(twice)}")
        table |= own
    return table


def sentence(verb: str, facts: Mapping[str, Any], *, on_page: bool = False) -> str:
    """What happened, in one sentence that is true for everybody, in the language being spoken.

    `on_page`: anybody reads it on the page of the proposal. There a sentence points to what stands below it and
    repeats the reasons of a body. In a list, a feed or a mail it stays on one line, names the page, and may ask
    whoever is told to do something there.
    """
    say = said().get(verb)
    if say is None:  # a fact of a package that is no longer here
        return _("The journal keeps what happened here.")
    text = say(Happening(facts, on_page))
    return text if on_page else " ".join(text.split())
