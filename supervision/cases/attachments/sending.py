"""One file leaves each web process at a time.

A process has two threads for pages (`--blocking-threads`), and a file keeps one for as long as the reader's line takes.
The other stays free for everybody else's pages. In front of the platform a proxy takes a file at once and is patient
in its stead (docs/running.md), so that the next one rarely waits.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator

from supervision.cases.attachments.rules import Busy

TURN = 3  # seconds to wait for the file before; most take a quarter of one
_one_at_a_time = threading.Semaphore(1)


class InTurn:
    """The bytes of a file. The turn is given on when they are sent, when the reader leaves, or when all is dropped."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        """Raises:
        Busy: another file is still leaving.
        """
        self._has_turn = _one_at_a_time.acquire(timeout=TURN)
        self._parts = parts
        if not self._has_turn:
            raise Busy

    def __iter__(self) -> InTurn:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:  # the end is one too
            self.close()
            raise

    def close(self) -> None:
        if self._has_turn:
            self._has_turn = False
            _one_at_a_time.release()

    def __del__(self) -> None:
        self.close()
