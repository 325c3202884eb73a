"""What a page may give back, and how much may come: one list and one table, held against the forms and the documents."""

import re

import pytest
from wtforms import FileField
from wtforms.fields import PasswordField

from tests.conftest import ROOT
from webapp import config, create_app
from webapp.kernel import typed
from webapp.kernel.typed import NEVER_KEPT, SECRETS


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("typed")
    return create_app(INSTANCE=str(folder), SECRET_KEY="x", PERSON_PEPPER="y", MAIL_BACKEND="memory")


def secrets_of_forms():
    """Names of fields that hold a secret: by their type, by what the browser is told of them, by what they are called."""
    found = set()
    for name, field in typed._fields_of_forms():
        told = (field.kwargs.get("render_kw") or {}).get("autocomplete", "")
        is_secret = issubclass(field.field_class, PasswordField) or told == "one-time-code" or "password" in told
        if is_secret or re.fullmatch(r"iin|.*code|credential", name):
            found.add(name)
    return found


def test_every_secret_of_a_form_is_in_the_list(app):
    found = secrets_of_forms()
    assert {"password", "new_password", "code", "iin", "credential"} <= found, "this test looks at nothing"
    assert found <= NEVER_KEPT, f"not in webapp/kernel/typed.py NEVER_KEPT: {found - NEVER_KEPT}"


def test_every_masked_field_of_a_template_is_in_the_list():
    inputs = [
        tag for path in (ROOT / "templates").rglob("*.html") for tag in re.findall(r"<input[^>]+>", path.read_text())
    ]
    names = [re.search(r'name="([^"]+)"', tag).group(1) for tag in inputs if 'type="password"' in tag]
    assert len(inputs) > 20 and set(names) <= NEVER_KEPT


def posts_to(page):
    """Where the forms of a template go that change something, without what Jinja puts there."""
    plain = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", page, flags=re.DOTALL)
    tags = [tag for tag in re.findall(r"<form\b[^>]*>", plain) if 'method="post"' in tag]
    return [re.search(r'action="([^"]*)"', tag).group(1) for tag in tags]


def test_all_that_a_form_says_stands_in_its_fields():
    """A form that waits is kept with its path: what stood behind a question mark would be lost."""
    found = [action for path in (ROOT / "templates").rglob("*.html") for action in posts_to(path.read_text())]
    assert len(found) > 80 and [action for action in found if "?" in action] == []
    assert posts_to('<form method="post" action="/x/{{ y }}{% if z == "p" %}?what=p{% endif %}">') == ["/x/?what=p"]


def test_the_list_sees_a_field_that_somebody_adds(app, monkeypatch):
    from webapp.kernel.forms import BaseForm

    form = type("Planted", (BaseForm,), {"pin": PasswordField("PIN")})
    assert "pin" in secrets_of_forms() - NEVER_KEPT
    del form.pin


def test_secrets_are_shown_by_no_page_that_offers_words_again(app):
    fields = {name: f"құпия {name}" for name in SECRETS} | {"note": "екі сөз", "title": "Тақырып", "choice": "support"}
    with app.test_request_context("/x", method="POST", data=fields):
        assert [words for _label, words in typed.all_shown()] == ["екі сөз", "Тақырып"]
        assert {name for name, _value in typed.sendable()} == {"note", "title", "choice"}


# --- one table of sizes


def test_every_address_with_a_file_stands_in_the_table(app):
    """A route whose template has a field for a file either has a size of its own, or takes what any form may hold."""
    taking = {endpoint: getattr(view, "takes_file", None) for endpoint, view in app.view_functions.items()}
    assert {endpoint: size for endpoint, size in taking.items() if size} == {
        "photo.save": "PHOTO_MAX",
        "photo.save_revision": "PHOTO_MAX",
        "delivery.report": "PHOTO_MAX",
        "offers.create": "PLAN_MAX",
    }
    assert {size for size in taking.values() if size} <= set(config.SIZES)
    files = {name for name, field in typed._fields_of_forms() if issubclass(field.field_class, FileField)}
    assert files == {"photo", "plan", "file"}, "another field for a file: its view needs @takes_file"


def test_the_proxy_lets_through_what_the_program_wants_to_answer_itself():
    said = re.findall(r"client_max_body_size (\d+)m;", (ROOT / "docs/operations.md").read_text(encoding="utf-8"))
    assert [int(size) * 2**20 for size in said] == [max(config.SIZES.values())]


def test_the_words_on_the_pages_name_the_sizes_of_the_table(app):
    from webapp.offers.rules import PLAN_MAX
    from webapp.photos.rules import SENT_MAX

    assert (config.SIZES["PHOTO_MAX"], config.SIZES["PLAN_MAX"]) == (SENT_MAX, PLAN_MAX)
    for path in (ROOT / "webapp").rglob("*.py"):
        assert not re.search(r"[1-9]\d* MB", path.read_text(encoding="utf-8")), (
            f"a size in words beside the table: {path}"
        )


def test_no_log_of_the_server_or_the_proxy_holds_an_address():
    from webapp.commands.serving import server_command

    assert not [word for word in server_command(8000) if "access" in word]
    guide = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (written,) = re.findall(r"log_format saty '([^']+)'", guide)
    assert not re.search(r"\$(request|request_uri|uri|args|document_uri|http_referer)\b", written)
    assert re.findall(r"access_log [^;]+;", guide) == ["access_log /var/log/nginx/saty.log saty;"]
