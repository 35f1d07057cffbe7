"""The association's settings: an administrator's alone, checked field by field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from flask import Flask
from sqlalchemy import select

from supervision.association.actions import AlreadyFounded, found
from supervision.association.models import Association
from supervision.people.models import Person
from tests.client import FreshClient
from tests.facts import acts, one

As = Callable[[Person], FreshClient]
NEW = {"name": "Deux rives", "contact_email": "aide@rives.example", "zone": "Indian/Reunion"}
NEW |= {"feedback_target_days": "21", "retention_months": "36", "accepts_attachments": "y"}
NEW |= {"attachment_max_count": "3", "attachment_max_mb": "20"}
COLUMNS = (
    *(Association.name, Association.contact_email, Association.zone, Association.feedback_target_days),
    *(Association.retention_months, Association.accepts_attachments),
    *(Association.attachment_max_count, Association.attachment_max_mb),
)


def kept() -> tuple[object, ...]:
    return tuple(one(select(*COLUMNS)))


def test_an_administrator_changes_the_settings_and_it_is_recorded(as_: As, cast: SimpleNamespace) -> None:
    answer = as_(cast.ada).post("/reglages", data=NEW)
    expected = ("Deux rives", "aide@rives.example", "Indian/Reunion", 21, 36, True, 3, 20)
    assert (answer.status_code, kept()) == (302, expected)
    assert acts("settings-changed") == [("settings-changed", cast.ada.id, "association")]


@pytest.mark.parametrize("who", ["ana", "sam", "paul"])
def test_nobody_else_finds_them(as_: As, cast: SimpleNamespace, who: str) -> None:
    client, before = as_(getattr(cast, who)), kept()
    assert [client.get("/reglages").status_code, client.post("/reglages", data=NEW).status_code] == [404, 404]
    assert kept() == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " \u200b"}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"contact_email": "aide"}, "contact_email"),
        ({"zone": "Europe/Atlantis"}, "zone"),
        ({"feedback_target_days": ""}, "feedback_target_days"),
        ({"feedback_target_days": "0"}, "feedback_target_days"),
        ({"feedback_target_days": "61"}, "feedback_target_days"),
        ({"feedback_target_days": "1e1"}, "feedback_target_days"),
        ({"feedback_target_days": "9" * 5000}, "feedback_target_days"),
        ({"feedback_target_days": "\x00"}, "feedback_target_days"),
        ({"retention_months": "5"}, "retention_months"),
        ({"retention_months": "121"}, "retention_months"),
        ({"retention_months": ""}, "retention_months"),
        ({"attachment_max_count": "0"}, "attachment_max_count"),
        ({"attachment_max_count": "21"}, "attachment_max_count"),
        ({"attachment_max_mb": "0"}, "attachment_max_mb"),
        ({"attachment_max_mb": "21"}, "attachment_max_mb"),
        ({"attachment_max_mb": "2,5"}, "attachment_max_mb"),
    ],
)
def test_a_wrong_setting_is_told_at_its_field(
    as_: As, cast: SimpleNamespace, changes: dict[str, str], field: str
) -> None:
    before = kept()
    answer = as_(cast.ada).post("/reglages", data=NEW | changes)
    assert (answer.status_code, set(re.findall(r'id="(\w+)-error"', answer.text))) == (422, {field})
    assert kept() == before


def test_an_association_takes_no_attachments_and_keeps_situations_two_years_unless_it_says_so(app: Flask) -> None:
    assert kept()[4:] == (24, False, 5, 10)


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Paris", 2), ("America/Montreal", 1), ("Indian/Reunion", 2), ("Pacific/Auckland", 2)]
)
def test_the_associations_zone_decides_what_day_it_is(zone: str, day: int) -> None:
    association = Association(zone=zone)
    assert association.day_of(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, day)


def test_there_is_one_association(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    with pytest.raises(AlreadyFounded):
        found(name="Une autre", contact_email="x@y.example", now=now)
