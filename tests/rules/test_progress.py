"""Progress lies between nothing and all, grows with each report, and falls only when a milestone is opened again."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.delivery.rules import majority_says_no, progress


@given(st.integers(1, 12), st.lists(st.tuples(st.booleans(), st.integers(0, 11)), max_size=60))
def test_it_never_falls_unless_a_milestone_is_opened_again(promised, acts):
    done, before = set(), 0.0
    for is_report, number in acts:
        milestone = number % promised
        was_there = milestone in done
        if is_report:
            done.add(milestone)
        else:
            done.discard(milestone)
        after = progress(len(done), promised)
        assert 0 <= after <= 1
        if is_report:
            assert after >= before and (after > before) is not was_there
        else:
            assert after <= before and (after < before) is was_there
        before = after
    assert (before == 1) is (len(done) == promised)


@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.integers(1, 40))
def test_a_majority_is_more_than_the_rest(yes, partly, no, at_least):
    decided = majority_says_no(yes, partly, no, at_least)
    assert decided is (yes + partly + no >= at_least and no > yes + partly)
    if decided:
        assert majority_says_no(yes, partly, no + 1, at_least)  # one more does not undo it
