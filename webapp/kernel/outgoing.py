"""Asking another machine, carefully: time is limited as a whole, size too, and nobody sends us elsewhere."""

from __future__ import annotations

import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter

LARGEST = 512 * 1024


class Unreachable(Exception):
    """The other machine gave no usable answer; the message is for the log, not for a person."""


class _Guard(HTTPAdapter):  # type: ignore[misc]
    def __init__(self, seconds: float) -> None:
        super().__init__(max_retries=0)
        self.seconds = seconds

    def send(self, request: requests.PreparedRequest, *_args: Any, **more: Any) -> requests.Response:
        """One answer, read here and now, whatever the caller said about time and streams."""
        end = time.monotonic() + self.seconds
        response = super().send(
            request,
            stream=True,
            timeout=self.seconds,
            verify=more.get("verify", True),
            cert=more.get("cert"),
            proxies=more.get("proxies"),
        )
        if response.is_redirect:
            response.close()
            raise Unreachable(f"a redirect ({response.status_code})")
        body = bytearray()
        while piece := response.raw.read1(16 * 1024, decode_content=True):
            body += piece
            if len(body) > LARGEST:
                response.close()
                raise Unreachable("an answer that is too large")
            if time.monotonic() > end:
                response.close()
                raise Unreachable("an answer that takes too long")
        response._content = bytes(body)
        response._content_consumed = True
        return response


def guarded(session: requests.Session, seconds: float) -> requests.Session:
    """Let a session ask only in this careful way; no proxy and no password of the machine is used."""
    session.trust_env = False
    for scheme in ("https://", "http://"):
        session.mount(scheme, _Guard(seconds))
    return session


def ask(method: str, url: str, seconds: float, json: Any = None) -> Any:
    """The JSON of an answer with status 200. Raises `Unreachable` for anything else."""
    with guarded(requests.Session(), seconds) as session:
        try:
            response = session.request(method, url, json=json, headers={"Accept": "application/json"})
            if response.status_code != 200:
                raise Unreachable(f"status {response.status_code}")
            return response.json()
        except (requests.RequestException, OSError, ValueError, RecursionError) as error:
            raise Unreachable(type(error).__name__) from error
