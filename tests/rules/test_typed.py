"""What people typed comes out as they typed it, line by line, and the three marks do what the hint says."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from webapp.kernel.markdown import render_markdown, typed_lines
from webapp.kernel.text import tidy, tidy_lines


def lines_of(markup):
    """What can be read, line by line: a paragraph, a line end and an item of a list each end one."""
    text = re.sub(r"\s*\n\s*", "\n", str(markup).replace("<br>", "\n"))
    for tag in ("p", "li", "ul"):
        text = re.sub(rf"</?{tag}>", "\n", text)
    words = html.fromstring(f"<div>{text}</div>").text_content().replace("\u00a0", " ")
    return [line.strip() for line in words.split("\n") if line.strip()]


def typed(text):
    """The same of what was typed: the hyphen of a list is a dot on the page, the asterisks of bold are its weight."""
    plain = [re.sub(r"^\s*- +(?=\S)", "", line) for line in tidy(text).split("\n")]
    return [line.strip() for line in plain if line.strip()]


ORDINARY = [
    "Абай көшесі, 12\nТөле би көшесі, 7\nСәтбаев көшесі, 3",
    "7. Мамыр айында\n8. Маусымда\n12. Кейін",
    "1. Первое\n3. Третье",
    "1) так\n2) и так",
    "Размер 2*3*4 м, а не 2**3**4 и не 5 * 6",
    "    Азат жол төрт бос орыннан басталады",
    "\tТабуляциядан басталған жол",
    "Заголовок\n---\nтекст\n===",
    "#####\n# не заголовок\n## тоже\n#5",
    "snake_case_word и _подчёркнуто_ и __дважды__",
    "1. бірінші",
    "+7 701 123 45 67\n+7 (702) 765-43-21",
    "> цитата\n>> двойная",
    "<b>жирный?</b> &amp; <script>alert(1)</script> &#35;",
    "Пишите на info_desk@akimat.kz или a.b_c@d-e.kz",
    "https://example.kz/a_b_c?x=1&y=2*3*4#d_e",
    "см. (https://example.kz/стр_1).",
    "[ссылка](https://example.kz) и ![картинка](x.png) и [1]: сноска",
    "`код` и ```\nблок\n```",
    "a\\*b \\_ \\# \\\\",
    "***\n___\n* * *\n- - -",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "Бірінші абзац\nекінші жол\n\nЕкінші абзац  \nекі бос орыннан кейін",
    "~~зачёркнуто~~ :smile: (c) (tm) -- --- ...",
    "* звёздочка в начале\n+ плюс в начале\n• точка",
    "**не закрыто\nи здесь** тоже",
    "- \n-\n-без пробела",
    "- пункт\n  продолжение\n- второй",
    "x < y > z, 5 > 3, a<b",
]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_typing_comes_out_line_by_line(text):
    shown = lines_of(render_markdown(tidy(text)))
    assert shown == typed(text)
    assert "<pre" not in render_markdown(tidy(text)) and "<h" not in render_markdown(tidy(text)).replace("<hr", "")


signs = st.text(alphabet="абвәіңғ ABc012.,:;!?()*_-+#>|~`\\[]<>&\"'/@=\t\n№«»—", max_size=120)
pieces = st.lists(
    st.sampled_from(
        [
            "слово",
            "2*3",
            "*",
            "**",
            "_",
            "#",
            "> ",
            "- ",
            "1. ",
            "    ",
            "\t",
            "\n",
            "\n\n",
            " ",
            "https://a.kz/b_c",
            "a_b@c.kz",
            "<b>",
            "&amp;",
            "`",
            "[x](y)",
            "---",
            "===",
            "|",
            "\\",
            "+7",
            "%",
            "...",
            "(",
            ")",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=150)
@given(signs | pieces)
def test_whatever_is_typed_is_read_line_by_line(text):
    marks = re.compile(r"\*\*")
    shown = [marks.sub("", line) for line in lines_of(render_markdown(tidy(text)))]
    assert [" ".join(line.split()) for line in shown if line.strip()] == [
        " ".join(bare.split()) for line in typed(text) if (bare := marks.sub("", line)).strip()
    ]


@settings(max_examples=100)
@given(signs)
def test_a_text_without_marks_keeps_every_sign(text):
    kept = html.fromstring(f"<div>{typed_lines(text)}</div>").text_content() if text.strip("\n\t ") else ""
    assert [line.strip() for line in kept.split("\n") if line.strip()] == [
        line.strip() for line in text.split("\n") if line.strip()
    ]


@pytest.mark.parametrize(
    "text, wanted",
    [
        ("Бұл **маңызды** сөз", "<strong>маңызды</strong>"),
        ("«**важно**», **и это**.", "<strong>и это</strong>"),
        ("**https://a.kz/x**", '<strong><a href="https://a.kz/x"'),
        ("- бір\n- екі", "<ul>\n<li>бір</li>\n<li>екі</li>\n</ul>"),
        ("Мынау:\n- бір\n  - ішкі\n- екі", "<li>бір<ul>\n<li>ішкі</li>"),
        ("- a\n  - b\n    - c\n- d", "<li>b<ul>\n<li>c</li>\n</ul>\n</li>\n</ul>\n</li>\n<li>d</li>"),
        ("https://a.kz/?x=1&y=2.", 'href="https://a.kz/?x=1&amp;y=2"'),
        ("HTTPS://A.KZ", 'href="HTTPS://A.KZ"'),
    ],
)
def test_the_marks_of_the_hint(text, wanted):
    assert wanted in render_markdown(text)


def test_a_list_of_many_levels_is_none_too_deep():
    deep = "\n".join(f"{' ' * 2 * level}- x" for level in range(90))
    assert len(deep) < 10_000 and render_markdown(deep).count("<li>") == 90
    tabs = "\n".join(f"{chr(9) * level}- x" for level in range(135))
    assert len(tabs) < 10_000 and render_markdown(tabs).count("<li>") == 135


@pytest.mark.parametrize(
    "sent, kept, shown",
    [
        ("    a\r\n    b", "    a\n    b", "\u00a0\u00a0\u00a0\u00a0a<br>\n\u00a0\u00a0\u00a0\u00a0b"),
        (" \n\n\ta \n", "\ta", "\u00a0\u00a0\u00a0\u00a0a"),
        ("a\n  b", "a\n  b", "a<br>\n\u00a0\u00a0b"),
        *((blank, "", "") for blank in ("", " \n ", "\u2800", "\u200b\n\t", None)),
    ],
)
def test_the_first_line_stays_set_in_as_the_others(sent, kept, shown):
    assert tidy_lines(sent) == tidy_lines(kept) == kept
    assert typed_lines(kept) == shown
    assert render_markdown(kept).replace("&nbsp;", "\u00a0") == (f"<p>{shown}</p>\n" if shown else "")


@pytest.mark.parametrize("text", ["javascript:alert(1)", "ftp://a.kz", "//a.kz", "a.kz", "mailto:a@b.kz", "tel:+7"])
def test_nothing_else_becomes_a_link(text):
    assert "<a" not in render_markdown(text)


@pytest.mark.parametrize(
    "piece", ["**a ", "**a** ", "**a", "https://", "https://x)", "- a\n", " - a\n", "*", "** ", "https://a.kz/**", "\t"]
)
def test_no_text_takes_long(piece):
    text = (piece * 10_000)[:10_000]
    begun = time.process_time()
    render_markdown.__wrapped__(text)
    assert time.process_time() - begun < 0.5
