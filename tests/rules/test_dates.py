"""Each date of a proposal has one meaning: that of its stage, and none that has passed is called open."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from webapp.proposals.dates import Means, promises
from webapp.proposals.rules import CLOSING, FINAL, Stage

NOW = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
moments = st.none() | st.integers(-40, 40).map(lambda days: NOW + timedelta(days=days, hours=1))
OWED = {
    Stage.SUBMITTED: Means.CHECK,
    Stage.RETURNED: Means.REPLY,
    Stage.COLLECTING: Means.SUPPORT,
    Stage.REVIEW: Means.ANSWER,
    Stage.ACCEPTED: Means.BEGIN,
    Stage.IMPLEMENTING: Means.WORK,
}


@given(st.sampled_from(list(Stage)), moments, moments, moments, moments, moments)
def test_a_label_names_the_date_of_its_stage(stage, due_at, closes_at, appeal_until, closed_at, overdue_at):
    found = dict(promises(stage, due_at, closes_at, appeal_until, closed_at, overdue_at, NOW))
    if closed_at is not None or stage in FINAL:
        assert found == ({Means.ENDED: closed_at} if closed_at else {})
        return
    assert Means.ENDED not in found
    for means, date in found.items():  # each meaning has its own field
        if means is Means.APPEAL:
            assert stage in CLOSING and date in (appeal_until, due_at) and date > NOW
        elif means is Means.OVERDUE:
            assert date == overdue_at and stage in (Stage.SUBMITTED, Stage.REVIEW, Stage.IMPLEMENTING)
        elif means is Means.SUPPORT and stage is not Stage.COLLECTING:
            assert date == closes_at > NOW and stage in (Stage.REVIEW, Stage.DECLINED)
        else:
            assert (means, date) == (OWED[stage], due_at)
    if stage is Stage.DECLINED:
        assert (Means.APPEAL in found) == (appeal_until is not None and appeal_until > NOW)
        assert (Means.SUPPORT in found) == (closes_at is not None and closes_at > NOW)
    if Means.OVERDUE in found:  # the next look at what is late is nobody's promise
        assert OWED[stage] not in found
