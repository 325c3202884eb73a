"""The filters of the desk, one by one: what is understood, what is left out, and how an address says it."""

import pytest

from webapp.desk.rules import BULK_MAX, PAGE, SAMPLES, SOON, STAGES, Filters, Tab, filters_behind, filters_of
from webapp.proposals.rules import Stage

LARGEST_KEY = 999_999_999  # a number from outside has nine digits at most: they fit every key of the database


@pytest.mark.parametrize(
    ("name", "value", "understood"),
    [
        ("tab", "answers", True),
        ("tab", "trash", False),
        ("place", "611010000", True),
        ("place", "61101000", False),
        ("place", "6110100000", False),
        ("place", "61101000x", False),
        ("place", "٦١١٠١٠٠٠٠", False),
        ("sphere", "transport", True),
        ("sphere", "space", False),
        ("dept", "0", True),
        ("dept", str(LARGEST_KEY), True),
        ("dept", str(LARGEST_KEY + 1), False),
        ("dept", "-1", False),
        ("dept", "me", False),
        ("lang", "kk", True),
        ("lang", "de", False),
        ("who", "me", True),
        ("who", "nobody", True),
        ("who", str(LARGEST_KEY), True),
        ("who", str(LARGEST_KEY + 1), False),
        ("who", "somebody", False),
        ("due", "0", True),
        ("due", "99", True),
        ("due", "100", False),
        ("due", "soon", False),
        ("came", "week", True),
        ("came", "month", False),
        ("q", "мост", True),
        ("q", "x" * 80, True),
        ("q", "x" * 81, False),
    ],
)
def test_each_filter_takes_what_it_knows(name, value, understood):
    filters = filters_of({name: value})
    assert (getattr(filters, name) == value) is understood
    if understood:
        assert filters == Filters(**{name: Tab(value) if name == "tab" else value})
        assert filters_behind(filters.query()) == filters
    elif name != "q":
        assert filters == Filters()
    else:
        assert filters.q == "x" * 80


def test_a_list_that_is_not_named_is_the_one_by_default():
    assert filters_of({}, Tab.ANSWERS).tab is Tab.ANSWERS
    assert filters_of({"tab": "trash"}, Tab.ANSWERS).tab is Tab.ANSWERS
    assert filters_of({"tab": "done"}, Tab.ANSWERS).tab is Tab.DONE
    assert filters_behind(None) == filters_behind("") == Filters()


def test_an_address_says_only_what_narrows():
    assert Filters().url == "/desk"
    assert Filters(tab=Tab.DONE).url == "/desk?tab=done"
    assert Filters(who="me").query(due="3") == "who=me&due=3"
    assert Filters(who="me").query(who="") == ""
    assert Filters(lang="inbox").query() == "lang=inbox"  # the word is left out of the name of the list alone


def test_a_list_is_narrowed_by_anything_but_its_name():
    assert not Filters().is_narrowed and not Filters(tab=Tab.DONE).is_narrowed
    assert Filters(q="мост").is_narrowed and Filters(tab=Tab.DONE, came="week").is_narrowed


def test_each_list_lies_on_the_desk_of_its_role():
    assert {tab for tab, (_stages, role) in STAGES.items() if role == "moderator"} == {Tab.INBOX, Tab.WAITING, Tab.DONE}
    assert {tab for tab, (_stages, role) in STAGES.items() if role == "officer"} == {Tab.ANSWERS, Tab.WORKS}
    assert set(STAGES) == set(Tab) and STAGES[Tab.ANSWERS][0] == (Stage.REVIEW,)


def test_a_page_has_fifty_rows_which_can_be_decided_together_and_soon_is_four_fifths():
    assert (PAGE, BULK_MAX, SAMPLES) == (50, 50, 3)
    assert SOON * 5 == 1000 * 4
