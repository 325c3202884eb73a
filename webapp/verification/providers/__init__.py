"""The ways that this program knows, and those that the settings have switched on."""

from __future__ import annotations

from flask import current_app

from webapp.verification.providers.desk import Desk
from webapp.verification.providers.eds import Signature
from webapp.verification.providers.oidc import OpenID
from webapp.verification.providers.port import Provider
from webapp.verification.providers.register import Register

#: In the order in which they are offered.
PROVIDERS: tuple[Provider, ...] = (Register(), OpenID(), Signature(), Desk())


def switched_on() -> list[str]:
    """Names of the ways that the operator has configured, in the order in which they are offered."""
    return [provider.name for provider in PROVIDERS if provider.name in current_app.config["VERIFICATION"]]


def provider_of(name: str) -> Provider | None:
    """The way with this name, where it is switched on."""
    return next((way for way in PROVIDERS if way.name == name and name in current_app.config["VERIFICATION"]), None)
