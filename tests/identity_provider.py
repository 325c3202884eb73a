"""A real OpenID provider on loopback: discovery, consent without a page, codes that work once, PKCE, signed statements.

It can be told to spoil its statements, the way a forger or a careless provider would.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import secrets
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "saty", "the secret of the tests"
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
STRANGE_KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)


def _part(value: Any) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unsigned(claims: dict[str, Any], algorithm: str = "none") -> str:
    """A statement that nobody has signed."""
    return f"{_part({'alg': algorithm, 'kid': 'one'})}.{_part(claims)}."


def signed_with_a_secret(claims: dict[str, Any], secret: bytes) -> str:
    """A statement signed with what a careless reader takes for a shared secret."""
    body = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
    return f"{body}.{_part(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"


def signed(claims: dict[str, Any], key: Any = KEY, **header: Any) -> str:
    """A statement as it should be."""
    return jwt.encode({"alg": "RS256", "kid": "one"} | header, claims, key)


class IdentityProvider:
    """Runs in a thread. `claims` are said about whoever signs in; `statement` makes the token, and may spoil it."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {}
        self.moment = 0
        self.exchanges = 0
        self.statement: Callable[[dict[str, Any]], Any] = signed
        self.issued: dict[str, dict[str, str]] = {}
        self.lock = threading.Lock()
        self.app = Flask(__name__)
        self._routes()
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        self.server = make_server("127.0.0.1", 0, self.app, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Shut the door."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def forget(self) -> None:
        """As on the first day."""
        self.claims, self.issued, self.statement, self.exchanges = {}, {}, signed, 0

    def settings(self, site: str = "http://127.0.0.1:8000") -> dict[str, Any]:
        """What the site has to know of it."""
        return {
            "VERIFICATION": ["register", "desk", "oidc"],
            "OIDC_ISSUER": self.url,
            "OIDC_CLIENT_ID": CLIENT,
            "OIDC_CLIENT_SECRET": SECRET,
            "OIDC_NAME": "eGov",
            "OIDC_TERRITORY_CLAIM": "kato",
            "PUBLIC_URL": site,
        }

    def _routes(self) -> None:
        @self.app.get("/.well-known/openid-configuration")
        def configuration() -> Any:
            return jsonify(
                issuer=self.url,
                authorization_endpoint=self.url + "/authorize",
                token_endpoint=self.url + "/token",
                jwks_uri=self.url + "/keys",
            )

        @self.app.get("/keys")
        def keys() -> Any:
            return jsonify(keys=[KEY.as_dict(private=False)])

        @self.app.get("/authorize")
        def authorize() -> Any:
            asked = request.args
            good = asked["client_id"] == CLIENT and asked["response_type"] == "code"
            if not good or asked["code_challenge_method"] != "S256" or not (asked["state"] and asked["nonce"]):
                return "refused", 400
            code = secrets.token_urlsafe(16)
            self.issued[code] = asked.to_dict()
            back = {"code": code, "state": asked["state"], "iss": self.url}
            return redirect(f"{asked['redirect_uri']}?{urlencode(back)}")

        @self.app.post("/token")
        def token() -> Any:
            with self.lock:
                self.exchanges += 1
                asked = self.issued.pop(request.form.get("code", ""), None)
            who = request.authorization
            verifier = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
            if who is None or (who.username, who.password) != (CLIENT, SECRET):
                return jsonify(error="invalid_client"), 401
            if asked is None or asked["code_challenge"] != _part(verifier):
                return jsonify(error="invalid_grant"), 400
            if asked["redirect_uri"] != request.form.get("redirect_uri"):
                return jsonify(error="invalid_grant"), 400
            claims = {
                "iss": self.url,
                "aud": CLIENT,
                "sub": "person-7",
                "nonce": asked["nonce"],
                "iat": self.moment,
                "exp": self.moment + 300,
            } | self.claims
            said = self.statement({name: value for name, value in claims.items() if value is not None})
            return jsonify(access_token="x", token_type="Bearer", **({} if said is None else {"id_token": said}))
