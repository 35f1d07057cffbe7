"""A feedback is recalled four days before its day, on it, and seven days after: the latest stage, once, while it is
true. With the association's target of fourteen days that is after 10, 14 and 21 days.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from supervision import clock
from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases.feedback import actions as feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.outbox.delivery import deliver
from supervision.outbox.models import OutboxMail
from supervision.reminders import actions as reminders
from tests import desk
from tests.outbox.servers import scripted


def days(count: float) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
def case_id(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> UUID:
    """Ana's, submitted to Sam; its own mail has been sent."""
    brought = desk.bring(cast.ana, cast.sam, keyring, now)
    for mail in db.session.scalars(select(OutboxMail)):
        mail.sent_at = now
    db.session.commit()
    return brought


def planned() -> list[tuple[str, Any]]:
    """Stage and person of each reminder, in the order of their making."""
    rows = select(OutboxMail).where(OutboxMail.kind == "feedback-due").order_by(OutboxMail.id)
    return [(mail.key.rpartition("/")[2], mail.person_id) for mail in db.session.scalars(rows)]


def plan(at: datetime) -> int:
    made = reminders.plan(now=at)
    db.session.commit()
    return made


@pytest.mark.parametrize(
    ("waited", "stage"),
    [(9.99, None), (10, "-4d"), (13.99, "-4d"), (14, "+0d"), (20, "+0d"), (21, "+7d"), (300, "+7d")],
)
def test_after_an_outage_the_latest_stage_goes_out_and_the_earlier_ones_do_not(
    cast: SimpleNamespace, case_id: UUID, now: datetime, waited: float, stage: str | None
) -> None:
    assert plan(now + days(waited)) == (1 if stage else 0)
    assert planned() == ([(stage, cast.sam.id)] if stage else [])


def test_planning_a_hundred_times_leaves_one_row(cast: SimpleNamespace, case_id: UUID, now: datetime) -> None:
    assert sum(plan(now + days(11)) for _ in range(100)) == 1
    assert planned() == [("-4d", cast.sam.id)]


def test_stage_after_stage_as_time_goes_by(cast: SimpleNamespace, case_id: UUID, now: datetime) -> None:
    made = [plan(now + days(day)) for day in range(40)]
    assert [day for day, count in enumerate(made) if count] == [10, 14, 21]
    assert planned() == [("-4d", cast.sam.id), ("+0d", cast.sam.id), ("+7d", cast.sam.id)]


