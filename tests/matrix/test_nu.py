"""Every page of the site, as each kind of person sees it and in three languages, is valid HTML: the Nu checker says so.

In `make soak` alone; it is fetched by `make nu` and needs a Java. Where one of the two is missing, it is said loudly.
`tests/markup.py` looks for the most frequent faults on every page that any test opens.
"""

import json
import shutil
import subprocess

import pytest

from tests.matrix.table import TABLE
from tests.matrix.test_matrix import address
from tests.sizes import SOAK
from tools.nu import JAR

LANGS = ("kk", "ru", "en")


def said_by_nu(folder):
    """Errors and warnings, as sentences with the page; unneeded `/` and the like are no matter of ours."""
    command = ["java", "-Xmx700m", "-jar", str(JAR), "--format", "json", "--stdout", "--skip-non-html", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    said = json.loads(done.stdout)["messages"]
    return sorted({f"{m['url'].rsplit('/', 1)[-1]}: {m['message']} {m.get('extract', '')[:120]!r}" for m in said})


@pytest.mark.slow
@pytest.mark.skipif(not SOAK, reason="in `make soak`")
@pytest.mark.skipif(
    SOAK and not (JAR.exists() and shutil.which("java")),
    reason="THE NU CHECKER OR JAVA IS MISSING: no page was checked by it (make nu; apt-get install openjdk-17-jre-headless)",
)
def test_every_page_is_valid_html(stage, tmp_path):
    kept = 0
    for row in TABLE:
        if row.method != "GET":
            continue
        path, _form = address(stage.app, row, stage.scene)
        insiders = sorted(row.let_in())
        for number, name in enumerate(
            dict.fromkeys([insiders[0], insiders[-1], "visitor"] if insiders else ["visitor"])
        ):
            browser = stage.browser(name)
            for lang in LANGS[number:] + LANGS[:number] if number == 0 else LANGS[number : number + 1]:
                browser.client.set_cookie("lang", lang)
                page = browser._send("GET", path)
                if page.response.mimetype != "text/html" or 300 <= page.status < 400:
                    continue
                kept += 1
                (tmp_path / f"{row.endpoint}-{kept}-{name}-{lang}.html").write_text(page.html, encoding="utf-8")
            browser.client.set_cookie("lang", "en")
    assert kept > 300
    assert said_by_nu(tmp_path) == []


@pytest.mark.skipif(not (SOAK and JAR.exists() and shutil.which("java")), reason="in `make soak`")
def test_nu_sees_what_is_wrong(tmp_path):
    (tmp_path / "bad.html").write_text('<!doctype html><title>x</title><p hx-get="/x"><div></p>', encoding="utf-8")
    assert any("hx-get" in said for said in said_by_nu(tmp_path))
