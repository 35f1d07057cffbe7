"""A place in a list sorted by an instant, as an address carries it: a row that leaves in between shifts nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from uuid import UUID

Row = TypeVar("Row")
Place = tuple[datetime, UUID]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEY = re.compile(r"([0-9]{1,17})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")


def key_of(place: Place) -> str:
    """Microseconds, and the row's id."""
    return f"{(place[0] - _EPOCH) // timedelta(microseconds=1)}-{place[1]}"


def place_of(key: str) -> Place | None:
    """None for what is no key: the list then begins at its beginning."""
    found = _KEY.fullmatch(key)
    return (_EPOCH + timedelta(microseconds=int(found[1])), UUID(found[2])) if found else None


def page(
    rows: Iterable[Row], place: Callable[[Row], Place], *, after: str, size: int
) -> tuple[Sequence[Row], str | None]:
    """The rows that come after a key, in order, and the key of the last one if more follow."""
    start = place_of(after)
    ordered = sorted((row for row in rows if start is None or place(row) > start), key=place)
    some = ordered[:size]
    return some, key_of(place(some[-1])) if len(ordered) > size else None
