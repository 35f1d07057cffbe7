"""The worker's Celery application: `celery -A worker.app:celery worker` and `celery -A worker.app:celery beat`."""

from __future__ import annotations

import os
from typing import Any

from celery import signals

import config
from supervision import clock, create_app, logs, refuse_unsafe_start
from worker.bell import CeleryBell
from worker.queue import make_celery
from worker.timetable import TIMETABLE

settings = config.from_environment(os.environ)
logs.configure(settings.log_level)
clock.heed_test(settings.environment, os.environ.get("CLOCK_SHIFT_DAYS"))
flask_app = create_app(settings, bell=CeleryBell(settings))
refuse_unsafe_start(flask_app)

celery = make_celery(settings)
celery.conf.beat_schedule = TIMETABLE
celery.conf.include = ["worker.tasks"]
celery.set_default()


@signals.beat_init.connect  # type: ignore[untyped-decorator]
def _look_at_once(**_ignored: Any) -> None:
    """A clock that starts, perhaps after an outage, does not wait for its first quarter of an hour."""
    for name in ("worker.heartbeat", "worker.plan"):
        celery.send_task(name, expires=60)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _keep_our_logging(**_ignored: Any) -> None:
    """Celery would install handlers that print exceptions with their messages."""
