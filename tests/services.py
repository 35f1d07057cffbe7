"""Real servers for the tests: found on this machine, started privately, gone afterwards.

    found = services.postgresql(services.shared_folder(basetemp))
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    with found as server, server.database("prisme_gw0") as url:
        ...

All workers of one test run share one server; each brings a name of its own for what it keeps there. A server belongs
to a keeper, a small process that starts it and waits for a lock which every user holds, and every worker from its
first test to its last. The kernel frees such a lock whatever happens to its holder, so no crash, Ctrl-C or `kill -9`
of the tests leaves a server behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

if sys.platform != "win32":
    import fcntl
    import pwd

PATIENCE = 30  # seconds for a server to start on a busy machine
REDIS_DATABASES = 1000  # the first holds how many of the others are given
_keepers: list[subprocess.Popen[bytes]] = []  # held, or Python complains of a child nobody waited for


@dataclass(frozen=True)
class Missing:
    """A service that this machine does not have, and why the tests of it are skipped."""

    reason: str


@dataclass(frozen=True)
class PostgreSQL:
    address: str  # postgresql://user:password@127.0.0.1:port

    @contextlib.contextmanager
    def database(self, name: str, like: str | None = None) -> Iterator[str]:
        """The address of a new database, empty or a copy of one that nobody is connected to; dropped at the end with
        whoever is still connected.
        """
        names = sql.Identifier(name), sql.Identifier(like or "template1")
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))
        try:
            yield f"{self.address}/{name}"
        finally:
            self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(f"{self.address}/postgres", autocommit=True) as connection:
            connection.execute(statement)


@dataclass(frozen=True)
class Redis:
    address: str  # redis://127.0.0.1:port

    def database(self) -> str:
        """The address of a database that nobody else is given: two workers on one would take each other's messages."""
        host, _, port = self.address.rpartition("/")[2].partition(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            connection.sendall(b"INCR given\r\n")
            number = int(connection.recv(16).removeprefix(b":"))
        assert number < REDIS_DATABASES
        return f"{self.address}/{number}"


# --- what the tests ask for -------------------------------------------------------------------------------------------


def shared_folder(basetemp: Path) -> Path:
    """The folder that all pytest-xdist workers of one run have in common."""
    return basetemp.parent if basetemp.name.startswith("popen-") else basetemp


def postgresql(shared: Path) -> AbstractContextManager[PostgreSQL] | Missing:
    if sys.platform == "win32" or not postgresql_programs():
        return missing("PostgreSQL: no initdb and postgres in PATH or /usr/lib/postgresql")
    return _postgresql(shared)


def redis(shared: Path) -> AbstractContextManager[Redis] | Missing:
    if sys.platform == "win32" or not shutil.which("redis-server"):
        return missing("Redis: no redis-server in PATH")
    return _redis(shared)


def chromium() -> Path | Missing:
    """The browser's program, for Playwright's `executable_path`."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    wanted = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else list(names)
    found = next(filter(None, map(shutil.which, wanted)), None)
    return Path(found) if found else missing(f"Chromium: no {' or '.join(wanted)} in PATH")


def missing(reason: str) -> Missing:
    """Raises: RuntimeError where REQUIRE_SERVICES=1 says that a missing service is a failure."""
    if os.environ.get("REQUIRE_SERVICES") == "1":
        raise RuntimeError(f"{reason} (and REQUIRE_SERVICES=1)")
    return Missing(reason)


def postgresql_programs() -> Path | None:
    """The folder of the newest PostgreSQL: Debian keeps its server programs out of PATH."""
    initdb = shutil.which("initdb")
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    places = [Path(initdb).parent] if initdb else []
    places += sorted(installed, key=lambda place: float(place.parent.name), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@contextlib.contextmanager
def _postgresql(shared: Path) -> Iterator[PostgreSQL]:
    with borrowed("postgresql", shared) as address:
        yield PostgreSQL(address)


@contextlib.contextmanager
def _redis(shared: Path) -> Iterator[Redis]:
    with borrowed("redis", shared) as address:
        yield Redis(address)


# --- one server for all -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def kept(shared: Path) -> Iterator[None]:
    """Whichever server is started meanwhile lives as long as this block: starting one takes a second."""
    with contextlib.ExitStack() as held:
        for kind in SERVERS if sys.platform != "win32" else ():
            fcntl.flock(held.enter_context((shared / f"{kind}.users").open("a")), fcntl.LOCK_SH)
        yield


@contextlib.contextmanager
def borrowed(kind: str, shared: Path) -> Iterator[str]:
    """The address of the shared server, which lives at least as long as this block."""
    with (shared / f"{kind}.users").open("a") as users:
        with (shared / f"{kind}.start").open("a") as door:
            fcntl.flock(door, fcntl.LOCK_EX)  # one at a time: the first starts it, the others find it
            fcntl.flock(users, fcntl.LOCK_SH)  # waits while an old keeper is still stopping
            address = read_address(kind, shared) or start_keeper(kind, shared)
        yield address


def read_address(kind: str, shared: Path) -> str:
    file = shared / f"{kind}.address"
    return file.read_text() if file.exists() else ""


def start_keeper(kind: str, shared: Path) -> str:
    log = shared / f"{kind}.log"
    command = [sys.executable, __file__, kind, str(shared)]
    with log.open("wb") as output:
        keeper = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    _keepers.append(keeper)
    wait_until(lambda: read_address(kind, shared) != "", keeper, lambda: log.read_text(errors="replace"))
    return read_address(kind, shared)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], story: Callable[[], str]) -> None:
    """Raises: RuntimeError with the story of a process that ended or took too long."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start:\n{story()}")
        time.sleep(0.02)


