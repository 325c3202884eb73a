"""Rules of reports, hidings and appeals, as properties."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.flagging.rules import (
    NOTE_MIN,
    NOTE_OWED,
    SENTENCE_MAX,
    SENTENCE_MIN,
    Extent,
    Fault,
    Reason,
    What,
    extents,
    hiding_fault,
    may_judge,
    report_fault,
    tone,
)

words = st.text(max_size=600)
people = st.integers(1, 5)
paths = st.sampled_from(["/1/", "/1/2/", "/1/2/3/", "/1/2/30/", "/1/4/"])


@given(words, words)
def test_a_report_needs_a_reason_of_the_list(reason, note):
    if reason not in set(Reason):
        assert report_fault(reason, note) is Fault.REASON


@given(st.sampled_from(Reason), words)
def test_only_reasons_that_say_nothing_alone_owe_a_word(reason, note):
    owes = reason in NOTE_OWED and len(note.strip()) < NOTE_MIN
    assert report_fault(reason, note) is (Fault.NOTE if owes else None)


@given(st.sampled_from(What), words, words, words)
def test_nothing_is_hidden_without_extent_reason_and_sentence(what, extent, reason, sentence):
    fault = hiding_fault(what, extent, reason, sentence)
    is_complete = (
        extent in extents(what)
        and reason in set(Reason)
        and len(sentence.strip()) >= SENTENCE_MIN
        and len(sentence.strip()) <= SENTENCE_MAX
    )
    assert (fault is None) is is_complete


@given(st.sampled_from(What), st.sampled_from(Extent), st.sampled_from(Reason))
def test_a_report_about_the_photo_hides_no_words_and_the_other_way_round(what, extent, reason):
    fault = hiding_fault(what, extent, reason, "A sentence for everybody.")
    assert (fault is None) is ((extent is Extent.PHOTO) is (what is What.PHOTO))


@given(people, people, st.lists(paths, max_size=3), paths)
def test_who_judges_is_another_one_of_the_desk_or_above(judge, hid_by, moderates, desk):
    allowed = may_judge(judge, hid_by, moderates, desk)
    if judge == hid_by or not moderates:
        assert not allowed
    if judge != hid_by and (desk in moderates or "/1/" in moderates):
        assert allowed
    if allowed:
        assert any(desk.startswith(path) for path in moderates)


def test_a_neighbour_whose_number_begins_alike_is_no_judge():
    assert not may_judge(1, 2, ["/1/2/3/"], "/1/2/30/")
    assert not may_judge(1, 2, ["/1/2/3/"], "/1/2/"), "a rung below does not judge the one above"


@given(st.integers(0, 60), st.booleans())
def test_a_term_is_late_soon_or_far(left, is_late):
    assert tone(left, is_late) == ("late" if is_late else "soon" if left <= 1 else "ok")
