"""The message queue between the processes: Redis, or the embedded one. It carries nudges, never the truth.

Whatever is lost here is found again by a sweep, since every mail and every reminder is a row in the database.
"""

from __future__ import annotations

from typing import Any

from celery import Celery
from kombu.transport import sqlalchemy as embedded

from config import Settings

# How often the embedded queue is looked at, in seconds. Its transport takes no such option.
embedded.Transport.polling_interval = 0.3

VISIBILITY = 15 * 60  # seconds after which Redis gives an unacknowledged task to another worker


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
