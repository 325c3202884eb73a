"""Signing in with an OpenID provider that knows the IIN: authorisation code with PKCE, everything pinned.

Library: Authlib. Whom an answer means is said by issuer, subject and the claim with the IIN; an e-mail
says nothing. Sources: OpenID Connect Core 1.0, sections 3.1.2 and 3.1.3.7; RFC 7636; RFC 9207.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from flask import current_app
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from webapp.config import is_address
from webapp.kernel.errors import DomainError, Invalid
from webapp.kernel.i18n import gettext as _
from webapp.kernel.outgoing import Unreachable, ask, guarded
from webapp.verification.providers.iin import checked
from webapp.verification.providers.port import Identity, Ticket, Unavailable

log = structlog.get_logger("saty.verification")
#: Signatures with a public key alone: a key that everybody knows must never be taken for a shared secret.
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
KEY_KINDS = frozenset({"RSA", "EC", "OKP"})
#: Seconds by which two clocks may differ.
LEEWAY = 60
#: Seconds for which the addresses of the provider are remembered.
KEPT_SECONDS = 600.0
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


def _unavailable(why: str) -> Unavailable:
    name = current_app.config["OIDC_NAME"]
    log.warning("the OpenID provider gave no usable answer", why=why)
    return Unavailable(
        _("%(name)s does not answer at the moment. Nothing is lost: try again later, or take another way.", name=name)
    )


def metadata() -> dict[str, Any]:
    """The addresses of the provider, as it publishes them. Raises `Unavailable`."""
    kept = current_app.extensions.get("oidc_metadata")
    if kept is not None and kept[0] > time.monotonic():
        return dict(kept[1])
    settings = current_app.config
    try:
        found = ask(
            "GET", settings["OIDC_ISSUER"] + "/.well-known/openid-configuration", settings["VERIFICATION_TIMEOUT"]
        )
    except Unreachable as error:
        raise _unavailable(str(error)) from error
    if not isinstance(found, dict) or str(found.get("issuer", "")).rstrip("/") != settings["OIDC_ISSUER"]:
        raise _unavailable("the document is of another issuer")
    if not all(is_address(str(found.get(name, ""))) for name in ENDPOINTS):
        raise _unavailable("an address is missing or not secure")
    current_app.extensions["oidc_metadata"] = (time.monotonic() + KEPT_SECONDS, found)
    return found


def origin() -> str:
    """Scheme and host that the person is sent to, for the one page whose form may lead there."""
    parts = urlsplit(metadata()["authorization_endpoint"])  # `is_address` has looked at it
    return f"{parts.scheme}://{parts.netloc}"


def _session() -> OAuth2Session:
    settings = current_app.config
    session = OAuth2Session(
        settings["OIDC_CLIENT_ID"],
        settings["OIDC_CLIENT_SECRET"],
        scope=settings["OIDC_SCOPE"],
        redirect_uri=settings["PUBLIC_URL"] + "/verify/oidc/answer",
        code_challenge_method="S256",
    )
    guarded(session, settings["VERIFICATION_TIMEOUT"])
    return session


def _refused(why: str) -> Invalid:
    name = current_app.config["OIDC_NAME"]
    log.warning("an answer of the OpenID provider was refused", why=why)
    return Invalid(
        _(
            "The answer of %(name)s cannot be accepted: it is too old, was used already, or was not made for you and this site. Begin again.",
            name=name,
        )
    )


class OpenID:
    """The provider that the settings name."""

    name = "oidc"

    def handle(self, ticket: Ticket) -> str:
        """`state`."""
        return ticket.part("state")

    def invitation(self, ticket: Ticket) -> str:
        """The address at the provider; it carries nothing but what the protocol needs."""
        address, _state = _session().create_authorization_url(
            metadata()["authorization_endpoint"],
            state=self.handle(ticket),
            nonce=ticket.part("nonce"),
            code_verifier=ticket.part("verifier"),
        )
        return str(address)

    def prove(self, ticket: Ticket, answer: Mapping[str, str], now: datetime) -> Identity:
        """Exchange `code` for a signed statement and read who it means. `iss`, where it is sent, must be the issuer."""
        settings = current_app.config
        if answer.get("iss") and answer["iss"].rstrip("/") != settings["OIDC_ISSUER"]:
            raise _refused("iss of the answer")
        known = metadata()
        claims = _claims(ticket, self._token(ticket, answer, known), known, now)
        iin = claims.get(settings["OIDC_IIN_CLAIM"])
        try:
            number = checked(str(iin))
        except DomainError as error:
            log.warning("the OpenID provider sent no IIN", is_there=iin is not None)
            raise Invalid(
                _(
                    "%(name)s did not tell us a valid IIN, so we cannot know who you are. Take another way.",
                    name=settings["OIDC_NAME"],
                )
            ) from error
        place = claims.get(settings["OIDC_TERRITORY_CLAIM"]) if settings["OIDC_TERRITORY_CLAIM"] else None
        subject = f"{settings['OIDC_ISSUER']} {claims['sub']}"
        return Identity(number, str(place)[:9] if place else None, subject)

    def _token(self, ticket: Ticket, answer: Mapping[str, str], known: Mapping[str, Any]) -> dict[str, Any]:
        try:
            found = _session().fetch_token(
                known["token_endpoint"],
                grant_type="authorization_code",
                code=answer.get("code", ""),
                code_verifier=ticket.part("verifier"),
            )
        except (Unreachable, requests.RequestException, OSError) as error:
            raise _unavailable(type(error).__name__) from error
        except (AuthlibBaseError, ValueError, TypeError, AttributeError) as error:
            raise _refused(f"exchange of the code: {type(error).__name__}") from error
        return dict(found)


def _claims(ticket: Ticket, token: Mapping[str, Any], known: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """What the signed statement says, after signature, issuer, audience, nonce and times were checked."""
    settings = current_app.config
    try:
        keys = ask("GET", known["jwks_uri"], settings["VERIFICATION_TIMEOUT"])["keys"]
        usable = [key for key in keys if key.get("kty") in KEY_KINDS and key.get("use", "sig") == "sig"]
        if not usable:
            raise _refused("the provider publishes no key for signatures")
        signed = jwt.decode(token["id_token"], KeySet.import_key_set({"keys": usable}), algorithms=list(ALGORITHMS))
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": known["issuer"]},
                "aud": {"essential": True, "value": settings["OIDC_CLIENT_ID"]},
                "nonce": {"essential": True},
            },
            {"nonce": ticket.part("nonce"), "client_id": settings["OIDC_CLIENT_ID"]},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
    except Unreachable as error:
        raise _unavailable(str(error)) from error
    except (JoseError, AuthlibBaseError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise _refused(type(error).__name__) from error
    if not isinstance(claims.get("sub"), str) or not claims["sub"]:
        raise _refused("no subject")
    return dict(claims)