def test_what_is_published_is_not_recalled(
    cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    plan(now + days(11))
    desk.respond(cast.sam, case_id, keyring, now + days(12))
    assert [plan(now + days(day)) for day in (14, 21)] == [0, 0]
    assert planned() == [("-4d", cast.sam.id)]


def test_a_draft_is_nobodys_delay(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> None:
    desk.draft(cast.ana, keyring, now)
    assert plan(now + days(30)) == 0


def test_each_late_case_is_recalled(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> None:
    for author, supervisor, age in ((cast.ana, cast.sam, 15), (cast.lee, cast.noor, 10), (cast.ana, cast.sam, 3)):
        desk.bring(author, supervisor, keyring, now - days(age))
    assert plan(now) == 2
    assert sorted(planned(), key=str) == sorted([("+0d", cast.sam.id), ("-4d", cast.noor.id)], key=str)


def test_planning_costs_a_few_questions_and_one_row_each(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, statements: Any
) -> None:
    statements()
    assert plan(now) == 0
    questions = len(statements())
    desk.many(20, cast.ana, cast.sam, keyring, now - days(11), state="submitted")
    db.session.commit()
    statements()
    assert plan(now) == 20
    assert len(statements()) == questions + 20


# --- another day, another person, a question back ---------------------------------------------------------------------


@pytest.mark.parametrize(("waited", "stage"), [(25, None), (26.99, None), (27, "-4d"), (31, "+0d"), (38, "+7d")])
def test_an_announced_day_moves_the_whole_series(
    cast: SimpleNamespace, case_id: UUID, now: datetime, waited: float, stage: str | None
) -> None:
    """The day is over at midnight, UTC; counted from there whatever the hour of the test."""
    announce(cast, case_id, now.date() + days(30), now)
    midnight = datetime.combine(now.date(), time(), UTC)
    plan(midnight + days(waited))
    assert planned() == ([(stage, cast.sam.id)] if stage else [])


def announce(cast: SimpleNamespace, case_id: UUID, day: date, at: datetime) -> None:
    lifecycle.set_deadline(supervisor=cast.sam, file=desk.opened(case_id, at), due_on=day, now=at)


def test_a_day_announced_after_a_reminder_begins_the_series_anew(
    cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    assert plan(now + days(11)) == 1
    announce(cast, case_id, now.date() + days(30), now + days(11))
    made = [plan(now + days(11 + day)) for day in range(30)]
    assert sum(made) == 3
    assert [stage for stage, _ in planned()] == ["-4d", "-4d", "+0d", "+7d"]


def test_nobody_is_reminded_while_a_supplement_is_asked_and_the_time_begins_with_the_supplement(
    cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    file = desk.opened(case_id, now + days(5))
    lifecycle.ask_supplement(supervisor=cast.sam, file=file, text="Quand ?", keyring=keyring, now=now + days(5))
    assert [plan(now + days(day)) for day in (10, 14, 21, 60)] == [0, 0, 0, 0]
    file = desk.opened(case_id, now + days(61))
    lifecycle.supplement(author=cast.ana, file=file, text="Hier.", press=new_id(), keyring=keyring, now=now + days(61))
    assert [plan(now + days(61 + day)) for day in (9.99, 10, 14, 21)] == [0, 1, 1, 1]
    assert planned() == [("-4d", cast.sam.id), ("+0d", cast.sam.id), ("+7d", cast.sam.id)]


def test_whoever_takes_a_case_over_has_the_whole_time(cast: SimpleNamespace, case_id: UUID, now: datetime) -> None:
    plan(now + days(14))
    file = desk.opened(case_id, now + days(15))
    lifecycle.hand_over(author=cast.ana, supervisor=cast.noor, file=file, for_this_case=True, now=now + days(15))
    assert [plan(now + days(15 + day)) for day in (9.99, 10)] == [0, 1]
    assert planned() == [("+0d", cast.sam.id), ("-4d", cast.noor.id)]


def test_a_day_that_one_person_announced_does_not_bind_the_next(
    cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    announce(cast, case_id, now.date() + days(2), now)
    file = desk.opened(case_id, now + days(1))
    lifecycle.hand_over(author=cast.ana, supervisor=cast.noor, file=file, for_this_case=True, now=now + days(1))
    assert [plan(now + days(1 + day)) for day in (1, 9.99, 10)] == [0, 0, 1]
    assert planned() == [("-4d", cast.noor.id)]


def test_a_feedback_that_was_recalled_is_awaited_as_before(
    cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    at = now + days(13)
    desk.sign(cast.sam, case_id, keyring, at)
    assert plan(at) == 0
    feedback.recall(author=cast.sam, file=desk.opened(case_id, at), keyring=keyring, now=at)
    assert plan(at) == 1
    assert planned() == [("-4d", cast.sam.id)]


@pytest.mark.parametrize("end", ["withdrawn", "closed"])
def test_what_is_withdrawn_or_closed_is_awaited_no_more(
    cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime, end: str
) -> None:
    file = desk.opened(case_id, now)
    if end == "withdrawn":
        lifecycle.withdraw(author=cast.ana, file=file, keyring=keyring, now=now)
    else:
        lifecycle.close(actor=cast.ana, file=file, now=now)
    assert plan(now + days(30)) == 0


# --- looked at again when it is sent ----------------------------------------------------------------------------------


def reasons(app: Flask, at: datetime) -> dict[str, str | None]:
    """Deliver at a moment; why each reminder was skipped, by stage."""
    clock.shift_by(at - datetime.now(at.tzinfo))
    with scripted({}) as server:
        deliver(replace(app.extensions["post"], smtp_url=server.url))
    mails = db.session.scalars(select(OutboxMail).where(OutboxMail.kind == "feedback-due"))
    return {mail.key.rpartition("/")[2]: "sent" if mail.sent_at else mail.skipped_because for mail in mails}


def test_a_reminder_goes_out_while_it_is_true(app: Flask, case_id: UUID, now: datetime) -> None:
    plan(now + days(10))
    assert reasons(app, now + days(10)) == {"-4d": "sent"}


def test_a_reminder_overtaken_by_the_feedback_is_skipped(
    app: Flask, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    plan(now + days(10))
    desk.respond(cast.sam, case_id, keyring, now + days(10))
    db.session.commit()
    assert reasons(app, now + days(10)) == {"-4d": "feedback-published"}


def test_a_reminder_overtaken_by_a_later_stage_is_skipped(app: Flask, case_id: UUID, now: datetime) -> None:
    plan(now + days(10))  # and then no server for four days
    plan(now + days(14))
    assert reasons(app, now + days(14)) == {"-4d": "later-stage", "+0d": "sent"}


def test_a_reminder_overtaken_by_another_day_is_skipped(
    app: Flask, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    plan(now + days(10))
    announce(cast, case_id, (now + days(40)).date(), now + days(10))
    db.session.commit()
    assert reasons(app, now + days(10)) == {"-4d": "no-longer-awaited"}


def test_a_reminder_overtaken_by_a_supplement_that_is_asked_is_skipped(
    app: Flask, cast: SimpleNamespace, case_id: UUID, keyring: Keyring, now: datetime
) -> None:
    plan(now + days(10))
    file = desk.opened(case_id, now + days(10))
    lifecycle.ask_supplement(supervisor=cast.sam, file=file, text="Quand ?", keyring=keyring, now=now + days(10))
    db.session.commit()
    assert reasons(app, now + days(10)) == {"-4d": "no-longer-awaited"}


def test_whoever_gave_the_case_away_is_not_reminded(
    app: Flask, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    plan(now + days(10))
    file = desk.opened(case_id, now + days(10))
    lifecycle.hand_over(author=cast.ana, supervisor=cast.noor, file=file, for_this_case=True, now=now + days(10))
    db.session.commit()
    assert reasons(app, now + days(10))["-4d"] in {"no-longer-supervisor", "no-longer-awaited"}


def test_a_supervisor_whose_agreement_ended_is_not_reminded(
    app: Flask, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    plan(now + days(10))
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    db.session.commit()
    assert reasons(app, now + days(10)) == {"-4d": "no-longer-supervisor"}


def test_a_supervisor_whose_account_is_closed_is_not_reminded(
    app: Flask, cast: SimpleNamespace, case_id: UUID, now: datetime
) -> None:
    plan(now + days(10))
    cast.sam.deactivated_at = now
    db.session.commit()
    assert reasons(app, now + days(10)) == {"-4d": "person-left"}


@pytest.mark.slow
def test_two_planners_at_once_make_one_row_each(fresh_stack: Callable[..., Flask]) -> None:
    app, now, gate, made = fresh_stack(), clock.now(), threading.Barrier(4), []
    with app.app_context():
        supervisee = db.session.scalars(select(Agreement)).first()
        assert supervisee is not None
        ring = app.extensions["keyring"]
        desk.many(25, supervisee.supervisee, supervisee.supervisor, ring, now - days(11), state="submitted")
        db.session.commit()

    def run() -> None:
        gate.wait()
        with app.app_context():
            made.append(plan(now))

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert (sum(made), len(planned())) == (25, 25)
