"""Somebody in front of a browser. Every page that they come to is looked at before they go on."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe

from tests.factories import PASSWORD

HEIGHT = 780
axe = Axe()
#: What axe has looked at in this process: pages of the same build need one look a language, width and scheme.
LOOKED_AT = set()
#: Numbers and tokens of an address.
PARTICULAR = re.compile(r"/(\d+|[\w-]{20,})(?=/|$)")
#: What tells one build of a page from another: the parts that it shows.
BUILD = """() => [...document.querySelectorAll('main [id], main form, main [class*=badge]')]
    .map(e => (e.id || e.className || e.getAttribute('action') || '').replace(/[0-9]+/g, '')).join(' ')"""
#: What hangs over the right edge, for the message of a failure.
OVERHANG = """() => [...document.querySelectorAll('main *, header *, footer *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && getComputedStyle(e).position !== 'absolute')
    .slice(0, 3).map(e => e.outerHTML.slice(0, 120))"""
#: Targets of a finger: WCAG 2.2, 2.5.8. Links inside a sentence are exempt there.
SMALL = """() => [...document.querySelectorAll('button, select, input:not([type=hidden]), .site-header a, .button, summary')]
    .filter(e => e.offsetParent !== null && !e.closest('.visually-hidden'))
    .map(e => [e, e.getBoundingClientRect()])
    .filter(([e, r]) => (r.width < 24 || r.height < 24) && !(e.matches('[type=radio], [type=checkbox]') && e.closest('.choice')))
    .slice(0, 3).map(([e, r]) => `${Math.round(r.width)}x${Math.round(r.height)} ${e.outerHTML.slice(0, 90)}`)"""


class Person:
    """A visitor with one page open. `clicks` counts what they pressed."""

    def __init__(self, base, chromium, *, lang="en", width=1280, javascript=True, scheme="light", axe=None):
        self.base, self.lang, self.javascript = base, lang, javascript
        self.checks_axe = javascript if axe is None else axe
        self.context = chromium.new_context(
            viewport={"width": width, "height": HEIGHT},
            java_script_enabled=javascript,
            color_scheme=scheme,
            is_mobile=width < 600,
            has_touch=width < 600,
        )
        self.context.add_cookies([{"name": "lang", "value": lang, "url": base}])
        self.manner = (lang, width, scheme)
        self.width = width
        self.clicks = 0
        self.complaints = []
        self.asked = []
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._listen)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))

    def _listen(self, message):
        expected = "Failed to load resource" in message.text  # a 4xx that a test provokes
        if message.type in {"error", "warning"} and not expected:
            self.complaints.append(message.text)

    def leave(self):
        """Nothing complained, and nobody but this site was asked for anything."""
        self.context.close()
        assert self.complaints == []
        foreign = [url for url in self.asked if not url.startswith((self.base, "data:"))]
        assert foreign == []

    def sign_in(self, email):
        """By the form."""
        self.go("/sign-in")
        self.page.fill("main input[name=email]", email)
        self.page.fill("main input[name=password]", PASSWORD)
        self.press("main form[action='/sign-in'] button[type=submit]")
        self.clicks = 0

    def go(self, path):
        """Open an address and look at the page."""
        self.page.goto(self.base + path)
        self.look()

    def press(self, selector):
        """One click; the page it leads to is looked at."""
        self.clicks += 1
        self.page.locator(selector).first.click()
        self.page.wait_for_load_state("load")
        busy = ".htmx-request, .htmx-swapping, .htmx-settling, form[data-leaves]"
        self.page.locator(busy).first.wait_for(state="detached")
        self.look()

    def send(self, action, **values):
        """Fill in the form with this action and press its button."""
        form = self.page.locator(f"main form[action='{action}'][method=post]")
        which = "[method=post]" if form.count() else ""  # of a form that asks and one that acts, the one that acts
        form = self.page.locator(f"main form[action='{action}']{which}").first
        for name, value in values.items():
            field = form.locator(f"[name='{name}']").first
            kind = field.evaluate("e => e.type || e.tagName.toLowerCase()")
            if kind in {"radio", "checkbox"}:
                chosen = f"[name='{name}'][value='{value}']" if kind == "radio" else f"[name='{name}']"
                form.locator(chosen).check(force=True)  # the label lies over it, as for a finger
            elif kind.startswith("select"):
                field.select_option(value)
            else:
                field.fill(value)
        self.press(f"main form[action='{action}']{which} button[type=submit]")

    @property
    def path(self):
        """Where they are."""
        return urlsplit(self.page.url).path

    def text(self, selector="main"):
        """What can be read there."""
        return " ".join(self.page.locator(selector).inner_text().split())

    def look(self):
        """What must be true of every page: fits the screen, speaks the language, no barrier for anybody."""
        page = self.page
        assert page.locator("h1").count() == 1, page.url
        assert page.locator("html").get_attribute("lang") == self.lang
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{page.url} is {wide} wide: {page.evaluate(OVERHANG)}"
        assert page.evaluate(SMALL) == [], page.url
        if self.checks_axe:
            key = (*self.manner, PARTICULAR.sub("/*", self.path), page.evaluate(BUILD))
            if key not in LOOKED_AT:
                LOOKED_AT.add(key)
                found = axe.run(page)
                assert found.violations_count == 0, f"{page.url}: {found.generate_report()[:1500]}"
