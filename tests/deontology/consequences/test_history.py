"""Consequences as of any day: whatever has happened since, the answer is the one that was given that day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from uuid import UUID

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervision.db import db
from supervision.deontology.consequences import queries
from supervision.deontology.consequences.rules import Duty
from supervision.deontology.coverage import queries as coverage
from tests.deontology.history import DAY, START, Event, Town, histories

SHARED = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def stood(town: Town, day: date) -> dict[UUID, list[Duty]]:
    everybody = queries.duties([person.id for person in town.people], day)
    return {who: [duty for duty in duties if duty.kind == town.kind.slug] for who, duties in everybody.items()}


@given(histories)
@SHARED
def test_as_of_any_day_agrees_with_what_was_said_that_day(app: Flask, history: list[Event]) -> None:
    with db.session.begin_nested() as taken_back:
        town, said = Town(), {}
        for event in history:
            town.happen(event)
            said[event.day] = stood(town, START + event.day * DAY)
        assert {day: stood(town, START + day * DAY) for day in said} == said
        taken_back.rollback()


@given(histories, st.lists(st.integers(0, 600), min_size=1, max_size=4))
@SHARED
def test_the_list_says_of_everybody_what_the_rule_says(app: Flask, history: list[Event], days: list[int]) -> None:
    """The stage that the database computes for a hundred thousand is the one that keeps a door."""
    with db.session.begin_nested() as taken_back:
        town = Town()
        for event in history:
            town.happen(event)
        for day in days:
            compare(town, START + day * DAY)
        taken_back.rollback()


def compare(town: Town, day: date) -> None:
    looked = coverage.looked_at(town.kind, None, day)
    ruled = {who: duties[0] for who, duties in stood(town, day).items() if duties}
    if looked is None:
        assert ruled == {}
        return
    each = coverage.standing(looked)
    rows = db.session.query(each).all()
    listed = {row.person_id: row.stage for row in rows}
    unbound = {who for who in ruled if who not in listed}
    assert {who: ruled[who].stage for who in listed} == listed
    assert {ruled[who].stage for who in unbound} <= {"settled"}
    lines = coverage.every_line(looked, coverage.Wanted())
    assert {line.person_id: line.duty for line in lines} == {who: ruled[who] for who in listed}
    assert Counter(coverage.numbers(looked).total) == Counter(listed.values())


def test_every_page_that_asks_the_rule_asks_as_much_for_one_as_for_many(
    app: Flask, cast: SimpleNamespace, today: date, statements: Callable[[], list[str]]
) -> None:
    counts = []
    for people in ([cast.ana], [cast.ana, cast.sam, cast.zoe], [cast.ana] * 1000):
        statements()
        queries.duties([person.id for person in people], today)
        counts.append(len(statements()))
    assert len(set(counts)) == 1
