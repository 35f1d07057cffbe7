"""The only place that reads the clock. Edges call `now()`; everything inside receives `now` as an argument."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_shift = timedelta()


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC) + _shift


def shift_by(delta: timedelta) -> None:
    """Let a process of a test live in another time. Nothing else may call this."""
    global _shift
    _shift = delta


def heed_test(environment: str, days: str | None) -> None:
    """Where APP_ENV is `test`, CLOCK_SHIFT_DAYS puts a whole process days ahead: a reminder is seen to go out."""
    if environment == "test" and days:
        shift_by(timedelta(days=float(days)))
