"""A situation opened to a group session: its participants read it inside the window, and nobody else on its account.

Ana brings it to Sam. Paul and Lee have a seat in Sam's session with her; Noor and Zoé have none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from supervision import clock
from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases import actions as cases
from supervision.cases import queries, texts
from supervision.cases.feedback import actions as feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import Case, CaseOpening
from supervision.cases.retention import actions as retention
from supervision.cases.visibility import queries as visibility
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.scheduling import actions as scheduling
from supervision.scheduling.models import GroupSession
from supervision.scheduling.rules import SessionTimes
from tests import desk
from tests.client import FreshClient
from tests.facts import acts, one, rows
from tests.pages import page_texts
from tests.scheduling.tables import DAY, HOUR, a_session, leave, seat

As = Callable[[Person], FreshClient]
At = Callable[[datetime], datetime]
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class World:
    session: GroupSession  # tomorrow; its window is open
    case_id: UUID

    @property
    def page(self) -> str:
        return f"/situations/{self.case_id}"

    @property
    def place(self) -> str:
        return f"/seances-collectives/{self.session.id}"


@pytest.fixture
def world(app: Flask, cast: SimpleNamespace, keyring: Keyring, now: datetime) -> World:
    session = a_session(cast.sam, now + DAY, [cast.ana, cast.paul, cast.lee], name="Groupe du jeudi")
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 3 * DAY)
    open_to(cast.ana, case_id, session, now - 2 * DAY)
    return World(session, case_id)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> At:
    """Let every door read this instant on the clock."""

    def stopped(instant: datetime) -> datetime:
        monkeypatch.setattr(clock, "now", lambda: instant)
        return instant

    return stopped


def open_to(author: Person, case_id: UUID, session: GroupSession | None, when: datetime) -> None:
    file, session_id = desk.opened(case_id, when), session.id if session else None
    lifecycle.open_to_session(author=author, file=file, session_id=session_id, now=when)
    db.session.commit()


# --- inside the window ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("turn", "offset", "status"),
    [
        ("opens_at", -SECOND, 404),
        ("opens_at", timedelta(), 200),
        ("starts_at", timedelta(), 200),
        ("ends_at", timedelta(), 200),
        ("closes_at", -SECOND, 200),
        ("closes_at", timedelta(), 404),
    ],
)
def test_a_participant_reads_from_the_opening_of_the_window_until_it_closes(
    as_: As, cast: SimpleNamespace, world: World, at: At, turn: str, offset: timedelta, status: int
) -> None:
    at(getattr(world.session, turn) + offset)
    page = as_(cast.paul).get(world.page)
    assert (page.status_code, desk.SITUATION["critical_moment"] in page.text) == (status, status == 200)
    assert as_(cast.ana).get(world.page).status_code == 200
    assert as_(cast.sam).get(world.page).status_code == 200


@pytest.mark.parametrize("who", ["noor", "zoe", "ada", "ines"])
def test_without_a_seat_it_is_a_case_that_never_existed(as_: As, cast: SimpleNamespace, world: World, who: str) -> None:
    assert as_(getattr(cast, who)).get(world.page).status_code == 404


def test_whoever_leads_the_session_reads_what_her_own_supervisees_bring_and_nothing_else(
    as_: As, cast: SimpleNamespace, world: World, keyring: Keyring, now: datetime
) -> None:
    brought = desk.bring(cast.lee, cast.noor, keyring, now - 2 * DAY, title="Ce que Lee demande à Noor")
    open_to(cast.lee, brought, world.session, now - DAY)
    assert as_(cast.sam).get(f"/situations/{brought}").status_code == 404
    page = as_(cast.sam).get(world.place).text
    assert [text in page for text in (desk.SITUATION["title"], "Ce que Lee demande à Noor")] == [True, False]
    assert "1 situation est ouverte à cette séance par une personne que vous ne supervisez pas" in page


def test_the_session_leads_to_what_is_opened_to_it_inside_the_window_alone(
    as_: As, cast: SimpleNamespace, world: World, at: At
) -> None:
    def shown() -> bool:
        return f'href="{world.page}"' in as_(cast.paul).get(world.place).text

    found = []
    for instant in (world.session.opens_at - SECOND, world.session.opens_at, world.session.closes_at):
        at(instant)
        found.append(shown())
    assert found == [False, True, False]


# --- what ends it -----------------------------------------------------------------------------------------------------


def test_a_leaver_loses_access_at_once_and_the_others_keep_it(
    as_: As, cast: SimpleNamespace, world: World, now: datetime
) -> None:
    paul = as_(cast.paul)
    before = paul.get(world.page).status_code
    leave(world.session, cast.paul, now)
    assert (before, paul.get(world.page).status_code, as_(cast.lee).get(world.page).status_code) == (200, 404, 200)


def test_an_author_who_leaves_takes_her_situation_along(
    as_: As, cast: SimpleNamespace, world: World, now: datetime
) -> None:
    leave(world.session, cast.ana, now)
    assert [as_(person).get(world.page).status_code for person in (cast.paul, cast.sam, cast.ana)] == [404, 200, 200]
    assert "Groupe du jeudi" not in as_(cast.ana).get(world.page).text


def test_a_cancelled_session_opens_nothing(as_: As, cast: SimpleNamespace, world: World) -> None:
    as_(cast.sam).post(f"{world.place}/annuler")
    assert as_(cast.paul).get(world.page).status_code == 404
    assert "rien ne peut être lu à ce titre" in as_(cast.paul).get(world.place).text


def test_a_session_that_is_moved_takes_its_window_along(
    as_: As, cast: SimpleNamespace, world: World, now: datetime
) -> None:
    later = a_session(cast.sam, now + 30 * DAY).__dict__
    times = SessionTimes(*(later[name] + 3 * HOUR for name in ("starts_at", "ends_at", "opens_at", "closes_at")))
    scheduling.change(actor=cast.sam, session=world.session, name="Groupe du jeudi", times=times, now=now)
    db.session.commit()
    assert as_(cast.paul).get(world.page).status_code == 404


def test_the_author_ends_the_opening(as_: As, cast: SimpleNamespace, world: World) -> None:
    ended = as_(cast.ana).post(f"{world.page}/visibilite", data={"visibility": "supervisor"})
    assert (ended.status_code, as_(cast.paul).get(world.page).status_code) == (302, 404)
    assert one(select(CaseOpening.ended_at).where(CaseOpening.case_id == world.case_id)) is not None


def test_a_late_joiner_of_the_next_session_does_not_see_what_was_opened_to_the_one_before(
    as_: As, cast: SimpleNamespace, world: World, now: datetime
) -> None:
    following = a_session(cast.sam, now + 6 * DAY, [cast.ana, cast.paul, cast.lee])  # its window is open too
    seat(following, cast.zoe, now)
    assert as_(cast.zoe).get(world.page).status_code == 404
    assert desk.SITUATION["title"] not in as_(cast.zoe).get(f"/seances-collectives/{following.id}").text


def test_a_case_that_is_taken_back_is_closed_to_the_session(
    as_: As, cast: SimpleNamespace, world: World, keyring: Keyring, now: datetime
) -> None:
    lifecycle.withdraw(author=cast.ana, file=desk.opened(world.case_id, now), keyring=keyring, now=now)
    db.session.commit()
    assert as_(cast.paul).get(world.page).status_code == 404


def test_a_purged_case_is_closed_to_the_session(as_: As, cast: SimpleNamespace, world: World, now: datetime) -> None:
    retention.purge(file=desk.opened(world.case_id, now), because="due", now=now)
    db.session.commit()
    assert as_(cast.paul).get(world.page).status_code == 404


def test_the_end_of_the_agreement_with_the_supervisor_leaves_the_session_open(
    as_: As, cast: SimpleNamespace, world: World, now: datetime
) -> None:
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    db.session.commit()
    assert [as_(person).get(world.page).status_code for person in (cast.sam, cast.paul)] == [404, 200]


# --- reading, and nothing but reading ---------------------------------------------------------------------------------


OF_AN_OFFICE = "/proposer"  # of whoever coordinates, who sees that a case exists and nothing of it


def acting_doors(app: Flask, case_id: UUID) -> dict[str, bool]:
    """Every address by which somebody acts on this case, and whether it names another thing besides."""
    found = {}
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or set()) and "case_id" in rule.arguments:
            path = rule.rule.replace("<uuid:case_id>", str(case_id))
            found[re.sub(r"<uuid:\w+>", str(new_id()), re.sub(r"<int[^>]*>", "1", path))] = len(rule.arguments) > 1
    return found


@pytest.mark.parametrize("state", ["submitted", "published", "answered"])
def test_a_participant_may_not_act_on_what_she_reads(
    app: Flask, as_: As, cast: SimpleNamespace, world: World, keyring: Keyring, now: datetime, state: str
) -> None:
    if state != "submitted":
        desk.respond(cast.sam, world.case_id, keyring, now - HOUR)
    if state == "answered":
        desk.answer(cast.ana, world.case_id, keyring, now - HOUR / 2)
    db.session.commit()
    form = {**desk.situation_form(cast.sam, 1), **desk.FEEDBACK, **desk.ANSWER, "text": "x", "visibility": "supervisor"}
    paul = as_(cast.paul)
    assert paul.get(world.page).status_code == 200
    doors = acting_doors(app, world.case_id)
    answers = {path: paul.post(path, data=form).status_code for path in doors}
    # What lies behind a second id may not exist for her; what is the case's own, she sees and may not do.
    unseen = {path for path, more in doors.items() if (more or path.endswith(OF_AN_OFFICE)) and answers[path] == 404}
    expected = {path: 404 if path in unseen else 403 for path in doors}
    assert answers == expected
    assert len(doors) > 8


def test_a_reading_is_recorded_and_the_author_sees_whose(as_: As, cast: SimpleNamespace, world: World) -> None:
    as_(cast.paul).get(world.page)
    assert [(line.reader_id, line.what) for line in queries.readings(world.case_id)] == [(cast.paul.id, "situation")]
    assert "Paul Weber a ouvert la situation" in as_(cast.ana).get(world.page).text
    page = as_(cast.lee).get(world.page).text
    assert ("Paul Weber a ouvert" in page, 'id="lectures"' in page) == (False, False)


def test_a_situation_that_a_participant_has_read_is_not_taken_back_unseen(
    as_: As, cast: SimpleNamespace, world: World
) -> None:
    as_(cast.paul).get(world.page)
    assert as_(cast.ana).post(f"{world.page}/retirer").status_code == 403


BAIT = "Ce que Sam n’a encore dit à personne."


@pytest.mark.parametrize("stage", ["draft", "publishing"])
def test_a_participant_sees_nothing_of_a_feedback_that_is_not_out(
    as_: As, cast: SimpleNamespace, world: World, keyring: Keyring, now: datetime, stage: str
) -> None:
    file = desk.opened(world.case_id, now)
    assert file.version is not None
    fields = {**desk.FEEDBACK, "heard": BAIT, "notes": [{"quote": "en retard", "note": BAIT, "version": 1}]}
    if stage == "draft":
        feedback.save(author=cast.sam, file=file, fields=fields, revision=0, keyring=keyring, now=now)
    else:
        feedback.publish(
            author=cast.sam, file=file, fields=fields, version_id=file.version.id, keyring=keyring, now=now
        )
    db.session.commit()
    for path in ("", "/retour", "/brouillon", "/apercu"):
        assert BAIT not in as_(cast.paul).get(world.page + path, follow_redirects=True).text
    assert BAIT not in as_(cast.ana).get(world.page).text


def test_a_feedback_that_is_out_is_read_with_the_situation_and_the_words_that_follow_are_not(
    as_: As, cast: SimpleNamespace, world: World, keyring: Keyring, now: datetime
) -> None:
    desk.respond(cast.sam, world.case_id, keyring, now - HOUR)
    desk.answer(cast.ana, world.case_id, keyring, now - HOUR / 2)
    file = desk.opened(world.case_id, now)
    feedback.write(author=cast.ana, file=file, text=BAIT, press=new_id(), keyring=keyring, now=now)
    db.session.commit()
    assert [BAIT in as_(person).get(world.page).text for person in (cast.ana, cast.sam, cast.paul)] == [
        True,
        True,
        False,
    ]
    page = as_(cast.paul).get(world.page).text
    assert [words in page for words in (desk.FEEDBACK["heard"], desk.ANSWER["tried"])] == [True, True]
    assert (world.page + "/retour" in page, "<textarea" in page.split("<main")[1]) == (False, False)


def test_it_stands_in_no_list_of_the_participants_own(as_: As, cast: SimpleNamespace, world: World) -> None:
    paul = as_(cast.paul)
    assert [desk.SITUATION["title"] in paul.get(path).text for path in ("/", "/situations")] == [False, False]


# --- the author's choice ----------------------------------------------------------------------------------------------


def choices(page: str) -> dict[str, bool]:
    """The values that are offered, and which of them is chosen."""
    fields = re.findall(r'<input[^>]*name="visibility"[^>]*>', page)
    return {re.findall(r'value="([^"]*)"', field)[0]: " checked" in field for field in fields}


def test_the_author_chooses_among_the_sessions_in_which_she_has_a_seat(
    as_: As, cast: SimpleNamespace, world: World, now: datetime
) -> None:
    next_one = a_session(cast.sam, now + 8 * DAY, [cast.ana])
    a_session(cast.noor, now + DAY, [cast.lee])
    ana = as_(cast.ana)
    offered = {"supervisor": False, str(world.session.id): True, str(next_one.id): False}
    assert choices(ana.get(world.page).text) == offered
    assert ana.post(f"{world.page}/visibilite", data={"visibility": str(next_one.id)}).status_code == 302
    running = select(CaseOpening.session_id).where(CaseOpening.ended_at.is_(None))
    assert rows(running) == [next_one.id]
    assert acts("visibility-changed")[-1] == ("visibility-changed", cast.ana.id, f"case/{world.case_id}")
    assert as_(cast.paul).get(world.page).status_code == 404


@pytest.mark.parametrize("chosen", ["", "x", "other", "left", "closed", "cancelled", "nobody"])
def test_a_session_that_is_not_offered_is_refused_and_nothing_changes(
    as_: As, cast: SimpleNamespace, world: World, now: datetime, chosen: str
) -> None:
    others = {
        "other": a_session(cast.noor, now + DAY, [cast.lee]),
        "left": a_session(cast.noor, now + 2 * DAY, [cast.ana]),
        "closed": a_session(cast.sam, now - 30 * DAY, [cast.ana]),
        "cancelled": a_session(cast.noor, now + 3 * DAY, [cast.ana]),
    }
    leave(others["left"], cast.ana, now)
    scheduling.cancel(actor=cast.noor, session=others["cancelled"], now=now)
    value = others[chosen].id if chosen in others else new_id() if chosen == "nobody" else chosen
    answer = as_(cast.ana).post(f"{world.page}/visibilite", data={"visibility": str(value)})
    assert (answer.status_code, 'id="visibility-error"' in answer.text) == (422, True)
    assert rows(select(CaseOpening.session_id).where(CaseOpening.ended_at.is_(None))) == [world.session.id]


def test_a_draft_is_not_opened_to_anybody(
    as_: As, cast: SimpleNamespace, world: World, keyring: Keyring, now: datetime
) -> None:
    draft, form = desk.draft(cast.ana, keyring, now), {"visibility": str(world.session.id)}
    db.session.commit()
    assert as_(cast.ana).post(f"/situations/{draft}/visibilite", data=form).status_code == 403
    assert as_(cast.paul).post(f"/situations/{draft}/visibilite", data=form).status_code == 404
    assert rows(select(CaseOpening.case_id)) == [world.case_id]


def test_the_next_version_begins_with_what_the_author_decided_since(
    app: Flask, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    first, second = (a_session(cast.sam, now + days * DAY, [cast.ana]) for days in (1, 4))
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - DAY, visibility=str(first.id))
    laid = []
    for session in (first, None, second):
        open_to(cast.ana, case_id, session, now)
        lifecycle.revise(file=desk.opened(case_id, now), keyring=keyring, now=now)
        laid.append(texts.draft(desk.opened(case_id, now), keyring)["visibility"])
        cases.discard(file=desk.opened(case_id, now), now=now)
        db.session.commit()
    assert laid == [str(first.id), "supervisor", str(second.id)]


def test_the_supervisor_does_not_choose_for_the_author(as_: As, cast: SimpleNamespace, world: World) -> None:
    answer = as_(cast.sam).post(f"{world.page}/visibilite", data={"visibility": "supervisor"})
    assert (answer.status_code, as_(cast.paul).get(world.page).status_code) == (403, 200)
    assert choices(as_(cast.sam).get(world.page).text) == {}


# --- who can read, said -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["ana", "sam", "paul"])
def test_every_reader_is_told_who_else_reads_and_until_when(
    as_: As, cast: SimpleNamespace, world: World, who: str
) -> None:
    said = " ".join(page_texts(as_(getattr(cast, who)).get(world.page).text))
    line = said.split("Peut être lue par ")[1].split("personne d’autre")[0]
    assert [part in line for part in ("Ana Ferreira", "Sam Delcourt", "Groupe du jeudi")] == [True] * 3


def test_a_case_is_opened_to_one_session_at_a_time(app: Flask, cast: SimpleNamespace, world: World) -> None:
    assert rows(select(Case.id).where(visibility.is_opened_to(world.session.id))) == [world.case_id]
    assert visibility.number_opened_to(world.session.id) == 1
    running = visibility.running_opening(world.case_id)
    assert running is not None
    assert running.id == world.session.id
