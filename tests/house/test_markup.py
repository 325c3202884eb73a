"""The quick look at markup sees what it is there for, and leaves alone what is in order."""

import pytest
from lxml import html

from tests.markup import faults

GOOD = """<section aria-labelledby="t"><h2 id="t">Дауыстар</h2><time datetime="2026-11-23T05:00:00.123+00:00">x</time>
<table><caption>c</caption><thead><tr><th scope="col">a</th></tr></thead><tbody><tr><td data-label="a">1</td></tr></tbody>
</table><label for="f">f</label><input id="f" name="f"><a href="/x"><span>y</span></a>
<form method="post" action="/x" data-hx-post="/x" novalidate></form><svg viewBox="0 0 1 1"><path d="M0 0"/></svg></section>"""


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ('<div hx-get="/x"></div>', "no attribute of HTML"),
        ('<p align="left">x</p>', "no attribute of HTML"),
        ('<time datetime="2026-11-23T05:00:00.193582+00:00">x</time>', "three digits"),
        ("<table role='table'><tr><td>x</td></tr></table>", "it is one by itself"),
        ("<table><tr><td role='cell'>x</td></tr></table>", "it is one by itself"),
        ("<section class='panel'><p>x</p></section>", "without a heading"),
        ("<h2> <span></span></h2>", "an empty <h2>"),
        ("<span><div>x</div></span>", "<div> in <span>"),
        ("<ul><div>x</div></ul>", "<div> in <ul>"),
        ("<a href='/x'><button>y</button></a>", "<button> in <a>"),
        ("<label for='nowhere'>x</label>", "points to nothing"),
        ("<p aria-describedby='nowhere'>x</p>", "points to nothing"),
        ("<img src='/x'>", "without words"),
    ],
)
def test_what_is_no_valid_markup_is_seen(markup, fault):
    assert any(fault in said for said in faults(html.document_fromstring(markup)))


def test_what_is_valid_is_left_alone():
    assert faults(html.document_fromstring(GOOD)) == []
