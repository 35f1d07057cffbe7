"""Two of the committee, at their screens."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from tests.client import FreshClient

As = Callable[[Any], FreshClient]


@pytest.fixture
def paul(as_: As, cast: SimpleNamespace) -> FreshClient:
    return as_(cast.paul)


@pytest.fixture
def maud(as_: As, cast: SimpleNamespace) -> FreshClient:
    return as_(cast.maud)
