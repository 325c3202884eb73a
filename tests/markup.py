"""What the Nu checker says most often, as a quick look at every page that a test opens. `make soak` asks Nu itself."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

#: An hour, a day or a moment as HTML reads it: at most three digits of a second.
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?|\d\d:\d\d(?::\d\d)?|\d{4}(?:-\d\d)?"
)
#: What these elements are by themselves.
IMPLICIT = {
    ("table", "table"), ("thead", "rowgroup"), ("tbody", "rowgroup"), ("tr", "row"), ("td", "cell"),
    ("th", "columnheader"), ("th", "rowheader"), ("a", "link"), ("button", "button"), ("nav", "navigation"),
    ("main", "main"), ("ul", "list"), ("ol", "list"), ("li", "listitem"), ("form", "form"), ("article", "article"),
    ("aside", "complementary"), ("textarea", "textbox"), ("fieldset", "group"), ("img", "img"), ("dialog", "dialog"),
}  # fmt: skip
EVERYWHERE = frozenset(
    [
        "id",
        "class",
        "lang",
        "title",
        "hidden",
        "tabindex",
        "role",
        "autofocus",
        "dir",
        "translate",
        "spellcheck",
        "inputmode",
        "enterkeyhint",
        "draggable",
        "autocapitalize",
    ]
)
_FORM = "form formaction formmethod formnovalidate formenctype formtarget name value type disabled"
#: Attributes by element; those of SVG are Nu's business.
ATTRIBUTES = {
    tag: frozenset(names.split())
    for tag, names in {
        "a": "href hreflang rel target download type",
        "button": _FORM,
        "input": f"{_FORM} checked required readonly placeholder min max step minlength maxlength pattern size accept "
        "autocomplete list multiple alt src",
        "textarea": "name rows cols required readonly placeholder minlength maxlength disabled form autocomplete wrap",
        "select": "name required disabled multiple size form autocomplete",
        "option": "value selected disabled label",
        "optgroup": "label disabled",
        "label": "for",
        "form": "action method enctype novalidate autocomplete target name accept-charset rel",
        "fieldset": "disabled form name",
        "img": "src alt width height loading decoding srcset sizes fetchpriority",
        "link": "rel href type hreflang media sizes title as",
        "meta": "name content charset media property",
        "script": "src defer async type",
        "html": "lang prefix",
        "td": "colspan rowspan headers",
        "th": "colspan rowspan headers scope abbr",
        "col": "span",
        "colgroup": "span",
        "ol": "start reversed type",
        "li": "value",
        "time": "datetime",
        "details": "open name",
        "output": "for form name",
        "progress": "value max",
        "meter": "value min max low high optimum",
        "data": "value",
        "blockquote": "cite",
    }.items()
}
PHRASES = frozenset(
    [
        "p",
        "span",
        "label",
        "button",
        "strong",
        "em",
        "b",
        "i",
        "small",
        "a",
        "abbr",
        "code",
        "kbd",
        "time",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "dt",
        "summary",
        "legend",
    ]
)
#: These hold phrases alone; `a`, `dt`, `summary` and `legend` may hold some of the blocks.
STRICT = PHRASES - {"a", "dt", "summary", "legend"}
BLOCKS = frozenset(
    [
        "div",
        "p",
        "ul",
        "ol",
        "dl",
        "table",
        "section",
        "article",
        "aside",
        "nav",
        "header",
        "footer",
        "main",
        "form",
        "fieldset",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "pre",
        "blockquote",
        "figure",
        "details",
        "hr",
    ]
)
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
CHILDREN = {
    "ul": {"li", "template", "script"},
    "ol": {"li", "template", "script"},
    "dl": {"dt", "dd", "div", "template", "script"},
    "tr": {"td", "th"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "select": {"option", "optgroup", "hr"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
}
POINTERS = ("aria-labelledby", "aria-describedby", "aria-controls", "form", "for", "list")


def _any(names: Iterable[str]) -> str:
    return "[" + " or ".join(f"self::{name}" for name in sorted(names)) + "]"


_PAGE = etree.XPath("//*[not(ancestor-or-self::svg)]")
_IDS = etree.XPath("//@id")
#: What stands where it may not, and the sentence about it.
_MISPLACED = [
    (etree.XPath(f"//*{_any(STRICT)}//*{_any(BLOCKS)}"), "<{tag}> in <{parent}>"),
    (etree.XPath(f"//*{_any(HEADINGS)}[not(normalize-space())]"), "an empty <{tag}>"),
    (etree.XPath(f"//section[not(.//*{_any(HEADINGS)})]"), "<section class={class_} id={id}> without a heading"),
    (etree.XPath("//*[self::a or self::button or self::label]//*[self::a or self::button]"), "<{tag}> in <{parent}>"),
    (etree.XPath("//form//form"), "a form in a form"),
    (etree.XPath("//img[not(@alt)]"), "an image without words"),
    *(
        (etree.XPath(f"//{parent}/*[not{_any(children).replace('[', '(').replace(']', ')')}]"), "<{tag}> in <{parent}>")
        for parent, children in CHILDREN.items()
    ),
]


def faults(tree: Any) -> list[str]:
    """What is no valid HTML in a page, as sentences."""
    known = set(_IDS(tree))
    found = [fault for element in _PAGE(tree) if element.attrib for fault in _attributes(element, element.tag, known)]
    for where, sentence in _MISPLACED:
        for e in where(tree):
            parent = e.getparent().tag if e.getparent() is not None else ""
            found.append(sentence.format(tag=e.tag, parent=parent, class_=e.get("class"), id=e.get("id")))
    return found


def _attributes(element: Any, tag: str, known: set[str]) -> list[str]:
    found = []
    own = ATTRIBUTES.get(tag, frozenset())
    for name, value in element.items():
        if name not in EVERYWHERE and name not in own and not name.startswith(("data-", "aria-")):
            found.append(f"<{tag} {name}> is no attribute of HTML")
        if name in POINTERS and (missing := [one for one in value.split() if one not in known]):
            found.append(f"<{tag} {name}={missing[0]}> points to nothing")
        if name == "datetime" and not MOMENT.fullmatch(value):
            found.append(f"<{tag} datetime={value}>: at most three digits of a second")
        if name == "id" and len(value.split()) != 1:
            found.append(f"<{tag} id={value!r}>")
        if name == "role" and (tag, value) in IMPLICIT:
            found.append(f"<{tag} role={value}>: it is one by itself")
    return found
