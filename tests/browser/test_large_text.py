"""Letters of twice the size on a phone of 360 pixels: nothing is wider than the screen, no label is cut, the header is small."""

import pytest

from tests.browser.test_pages import DOORS, OPEN, matters  # noqa: F401 (a fixture)
from tests.sizes import size

HEIGHT, HEADER, BAR = 740, 0.4, 0.2
#: What hangs over the edge, and what is cut: a label whose letters are wider than it, or a word broken in two without a hyphen.
LOOK = """() => {
  const found = [];
  const scrolls = e => { for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
    if (['auto', 'scroll'].includes(getComputedStyle(p).overflowX)) return true; return false };
  for (const e of document.querySelectorAll('body *')) {
    if (!(e.offsetParent || getComputedStyle(e).position === 'fixed') || e.closest('.visually-hidden, .skip, svg, thead')) continue;
    const r = e.getBoundingClientRect(), s = getComputedStyle(e);
    if (r.width < 2) continue;
    if (r.right > innerWidth + 1 && !scrolls(e)) found.push('too wide: ' + e.outerHTML.slice(0, 100));
    if (s.display !== 'inline' && s.overflowX !== 'auto' && e.scrollWidth > e.clientWidth + 1 && e.clientWidth > 0
        && e.matches('a, button, label, legend, summary, h1, h2, h3, h4, p, li, th, td, dt, dd, span'))
      found.push('cut: ' + e.outerHTML.slice(0, 100));
    if (e.matches('button, .button, .tabs a, .site-header a') && r.height < 24) found.push('small: ' + e.outerHTML.slice(0, 100));
  }
  const bars = [...document.querySelectorAll('.vote-bar')].filter(e => getComputedStyle(e).position === 'fixed');
  return { found: found.slice(0, 4), wide: document.documentElement.scrollWidth,
           header: document.querySelector('.site-header').offsetHeight, bar: Math.max(0, ...bars.map(e => e.offsetHeight)) } }"""


def look(someone, path):
    page = someone.page
    page.goto(someone.base + path)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    seen = page.evaluate(LOOK)
    assert seen["found"] == [] and seen["wide"] <= 360, (someone.lang, path, seen)
    assert seen["header"] <= HEADER * HEIGHT and seen["bar"] <= BAR * HEIGHT, (someone.lang, path, seen)


@pytest.mark.parametrize("lang", size(["ru"], ["kk", "ru", "en"]))
def test_letters_of_twice_the_size(person, matters, lang):  # noqa: F811
    manner = {"lang": lang, "width": 360, "axe": False}
    proposals = [f"/proposals/{matters[name]}" for name in ("collecting", "review")]
    stranger = person(**manner)
    open_to_all = [
        *OPEN,
        *DOORS,
        *proposals,
        f"{proposals[0]}/flag",
        "/strategy",
        "/progress",
        "/moderation",
        "/hanging",
    ]
    for path in size([*open_to_all[::4], proposals[0]], open_to_all):
        look(stranger, path)
    author = person("aigerim", **manner)
    for path in ("/my", "/my/notices", proposals[0], f"/proposals/{matters['returned']}/revision"):
        look(author, path)
    moderator = person("moderator", **manner)
    for path in ("/desk", f"/desk/{matters['submitted']}", f"/desk/{matters['submitted']}/rejection"):
        look(moderator, path)
    officer = person("officer", **manner)
    look(officer, f"/proposals/{matters['review']}/answer")


def test_the_text_of_a_proposal_has_a_heading(person, matters):  # noqa: F811
    """For those who go from heading to heading; and what one presses on one's own page is large enough."""
    stranger = person("aigerim", width=360)
    stranger.go(f"/proposals/{matters['collecting']}")
    assert stranger.page.get_by_role("heading", name="Text of the proposal").count() == 1
    stranger.go("/my")
    link = stranger.page.locator("main a[href='/my/notices']").first
    assert link.bounding_box()["height"] >= 24
