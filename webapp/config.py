"""Technical settings, read from the environment once, failing loudly.

Civic numbers (thresholds, terms, quotas) are not here: they are dated rows in the database that
anybody can read on the page of a territory.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from webapp.kernel.clock import LOCAL_ZONE, is_the_countrys

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ("kk", "ru", "en")
#: Ways in which a resident can show who they are; `VERIFICATION` names those that are on.
VERIFICATIONS = ("register", "desk", "oidc", "eds")


_MEGABYTE = 1024 * 1024
PHOTO_MAX, PLAN_MAX = 3 * _MEGABYTE, 5 * _MEGABYTE
#: The one table of sizes, in bytes. The reverse proxy lets through the largest of them (docs/operations.md), so that
#: whoever sends more is told so by a page of this site, with what they typed.
SIZES = {
    "MAX_CONTENT_LENGTH": 2 * _MEGABYTE,
    "MAX_FORM_MEMORY_SIZE": 2 * _MEGABYTE,
    "PHOTO_MAX": PHOTO_MAX,
    "PLAN_MAX": PLAN_MAX,
    "FILE_READ_LENGTH": 16 * _MEGABYTE,
}


class SettingError(RuntimeError):
    """A setting is missing or cannot be understood; the message names it."""


def env(name: str, default: str | None = None) -> str | None:
    """A setting as text; `NAME_FILE` names a file that holds it (container secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise SettingError(f"{name}_FILE={path} cannot be read: {error}") from error
    return os.environ.get(name, default)


def env_bool(name: str, default: bool) -> bool:
    """A yes/no setting: 1/0, true/false, yes/no, on/off."""
    raw = (env(name) or "").strip().lower()
    if not raw:
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name}={raw!r} is neither yes nor no.")


def env_int(name: str, default: int) -> int:
    """A whole-number setting."""
    raw = (env(name) or "").strip()
    if not raw:
        return default
    try:
        return int(raw)
    except ValueError as error:
        raise SettingError(f"{name}={raw!r} is not a whole number.") from error


def env_list(name: str, default: str = "") -> list[str]:
    """Words that are separated by commas or blanks."""
    return (env(name) or default).replace(",", " ").split()


def days(name: str, number: int) -> int:
    """For how many days something is kept: at least one."""
    if number < 1:
        raise SettingError(f"{name}={number} is no number of days from 1 on.")
    return number


def env_hosts(name: str) -> list[str] | None:
    """Host names that the site answers to, separated by commas; None (any) when nothing is set.

    Loopback is always among them: health is asked for there.
    """
    hosts = [part.strip() for part in (env(name) or "").split(",") if part.strip()]
    return [*hosts, "127.0.0.1", "localhost"] if hosts else None


def env_secret(name: str, instance: Path, production: bool) -> str:
    """A secret from the environment; outside production one is made once and kept in `instance/`."""
    value = env(name)
    if value:
        return value
    if production:
        raise SettingError(f"{name} must be set in production (or {name}_FILE).")
    path = instance / f"{name.lower()}.txt"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        value = secrets.token_hex(32)
        file.write(value)
    return value


def store_options(store: str) -> dict[str, Any]:
    """A store over the network that does not answer within a second counts as gone."""
    return {} if store.startswith("memory") else {"socket_connect_timeout": 1, "socket_timeout": 1}


