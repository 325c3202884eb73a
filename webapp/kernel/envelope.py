"""What a mail looks like to the server that takes it, and what the answers of that server mean."""

from __future__ import annotations

import re
import smtplib
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from flask_mailman import EmailMessage, EmailMultiAlternatives
from flask_mailman.message import sanitize_address

from webapp.kernel.addresses import account_key

#: What the server would say to every message, or does not say at all.
SILENT = (
    smtplib.SMTPConnectError,
    smtplib.SMTPServerDisconnected,
    smtplib.SMTPHeloError,
    smtplib.SMTPAuthenticationError,
    smtplib.SMTPSenderRefused,
    smtplib.SMTPNotSupportedError,
)


def is_silent(error: Exception) -> bool:
    """Whether the server itself did not answer, or not to this worker: the next message would fare no better."""
    return isinstance(error, SILENT) or (isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException))


class Unsendable(ValueError):
    """The address is not one that was checked: the mail library would write another one into the envelope."""


#: Codes that blame what we said or who we are, not the mailbox (RFC 5321, 4.2.3).
ABOUT_US = frozenset({500, 501, 502, 503, 504, 530, 534, 535, 538, 555})
#: Classes of RFC 3463 that do: a full mailbox, the mail system, the network, the protocol, policies.
NOT_THE_MAILBOX = re.compile(r"\b5\.(?:2\.2|[34567]\.\d+)\b")


def is_refused_for_good(error: Exception) -> bool:
    """Whether the mail server says of this recipient that no mail will ever arrive there.

    Only what it says at RCPT counts. A 4xx means later; a refused sender, a relay that is denied or a list of
    blocked senders is about us, and the address is as good as before.
    """
    if isinstance(error, Unsendable):
        return True
    if not isinstance(error, smtplib.SMTPRecipientsRefused) or not error.recipients:
        return False
    code, said = next(iter(error.recipients.values()))
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return 500 <= code < 600 and code not in ABOUT_US and not NOT_THE_MAILBOX.search(words)


def kind_of(error: Exception) -> str:
    """What an operator may know of a failure: its kind and the server's code, none of its words."""
    code = getattr(error, "smtp_code", "")
    if isinstance(error, smtplib.SMTPRecipientsRefused) and error.recipients:
        code = next(iter(error.recipients.values()))[0]
    return f"{type(error).__name__} {code}".strip()[:80]


def written_out(message: Any) -> EmailMessage:
    """The message with its headers; with a second part in HTML where it has one.

    Raises `Unsendable` where the library would not send to the very address that was checked.
    """
    to = message.to if message.to.isascii() else account_key(message.to)  # a few older rows hold the domain in letters
    if not _is_as_checked(to):
        raise Unsendable("not the address that was checked")
    headers = {"Message-ID": message_id(message.dedup_key, message.created_at), "Auto-Submitted": "auto-generated"}
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    if not message.html:
        return EmailMessage(message.subject, message.body, None, [to], headers=headers)
    mail = EmailMultiAlternatives(message.subject, message.body, None, [to], headers=headers)
    mail.attach_alternative(message.html, "text/html")
    return mail


def _is_as_checked(to: str) -> bool:
    try:
        return to.isascii() and sanitize_address(to, "utf-8") == to
    except ValueError:
        return False


def message_id(dedup_key: str, created_at: datetime) -> str:
    """The same for every attempt, so that a mailbox knows a repeat.

    The moment is part of it: after a restore the database gives numbers once more that were given since the backup,
    and a mailbox would throw the new mail away as a repeat of the old one.
    """
    moment = f"{created_at:%Y%m%d%H%M%S%f}"
    host = urlsplit(current_app.config["PUBLIC_URL"]).hostname or "saty"
    return f"<{re.sub(r'[^A-Za-z0-9.-]', '.', dedup_key)}.{moment}@{host}>"
