"""Passwords, keyed hashes, and secrets that have to be read again.

Passwords are slow on purpose: hash them outside a writing transaction.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import UTC, datetime
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from cryptography.fernet import Fernet, InvalidToken

#: 19 MiB, two passes (OWASP's first choice for interactive sign-in): about 30 ms here.
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


#: Of an account that nobody can sign in to any more.
NO_PASSWORD = ""


def hash_password(password: str) -> str:
    """An Argon2id hash with its own salt."""
    return _hasher.hash(password)


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash(secrets.token_urlsafe(32))  # what is written in a source is somebody's guess


def is_password(stored: str | None, password: str) -> bool:
    """Whether the password fits; takes as long for an account that does not exist or has none (`NO_PASSWORD`)."""
    try:
        return _hasher.verify(stored or _nobody(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def keyed(pepper: str, purpose: str, value: str) -> str:
    """HMAC-SHA256 with a pepper that lives outside the database; without it the numbers cannot be guessed back.

    A plain hash would protect nothing: all IINs can be tried in about twenty minutes.
    """
    return hmac.new(pepper.encode(), f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def _fernet(key: str, purpose: str) -> Fernet:
    derived = hmac.new(key.encode(), f"encrypt:{purpose}".encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(derived))


def encrypted(key: str, purpose: str, text: str) -> str:
    """`text` so that only who knows `key` can read it, and notices when it was changed (Fernet: AES-128-CBC, HMAC)."""
    return _fernet(key, purpose).encrypt(text.encode()).decode()


def made_at(key: str, purpose: str, token: str) -> datetime:
    """When `encrypted` made a token that `decrypted` can read: the moment is part of what is signed."""
    return datetime.fromtimestamp(_fernet(key, purpose).extract_timestamp(token.encode()), UTC)


def decrypted(key: str, purpose: str, token: str) -> str | None:
    """What `encrypted` hid; None where the key is another one or the token was changed."""
    try:
        return _fernet(key, purpose).decrypt(token.encode()).decode()
    except InvalidToken:
        return None
