"""What waits for me, and since when: each thing on the home of whoever it waits for, and of nobody else."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases import actions as cases
from supervision.cases import queries as cases_queries
from supervision.cases.feedback import actions as feedback
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.rules import UNDO
from supervision.crypto import Keyring
from supervision.db import db
from supervision.home import queries
from supervision.ids import new_id
from supervision.people import actions as people
from supervision.people import queries as people_queries
from supervision.people.models import Person
from supervision.people.viewer import Viewer
from tests import desk

DAY = timedelta(days=1)
TARGET = 14


@pytest.fixture
def waits(cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date) -> Any:
    """What waits for a person: (kind, since)."""

    def for_person(person: Person, at: datetime = now) -> list[tuple[str, datetime]]:
        db.session.flush()
        me = Viewer(person, people_queries.running_roles(person.id, now))
        waiting = queries.what_waits(me, today, keyring, at, target_days=TARGET)
        return [(row.kind, row.since) for row in waiting]

    return for_person


def opened_by(person: Person, case_id: UUID, at: datetime) -> None:
    cases.record_reading(file=desk.opened(case_id), reader=person, now=at)


def test_a_case_waits_for_one_person_at_a_time(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    """The whole path, step by step, seen from both homes."""

    def both() -> tuple[Any, Any]:
        return waits(cast.ana), waits(cast.sam)

    t = [now - (20 - n) * DAY for n in range(8)]
    case_id = desk.draft(cast.ana, keyring, t[0])
    assert both() == ([("draft", t[0])], [])
    cases.submit(
        author=cast.ana,
        supervisor=cast.sam,
        file=desk.opened(case_id),
        fields=desk.situation_fields(cast.sam),
        revision=1,
        keyring=keyring,
        now=t[1],
    )
    assert both() == ([], [("feedback-to-write", t[1])])
    opened_by(cast.sam, case_id, t[2])
    assert both() == ([], [("feedback-to-write", t[1])])  # since it was submitted, not since it was opened
    desk.respond(cast.sam, case_id, keyring, t[3])
    assert both() == ([("feedback-to-read", t[3])], [])
    opened_by(cast.ana, case_id, t[4])
    assert both() == ([("answer-to-write", t[3])], [])
    desk.answer(cast.ana, case_id, keyring, t[5])
    assert both() == ([], [("answer-to-read", t[5])])
    opened_by(cast.sam, case_id, t[6])
    assert both() == ([], [])


def test_a_feedback_waits_for_nobody_until_it_is_out_and_not_at_all_once_it_is_recalled(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - DAY)
    desk.sign(cast.sam, case_id, keyring, now)
    out_at = now + UNDO
    assert (waits(cast.ana, now), waits(cast.sam, now)) == ([], [])
    assert waits(cast.ana, out_at) == [("feedback-to-read", out_at)]
    feedback.recall(author=cast.sam, file=desk.opened(case_id, now), keyring=keyring, now=now)
    assert (waits(cast.ana, out_at), waits(cast.sam, out_at)) == ([], [("feedback-to-write", now - DAY)])


def test_a_supplement_waits_for_the_author_and_then_the_feedback_for_the_supervisor(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 3 * DAY)
    ask(cast, case_id, keyring, now - 2 * DAY)
    assert (waits(cast.ana), waits(cast.sam)) == ([("supplement-to-give", now - 2 * DAY)], [])
    give(cast, case_id, keyring, now - DAY)
    assert (waits(cast.ana), waits(cast.sam)) == ([], [("feedback-to-write", now - DAY)])


def test_a_feedback_that_may_be_recalled_leaves_the_supplement_on_the_page(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 3 * DAY)
    ask(cast, case_id, keyring, now - 2 * DAY)
    desk.sign(cast.sam, case_id, keyring, now)
    assert waits(cast.ana, now) == [("supplement-to-give", now - 2 * DAY)]
    assert waits(cast.ana, now + UNDO) == [("feedback-to-read", now + UNDO)]


def ask(cast: SimpleNamespace, case_id: UUID, keyring: Keyring, at: datetime) -> None:
    lifecycle.ask_supplement(
        supervisor=cast.sam, file=desk.opened(case_id, at), text="Combien étiez-vous ?", keyring=keyring, now=at
    )


def give(cast: SimpleNamespace, case_id: UUID, keyring: Keyring, at: datetime) -> None:
    file = desk.opened(case_id, at)
    lifecycle.supplement(author=cast.ana, file=file, text="Neuf.", press=new_id(), keyring=keyring, now=at)


@pytest.mark.parametrize("decision", ["consent", "decline"])
def test_a_proposed_person_waits_for_the_authors_word(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any, decision: str
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - DAY)
    propose(cast, case_id, now)
    assert [waits(person) for person in (cast.ana, cast.noor, cast.ines)] == [[("handover-to-decide", now)], [], []]
    file, proposal = desk.opened(case_id, now), cases_queries.open_proposal(case_id)
    assert proposal is not None
    if decision == "consent":
        lifecycle.consent(author=cast.ana, file=file, proposal=proposal, supervisor=cast.noor, now=now)
    else:
        lifecycle.decline(author=cast.ana, file=file, proposal=proposal, now=now)
    has_it, has_it_not = (cast.noor, cast.sam) if decision == "consent" else (cast.sam, cast.noor)
    since = now if decision == "consent" else now - DAY
    assert [waits(person) for person in (cast.ana, has_it, has_it_not)] == [[], [("feedback-to-write", since)], []]


def propose(cast: SimpleNamespace, case_id: UUID, at: datetime) -> None:
    lifecycle.propose_handover(actor=cast.ines, supervisor=cast.noor, case_id=case_id, author_id=cast.ana.id, now=at)


def test_a_proposal_waits_no_more_once_the_feedback_is_out_or_the_person_has_left(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - DAY)
    propose(cast, case_id, now)
    cast.noor.deactivated_at = now
    assert waits(cast.ana) == []
    cast.noor.deactivated_at = None
    assert waits(cast.ana) == [("handover-to-decide", now)]
    desk.respond(cast.sam, case_id, keyring, now)
    assert waits(cast.ana) == [("feedback-to-read", now)]


def test_a_word_waits_for_the_other_side_until_it_opens_the_situation(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now - 5 * DAY)
    desk.respond(cast.sam, case_id, keyring, now - 4 * DAY)
    opened_by(cast.ana, case_id, now - 4 * DAY)
    desk.answer(cast.ana, case_id, keyring, now - 3 * DAY)
    opened_by(cast.sam, case_id, now - 3 * DAY)
    for at in (now - 2 * DAY, now - DAY):
        write(cast.sam, case_id, keyring, at)
    assert (waits(cast.ana), waits(cast.sam)) == ([("message-to-read", now - 2 * DAY)], [])
    opened_by(cast.ana, case_id, now)
    write(cast.ana, case_id, keyring, now)
    assert (waits(cast.ana), waits(cast.sam)) == ([], [("message-to-read", now)])
    lifecycle.close(actor=cast.ana, file=desk.opened(case_id, now), now=now)
    assert (waits(cast.ana), waits(cast.sam)) == ([], [])


def write(author: Person, case_id: UUID, keyring: Keyring, at: datetime) -> None:
    feedback.write(author=author, file=desk.opened(case_id, at), text="Merci.", press=new_id(), keyring=keyring, now=at)


def test_the_day_that_was_announced_is_the_day_the_feedback_is_due(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    me = Viewer(cast.sam, people_queries.running_roles(cast.sam.id, now))

    def due() -> Any:
        return [row.due for row in queries.what_waits(me, today, keyring, now, target_days=TARGET)]

    assert due() == [now + TARGET * DAY]
    announced = today + 30 * DAY
    lifecycle.set_deadline(supervisor=cast.sam, file=desk.opened(case_id, now), due_on=announced, now=now)
    assert due() == [datetime.combine(announced + DAY, time(), UTC)]


def test_nothing_of_others_waits_for_me(cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any) -> None:
    desk.bring(cast.ana, cast.sam, keyring, now)
    desk.draft(cast.ana, keyring, now)
    assert [waits(person) for person in (cast.lee, cast.noor, cast.ada, cast.ines, cast.paul, cast.zoe)] == [[]] * 6
    assert [kind for kind, _ in waits(cast.sam)] == ["feedback-to-write"]


def test_the_longest_wait_comes_first(cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any) -> None:
    for age in (3, 12, 7):
        desk.bring(cast.ana, cast.sam, keyring, now - age * DAY)
    assert [since for _, since in waits(cast.sam)] == [now - age * DAY for age in (12, 7, 3)]


def test_what_an_ended_agreement_closed_does_not_wait(
    cast: SimpleNamespace, keyring: Keyring, now: datetime, waits: Any, today: date
) -> None:
    desk.bring(cast.ana, cast.sam, keyring, now)
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    assert waits(cast.sam) == []


def test_an_agreement_waits_for_the_side_that_has_not_signed(
    cast: SimpleNamespace, now: datetime, today: date, waits: Any
) -> None:
    agreement = agreements.propose(
        actor=cast.ines, supervisee=cast.zoe, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    seen = [[bool(waits(cast.zoe)), bool(waits(cast.noor))]]
    for side in (cast.zoe, cast.noor):
        agreements.sign(actor=side, agreement=agreement, now=now)
        seen.append([bool(waits(cast.zoe)), bool(waits(cast.noor))])
    assert seen == [[True, True], [False, True], [False, False]]


def test_an_office_waits_for_an_administrator_who_neither_proposed_nor_receives_it(
    cast: SimpleNamespace, now: datetime, waits: Any
) -> None:
    people.grant_role(actor=cast.ada, person=cast.zoe, role="treasurer", now=now)
    assert {who: waits(getattr(cast, who)) for who in ("ada", "ines", "zoe", "paul")} == {
        "ada": [],
        "ines": [("office-to-confirm", now)],
        "zoe": [],
        "paul": [],
    }


def test_the_page_shows_each_wait_with_its_title_and_a_link(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    late = desk.bring(cast.ana, cast.sam, keyring, now - 15 * DAY, title="En retard")
    fresh = desk.bring(cast.ana, cast.sam, keyring, now - DAY, title="D’hier")
    db.session.commit()
    page = as_(cast.sam).get("/").text
    wanted = (
        "En retard",
        "D’hier",
        f"/situations/{late}",
        f"/situations/{fresh}",
        "Situation\u00a0: Ana Ferreira",
        "Retour attendu avant le <time",
    )
    assert [word for word in wanted if word not in page] == []
    assert page.index("En retard") < page.index("D’hier")


def test_the_page_says_what_each_new_wait_is_for(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    asked, proposed, spoken = (desk.bring(cast.ana, cast.sam, keyring, now - n * DAY) for n in (9, 8, 7))
    ask(cast, asked, keyring, now)
    propose(cast, proposed, now)
    desk.respond(cast.sam, spoken, keyring, now)
    desk.answer(cast.ana, spoken, keyring, now)
    write(cast.sam, spoken, keyring, now)
    db.session.commit()
    page = as_(cast.ana).get("/").text
    wanted = (
        f"/situations/{asked}#complement",
        "Un complément vous est demandé\u00a0: Sam Delcourt",
        f"/situations/{proposed}#proposition",
        "Noor Haddad vous est proposé·e pour superviser cette situation\u202f; vous décidez.",
        f"/situations/{spoken}#suite",
        "Un mot\u00a0: Sam Delcourt",
    )
    assert [word for word in wanted if word not in page] == []


def test_an_empty_home_says_so(as_: Any, cast: SimpleNamespace) -> None:
    assert "Rien ne vous attend" in as_(cast.sam).get("/").text


@pytest.mark.parametrize(("who", "asked"), [("lee", True), ("ana", False)])
def test_whoever_has_not_signed_the_code_is_asked_to(as_: Any, cast: SimpleNamespace, who: str, asked: bool) -> None:
    assert ('href="/deontologie/signer"' in as_(getattr(cast, who)).get("/").text) is asked
