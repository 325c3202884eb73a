"""Which bars a vote moves, and what is left for one person to do: never ask somebody whose vote cannot move it."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.voting.rules import Part, bars_moved, part_of

ladders = st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True)
homes = st.sets(st.integers(1, 30), max_size=5)


@given(homes, ladders)
def test_a_bar_moves_exactly_where_the_home_lies(home, ladder):
    moved = bars_moved(home, ladder)
    assert list(moved) == [rung for rung in ladder if rung in home]
    assert set(moved) | {rung for rung in ladder if rung not in home} == set(ladder)


@given(st.none() | homes, st.integers(1, 30), st.sampled_from([None, "support", "oppose"]), st.booleans())
def test_nobody_is_told_that_their_vote_lifts_what_it_cannot(home, bar, choice, is_aside):
    part = part_of(home, bar, choice, is_aside)
    can = home is not None and bar in home
    assert (part in (Part.LIFT, Part.GATHER, Part.AGAINST)) <= can
    assert (part is Part.KEPT) == (choice is not None and (home is None or is_aside))
    assert (part is Part.ELSEWHERE) == (home is not None and not can and part is not Part.KEPT)
    assert (part is Part.GATHER) <= (choice == "support" and not is_aside)
