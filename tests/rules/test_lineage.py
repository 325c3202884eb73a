"""Lineage has no cycle, and each measure stands in it once."""

from hypothesis import given
from hypothesis import strategies as st

from webapp.replicating.rules import Node, learned, makes_cycle, origin_of, tree


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


def test_a_tree_is_laid_out_line_by_line_each_one_deeper_than_whom_it_learned_from():
    parents = {5: 1, 2: 1, 3: 2, 4: 3, 6: 2, 9: 8}
    assert tree(parents, 1) == [
        Node(key=1, depth=0, line=0, parent=None),
        Node(key=2, depth=1, line=1, parent=1),
        Node(key=3, depth=2, line=2, parent=2),
        Node(key=4, depth=3, line=3, parent=3),
        Node(key=6, depth=2, line=4, parent=2),
        Node(key=5, depth=1, line=5, parent=1),
    ]
    assert tree(parents, 3) == [Node(key=3, depth=0, line=0, parent=None), Node(key=4, depth=1, line=1, parent=3)]


def test_a_line_that_bites_its_own_tail_ends():
    circle = {1: 2, 2: 3, 3: 1}
    assert origin_of(circle, 1) == 3
    assert not makes_cycle(circle, 4, 1)
    assert [(node.key, node.depth) for node in tree(circle, 1)] == [(1, 0), (3, 1), (2, 2)]
    assert [node.key for node in tree({1: 2, 2: 1, 3: 1, 4: 2}, 1)] == [1, 2, 4, 3]
