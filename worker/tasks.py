"""Thin tasks: each opens an application context, calls one function of the application, and commits."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

import structlog

from supervision import clock
from supervision.cases.retention import actions as retention
from supervision.cases.retention import queries as kept
from supervision.db import db
from supervision.deontology.referrals import keeping as referrals
from supervision.outbox import actions as outbox
from supervision.outbox.delivery import deliver as deliver_batch
from supervision.outbox.rules import BATCH
from supervision.reminders import actions as reminders
from supervision.sign_in import actions as sign_in
from worker.app import celery, flask_app

log = structlog.get_logger("worker")


def task(name: str) -> Callable[[Callable[[], None]], Callable[[], None]]:
    """A task that runs inside the application and never lets an exception's words reach Celery's log."""

    def register(work: Callable[[], None]) -> Callable[[], None]:
        @wraps(work)
        def run() -> None:
            with flask_app.app_context():
                try:
                    work()
                except Exception:
                    db.session.rollback()
                    log.exception("a task failed", task=name)

        registered: Callable[[], None] = celery.task(name=name)(run)
        return registered

    return register


@task("worker.heartbeat")
def heartbeat() -> None:
    """Written by the worker when beat asks: it proves that both are alive, and the queue between them."""
    outbox.beat(part="beat", now=clock.now())
    db.session.commit()


@task("worker.deliver")
def deliver() -> None:
    """Empty what is due, a batch at a time."""
    while deliver_batch(flask_app.extensions["post"]) == BATCH:
        pass


@task("worker.plan")
def plan() -> None:
    """Put the reminders that are due in the outbox, then send them."""
    reminders.plan(now=clock.now())
    db.session.commit()
    deliver_batch(flask_app.extensions["post"])


@task("worker.purge")
def purge() -> None:
    """Destroy what was kept long enough, a commit for each: one that is killed goes on where it stopped, and one that
    cannot be destroyed does not keep the others.
    """
    now = clock.now()
    for case_id in kept.due_for_purge(now):
        try:
            retention.purge_if_due(case_id=case_id, now=now)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("a case could not be purged", case_id=str(case_id))
    for referral_id in referrals.due_for_purge(now):
        try:
            referrals.purge_if_due(referral_id=referral_id, now=now)
            db.session.commit()
        except Exception:
            db.session.rollback()
            log.exception("a referral could not be purged", referral_id=str(referral_id))


@task("worker.tidy")
def tidy() -> None:
    sign_in.tidy(now=clock.now())
    db.session.commit()
