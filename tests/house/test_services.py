"""The private servers of the tests start, are shared, and leave nothing behind."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest
import redis

from tests import services
from tests.services import Missing

pytestmark = pytest.mark.service
ROOT = Path(__file__).resolve().parents[2]
S = TypeVar("S")


def available(found: S | Missing) -> S:
    if isinstance(found, Missing):
        pytest.skip(found.reason)
    return found


def eventually(happens: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not happens() and time.monotonic() < deadline:
        time.sleep(0.05)
    return happens()


def answers(address: str) -> bool:
    try:
        psycopg.connect(f"{address}/postgres", connect_timeout=1).close()
    except psycopg.OperationalError:
        return False
    return True


def is_removed(folder: Path) -> bool:
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def data_folder(address: str) -> Path:
    with psycopg.connect(f"{address}/postgres") as connection:
        (folder,) = connection.execute("SHOW data_directory").fetchone() or ("",)
    return Path(folder).parent


def test_postgresql_starts_within_seconds_and_ends_with_its_last_user(tmp_path: Path) -> None:
    with available(services.postgresql(tmp_path)) as server, server.database("mine") as url:
        assert psycopg.connect(url).execute("SELECT current_database()").fetchone() == ("mine",)
    assert eventually(lambda: not answers(server.address))


def test_two_users_share_one_server_and_the_last_to_leave_ends_it(tmp_path: Path) -> None:
    with available(services.postgresql(tmp_path)) as later:
        with available(services.postgresql(tmp_path)) as earlier:
            assert earlier.address == later.address
        assert answers(later.address)
    assert eventually(lambda: not answers(later.address))


def test_a_user_killed_outright_leaves_no_server(tmp_path: Path) -> None:
    available(services.postgresql(tmp_path))
    script = (
        "import pathlib, sys, time\nfrom tests import services\n"
        "with services.postgresql(pathlib.Path(sys.argv[1])) as server:\n"
        "    print(server.address, flush=True); time.sleep(60)"
    )
    user = subprocess.Popen([sys.executable, "-c", script, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert user.stdout
    address = user.stdout.readline().strip()
    assert answers(address)
    user.kill()
    user.communicate()
    assert eventually(lambda: not answers(address))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent died")
def test_a_keeper_killed_outright_takes_its_server_along(tmp_path: Path) -> None:
    with available(services.postgresql(tmp_path)) as server:
        folder = data_folder(server.address)
        os.kill(services._keepers[-1].pid, signal.SIGKILL)
        assert eventually(lambda: not answers(server.address))
    assert eventually(lambda: is_removed(folder))  # its last files go while it dies


def test_redis_starts_and_ends_with_its_last_user(tmp_path: Path) -> None:
    with available(services.redis(tmp_path)) as server:
        addresses = {server.database() for _ in range(20)}
        assert all(redis.Redis.from_url(address).ping() for address in addresses)
    assert len(addresses) == 20
    client = redis.Redis.from_url(addresses.pop(), socket_connect_timeout=1)

    def is_gone() -> bool:
        try:
            return not client.ping()
        except redis.ConnectionError:
            return True

    assert eventually(is_gone)


def test_a_missing_service_gives_a_reason_or_fails_where_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/nowhere/chromium")
    monkeypatch.delenv("REQUIRE_SERVICES", raising=False)
    assert services.chromium() == Missing("Chromium: no /nowhere/chromium in PATH")
    monkeypatch.setenv("REQUIRE_SERVICES", "1")
    with pytest.raises(RuntimeError, match="REQUIRE_SERVICES"):
        services.chromium()