def keep(kind: str, shared: Path) -> None:
    """Start the server, publish its address, wait for the last user to be gone, stop the server."""
    address_file = shared / f"{kind}.address"
    with (shared / f"{kind}.users").open("a") as users, SERVERS[kind]() as address:
        publish(address_file, address)
        try:
            fcntl.flock(users, fcntl.LOCK_EX)  # granted when no user holds it any more
        finally:
            address_file.unlink(missing_ok=True)


def publish(file: Path, text: str) -> None:
    """Whole or not at all: another worker may read at any moment."""
    draft = file.with_suffix(".new")
    draft.write_text(text)
    draft.rename(file)


# --- the servers, inside the keeper -----------------------------------------------------------------------------------


@contextlib.contextmanager
def running_postgresql() -> Iterator[str]:
    programs, user, password, port = postgresql_programs(), demoted_user(), secrets.token_hex(16), free_port()
    assert programs
    with private_folder(user) as folder:
        initialise(programs, folder, user, password)
        command = [str(programs / "postgres"), "-D", str(folder / "data"), "-p", str(port), *postgresql_options()]
        with running(command, folder, user, signal.SIGINT, signal.SIGQUIT, lambda: postgresql_is_ready(folder)):
            yield f"postgresql://prisme:{password}@127.0.0.1:{port}"


def initialise(programs: Path, folder: Path, user: int | None, password: str) -> None:
    given = folder / "password"
    given.write_text(password)
    who = ["-U", "prisme", "-A", "password", "--pwfile", str(given)]
    how = ["--no-sync", "--encoding=UTF8", "--locale=C", "-D", str(folder / "data")]
    hand_over(given, user)
    subprocess.run([str(programs / "initdb"), *who, *how], cwd=folder, env=plain(folder), user=user, check=True)


def postgresql_options() -> list[str]:
    """Quick rather than durable: the data dies with the tests."""
    off = ("fsync", "full_page_writes", "synchronous_commit")
    chosen = {"listen_addresses": "127.0.0.1", "unix_socket_directories": "", **dict.fromkeys(off, "off")}
    return [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]


def postgresql_is_ready(folder: Path) -> bool:
    """The eighth line of its pid file says so, without any client program."""
    file = folder / "data" / "postmaster.pid"
    lines = file.read_text().splitlines() if file.exists() else []
    return len(lines) > 7 and lines[7].strip() == "ready"


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    port = free_port()
    where = ["--bind", "127.0.0.1", "--port", str(port)]
    forgetful = ["--save", "", "--appendonly", "no", "--databases", str(REDIS_DATABASES)]
    with private_folder(None) as folder:
        command = [shutil.which("redis-server") or "redis-server", *where, *forgetful]
        with running(command, folder, None, signal.SIGTERM, signal.SIGKILL, lambda: redis_is_ready(port)):
            yield f"redis://127.0.0.1:{port}"


def redis_is_ready(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
        connection.sendall(b"PING\r\n")
        return connection.recv(16).startswith(b"+PONG")
    return False


SERVERS: dict[str, Callable[[], AbstractContextManager[str]]] = {
    "postgresql": running_postgresql,
    "redis": running_redis,
}


@contextlib.contextmanager
def running(
    command: Sequence[str],
    folder: Path,
    user: int | None,
    goodbye: signal.Signals,
    last_word: signal.Signals,
    ready: Callable[[], bool],
) -> Iterator[None]:
    """Run a server that stops on `goodbye`; should its keeper be killed, the kernel sends it `last_word`."""
    tie = die_with_me(last_word)
    server = subprocess.Popen(command, cwd=folder, env=plain(folder), user=user, preexec_fn=tie)
    try:
        wait_until(ready, server, lambda: "see above")
        yield
    finally:
        end(server, goodbye)


def end(server: subprocess.Popen[bytes], goodbye: signal.Signals) -> None:
    server.send_signal(goodbye)
    try:
        server.wait(timeout=5)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def die_with_me(last_word: signal.Signals) -> Callable[[], None] | None:
    """Linux can do it; elsewhere a keeper that is killed with SIGKILL leaves its server behind."""
    if sys.platform != "linux":
        return None
    set_option, parent_death_signal = ctypes.CDLL(None).prctl, 1
    return lambda: set_option(parent_death_signal, last_word)


@contextlib.contextmanager
def private_folder(user: int | None) -> Iterator[Path]:
    """Beside pytest's own folders, which another user may not enter."""
    with tempfile.TemporaryDirectory(prefix="prisme-", ignore_cleanup_errors=True) as folder:
        hand_over(Path(folder), user)
        yield Path(folder)


def hand_over(path: Path, user: int | None) -> None:
    if user is not None:
        os.chown(path, user, -1)


def demoted_user() -> int | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return known.get("postgres", known["nobody"])


def plain(folder: Path) -> dict[str, str]:
    """None of the caller's PG… settings, and messages in English."""
    return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    keep(sys.argv[1], Path(sys.argv[2]))
