"""Seats in a group session: who is given one and who leaves, who finds which session, and what is shown of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import insert, select

from supervision.db import db
from supervision.ids import new_id
from supervision.people import actions as people
from supervision.people.models import Person
from supervision.scheduling import actions, queries
from supervision.scheduling.models import GroupSession, Seat
from supervision.scheduling.rules import NotAParticipant, NotNow
from tests.client import FreshClient
from tests.facts import acts, one, rows
from tests.pages import page_texts
from tests.scheduling.tables import HOUR, a_session, lasting_from, leave, seat

As = Callable[[Person], FreshClient]
DOORS = "/seances-collectives"


def marked(page: str) -> set[str]:
    return set(re.findall(r'id="(\w+)-error"', page))


def seated(session_id: UUID) -> set[UUID]:
    return set(rows(select(Seat.person_id).where(Seat.session_id == session_id, Seat.left_at.is_(None))))


# --- seats ------------------------------------------------------------------------------------------------------------


def test_any_practitioner_may_be_given_a_seat_and_is_taken_off_again(
    as_: As, cast: SimpleNamespace, now: datetime
) -> None:
    session, sam, lee = a_session(cast.sam, now + 48 * HOUR), as_(cast.sam), as_(cast.lee)
    place = f"{DOORS}/{session.id}"
    assert lee.get(place).status_code == 404
    assert sam.post(f"{place}/participants", data={"person": str(cast.lee.id)}).status_code == 302
    assert lee.get(place).status_code == 200
    seat_id = one(select(Seat.id).where(Seat.session_id == session.id))
    for _ in range(2):
        assert sam.post(f"{place}/participants/{seat_id}/retirer").status_code == 302
    assert (lee.get(place).status_code, "Groupe" in lee.get(DOORS).text.split("<main")[1]) == (404, False)
    assert [act[0] for act in acts("seat-given", "seat-removed")] == ["seat-given", "seat-removed"]


def test_whoever_is_offered_a_seat_practises_and_has_none_yet(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    session = a_session(cast.sam, now + 48 * HOUR, [cast.ana])
    page = as_(cast.sam).get(f"{DOORS}/{session.id}").text
    offered = re.findall(r"<option[^>]*>([^<]+)</option>", page)
    assert offered == ["Paul Weber", "Lee Marchand", "Maud Olivier", "Noor Haddad", "Zoé Lambert"]
    assert re.findall(r'<optgroup label="([^"]+)"', page) == ["Sous contrat avec vous", "Autres personnes"]


@pytest.mark.parametrize("who", ["sam", "ana", "ada", "nobody"])
def test_a_seat_is_for_people_who_are_offered_one(as_: As, cast: SimpleNamespace, now: datetime, who: str) -> None:
    session = a_session(cast.sam, now + 48 * HOUR, [cast.ana])
    person_id = getattr(cast, who).id if who != "nobody" else new_id()
    answer = as_(cast.sam).post(f"{DOORS}/{session.id}/participants", data={"person": str(person_id)})
    assert (answer.status_code, marked(answer.text), seated(session.id)) == (422, {"person"}, {cast.ana.id})


def test_the_action_itself_refuses_whom_it_must(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    session, over = a_session(cast.sam, now + HOUR), a_session(cast.noor, now - 4 * HOUR)
    people.close_account(actor=cast.ada, person=cast.zoe, now=now)
    for person in (cast.sam, cast.zoe):
        with pytest.raises(NotAParticipant):
            actions.add_seat(actor=cast.sam, session=session, person=person, now=now)
    with pytest.raises(NotNow):  # a late joiner does not read what was worked on without her
        actions.add_seat(actor=cast.noor, session=over, person=cast.ana, now=now)
    assert (seated(session.id), seated(over.id)) == (set(), set())


def test_a_participant_leaves_once_and_finds_nothing_more(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    session, ana = a_session(cast.sam, now + 48 * HOUR, [cast.ana, cast.paul]), as_(cast.ana)
    answers = [ana.post(f"{DOORS}/{session.id}/quitter") for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(302, DOORS)] * 2
    assert (ana.get(f"{DOORS}/{session.id}").status_code, seated(session.id)) == (404, {cast.paul.id})
    assert acts("seat-left") == [("seat-left", cast.ana.id, f"group-session/{session.id}")]


def test_whoever_left_may_come_back(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    session = a_session(cast.sam, now + 48 * HOUR, [cast.ana])
    leave(session, cast.ana, now)
    again = as_(cast.sam).post(f"{DOORS}/{session.id}/participants", data={"person": str(cast.ana.id)})
    history = rows(select(Seat.left_at).where(Seat.session_id == session.id).order_by(Seat.id))
    assert (again.status_code, [left_at is None for left_at in history]) == (302, [False, True])


def test_a_seat_of_another_session_is_not_found(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    mine, other = a_session(cast.sam, now + 48 * HOUR), a_session(cast.noor, now + 48 * HOUR, [cast.lee])
    seat_id = one(select(Seat.id).where(Seat.session_id == other.id))
    answer = as_(cast.sam).post(f"{DOORS}/{mine.id}/participants/{seat_id}/retirer")
    assert (answer.status_code, seated(other.id)) == (404, {cast.lee.id})


# --- seeing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "statuses_"),
    [
        ("sam", [200, 200, 422, 302, 422, 302, 403]),
        ("ana", [200, 403, 403, 403, 403, 403, 302]),
        ("noor", [404] * 7),
        ("lee", [404] * 7),
        ("ada", [404] * 7),
        ("ines", [404] * 7),
    ],
)
def test_who_finds_a_session_and_who_changes_it(
    as_: As, cast: SimpleNamespace, now: datetime, who: str, statuses_: list[int]
) -> None:
    session = a_session(cast.sam, now + 48 * HOUR, [cast.ana])
    place, client = f"{DOORS}/{session.id}", as_(getattr(cast, who))
    seat_id = one(select(Seat.id).where(Seat.session_id == session.id))
    found = [client.get(place).status_code, client.get(f"{place}/modifier").status_code]
    doors = ("modifier", f"participants/{seat_id}/retirer", "participants", "annuler", "quitter")
    assert [*found, *(client.post(f"{place}/{door}").status_code for door in doors)] == statuses_


@pytest.mark.parametrize(("who", "granted"), [("sam", True), ("noor", True), ("ana", False), ("ines", False)])
def test_supervisors_plan_sessions(as_: As, cast: SimpleNamespace, who: str, granted: bool) -> None:
    client = as_(getattr(cast, who))
    answers = [client.get(f"{DOORS}/nouvelle").status_code, client.post(f"{DOORS}/nouvelle", data={}).status_code]
    assert answers == ([200, 422] if granted else [403, 403])
    assert ("Prévoir une séance" in client.get(DOORS).text) is granted


@pytest.mark.parametrize(
    ("who", "seen"),
    [("sam", {"Sam, seul", "Sam et Ana"}), ("ana", {"Sam et Ana"}), ("noor", {"Noor et Lee"}), ("paul", set())],
)
def test_each_finds_what_she_leads_and_where_she_has_a_seat(
    as_: As, cast: SimpleNamespace, now: datetime, who: str, seen: set[str]
) -> None:
    a_session(cast.sam, now + 24 * HOUR, name="Sam, seul")
    left = a_session(cast.sam, now + 48 * HOUR, [cast.ana, cast.paul], name="Sam et Ana")
    a_session(cast.noor, now + 48 * HOUR, [cast.lee], name="Noor et Lee")
    leave(left, cast.paul, now)
    page = page_texts(as_(getattr(cast, who)).get(DOORS).text)
    assert {"Sam, seul", "Sam et Ana", "Noor et Lee"} & set(page) == seen


def test_participants_know_each_other_by_name_and_not_by_address(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    session = a_session(cast.sam, now + 48 * HOUR, [cast.ana, cast.paul])
    for who in ("sam", "ana", "paul"):
        page = as_(getattr(cast, who)).get(f"{DOORS}/{session.id}").text
        assert [name in page for name in ("Ana Ferreira", "Paul Weber", "Sam Delcourt", "@")] == [True] * 3 + [False]


def test_the_other_clock_is_shown_where_it_differs(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    cast.ana.zone = "America/Toronto"
    at = datetime.combine(now.date() + timedelta(days=30), time(17), UTC)
    session = a_session(cast.sam, at, [cast.ana, cast.paul])
    pages = [" ".join(page_texts(as_(p).get(f"{DOORS}/{session.id}").text)) for p in (cast.ana, cast.paul)]
    assert ["heure de Toronto" in pages[0], "heure de Paris" in pages[0]] == [True, True]
    assert ["heure de Toronto" in pages[1], "Chez Sam" in pages[1]] == [False, False]


def test_what_is_over_has_a_list_of_its_own_and_both_are_paged(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    for n in range(30):
        a_session(cast.sam, now + (24 + 3 * n) * HOUR, name=f"à venir {n:02}")
        a_session(cast.sam, now - (240 + 3 * n) * HOUR, name=f"passée {n:02}")
    sam = as_(cast.sam)

    def walked(start: str) -> list[str]:
        found: list[str] = []
        for _ in range(10):
            page = sam.get(start).text
            found += re.findall(r">((?:à venir|passée) \d\d)<", page)
            links = re.findall(r'<a href="([^"]+)" rel="next"', page)
            if not links:
                return found
            start = links[0].replace("&amp;", "&")
        raise AssertionError("the pages have no end")

    assert walked(DOORS) == [f"à venir {n:02}" for n in range(30)]
    assert walked(f"{DOORS}?periode=passees") == [f"passée {n:02}" for n in range(30)]


@pytest.mark.parametrize("count", [1, 3, 1000])
@pytest.mark.parametrize("period", ["", "?periode=passees"])
def test_the_list_costs_the_same_number_of_statements_however_long(
    as_: As,
    cast: SimpleNamespace,
    now: datetime,
    statements: Callable[[], list[str]],
    count: int,
    period: str,
) -> None:
    starts_at = now - 240 * HOUR if period else now + 24 * HOUR
    plain = {"supervisor_id": cast.sam.id, "name": "Groupe", "created_at": now}
    made = [plain | vars(lasting_from(starts_at)) | {"id": new_id()} for _ in range(count)]
    db.session.execute(insert(GroupSession), made)
    seats = [{"id": new_id(), "session_id": row["id"], "person_id": cast.ana.id, "added_at": now} for row in made]
    db.session.execute(insert(Seat), seats)
    db.session.commit()
    client = as_(cast.ana)
    statements()
    client.get(DOORS + period)
    assert len(statements()) == 3


# --- what other rooms ask ---------------------------------------------------------------------------------------------


def test_an_author_is_offered_the_sessions_in_which_she_has_a_seat(
    app: Flask, cast: SimpleNamespace, now: datetime
) -> None:
    later, soon = a_session(cast.sam, now + 72 * HOUR, [cast.ana]), a_session(cast.noor, now + HOUR, [cast.ana])
    lately = a_session(cast.sam, now - 24 * HOUR, [cast.ana])  # its window is open still
    a_session(cast.sam, now + 90 * HOUR, [cast.paul])
    a_session(cast.sam, now - 240 * HOUR, [cast.ana])
    left, cancelled = (a_session(cast.noor, now + 24 * n * HOUR, [cast.ana]) for n in (4, 5))
    leave(left, cast.ana, now)
    actions.cancel(actor=cast.noor, session=cancelled, now=now)
    assert [s.id for s in queries.open_sessions_for(cast.ana.id, now)] == [lately.id, soon.id, later.id]
    assert [s.id for s in queries.sessions_of_supervisor(cast.noor.id, now)] == [soon.id, left.id]


def test_a_seat_given_again_is_given_once(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    session = a_session(cast.sam, now + HOUR, [cast.ana])
    before = len(acts("seat-given"))
    seat(session, cast.ana, now)
    assert len(acts("seat-given")) == before
