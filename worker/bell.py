"""Ringing for the worker from the web process, without ever making a page wait."""

from __future__ import annotations

import threading

import structlog

from config import Settings
from worker.queue import make_celery

log = structlog.get_logger("bell")


class CeleryBell:
    """Sends the 'deliver now' nudge from a thread of its own; many rings at once become one.

    A broker that is down costs a log line. The sweep, at most half a minute later, finds the mail.
    """

    def __init__(self, settings: Settings) -> None:
        self._celery = make_celery(settings)
        self._rung = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def ring(self) -> None:
        self._rung.set()
        with self._lock:  # started here and not in __init__: the server forks after it has loaded the application
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._serve, name="bell", daemon=True)
                self._thread.start()

    def _serve(self) -> None:
        while True:
            self._rung.wait()
            self._rung.clear()
            try:
                self._celery.send_task("worker.deliver", retry=False)
            except Exception:  # whatever the transport raises, the sweep repairs
                log.warning("the broker cannot be reached; the sweep will find the mail")

    def reachable(self) -> bool:
        try:
            with self._celery.connection_for_write() as connection:
                connection.ensure_connection(max_retries=1, timeout=2, errback=None)
                connection.default_channel.queue_declare("celery")  # asks the server, or opens the file
        except Exception:  # each transport has errors of its own
            return False
        return True
