"""Lineage has no cycle, and each measure stands in it once."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.replicating.rules import learned, makes_cycle, origin_of, tree


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=40))
def test_no_sequence_of_replications_makes_a_cycle(wanted):
    parents: dict[int, int] = {}
    for child, parent in wanted:
        if child not in parents and not makes_cycle(parents, child, parent):
            parents[child] = parent
    for key in range(1, 10):  # every line ends, and never where it has been
        line, here = [key], key
        while here in parents:
            here = parents[here]
            assert here not in line
            line.append(here)
        assert origin_of(parents, key) == line[-1]
    roots = {origin_of(parents, key) for key in range(1, 10)}
    nodes = [node for root in sorted(roots) for node in tree(parents, root)]
    assert sorted(node.key for node in nodes) == list(range(1, 10))  # the forest holds each exactly once
    for node in nodes:
        assert node.parent == parents.get(node.key)
        assert (node.depth == 0) is (node.parent is None)


@given(st.dictionaries(st.integers(1, 6), st.integers(1, 6), max_size=6))
def test_even_a_broken_table_ends(parents):
    nodes = tree(parents, origin_of(parents, 1))
    assert len({node.key for node in nodes}) == len(nodes)
    assert [node.line for node in nodes] == list(range(len(nodes)))


def test_a_city_does_not_learn_from_itself():
    assert learned([(2, 1), (3, 1), (3, 3), (2, 1)]) == {2: {1}, 3: {1}}
    assert makes_cycle({2: 1, 3: 2}, 1, 3) and not makes_cycle({2: 1, 3: 2}, 4, 3) and makes_cycle({}, 1, 1)
