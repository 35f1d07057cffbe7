"""Mail servers that misbehave on purpose, each a real socket in a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

DROP, HANG = "drop", "hang"  # in the place of a reply
Script = Mapping[str, str | Callable[[int], str]]


@dataclass
class Scripted:
    """What it says in each phase: connect, EHLO, AUTH, MAIL, RCPT, DATA, body, RSET, QUIT. A function is given how
    many times the phase was reached before.
    """

    script: Script
    url: str = ""
    bodies: list[str] = field(default_factory=list)
    connections: int = 0
    _reached: dict[str, int] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def say(self, phase: str) -> str:
        with self._lock:
            before = self._reached.get(phase, 0)
            self._reached[phase] = before + 1
        reply = self.script.get(phase, USUAL[phase])
        return reply(before) if callable(reply) else reply


USUAL = {
    "connect": "220 ready",
    "EHLO": "250-here\r\n250 AUTH PLAIN LOGIN",
    "HELO": "250 here",
    "AUTH": "235 welcome",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    "body": "250 taken",
    "RSET": "250 ok",
    "QUIT": "221 bye",
}


@contextmanager
def scripted(script: Script) -> Iterator[Scripted]:
    server, over = Scripted(script), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server.url = f"smtp://127.0.0.1:{listener.getsockname()[1]}"
        thread = threading.Thread(target=_accept, args=(listener, server, over), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(timeout=5)


def _accept(listener: socket.socket, server: Scripted, over: threading.Event) -> None:
    with suppress(OSError):
        while not over.is_set():
            connection, _ = listener.accept()
            server.connections += 1
            with connection, suppress(OSError):
                _converse(connection, server, over)


def _converse(connection: socket.socket, server: Scripted, over: threading.Event) -> None:
    stream = connection.makefile("rb")
    with stream:
        if not _reply(connection, server.say("connect"), over):
            return
        for line in stream:
            verb = line.decode(errors="replace").strip().upper().split(" ")[0]
            reply = server.say(verb) if verb in USUAL else "500 what?"
            if not _reply(connection, reply, over) or verb == "QUIT":
                return
            if reply.startswith("354") and not _take_body(connection, stream, server, over):
                return


def _take_body(connection: socket.socket, stream: object, server: Scripted, over: threading.Event) -> bool:
    lines = []
    for line in stream:  # type: ignore[attr-defined]
        if line == b".\r\n":
            break
        lines.append(line)
    reply = server.say("body")
    if reply.startswith("2"):
        server.bodies.append(b"".join(lines).decode())
    return _reply(connection, reply, over)


def _reply(connection: socket.socket, reply: str, over: threading.Event) -> bool:
    if reply == HANG:
        over.wait(10)
    if reply in {HANG, DROP}:
        return False
    connection.sendall(reply.encode() + b"\r\n")
    return not reply.startswith("421")
