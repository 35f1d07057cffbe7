"""Group sessions by their doors: who plans one, who has a seat, and what each of them sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from supervision import clock
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.scheduling import queries
from supervision.scheduling.models import GroupSession, Seat
from tests.client import FreshClient
from tests.facts import acts, at_once, one, rows, statuses
from tests.scheduling.tables import HOUR, a_session, lasting_from

As = Callable[[Person], FreshClient]
DOORS = "/seances-collectives"


def form(day: date, **changes: Any) -> dict[str, Any]:
    plain = {"name": "Groupe du jeudi", "day": day.isoformat(), "begins": "18:00", "ends": "20:30"}
    return {**plain, "before": "7", "after": "2", **changes}


def marked(page: str) -> set[str]:
    return set(re.findall(r'id="(\w+)-error"', page))


def sessions() -> list[GroupSession]:
    return rows(select(GroupSession).order_by(GroupSession.id))


def seated(session_id: UUID) -> set[UUID]:
    return set(rows(select(Seat.person_id).where(Seat.session_id == session_id, Seat.left_at.is_(None))))


# --- planning ---------------------------------------------------------------------------------------------------------


def test_a_supervisor_plans_a_session_with_people_she_supervises(as_: As, cast: SimpleNamespace, today: date) -> None:
    day = today + timedelta(days=30)
    sent = form(day, participants=[str(cast.ana.id), str(cast.paul.id)])
    made = as_(cast.sam).post(f"{DOORS}/nouvelle", data=sent)
    (session,) = sessions()
    assert (made.status_code, made.location) == (302, f"{DOORS}/{session.id}")
    assert (session.name, session.supervisor_id, session.cancelled_at) == ("Groupe du jeudi", cast.sam.id, None)
    assert seated(session.id) == {cast.ana.id, cast.paul.id}
    subject = f"group-session/{session.id}"
    assert acts("group-session-created", "seat-given") == [
        ("group-session-created", cast.sam.id, subject),
        ("seat-given", cast.sam.id, subject),
        ("seat-given", cast.sam.id, subject),
    ]


@pytest.mark.parametrize(("zone", "utc_hour"), [("Europe/Paris", 17), ("America/Toronto", 23)])
def test_the_time_is_that_of_the_clock_on_the_supervisors_wall(
    as_: As, cast: SimpleNamespace, today: date, zone: str, utc_hour: int
) -> None:
    cast.sam.zone = zone
    db.session.commit()
    year = today.year + 1
    as_(cast.sam).post(f"{DOORS}/nouvelle", data=form(date(year, 1, 21)))
    (session,) = sessions()
    assert session.starts_at == datetime(year, 1, 21, utc_hour, tzinfo=UTC)
    assert (session.starts_at - session.opens_at, session.closes_at - session.ends_at) == (
        timedelta(days=7),
        timedelta(days=2),
    )


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"name": ""}, {"name"}),
        ({"name": "\u200b \u202e"}, {"name"}),
        ({"name": "x" * 121}, {"name"}),
        ({"day": ""}, {"day"}),
        ({"day": "31/12/2026"}, {"day"}),
        ({"day": "2026-02-30"}, {"day"}),
        ({"day": "2020-01-01"}, {"day"}),
        ({"day": "9999-12-31"}, {"day"}),
        ({"day": "0001-01-01"}, {"day"}),
        ({"day": "2099-01-01"}, {"day"}),
        ({"begins": "25:00"}, {"begins"}),
        ({"begins": "six heures"}, {"begins"}),
        ({"ends": "17:59"}, {"ends"}),
        ({"ends": "18:00"}, {"ends"}),
        ({"before": "-1"}, {"before"}),
        ({"before": "31", "after": "99999999999999999999"}, {"before", "after"}),
        ({"after": "deux"}, {"after"}),
        ({"participants": "not an id"}, {"participants"}),
        ({"participants": "lee"}, {"participants"}),  # not hers: added afterwards, by name
        ({"name": "\x00", "begins": "\x00", "day": "\x00"}, {"name", "begins", "day"}),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_written(
    as_: As, cast: SimpleNamespace, today: date, changes: dict[str, Any], fields: set[str]
) -> None:
    sent = {name: str(cast.lee.id) if value == "lee" else value for name, value in changes.items()}
    answer = as_(cast.sam).post(f"{DOORS}/nouvelle", data=form(today + timedelta(days=30)) | sent)
    assert (answer.status_code, marked(answer.text), sessions()) == (422, fields, [])


def test_a_form_without_fields_is_told_at_each(as_: As, cast: SimpleNamespace) -> None:
    answer = as_(cast.sam).post(f"{DOORS}/nouvelle", data={})
    assert (answer.status_code, marked(answer.text)) == (422, {"name", "day", "begins", "ends", "before", "after"})


def test_a_time_that_clocks_skip_is_told_at_its_field(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    spring = next(
        day for day in (date(now.year + 1, 3, 31) - timedelta(days=back) for back in range(7)) if day.weekday() == 6
    )
    answer = as_(cast.sam).post(f"{DOORS}/nouvelle", data=form(spring, begins="02:30", ends="04:00"))
    assert (answer.status_code, marked(answer.text), sessions()) == (422, {"begins"}, [])


def test_one_supervisor_leads_one_session_at_a_time(as_: As, cast: SimpleNamespace, today: date) -> None:
    sam, day = as_(cast.sam), today + timedelta(days=30)
    answers = [
        sam.post(f"{DOORS}/nouvelle", data=form(day, begins=begins, ends=ends)).status_code
        for begins, ends in (("18:00", "20:00"), ("19:59", "21:00"), ("17:00", "18:01"), ("20:00", "21:00"))
    ]
    assert answers == [302, 422, 422, 302]
    assert as_(cast.noor).post(f"{DOORS}/nouvelle", data=form(day)).status_code == 302


def test_a_double_click_plans_once(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        sam = one(select(Person).where(Person.email_key == "sam@rives.example"))
        clients: list[Any] = [app.test_client() for _ in range(4)]
        for client in clients:
            client.sign_in(sam)
    sent = form(clock.now().date() + timedelta(days=30))
    answers = at_once(*(lambda c=client: c.post(f"{DOORS}/nouvelle", data=sent) for client in clients))
    assert statuses(answers) == [302, 422, 422, 422]


@pytest.mark.parametrize("flaw", ["ends before it starts", "opens after it starts", "closes before it ends"])
def test_the_database_refuses_what_the_rules_refuse(
    app: Flask, cast: SimpleNamespace, now: datetime, flaw: str
) -> None:
    row = vars(lasting_from(now)) | {"supervisor_id": cast.sam.id, "name": "x", "created_at": now, "id": new_id()}
    row |= {
        "ends before it starts": {"ends_at": row["starts_at"] - HOUR},
        "opens after it starts": {"opens_at": row["starts_at"] + HOUR / 2},
        "closes before it ends": {"closes_at": row["ends_at"] - HOUR / 2},
    }[flaw]
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(GroupSession).values(row))


def test_nobody_has_two_seats_in_one_session(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    session = a_session(cast.sam, now + HOUR, [cast.ana])
    row = {"id": new_id(), "session_id": session.id, "person_id": cast.ana.id, "added_at": now}
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Seat).values(row))


# --- changing and cancelling ------------------------------------------------------------------------------------------


def test_a_session_is_moved_with_its_window(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    session = a_session(cast.sam, now + 48 * HOUR, [cast.ana])
    sam, day = as_(cast.sam), today + timedelta(days=40)
    filled = sam.get(f"{DOORS}/{session.id}/modifier").text
    moved = sam.post(f"{DOORS}/{session.id}/modifier", data=form(day, name="Groupe du soir", before="3", after="0"))
    (session,) = sessions()
    assert (moved.status_code, session.name) == (302, "Groupe du soir")
    assert (session.starts_at - session.opens_at).days in {2, 3}  # 3 days of the calendar
    assert (session.ends_at, seated(session.id)) == (session.closes_at, {cast.ana.id})
    assert 'value="Groupe"' in filled
    assert [act[:2] for act in acts("group-session-changed")] == [("group-session-changed", cast.sam.id)]


def test_saving_it_as_it_is_records_nothing(as_: As, cast: SimpleNamespace, today: date) -> None:
    sam, sent = as_(cast.sam), form(today + timedelta(days=30))
    sam.post(f"{DOORS}/nouvelle", data=sent)
    (session,) = sessions()
    page = sam.get(f"{DOORS}/{session.id}/modifier").text
    shown = dict(re.findall(r'name="(name|day|begins|ends|before|after)"[^>]* value="([^"]*)"', page))
    assert (shown, sam.post(f"{DOORS}/{session.id}/modifier", data=shown).status_code) == (sent, 302)
    assert acts("group-session-changed") == []


@pytest.mark.parametrize("changes", [{"name": ""}, {"day": "2020-01-01"}, {"ends": "17:00"}])
def test_a_refused_change_leaves_the_session_as_it_was(
    as_: As, cast: SimpleNamespace, now: datetime, today: date, changes: dict[str, str]
) -> None:
    session = a_session(cast.sam, now + 48 * HOUR)
    before = (session.name, queries.facts_of(session))
    sent = form(today + timedelta(days=30)) | changes
    answer = as_(cast.sam).post(f"{DOORS}/{session.id}/modifier", data=sent)
    (session,) = sessions()
    assert (answer.status_code, (session.name, queries.facts_of(session))) == (422, before)


def test_what_has_begun_is_not_moved_and_what_is_closed_is_not_cancelled(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    sam, sent = as_(cast.sam), form(today + timedelta(days=30))
    begun, closed = a_session(cast.sam, now - HOUR), a_session(cast.sam, now - 240 * HOUR)
    assert sam.get(f"{DOORS}/{begun.id}/modifier").status_code == 403
    assert sam.post(f"{DOORS}/{begun.id}/modifier", data=sent).status_code == 422
    for session in (begun, closed):
        assert sam.post(f"{DOORS}/{session.id}/annuler").status_code == 302
    cancelled = dict(rows(select(GroupSession.id, GroupSession.cancelled_at)))
    assert (cancelled[begun.id] is not None, cancelled[closed.id]) == (True, None)


def test_cancelling_twice_is_cancelling_once(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    session, sam = a_session(cast.sam, now + 48 * HOUR, [cast.ana]), as_(cast.sam)
    assert [sam.post(f"{DOORS}/{session.id}/annuler").status_code for _ in range(2)] == [302, 302]
    assert [act[0] for act in acts("group-session-cancelled")] == ["group-session-cancelled"]
    assert "annulée" in as_(cast.ana).get(DOORS).text
