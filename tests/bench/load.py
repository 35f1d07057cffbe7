"""A small load: a few keep-alive connections, each asking again as soon as it is answered.

Written on bare sockets, because on a machine of two cores whatever the asker spends is missing to the server.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlencode

CONNECTIONS = 4
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Target:
    name: str
    port: int
    path: str
    cookie: str = ""
    form: Mapping[str, str] | None = None  # what is posted; nothing: the page is only asked for
    partial: bool = False  # sent by the page's own script, as autosave does

    @property
    def request(self) -> bytes:
        verb = "GET" if self.form is None else "POST"
        lines = [f"{verb} {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", "Accept-Language: fr"]
        lines += [f"Cookie: {self.cookie}"] if self.cookie else []
        lines += ["HX-Request: true"] if self.partial else []
        body = urlencode(self.form or {})
        if self.form is not None:
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", body]).encode()


@dataclass(frozen=True)
class Measured:
    per_second: float
    latencies: list[float]  # seconds, sorted

    def percentile(self, share: float) -> float:
        """In milliseconds."""
        return self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))] * 1000


def measure(target: Target, seconds: float) -> Measured:
    """Ask for `seconds` over all connections at once."""
    latencies: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    failures: list[BaseException] = []
    until = time.perf_counter() + seconds

    def work(mine: list[float]) -> None:
        try:
            _ask_until(until, target, mine)
        except BaseException as failure:  # told to the thread that waits
            failures.append(failure)

    threads = [threading.Thread(target=work, args=(mine,)) for mine in latencies]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    all_of_them = sorted(latency for mine in latencies for latency in mine)
    return Measured(len(all_of_them) / (time.perf_counter() - began), all_of_them)


def _ask_until(until: float, target: Target, latencies: list[float]) -> None:
    request = target.request
    with socket.create_connection(("127.0.0.1", target.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while (began := time.perf_counter()) < until:
            connection.sendall(request)
            _read_answer(connection, target)
            latencies.append(time.perf_counter() - began)


def _read_answer(connection: socket.socket, target: Target) -> None:
    answer = connection.recv(65536)
    while (end := answer.find(b"\r\n\r\n")) < 0 and answer:
        answer += connection.recv(65536)
    length = _LENGTH.search(answer, 0, end + 2)
    if not answer.startswith(b"HTTP/1.1 200") or length is None:
        raise RuntimeError(f"{target.name}: {answer[:80]!r}")
    missing = end + 4 + int(length[1]) - len(answer)
    while missing > 0:
        missing -= len(connection.recv(65536))


@dataclass(frozen=True)
class Compared:
    ratio: float  # to the first target: the median of what each round says
    measured: Measured


def in_turns(targets: list[Target], *, rounds: int, seconds: float) -> dict[str, Compared]:
    """Each target once in each round, so that a busy minute hurts all of them alike."""
    results: dict[str, list[Measured]] = {target.name: [] for target in targets}
    for target in targets:
        measure(target, 0.5)  # templates compiled, connections open, caches filled
    for _ in range(rounds):
        for target in targets:
            results[target.name].append(measure(target, seconds))
    return {name: _compared(found, results[targets[0].name]) for name, found in results.items()}


def _compared(found: list[Measured], first: list[Measured]) -> Compared:
    ratios = [one.per_second / beside.per_second for one, beside in zip(found, first, strict=True)]
    latencies = sorted(latency for one in found for latency in one.latencies)
    return Compared(median(ratios), Measured(median(one.per_second for one in found), latencies))
