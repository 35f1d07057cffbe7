"""A real SMTP server that keeps what it receives, for the length of a test."""

from __future__ import annotations

import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


class Sink:
    """`answer` decides what the server says to each message; by default it takes it."""

    def __init__(self, answer: Callable[[EmailMessage], str] | None = None) -> None:
        self.received: list[EmailMessage] = []
        self._answer = answer or (lambda _message: "250 taken")

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(bytes(envelope.content or b""), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        reply = self._answer(message)
        if reply.startswith("2"):
            self.received.append(message)
        return reply

    @property
    def message_ids(self) -> list[str]:
        return [str(message["Message-ID"]) for message in self.received]


@contextmanager
def listening(sink: Sink, port: int) -> Iterator[str]:
    """Serve on a port of this machine; yields the `smtp://` address."""
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
