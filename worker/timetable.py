"""When beat asks for what. Every entry may run twice, late, or not at all for a while, without harm."""

from __future__ import annotations

from celery.schedules import crontab

TIMETABLE = {
    "heartbeat": {"task": "worker.heartbeat", "schedule": 30.0, "options": {"expires": 60}},
    "sweep the outbox": {"task": "worker.deliver", "schedule": 30.0, "options": {"expires": 60}},
    "plan reminders": {"task": "worker.plan", "schedule": 15 * 60.0, "options": {"expires": 900}},
    "purge": {"task": "worker.purge", "schedule": crontab(hour="4", minute="7"), "options": {"expires": 3600}},
    "tidy": {"task": "worker.tidy", "schedule": crontab(hour="3", minute="17"), "options": {"expires": 3600}},
}
