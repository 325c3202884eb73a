"""Production starts safely or not at all; each refusal is a sentence that names the setting."""

import pytest

from webapp import create_app
from webapp.config import SettingError, unsafe

SAFE = {
    "PRODUCTION": True,
    "SECRET_KEY": "a key of the tests, of forty characters.",
    "PERSON_PEPPER": "a pepper of the tests, of 40 characters.",
    "PERSON_PEPPER_OLD": [],
    "VERIFICATION": ["register"],
    "PUBLIC_URL": "https://saty.example.kz",
    "TRUSTED_HOSTS": ["saty.example.kz", "127.0.0.1"],
    "SESSION_COOKIE_SECURE": True,
    "SESSION_COOKIE_NAME": "__Host-saty",
    "MAIL_BACKEND": "smtp",
    "MAIL_DEFAULT_SENDER": "Saty <saty@example.kz>",
    "MAIL_PASSWORD": "",
    "MAIL_USE_TLS": False,
    "RATELIMIT_ENABLED": True,
    "STAFF_TOTP_REQUIRED": True,
    "TEMPLATES_AUTO_RELOAD": False,
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 32}, "repeats itself"),
        ({"SECRET_KEY": "0123456789abcdef" * 4}, "repeats itself"),
        ({"PERSON_PEPPER": "abcdefg" * 5 + "a"}, "repeats itself"),
        ({"PERSON_PEPPER": "short"}, "PERSON_PEPPER"),
        ({"PERSON_PEPPER": SAFE["SECRET_KEY"]}, "the same"),
        ({"PERSON_PEPPER_OLD": ["short"]}, "PERSON_PEPPER_OLD"),
        ({"VERIFICATION": []}, "VERIFICATION"),
        ({"PUBLIC_URL": "http://saty.example.kz"}, "PUBLIC_URL"),
        ({"TRUSTED_HOSTS": None}, "TRUSTED_HOSTS"),
        ({"TRUSTED_HOSTS": ["other.example"]}, "TRUSTED_HOSTS"),
        ({"SESSION_COOKIE_SECURE": False}, "COOKIES_SECURE"),
        ({"MAIL_BACKEND": "console"}, "MAIL_BACKEND"),
        ({"MAIL_DEFAULT_SENDER": "Saty <saty@localhost>"}, "MAIL_SENDER"),
        ({"MAIL_PASSWORD": "secret"}, "MAIL_USE_TLS"),
        ({"RATELIMIT_ENABLED": False}, "RATE_LIMITS"),
        ({"STAFF_TOTP_REQUIRED": False}, "STAFF_TOTP_REQUIRED"),
        ({"TEMPLATES_AUTO_RELOAD": True}, "TEMPLATES_AUTO_RELOAD"),
    ],
)
def test_unsafe_production_does_not_start(tmp_path, change, named):
    (sentence,) = unsafe(SAFE | change)
    assert named in sentence
    with pytest.raises(SettingError, match=named):
        create_app(INSTANCE=str(tmp_path), **SAFE | change)


def test_safe_production_starts_and_answers_to_its_own_name_only(tmp_path):
    app = create_app(INSTANCE=str(tmp_path), **SAFE)
    own = app.test_client().get("/healthz", base_url="https://saty.example.kz")
    assert own.status_code == 200
    assert "max-age" in own.headers["Strict-Transport-Security"]
    foreign = app.test_client().get("/sign-in", base_url="https://evil.example")
    assert foreign.status_code == 400
    assert foreign.headers["X-Content-Type-Options"] == "nosniff"
    assert "Traceback" not in foreign.get_data(as_text=True)
    page = app.test_client().get("/sign-in", base_url="https://saty.example.kz")
    (cookie,) = [value for value in page.headers.getlist("Set-Cookie") if "session" in value or "saty" in value]
    assert cookie.startswith("__Host-saty=")
    assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_elsewhere_nothing_is_asked(tmp_path):
    assert create_app(INSTANCE=str(tmp_path), PRODUCTION=False, SECRET_KEY="x", PERSON_PEPPER="x")
