"""Asking a sidecar that speaks like NCANode (MIT): `POST /cms/verify`, with the state of the certificate by OCSP and CRL."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import structlog

from webapp.kernel.i18n import gettext as _
from webapp.kernel.outgoing import Unreachable, ask
from webapp.verification.providers.port import Unavailable
from webapp.verification.rules import SignedBy

log = structlog.get_logger("saty.verification")
#: The sidecar says so for a signature that it cannot read.
NOT_READABLE = "status 400"
#: What can say that a certificate is not revoked.
ASKED = ("OCSP", "CRL")


class Ncanode:
    """The sidecar at one address. Asked without redirects, within `seconds`, for at most half a megabyte."""

    def __init__(self, url: str, seconds: float) -> None:
        self.url = url
        self.seconds = seconds

    def verify(self, cms: bytes, content: bytes) -> SignedBy | None:
        """Who signed `content`; None where the signature is not good. Raises `Unavailable`."""
        question = {
            "cms": base64.b64encode(cms).decode(),
            "data": base64.b64encode(content).decode(),
            "revocationCheck": list(ASKED),
        }
        try:
            answer = ask("POST", f"{self.url}/cms/verify", self.seconds, question)
            if not _is_good(answer):
                return None
            signer = _signer(answer)
            return signer if _was_asked(answer) else None
        except Unreachable as error:
            if str(error) == NOT_READABLE:
                return None
            raise self._silent(str(error)) from error
        except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
            raise self._silent(f"an answer of another shape: {type(error).__name__}") from error

    def _silent(self, why: str) -> Unavailable:
        log.warning("the verifier of signatures gave no usable answer", why=why)
        return Unavailable(
            _(
                "Signatures cannot be checked at the moment. Nothing is lost: send the same signature again in a few minutes, or take another way."
            )
        )


def _is_good(answer: dict[str, Any]) -> bool:
    """One signature, good in every respect. A signature by nobody counts as good there, not here; two are one too many."""
    if answer["valid"] is not True or len(answer["signers"]) != 1:
        return False
    certificate = answer["signers"][0]["certificates"][0]
    return certificate["valid"] is True and not any(state.get("revoked") for state in _states(answer))


def _was_asked(answer: dict[str, Any]) -> bool:
    """Whether OCSP or CRL has said that the certificate is not revoked: where neither has, nobody knows."""
    return any(state.get("revoked") is False and str(state.get("by")).upper() in ASKED for state in _states(answer))


def _states(answer: dict[str, Any]) -> list[dict[str, Any]]:
    certificate = answer["signers"][0]["certificates"][0]
    return [*(certificate.get("revocations") or []), *(certificate.get("revokedBy") or [])]


def _signer(answer: dict[str, Any]) -> SignedBy:
    certificate = answer["signers"][0]["certificates"][0]
    subject = certificate["subject"]
    return SignedBy(
        iin=str(subject.get("iin") or ""),
        bin=str(subject.get("bin") or ""),
        surname=str(subject.get("surName") or ""),
        given_name=str(subject.get("commonName") or ""),
        key_usage=str(certificate["keyUsage"]),
        key_users=tuple(str(user) for user in certificate.get("keyUser") or ()),
        not_before=_moment(certificate["notBefore"]),
        not_after=_moment(certificate["notAfter"]),
    )


def _moment(written: Any) -> datetime:
    """A moment as the sidecar writes it: ISO 8601, or milliseconds since 1970. Without a zone it is UTC."""
    if isinstance(written, int):
        return datetime.fromtimestamp(written / 1000, UTC)
    moment = datetime.fromisoformat(str(written))
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
