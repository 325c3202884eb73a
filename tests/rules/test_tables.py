"""Cells that go out and come in: the same signs, whatever they are; and files that are read strictly."""

from __future__ import annotations

import csv
import io
import itertools
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.kernel.exports import as_written, harmless
from webapp.kernel.tables import BadTable, read_csv
from webapp.kernel.text import tidy

RISKY = "=+-@＝＋－＠'\t\r\n\x00 \u00a0\u3000\"a,;"
cells = st.text(alphabet=st.sampled_from(RISKY) | st.characters(exclude_categories=["Cs"]), max_size=8)


@given(cells)
def test_a_cell_comes_back_as_it_was(cell):
    assert as_written(harmless(cell)) == cell


def test_every_character_comes_back_wherever_it_matters():
    """What `harmless` looks at, and every blank of Unicode, in every order."""
    every = map(chr, itertools.chain(range(0xD800), range(0xE000, sys.maxunicode + 1)))
    special = sorted({sign for sign in every if sign.isspace()} | set(RISKY) | {"a"})
    assert len(special) > 35
    for letters in itertools.chain(*(itertools.product(special, repeat=length) for length in (1, 2, 3))):
        cell = "".join(letters)
        assert as_written(harmless(cell)) == cell, ascii(cell)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=5))
def test_a_file_of_ours_is_read_as_it_was_written(rows):
    rows = [tuple(cell.replace("\x00", "") for cell in row) for row in rows]
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("a", "b", "c"))
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    there = [row for row in rows if any(map(harmless, row))]
    raw = ("\ufeff" + buffer.getvalue()).encode()
    if not there:
        with pytest.raises(BadTable):
            read_csv(raw, ("a", "b", "c"))
        return
    found = [tuple(as_written(cell) for cell in row.values()) for _line, row in read_csv(raw, ("a", "b", "c")).rows]
    assert found == there
    assert [tuple(map(tidy, row)) for row in found] == [tuple(map(tidy, row)) for row in there]


def test_no_cell_is_padded_swallowed_or_moved():
    table = read_csv(b"a,b\n1\n1,2\n1,2,3\n\n,\n4,5\n", ("a", "b"))
    assert [line for line, _row in table.rows] == [3, 7]
    assert [line for line, _said in table.problems] == [2, 4]


@pytest.mark.parametrize(
    "raw, said",
    [
        (b"", "empty"),
        (b"a,b\n", "no lines below"),
        (b"a,b,a\n1,2,3\n", "twice: a"),
        (b"a,,b\n1,2,3\n", "does not know: ''"),
        (b"a;b\n1;2\n", "“;”"),
        (b"a|b\n1|2\n", "“|”"),
        (b'a,b\n1,x"y\n', "Line 2"),
        (b'a,b\n1," x" \n', "Line 2"),
        (b'a,b\n1,"x\n2,3\n4,5', "never closed"),
        (b"a,b\n1,\x00\n", "zero byte"),
        ("a,b\n1,2\n".encode("utf-16"), "UTF-16"),
        ("a,b\n1,2\n".encode("utf-16-le"), "UTF-16"),
        ("a,b\nҚазақстан,Қала\n".encode("utf-16-be"), "UTF-16"),
        ("a,b\nПривет,мир № 5\n".encode("cp1251"), "windows-1251"),
        (b"a,b\n\xc3(\xa9\xa0\xa1\xb0,1\n", "Line 2"),
    ],
)
def test_what_is_wrong_is_said(raw, said):
    with pytest.raises(BadTable) as refusal:
        read_csv(raw, ("a", "b"), ("a", "b"))
    assert said.lower() in str(refusal.value).lower()


@pytest.mark.parametrize("raw", ['\ufeffa,b\r\n1,"x\r\ny"\r\n', 'a,b\n1,"x\ny"', ' a , b \n1,"x\ny"\n\n'])
def test_what_is_right_is_read(raw):
    assert [list(row.values())[1].replace("\r", "") for _line, row in read_csv(raw.encode(), ("a", "b")).rows] == [
        "x\ny"
    ]