def load(instance: Path) -> dict[str, Any]:
    """All settings with their defaults; docs/settings.md has a line for each of them."""
    production = env_bool("PRODUCTION", False)
    url = env("DATABASE_URL") or f"sqlite:///{instance / 'saty.sqlite3'}"
    return {
        "PRODUCTION": production,
        "SECRET_KEY": env_secret("SECRET_KEY", instance, production),
        "PERSON_PEPPER": env_secret("PERSON_PEPPER", instance, production),
        "PERSON_PEPPER_OLD": env_list("PERSON_PEPPER_OLD"),
        "SQLALCHEMY_DATABASE_URI": url.replace("postgres://", "postgresql+psycopg://", 1),
        "DATABASE_POOL_SIZE": env_int("DATABASE_POOL_SIZE", 10),
        "PUBLIC_URL": (env("PUBLIC_URL") or f"http://127.0.0.1:{env_int('PORT', 8000)}").rstrip("/"),
        "DEFAULT_LANGUAGE": env("DEFAULT_LANGUAGE", "kk"),
        "MAIL_BACKEND": env("MAIL_BACKEND", "console"),
        "MAIL_SERVER": env("MAIL_SERVER", "127.0.0.1"),
        "MAIL_PORT": env_int("MAIL_PORT", 25),
        "MAIL_USERNAME": env("MAIL_USERNAME"),
        "MAIL_PASSWORD": env("MAIL_PASSWORD"),
        "MAIL_USE_TLS": env_bool("MAIL_USE_TLS", False),
        "MAIL_TIMEOUT": env_int("MAIL_TIMEOUT", 10),
        "MAIL_DEFAULT_SENDER": env("MAIL_SENDER", "Saty <saty@localhost>"),
        "SESSION_COOKIE_SECURE": env_bool("COOKIES_SECURE", production),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        # the browser itself refuses such a cookie from a sub-domain, without HTTPS, or for another path
        "SESSION_COOKIE_NAME": "__Host-saty" if env_bool("COOKIES_SECURE", production) else "saty",
        "STAFF_TOTP_REQUIRED": env_bool("STAFF_TOTP_REQUIRED", production),
        # the operator of a real site chooses; elsewhere what needs no other machine is on
        "VERIFICATION": env_list("VERIFICATION", "" if production else "register desk"),
        "OIDC_ISSUER": (env("OIDC_ISSUER") or "").rstrip("/"),
        "OIDC_CLIENT_ID": env("OIDC_CLIENT_ID") or "",
        "OIDC_CLIENT_SECRET": env("OIDC_CLIENT_SECRET") or "",
        "OIDC_NAME": env("OIDC_NAME") or "",
        "OIDC_SCOPE": env("OIDC_SCOPE", "openid"),
        "OIDC_IIN_CLAIM": env("OIDC_IIN_CLAIM", "iin"),
        "OIDC_TERRITORY_CLAIM": env("OIDC_TERRITORY_CLAIM") or "",
        "EDS_VERIFIER_URL": (env("EDS_VERIFIER_URL") or "").rstrip("/"),
        "VERIFICATION_TIMEOUT": env_int("VERIFICATION_TIMEOUT", 8),
        **SIZES,
        "WTF_CSRF_TIME_LIMIT": None,
        "RATELIMIT_ENABLED": env_bool("RATE_LIMITS", True),
        "RATELIMIT_STORAGE_URI": env("RATE_LIMIT_STORE", "memory://"),
        "RATELIMIT_SWALLOW_ERRORS": True,
        "RATELIMIT_IN_MEMORY_FALLBACK_ENABLED": True,
        "RATELIMIT_STORAGE_OPTIONS": store_options(env("RATE_LIMIT_STORE", "memory://") or "memory://"),
        "UPLOADS": env("UPLOADS") or str(instance / "uploads"),
        "RATE_LIMIT_DEFAULT": "600 per minute",
        "RATELIMIT_HEADERS_ENABLED": True,
        "KEEP_UNCONFIRMED_DAYS": days("KEEP_UNCONFIRMED_DAYS", env_int("KEEP_UNCONFIRMED_DAYS", 30)),
        "KEEP_CODES_DAYS": days("KEEP_CODES_DAYS", env_int("KEEP_CODES_DAYS", 1)),
        "KEEP_MAIL_DAYS": days("KEEP_MAIL_DAYS", env_int("KEEP_MAIL_DAYS", 30)),
        "KEEP_NOTICES_DAYS": days("KEEP_NOTICES_DAYS", env_int("KEEP_NOTICES_DAYS", 180)),
        "KEEP_NETWORKS_DAYS": days("KEEP_NETWORKS_DAYS", env_int("KEEP_NETWORKS_DAYS", 30)),
        "KEEP_INVITATIONS_DAYS": days("KEEP_INVITATIONS_DAYS", env_int("KEEP_INVITATIONS_DAYS", 90)),
        "KEEP_DELETED_DAYS": days("KEEP_DELETED_DAYS", env_int("KEEP_DELETED_DAYS", 365)),
        "COMPRESS_ALGORITHM": ["br", "gzip"],
        "COMPRESS_BR_LEVEL": 1,
        "COMPRESS_LEVEL": 1,
        "COMPRESS_MIMETYPES": [
            "text/html",
            "text/csv",
            "application/json",
            "application/atom+xml",
            "application/jsonl",
        ],
        "PROXY_HOPS": env_int("PROXY_HOPS", 0),
        "TRUSTED_HOSTS": env_hosts("TRUSTED_HOSTS"),
        "BABEL_DEFAULT_LOCALE": "en",
        "BABEL_DEFAULT_TIMEZONE": "Asia/Almaty",
        "BABEL_TRANSLATION_DIRECTORIES": str(ROOT / "translations"),
        "SEND_FILE_MAX_AGE_DEFAULT": 31536000,
        "TEMPLATES_AUTO_RELOAD": env_bool("TEMPLATES_AUTO_RELOAD", False),
    }


SECRET_LENGTH = 32
#: Of 32 random hexadecimal digits fewer than eight different ones come once in many millions.
VARIETY = 8
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_address(url: str, secure: bool = True) -> bool:
    """Whether this is the address of another service: over HTTPS where `secure`, except on this very machine."""
    parts = urlsplit(url)
    host = re.fullmatch(r"[a-z0-9.:-]+", parts.hostname or "")  # it is also written into a header
    plain = parts.scheme == "http" and (not secure or parts.hostname in LOOPBACK)
    rest = parts.query or parts.fragment or parts.username or parts.password
    return host is not None and (parts.scheme == "https" or plain) and not rest


