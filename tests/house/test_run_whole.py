"""The whole platform under `run.py`: it starts from nothing, answers, and no process outlives it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds its processes in /proc"),
]
ROOT = Path(__file__).resolve().parents[2]

# The environment that runs the tests also serves: nothing is to be installed here.
START = """
import signal, sys, run
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)  # a suite that a script's & has started ignores it
run.environment = lambda lock: run.Python(run.DEPS if sys.prefix == sys.base_prefix else Path(sys.prefix))
sys.exit(run.main([]))
"""


class Platform:
    def __init__(self, folder: Path, **variables: str) -> None:
        self.folder, self.port, self.output = folder, free_port(), folder / "output"
        inherited = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        told = {**inherited, "INSTANCE_DIR": str(folder / "instance"), "PORT": str(self.port), **variables}
        with self.output.open("wb") as output:
            command = [sys.executable, "-c", START]
            self.process = subprocess.Popen(command, cwd=ROOT, env=told, stdout=output, stderr=output)

    def told(self) -> str:
        return self.output.read_text(errors="replace")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.told()
        return "Ctrl-C stops it" in self.told()

    def processes(self) -> list[int]:
        """All that carry our instance folder in their environment, the supervisor too."""
        mark = f"INSTANCE_DIR={self.folder / 'instance'}".encode()
        return [int(place.parent.name) for place in Path("/proc").glob("[0-9]*/environ") if mark in read(place)]

    def main_process(self, part: str) -> int:
        """The process that the supervisor started for a part."""
        mine = [pid for pid in self.processes() if f"PPid:\t{self.process.pid}\n" in status(pid)]
        return next(pid for pid in mine if part.encode() in read(Path(f"/proc/{pid}/cmdline")))

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return str(answer.read().decode())


SETTINGS = {"APP_ENV", "DATABASE_URL", "REDIS_URL", "SMTP_URL", "PUBLIC_URL", "SECRET_KEY", "LOG_LEVEL", "EMPTY"}


def read(place: Path) -> bytes:
    try:
        return place.read_bytes()
    except OSError:
        return b""


def status(pid: int) -> str:
    return read(Path(f"/proc/{pid}/status")).decode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(happens: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.1)
    return happens()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Platform]]:
    begun: list[Platform] = []

    def begin(**variables: str) -> Platform:
        begun.append(Platform(tmp_path, **variables))
        assert eventually(begun[-1].is_ready, 180), begun[-1].told()
        return begun[-1]

    yield begin
    for platform in begun:
        for pid in platform.processes():
            os.kill(pid, signal.SIGKILL)
        platform.process.wait()


def test_it_starts_from_nothing_answers_and_stops_whole(start: Callable[..., Platform]) -> None:
    platform = start()
    assert "ok" in platform.get("/healthz")
    assert re.search(r"Sign in as\n +ana@", platform.told())
    platform.process.send_signal(signal.SIGINT)
    assert (platform.process.wait(timeout=20), platform.processes()) == (0, [])
    modes = {path.name: path.stat().st_mode & 0o777 for path in (platform.folder / "instance").iterdir()}
    assert [name for name, mode in modes.items() if mode & 0o077] == []


def test_an_empty_start_says_where_to_begin_and_ends_whole_when_its_web_server_is_killed(
    start: Callable[..., Platform],
) -> None:
    platform = start(EMPTY="1")
    address = re.search(r"Begin at +http://127\.0\.0\.1:\d+(/\S+)", platform.told())
    assert address
    assert "<form" in platform.get(address[1])
    os.kill(platform.main_process("granian"), signal.SIGKILL)
    assert (platform.process.wait(timeout=20), platform.processes()) == (1, [])
    assert "web ended by itself, exit code -9" in platform.told()


def test_a_supervisor_killed_outright_leaves_no_beat_to_tick_twice(start: Callable[..., Platform]) -> None:
    platform = start(EMPTY="1")
    platform.process.kill()
    platform.process.wait()
    assert eventually(lambda: platform.processes() == [], 20)
