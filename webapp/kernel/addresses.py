"""E-mail addresses: one spelling for one mailbox, and what our mails can reach.

`account_key` is the only normal form: accounts are stored under it, looked up by it, and limited by it. A limit
that is keyed by anything else is gone with one invisible sign.
"""

from __future__ import annotations

from enum import StrEnum

from email_validator import EmailNotValidError, validate_email

from webapp.kernel.text import tidy


class AddressFault(StrEnum):
    """Why no mail of ours can go to an address."""

    SHAPE = "shape"
    LETTERS = "letters"


def account_key(email: str | None) -> str:
    """One spelling of an address: no invisible signs, small letters, the domain as the mail server is asked for it.

    Domains are written in ASCII by IDNA 2008: `straße.de` and `strasse.de` are two domains, `тест.kz` and
    `xn--e1aybc.kz` are one. What is no address comes back tidied, and fits nobody.
    """
    text = tidy(email).lower()
    local, at, domain = text.rpartition("@")
    return f"{local}{at}{_in_ascii(domain)}" if at else text


def _in_ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return validate_email(f"x@{domain}", check_deliverability=False).ascii_domain.lower()
    except EmailNotValidError:
        return domain


def address_fault(email: str | None) -> AddressFault | None:
    """Why an address is not taken; None where its `account_key` is exactly what a mail server will be asked for."""
    try:
        found = validate_email(tidy(email), check_deliverability=False)
    except EmailNotValidError:
        return AddressFault.SHAPE
    if found.smtputf8 or found.ascii_email is None:
        return AddressFault.LETTERS
    return None if found.ascii_email.lower() == account_key(email) else AddressFault.SHAPE


def old_key(email: str | None) -> str:
    """The spelling under which a few older accounts stand that could not be brought into one (migration 0021)."""
    return tidy(email).lower()