def incomplete(settings: Mapping[str, Any]) -> list[str]:
    """What no process may start with, a sentence each: verification that is on and cannot work, peppers that are mixed up."""
    chosen, old = settings["VERIFICATION"], settings["PERSON_PEPPER_OLD"]
    unknown = [name for name in chosen if name not in VERIFICATIONS]
    oidc, eds = "oidc" in chosen, "eds" in chosen
    checks = (
        (
            not is_the_countrys(LOCAL_ZONE),
            "The package tzdata does not know Kazakhstan as UTC+5: every term would end at a wrong hour. Install what requirements.txt pins.",
        ),
        (bool(unknown), f"VERIFICATION names {', '.join(unknown)}; known are {', '.join(VERIFICATIONS)}."),
        (
            oidc and not is_address(settings["OIDC_ISSUER"], secure=True),
            "OIDC_ISSUER is not an address that begins with https://: the sign-in could be forged.",
        ),
        (oidc and not settings["OIDC_CLIENT_ID"], "OIDC_CLIENT_ID is missing: the provider knows this site by it."),
        (oidc and not settings["OIDC_CLIENT_SECRET"], "OIDC_CLIENT_SECRET is missing."),
        (oidc and not settings["OIDC_NAME"], "OIDC_NAME is missing: people must read where they are sent."),
        (oidc and "openid" not in settings["OIDC_SCOPE"].split(), "OIDC_SCOPE does not contain openid."),
        (
            eds and not is_address(settings["EDS_VERIFIER_URL"], secure=False),
            "EDS_VERIFIER_URL is not the address of a verifier of signatures.",
        ),
        (not 1 <= settings["VERIFICATION_TIMEOUT"] <= 60, "VERIFICATION_TIMEOUT is not between 1 and 60 seconds."),
        (
            len({*old, settings["PERSON_PEPPER"]}) != len(old) + 1,
            "PERSON_PEPPER and PERSON_PEPPER_OLD name one pepper twice: each is used once, the oldest first.",
        ),
    )
    return [sentence for is_wrong, sentence in checks if is_wrong]


def is_guessable(secret: str) -> bool:
    """Whether a secret that is long enough is one piece again and again, or made of a few signs: nobody draws such a one."""
    return len(secret) >= SECRET_LENGTH and (len(set(secret)) < VARIETY or secret in (secret + secret)[1:-1])


def unsafe(settings: Mapping[str, Any]) -> list[str]:
    """What production must not start with, a sentence each; empty when it may."""
    url = urlsplit(str(settings["PUBLIC_URL"]))
    hosts = settings["TRUSTED_HOSTS"] or []
    checks = (
        (len(settings["SECRET_KEY"]) < SECRET_LENGTH, "SECRET_KEY is shorter than 32 characters: sessions could be forged."),
        (len(settings["PERSON_PEPPER"]) < SECRET_LENGTH, "PERSON_PEPPER is shorter than 32 characters: IINs could be guessed back."),
        (is_guessable(settings["SECRET_KEY"]), "SECRET_KEY repeats itself or has only a few different signs: it would be guessed."),
        (is_guessable(settings["PERSON_PEPPER"]), "PERSON_PEPPER repeats itself or has only a few different signs: it would be guessed."),
        (settings["PERSON_PEPPER"] == settings["SECRET_KEY"], "PERSON_PEPPER and SECRET_KEY are the same: one leak would be two."),
        (
            any(len(pepper) < SECRET_LENGTH for pepper in settings["PERSON_PEPPER_OLD"]),
            "PERSON_PEPPER_OLD holds a pepper that is shorter than 32 characters.",
        ),
        (not settings["VERIFICATION"], "VERIFICATION names no way to be verified: no vote would ever count."),
        (url.scheme != "https", "PUBLIC_URL does not begin with https://: passwords would travel in clear."),
        (not hosts, "TRUSTED_HOSTS names no host: links in mails could be turned to another site."),
        (bool(hosts) and url.hostname not in hosts, "TRUSTED_HOSTS does not name the host of PUBLIC_URL."),
        (not settings["SESSION_COOKIE_SECURE"], "COOKIES_SECURE is off: the session cookie would travel in clear."),
        (settings["MAIL_BACKEND"] != "smtp", "MAIL_BACKEND is not smtp: nobody would get a code."),
        ("@localhost" in settings["MAIL_DEFAULT_SENDER"], "MAIL_SENDER is the default one: mails would be refused."),
        (
            bool(settings["MAIL_PASSWORD"]) and not settings["MAIL_USE_TLS"],
            "MAIL_PASSWORD without MAIL_USE_TLS: it would travel in clear.",
        ),
        (not settings["RATELIMIT_ENABLED"], "RATE_LIMITS is off: passwords and codes could be tried without end."),
        (not settings["STAFF_TOTP_REQUIRED"], "STAFF_TOTP_REQUIRED is off: a stolen password would be a stolen desk."),
        (settings["TEMPLATES_AUTO_RELOAD"], "TEMPLATES_AUTO_RELOAD is on: it is for development."),
    )  # fmt: skip
    return [sentence for is_wrong, sentence in checks if is_wrong]
