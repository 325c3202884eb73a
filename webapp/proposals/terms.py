"""The words by which a proposal is found, and the index that holds them.

One function says which words those are (`rows_of`); the index is never added to, it is written anew
(`index_anew`) in the transaction of whatever changes the words: what was taken out of a title finds nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import delete, select

from webapp.kernel.database import changed, db, insert
from webapp.proposals.hiding import TITLE_AND_TEXT
from webapp.proposals.models import Proposal, ProposalTerm

_FOLD = str.maketrans("әіңғүұқөһёacekmoptxyi", "аингуукохеасекмортхуи")
#: Kazakh has many nouns of two letters (су, үй, ит), and names have digits (5G, № 12).
_WORD = re.compile(r"[^\W_]{2,}|\d")
_CYRILLIC = re.compile("[а-яәіңғүұқөһё]")
#: Columns that hold what is found; whoever changes one of them writes the index anew.
INDEXED = frozenset({"written_title", "written_text", "hidden"})
BEGINNING = 5
TITLE_WEIGHT = 3
#: Of a text as many words are remembered, out of as many characters.
TEXT_WORDS, TEXT_READ = 60, 3000
#: Short words that stand in every text and say nothing, folded. A Kazakh noun that looks like one (от, да) is not here.
_FREQUENT = """
    бы во вы до ее же за из им их ко ли мы на не ни но об он по со та те то ты уж
    ал ба бе де ма ме па пе ол ше
    am an as at be by do he if in is it me my no of on or so to up us we
"""
FREQUENT = frozenset(_FREQUENT.split())


def fold(text: str) -> str:
    """Small letters that any keyboard can type; Latin look-alikes inside Cyrillic words become Cyrillic."""
    words = unicodedata.normalize("NFC", text).casefold().split()
    return " ".join(word.translate(_FOLD) if _CYRILLIC.search(word) else word for word in words)


def ordered_terms(text: str) -> list[str]:
    """The beginnings of the words of a text, each once, in their order."""
    return list(dict.fromkeys(word[:BEGINNING] for word in _WORD.findall(fold(text))))


def terms_of(text: str) -> set[str]:
    """The beginnings of the words of a text."""
    return set(ordered_terms(text))


def telling_terms(text: str) -> list[str]:
    """Those of them that say what the text is about; all of them where nothing else is there."""
    terms = ordered_terms(text)
    return [term for term in terms if term not in FREQUENT] or terms


def weights_of(proposal: Proposal) -> dict[str, int]:
    """What the index holds of a proposal: terms and their weights, as far as its words are not hidden."""
    title = terms_of("" if proposal.hidden == TITLE_AND_TEXT else proposal.written_title)
    text = "" if proposal.hidden else proposal.written_text[:TEXT_READ]
    body = [term for term in ordered_terms(text) if term not in title and term not in FREQUENT][:TEXT_WORDS]
    return dict.fromkeys(sorted(title), TITLE_WEIGHT) | dict.fromkeys(body, 1)


def index_anew(proposal: Proposal) -> None:
    """Forget the words that were remembered of a proposal, and remember those that may be read now."""
    forgotten = delete(ProposalTerm).where(ProposalTerm.proposal_id == proposal.id)
    changed(forgotten)
    rows: list[dict[str, Any]] = [
        {"term": term, "proposal_id": proposal.id, "weight": weight} for term, weight in weights_of(proposal).items()
    ]
    if rows:
        db.session.execute(insert(ProposalTerm.__table__).on_conflict_do_nothing(), rows)


def differs(proposal: Proposal) -> bool:
    """Whether the index holds anything else of a proposal than its words."""
    query = select(ProposalTerm.term, ProposalTerm.weight).where(ProposalTerm.proposal_id == proposal.id)
    return dict(db.session.execute(query).all()) != weights_of(proposal)
