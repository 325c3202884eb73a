"""A mail server of the tests' own, on loopback: it takes mails, refuses them, hangs, or breaks the line."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

from tests.race.serving import free_port


class Sink:
    """What has arrived, and how the next mail is treated (`mood`): ok, hang, drop, busy, bad, full, sender, mute."""

    def __init__(self) -> None:
        self.mood = "ok"
        self.refusal = "550 no such mailbox: a word of the server"
        self.mails: list[EmailMessage] = []
        self.connections = 0
        self.port = free_port()
        self.on_data: Callable[[EmailMessage], None] = lambda _mail: None
        self._controller: Controller | None = None

    def open(self) -> None:
        """Listen; until then a connection is refused."""
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=20)
        self._controller.start()

    def close(self) -> None:
        """Listen no longer."""
        if self._controller is not None:
            with suppress(AssertionError):
                self._controller.stop()
            self._controller = None

    @property
    def times(self) -> Counter[str]:
        """How often each mail has arrived, by its Message-ID."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    async def handle_EHLO(self, server: Any, session: Any, _envelope: Any, host: str, responses: list[str]) -> Any:
        """The beginning of a conversation."""
        self.connections += 1
        session.host_name = host
        if self.mood == "hang":
            await asyncio.sleep(3)
        if self.mood == "drop":
            server.transport.abort()
        return responses

    async def handle_MAIL(self, _server: Any, _session: Any, envelope: Any, address: str, options: list[str]) -> str:
        """From whom."""
        if self.mood == "sender":
            return "550 5.1.8 we take nothing from you"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 ok"

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        """To whom."""
        if self.mood == "bad" and address.startswith("bad"):
            return self.refusal
        if self.mood == "full" and address.startswith("bad"):
            return "452 4.2.2 no room: a word of the server"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """The mail itself."""
        if self.mood == "busy":
            return "451 try again later"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append(mail)
        self.on_data(mail)
        return "250 taken"

    async def handle_QUIT(self, _server: Any, _session: Any, _envelope: Any) -> str:
        """The goodbye."""
        if self.mood == "mute":
            await asyncio.sleep(3)
        return "221 bye"


@contextmanager
def sink() -> Iterator[Sink]:
    """A server that listens while the block lasts."""
    found = Sink()
    found.open()
    try:
        yield found
    finally:
        found.close()
