"""A platform of its own for each journey, on both stacks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import config
from tests import services
from tests.browser.processes import Platform
from tests.services import Missing

STACKS = (
    pytest.param("embedded", id="SQLite, embedded queue"),
    pytest.param("services", id="PostgreSQL, Redis", marks=pytest.mark.service),
)


@pytest.fixture(params=STACKS)
def platform(request: pytest.FixtureRequest, tmp_path: Path, shared: Path) -> Iterator[Platform]:
    """Web, worker, beat and mail server, with an association that has nobody but its two administrators at work."""
    with ExitStack() as exits:
        platform = Platform(tmp_path)
        if request.param == "services":
            platform.database_url, platform.redis_url = _services(shared, exits)
        platform.prepare()
        yield exits.enter_context(platform.running("mailbox", "web", "worker", "beat"))


def _services(shared: Path, exits: ExitStack) -> tuple[str, str]:
    postgresql, redis = services.postgresql(shared), services.redis(shared)
    for found in (postgresql, redis):
        if isinstance(found, Missing):
            pytest.skip(found.reason)
    name = f"journey_{os.urandom(4).hex()}"
    url = exits.enter_context(exits.enter_context(postgresql).database(name))  # type: ignore[arg-type]
    return config._database_url(url), exits.enter_context(redis).database()  # type: ignore[arg-type]
