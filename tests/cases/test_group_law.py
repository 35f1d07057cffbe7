"""The law of a situation opened to a group session, tried with random windows, against the law in plain words."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from supervision import clock, permissions
from supervision.association.queries import the_association
from supervision.cases.models import Case, CaseOpening
from supervision.cases.visibility import queries as visibility
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.viewer import Viewer
from supervision.scheduling.models import GroupSession, Seat
from supervision.scheduling.rules import SessionTimes
from tests import desk
from tests.facts import rows, undone
from tests.scheduling.tables import DAY, HOUR

HOURS = st.integers(-40, 40) | st.sampled_from([-1, 0])
ENDS_IT = ("cancelled", "reader_left", "author_left", "ended")


@st.composite
def windows(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """When a session starts and ends, and its window opens and closes, in hours from now."""
    opens, starts, ends, closes = sorted(draw(st.lists(HOURS, min_size=4, max_size=4)))
    return starts, ends + 1, opens, closes + 1


def opened_at_present(life: dict[str, Any]) -> bool:
    """What the law says, in plain words: hours are from now."""
    _, _, opens, closes = life["window"]
    return opens <= 0 < closes and all(life[fact] is None for fact in ENDS_IT)


@pytest.fixture
def brought(cast: SimpleNamespace, keyring: Keyring) -> UUID:
    """Ana's case with Sam, as each of the lives finds it."""
    case_id = desk.bring(cast.ana, cast.sam, keyring, clock.now() - 9 * DAY)
    db.session.commit()
    return case_id


def live(life: dict[str, Any], people: SimpleNamespace, case_id: UUID, now: datetime) -> None:
    """The rows of one such life, written as they stand at present."""

    def instant(hours: int | None) -> datetime | None:
        return None if hours is None else now + hours * HOUR

    window = SessionTimes(*(now + hours * HOUR for hours in life["window"]))
    long_ago = now - 10 * DAY
    session = GroupSession(
        id=new_id(),
        supervisor_id=people.sam.id,
        name="Groupe",
        created_at=long_ago,
        cancelled_at=instant(life["cancelled"]),
        **vars(window),
    )
    db.session.add(session)
    db.session.flush()
    for person, left in ((people.paul, "reader_left"), (people.ana, "author_left")):
        row = {"session_id": session.id, "person_id": person.id, "added_at": long_ago}
        db.session.add(Seat(id=new_id(), left_at=instant(life[left]), **row))
    opening = {"case_id": case_id, "session_id": session.id, "opened_at": long_ago}
    db.session.add(CaseOpening(id=new_id(), ended_at=instant(life["ended"]), **opening))
    db.session.commit()


@pytest.mark.slow
@pytest.mark.parametrize("happened", [(), *((fact,) for fact in ENDS_IT), ENDS_IT], ids="+".join)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(window=windows(), hours_ago=st.integers(0, 40), is_seated=st.sampled_from([True, True, True, False]))
def test_whatever_happens_around_a_session_its_participants_read_inside_it_and_the_page_says_so(
    app: Flask,
    cast: SimpleNamespace,
    brought: UUID,
    happened: tuple[str, ...],
    window: tuple[int, int, int, int],
    hours_ago: int,
    is_seated: bool,
) -> None:
    life = {"window": window, **{fact: -hours_ago if fact in happened else None for fact in ENDS_IT}}
    now = clock.now()
    with undone(app):
        association = the_association()
        assert association is not None
        today, reader = association.day_of(now), cast.paul if is_seated else cast.lee
        live(life, cast, brought, now)
        visible = permissions.visible_cases(Viewer(reader, frozenset({"certified"})), today, now)
        seen = rows(visible.with_only_columns(Case.id).where(Case.id == brought))
        kinds = [named.kind for named in visibility.readers_of(desk.opened(brought, now), today, now)]
        db.session.commit()
    expected = is_seated and opened_at_present(life)
    assert seen == [brought] * expected
    assert "session" in kinds or not expected
