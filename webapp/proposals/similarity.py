"""Finding proposals on the same matter, for an author who types a title and for a moderator who compares.

Kazakh adds suffixes and many keyboards lack its letters, so words are folded (ә to а, қ to к and so
on) and compared by their beginnings: on tagged Kazakh text that finds 96 % of the forms of a word
where exact comparison finds 50 %. A word of the title that nobody has written so far is taken for a
slip of the fingers, and words one slip away stand in for it. Scores are those of BM25 without the
length of the text (Robertson and Zaragoza, 2009): rare words weigh more, a title more than a text.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Select, String, TextClause, bindparam, column, exists, func, select, text, values
from sqlalchemy.orm import joinedload

from webapp.kernel.database import db
from webapp.proposals.models import Proposal, ProposalTerm
from webapp.proposals.terms import BEGINNING, TITLE_WEIGHT, telling_terms

_LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
#: As many characters of a text are asked with.
TEXT_ASKED = 500
#: How much a word counts that is asked for by the text only, and one that stands in for a slip.
BY_TEXT, BY_SLIP = 0.5, 0.6
#: Saturation of BM25: the third mention of a word says less than the first.
SATURATION = 1.5
#: At most so many entries of the index are read for one question; the commonest words are left out first.
READ_AT_MOST = 20_000
COMMON = READ_AT_MOST // 4
SLIPS = 4
#: A word as short as this is another word when one letter of it changes.
SHORT = 2
#: The place and the sphere of the question move a proposal up by so much.
SAME_PLACE, SAME_SPHERE = 1.15, 1.05
#: Below this share of a proposal with the very same title it is no candidate.
LEAST_PERCENT = 20


@dataclass(frozen=True)
class Candidate:
    """A published, open proposal that may be about the same. `percent` is 100 for the same title."""

    proposal: Proposal
    percent: int


def one_slip_away(term: str) -> set[str]:
    """What a term could have been meant to be: a letter too many, too few, another one, or two of them swapped."""
    splits = [(term[:at], term[at:]) for at in range(len(term) + 1)]
    found = {left + right[1:] for left, right in splits if right}
    found |= {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    found |= {left + letter + right[1:] for left, right in splits if right for letter in _LETTERS}
    found |= {left + letter + right for left, right in splits for letter in _LETTERS}
    return {slip[:BEGINNING] for slip in found if len(slip) >= 3} - {term}


def weigh(count: int, total: int) -> float:
    """How much a word says that `count` of `total` proposals hold: the inverse document frequency of BM25."""
    return math.log(1 + (total - count + 0.5) / (count + 0.5))


def gain(weight: float) -> float:
    """What a word of this weight in a proposal adds, before it is multiplied by how rare the word is."""
    return weight * (SATURATION + 1) / (weight + SATURATION)


def candidates(
    title: str,
    body: str = "",
    *,
    origin_id: int | None = None,
    sphere: str = "",
    besides: int | None = None,
    at_most: int = 5,
    least_percent: int = LEAST_PERCENT,
) -> Sequence[Candidate]:
    """Published, open proposals on the same matter, likeliest first.

    `percent` says how much of the title's words a proposal has in its own title (then 100), or by
    its body; place and sphere change the order only.
    """
    by_title = telling_terms(title)
    wanted = dict.fromkeys(telling_terms(body[:TEXT_ASKED]), BY_TEXT) | dict.fromkeys(by_title, 1.0)
    if not by_title:
        return []
    counts = _counts(wanted)
    known = {term: factor for term, factor in wanted.items() if counts[term]}
    slips: dict[str, int] = {}
    for term in [term for term in by_title if not counts[term] and len(term) > SHORT][:SLIPS]:
        slips |= {slip: count for slip, count in _existing(one_slip_away(term)).items() if slip not in known}
    known |= dict.fromkeys(slips, BY_SLIP)
    total = max(db.session.scalar(select(func.max(Proposal.id))) or 1, 1)
    values_of = _values(known, counts | slips, total)
    scores = _scores(values_of)
    meant = [term for term in by_title if term in values_of] or [term for term in slips if term in values_of]
    whole = sum(values_of[term] for term in meant) * gain(TITLE_WEIGHT)
    likely = sorted((key for key in scores if key != besides), key=lambda key: (-scores[key], key))[: at_most * 10]
    return _found(likely, scores, whole, origin_id, sphere, at_most, least_percent)


def _counts(terms: Iterable[str]) -> dict[str, int]:
    """In how many proposals each term stands, counted up to `COMMON` + 1: more is not wanted to be known."""
    asked = list(terms)
    binds = {f"t{number}": term for number, term in enumerate(asked)}
    return {asked[number]: found for number, found in db.session.connection().execute(_counting(len(asked)), binds)}


@lru_cache(maxsize=200)
def _counting(number: int) -> TextClause:
    """The statement for so many terms; written out, for putting it together anew takes longer than it runs."""
    part = (
        "SELECT {n} AS n, count(*) AS found FROM (SELECT 1 FROM proposal_term WHERE term = :t{n} LIMIT {most}) AS s{n}"
    )
    return text(" UNION ALL ".join(part.format(n=n, most=COMMON + 1) for n in range(number)))


def _existing(terms: set[str]) -> Mapping[str, int]:
    """Of many terms those that some proposal holds, with their counts."""
    asked = values(column("term", String)).data([(term,) for term in sorted(terms)]).cte("asked")
    found = list(
        db.session.scalars(select(asked.c.term).where(exists().where(ProposalTerm.term == asked.c.term)).limit(12))
    )
    return _counts(found) if found else {}


def _values(known: dict[str, float], counts: dict[str, int], total: int) -> dict[str, float]:
    """What each of the rarer terms says; the commonest are not asked for."""
    found, read = {}, 0
    for term in sorted(known, key=lambda term: (counts[term], term)):
        read += counts[term]
        if counts[term] > max(50, min(COMMON, total // 5)) or read > READ_AT_MOST:
            break
        found[term] = weigh(counts[term], total) * known[term]
    return found


def _scores(values_of: dict[str, float]) -> dict[int, float]:
    """Score of every proposal that holds one of these terms, by id."""
    scores: dict[int, float] = {}
    query = select(ProposalTerm.term, ProposalTerm.proposal_id, ProposalTerm.weight)
    query = query.where(ProposalTerm.term.in_(bindparam("terms", expanding=True)))
    for term, key, weight in db.session.connection().execute(query, {"terms": list(values_of)}) if values_of else ():
        scores[key] = scores.get(key, 0.0) + values_of[term] * gain(weight)
    return scores


def _found(
    likely: list[int],
    scores: dict[int, float],
    whole: float,
    origin_id: int | None,
    sphere: str,
    at_most: int,
    least_percent: int,
) -> list[Candidate]:
    if not likely or not whole:
        return []
    query = select(Proposal).options(joinedload(Proposal.origin))
    query = query.where(Proposal.id.in_(likely), Proposal.is_public, Proposal.closed_at.is_(None))

    def rank(proposal: Proposal) -> float:
        near = SAME_PLACE if proposal.origin_id == origin_id else 1.0
        return scores[proposal.id] * near * (SAME_SPHERE if sphere and proposal.sphere == sphere else 1.0)

    found = sorted(db.session.scalars(query), key=lambda proposal: (-rank(proposal), proposal.id))
    percents = [Candidate(proposal, min(100, round(100 * scores[proposal.id] / whole))) for proposal in found]
    return [candidate for candidate in percents if candidate.percent >= least_percent][:at_most]


def similar_to(text: str, origin_id: int | None = None, at_most: int = 5, besides: int | None = None) -> list[Proposal]:
    """The same for somebody who has typed a title only."""
    found = candidates(text, origin_id=origin_id, at_most=at_most, besides=besides, least_percent=30)
    return [candidate.proposal for candidate in found]


def matching(words: str) -> Select[tuple[int]] | None:
    """Ids of proposals that hold all of some words, in any spelling; None when there is no word to look for."""
    terms = telling_terms(words)[:6]
    if not terms:
        return None
    parts = [
        select(ProposalTerm.proposal_id).where(
            ProposalTerm.term == term if len(term) == BEGINNING else ProposalTerm.term.startswith(term, autoescape=True)
        )
        for term in terms
    ]
    first, *rest = parts
    return first.where(*(ProposalTerm.proposal_id.in_(part) for part in rest))
