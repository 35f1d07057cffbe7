"""The two web servers that are compared, started alike, and what they take of the memory."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.services import free_port

ROOT = Path(__file__).resolve().parents[2]
# As run.py and the Dockerfile start it.
SETTINGS = ("--workers", "2", "--blocking-threads", "2", "--backpressure", "64", "--no-ws", "--log-level", "warning")


@contextlib.contextmanager
def serving(application: str, variables: Mapping[str, str], log: Path) -> Iterator[tuple[int, int]]:
    """Granian with two workers; yields its port and its process id."""
    port = free_port()
    where = ("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port))
    command = [sys.executable, "-m", "granian", *where, *SETTINGS, application]
    given = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join((str(without_tools(log.parent)), str(ROOT)))}
    with log.open("wb") as output:
        server = subprocess.Popen(command, cwd=ROOT, env=given, stdout=output, stderr=output, start_new_session=True)
    try:
        _wait(server, port, log)
        yield port, server.pid
    finally:
        server.terminate()
        try:
            server.wait(timeout=10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def without_tools(folder: Path) -> Path:
    """Hide from the servers what only the development tools bring: production has none of it in its memory."""
    hiding = folder / "hidden"
    hiding.mkdir(exist_ok=True)
    for name in ("rich", "pygments"):  # structlog and mako take them where they find them
        (hiding / f"{name}.py").write_text("raise ImportError")
    return hiding


def _wait(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{server.args!r} did not start:\n{log.read_text(errors='replace')[-2000:]}")


@dataclass(frozen=True)
class Memory:
    """MiB of a server and its children; 0 where the system does not tell."""

    resident: int  # the sum of what each process holds: pages that two share are counted twice
    proportional: int  # what the machine gives for them


def memory(pid: int) -> Memory:
    summaries = [Path(f"/proc/{one}/smaps_rollup") for one in (pid, *_children(pid))]
    lines = [line.split() for file in summaries if file.exists() for line in file.read_text().splitlines()]
    resident, proportional = (sum(int(line[1]) for line in lines if line[0] == kind) for kind in ("Rss:", "Pss:"))
    return Memory(resident // 1024, proportional // 1024)


def _children(pid: int) -> list[int]:
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    direct = [int(child) for file in lists for child in file.read_text().split()]
    return direct + [below for child in direct for below in _children(child)]
