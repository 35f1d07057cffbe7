"""The message queue between the processes: Redis, or the embedded one. It carries nudges, never the truth.

Whatever is lost here is found again by a sweep, since every mail and every reminder is a row in the database.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES
from kombu.transport import sqlalchemy as kombu_sqlalchemy
from kombu.transport.sqlalchemy.models import metadata
from sqlalchemy.exc import IntegrityError, OperationalError

from config import Settings

VISIBILITY = 15 * 60  # seconds after which Redis gives an unacknowledged task to another worker


class SharedFile(kombu_sqlalchemy.Channel):
    """The embedded queue, opened by several processes at once, as happens at each first start.

    Kombu's own channel takes it for an error that another process has just made the tables or the queue: the bell or
    beat loses its message, and a worker ends.
    """

    def _open(self) -> Any:
        for _ in metadata.sorted_tables:  # each may have been made since we looked
            with suppress(OperationalError):
                return super()._open()  # type: ignore[no-untyped-call]
        return super()._open()  # type: ignore[no-untyped-call]

    def _get_or_create(self, queue: str) -> Any:
        try:
            return super()._get_or_create(queue)  # type: ignore[no-untyped-call]
        except IntegrityError:
            self.session.rollback()
            return super()._get_or_create(queue)  # type: ignore[no-untyped-call]


class Embedded(kombu_sqlalchemy.Transport):
    """A file in the instance folder that carries the nudges."""

    Channel = SharedFile
    polling_interval = 0.3  # seconds between two looks

    def drain_events(self, connection: Any, timeout: Any = None, **others: Any) -> None:
        """Celery would wait here for two seconds, and twice, before it heeds that it is asked to stop."""
        super().drain_events(connection, timeout=self.polling_interval, **others)  # type: ignore[no-untyped-call]


TRANSPORT_ALIASES["sqla"] = f"{__name__}:{Embedded.__name__}"


def make_celery(settings: Settings) -> Celery:
    """A Celery application that only knows where the queue is."""
    celery = Celery("prisme", broker=settings.broker_url)
    celery.conf.update(
        task_ignore_result=True,
        task_acks_late=True,
        task_time_limit=15 * 60,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
        broker_connection_retry_on_startup=True,
        broker_transport_options=_transport_options(settings),
        timezone="UTC",
    )
    return celery


def _transport_options(settings: Settings) -> dict[str, Any]:
    if settings.has_embedded_broker:
        return {"connect_args": {"timeout": 10}}
    return {"visibility_timeout": VISIBILITY, "socket_connect_timeout": 2, "socket_timeout": 5}
