"""The electronic digital signature: the person signs a text that was made for their account alone.

The signature is checked by a `SignatureVerifier`. Keys of Kazakhstan use GOST algorithms that no free
library knows, so the verifier is a program beside this one (`ncanode.py`); tests have one of their own.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol, cast

from asn1crypto import cms as asn1
from flask import current_app

from webapp.kernel.errors import Invalid
from webapp.kernel.i18n import gettext as _
from webapp.verification import rules
from webapp.verification.providers.iin import checked
from webapp.verification.providers.ncanode import Ncanode
from webapp.verification.providers.port import Identity, Ticket
from webapp.verification.rules import SignatureFault, SignedBy

#: Bytes of a signature; one with its certificate and a time stamp has about 10,000.
LARGEST = 128 * 1024


class SignatureVerifier(Protocol):
    """Whoever can say whether a signature is good and whose it is."""

    def verify(self, cms: bytes, content: bytes) -> SignedBy | None:
        """Who signed `content`; None where the signature is not good. Raises `Unavailable` where nobody answers."""


def verifier() -> SignatureVerifier:
    """The verifier in use: that of the settings, or one that was put in its place."""
    other = current_app.extensions.get("signature_verifier")
    settings = current_app.config
    if other is not None:
        return cast(SignatureVerifier, other)
    return Ncanode(settings["EDS_VERIFIER_URL"], settings["VERIFICATION_TIMEOUT"])


class Signature:
    """Signed with the signing key of a natural person."""

    name = "eds"

    def handle(self, ticket: Ticket) -> str:
        """The nonce in the text."""
        return ticket.part("nonce")

    def invitation(self, ticket: Ticket) -> str:
        """The text to be signed, exactly as `rules.text_to_sign` writes it."""
        site = current_app.config["PUBLIC_URL"]
        return rules.text_to_sign(site, ticket.reference, self.handle(ticket), ticket.expires_at).decode()

    def prove(self, ticket: Ticket, answer: Mapping[str, str], now: datetime) -> Identity:
        """`cms` must be a good signature of exactly the text that was issued."""
        text = self.invitation(ticket).encode()
        signature = _bytes_of(answer.get("cms", ""))
        inside = _content(signature)
        if inside is not None and inside != text:
            raise Invalid(_("This is the signature of another text. Sign the text of this page, unchanged."), "cms")
        signed = verifier().verify(signature, text)
        if signed is None:
            raise Invalid(
                _(
                    "The signature is not good: the text was changed, the file is another one, or the key is revoked or out of date. Sign the text of this page again."
                ),
                "cms",
            )
        fault = rules.signature_fault(signed, now)
        if fault is not None:
            raise Invalid(_fault_sentence(fault), "cms")
        return Identity(checked(signed.iin))


def _fault_sentence(fault: SignatureFault) -> str:
    return {
        SignatureFault.ORGANISATION: _("This is the key of an organisation. Sign with your own key as a person."),
        SignatureFault.KEY: _("This key is for signing in. Sign with your key for signatures (its file begins with RSA or GOST)."),
        SignatureFault.TIME: _("The certificate of this key is not valid today. Get a new key, then begin again."),
    }[fault]  # fmt: skip


def _bytes_of(typed: str) -> bytes:
    """A signature as it was pasted: base64, with or without the lines BEGIN and END."""
    lines = [line.strip() for line in typed.splitlines() if not line.strip().startswith("-----")]
    try:
        found = base64.b64decode("".join(lines), validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if not found or len(found) > LARGEST:
        raise Invalid(
            _("This is not a signature. Paste everything that your signing program gave you, or choose its file."),
            "cms",
        )
    return found


def _content(signature: bytes) -> bytes | None:
    """The text inside a signature; None where it is kept apart.

    A verifier that finds a text inside may check that one and overlook the text it was asked about.
    """
    try:
        envelope = asn1.ContentInfo.load(signature, strict=True)
        if envelope["content_type"].native != "signed_data":
            raise ValueError
        inside = envelope["content"]["encap_content_info"]["content"]
        return bytes(inside) if inside.native is not None else None
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError) as error:
        raise Invalid(
            _("This is not a signature. Paste everything that your signing program gave you, or choose its file."),
            "cms",
        ) from error
