"""The web process: `granian --interface wsgi wsgi:app`. The bell that wakes the worker is hung here."""

from __future__ import annotations

import os

import config
from supervision import clock, create_app, logs, refuse_unsafe_start
from worker.bell import CeleryBell

settings = config.from_environment(os.environ)
logs.configure(settings.log_level)
clock.heed_test(settings.environment, os.environ.get("CLOCK_SHIFT_DAYS"))
app = create_app(settings, bell=CeleryBell(settings))
refuse_unsafe_start(app)
