"""The coordinator sees what waits for whom, never what it is about, and may propose another person to its author."""

from __future__ import annotations

import html
import re
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import HandoverProposal
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from tests import desk
from tests.client import FreshClient
from tests.facts import acts, mails, rows

DAY = timedelta(days=1)
DOOR = "/situations/charge"
TITLE, TEXT = "Un titre appât", "Un récit appât"
LINK = re.compile(r'href="/situations/([0-9a-f-]{36})/proposer"')


@pytest.fixture
def ines(as_: Any, cast: SimpleNamespace) -> FreshClient:
    """She coordinates; she supervises nobody and is supervised by nobody."""
    client: FreshClient = as_(cast.ines)
    return client


def said(page: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.text.partition("<main")[2])).split())


@pytest.fixture
def waiting(cast: SimpleNamespace, keyring: Keyring, now: datetime) -> dict[str, UUID]:
    made = {
        "late": desk.bring(cast.ana, cast.sam, keyring, now - 17 * DAY, title=TITLE, account=TEXT),
        "fresh": desk.bring(cast.ana, cast.sam, keyring, now - 2 * DAY, title=TITLE, account=TEXT),
        "asked": desk.bring(cast.ana, cast.sam, keyring, now - 30 * DAY, title=TITLE, account=TEXT),
        "hers": desk.bring(cast.lee, cast.noor, keyring, now - 3 * DAY, title=TITLE, account=TEXT),
        "answered": desk.bring(cast.lee, cast.noor, keyring, now - 4 * DAY, title=TITLE, account=TEXT),
    }
    file = desk.opened(made["asked"])
    lifecycle.ask_supplement(supervisor=cast.sam, file=file, text=TEXT, keyring=keyring, now=now - DAY)
    desk.respond(cast.noor, made["answered"], keyring, now)
    desk.draft(cast.ana, keyring, now)
    db.session.commit()
    return made


def test_each_person_has_a_line_with_what_waits_since_when_and_past_its_day(
    ines: FreshClient, waiting: dict[str, UUID]
) -> None:
    seen = said(ines.get(DOOR))
    assert "Sam Delcourt 3 dont 1 complément attendu il y a 17 jours 1 2" in seen
    assert "Noor Haddad 1 il y a 3 jours – 3" in seen


def test_waiting_cases_are_listed_by_the_day_they_are_due(ines: FreshClient, waiting: dict[str, UUID]) -> None:
    listed = [UUID(one) for one in LINK.findall(ines.get(DOOR).text)]
    assert listed == [waiting[name] for name in ("asked", "late", "hers", "fresh")]


def test_no_title_and_no_text_is_on_the_page_nor_even_fetched(
    as_: Any, cast: SimpleNamespace, ines: FreshClient, waiting: dict[str, UUID], statements: desk.Count
) -> None:
    statements()
    pages = [ines.get(DOOR).text, ines.get(f"/situations/{waiting['late']}/proposer").text]
    assert [statement for statement in statements() if "sealed" in statement] == []
    assert ["appât" in page for page in pages] == [False, False]
    assert TITLE in as_(cast.sam).get("/situations/recues").text  # the bait


@pytest.mark.parametrize("who", ["ana", "sam", "noor", "lee", "paul", "zoe", "ada"])
def test_for_everybody_else_there_is_no_such_page(
    as_: Any, cast: SimpleNamespace, waiting: dict[str, UUID], who: str
) -> None:
    reader, door = as_(getattr(cast, who)), f"/situations/{waiting['late']}/proposer"
    answers = reader.get(DOOR), reader.get(door), reader.post(door, data={"supervisor": str(cast.noor.id)})
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert mails("handover-proposed") == []


def test_a_case_nobody_can_answer_is_found_apart(
    ines: FreshClient, cast: SimpleNamespace, waiting: dict[str, UUID], now: datetime
) -> None:
    assert "compte est fermé" not in said(ines.get(DOOR))
    cast.noor.deactivated_at = now
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    db.session.commit()
    assert "4 situations sont confiées à une personne dont le compte est fermé ou le contrat terminé" in said(
        ines.get(DOOR)
    )
    apart = ines.get(f"{DOOR}?voir=sans-personne")
    assert set(LINK.findall(apart.text)) == {str(waiting[name]) for name in ("late", "fresh", "asked", "hers")}
    assert ("compte fermé" in said(apart), "contrat terminé" in said(apart)) == (True, True)


def test_whoever_the_author_consented_to_may_answer_without_an_agreement(
    ines: FreshClient, cast: SimpleNamespace, waiting: dict[str, UUID], now: datetime
) -> None:
    file = desk.opened(waiting["late"])
    lifecycle.hand_over(author=cast.ana, supervisor=cast.noor, file=file, for_this_case=True, now=now)
    db.session.commit()
    assert "Personne ne peut y répondre" not in said(ines.get(DOOR))


# --- proposing --------------------------------------------------------------------------------------------------------


def test_a_proposal_tells_the_author_and_moves_nothing(
    as_: Any, ines: FreshClient, cast: SimpleNamespace, waiting: dict[str, UUID]
) -> None:
    case_id = waiting["late"]
    answer = ines.post(f"/situations/{case_id}/proposer", data={"supervisor": str(cast.noor.id)})
    assert (answer.status_code, answer.location) == (302, DOOR)
    assert [(mail.person_id, mail.subject_id) for mail in mails("handover-proposed")] == [(cast.ana.id, case_id)]
    assert acts("handover-proposed") == [("handover-proposed", cast.ines.id, f"case/{case_id}")]
    assert "Noor Haddad est proposé·e" in said(ines.get(DOOR))
    assert [as_(who).get(f"/situations/{case_id}").status_code for who in (cast.noor, cast.ines)] == [404, 404]


def test_a_second_proposal_replaces_the_first(
    ines: FreshClient, cast: SimpleNamespace, waiting: dict[str, UUID]
) -> None:
    door = f"/situations/{waiting['asked']}/proposer"
    for supervisor in (cast.paul, cast.noor):
        ines.post(door, data={"supervisor": str(supervisor.id)})
    waits = rows(select(HandoverProposal.supervisor_id).where(HandoverProposal.declined_at.is_(None)))
    assert waits == [cast.noor.id]
    assert "Une nouvelle proposition la remplace" in said(ines.get(door))


def test_proposing_the_same_person_twice_tells_the_author_once(
    ines: FreshClient, cast: SimpleNamespace, waiting: dict[str, UUID]
) -> None:
    door = f"/situations/{waiting['late']}/proposer"
    answers = [ines.post(door, data={"supervisor": str(cast.noor.id)}).status_code for _ in range(2)]
    assert (answers, len(mails("handover-proposed")), len(acts("handover-proposed"))) == ([302, 302], 1, 1)


@pytest.mark.parametrize("who", ["sam", "ana", "zoe", "left", "nobody"])
def test_only_an_active_supervisor_who_is_neither_side_may_be_proposed(
    ines: FreshClient, cast: SimpleNamespace, waiting: dict[str, UUID], now: datetime, who: str
) -> None:
    """Sam has the case, Ana wrote it, Zoé supervises nobody, Noor has left, and there is nobody of that id."""
    chosen = {"left": cast.noor.id, "nobody": new_id()}.get(who) or getattr(cast, who).id
    if who == "left":
        cast.noor.deactivated_at = now
        db.session.commit()
    answer = ines.post(f"/situations/{waiting['late']}/proposer", data={"supervisor": str(chosen)})
    assert (answer.status_code, rows(select(HandoverProposal.id))) == (422, [])


def test_a_supervisor_who_wrote_the_case_is_not_proposed_for_it(
    ines: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime
) -> None:
    case_id = desk.bring(cast.sam, cast.noor, keyring, now)
    db.session.commit()
    answer = ines.post(f"/situations/{case_id}/proposer", data={"supervisor": str(cast.sam.id)})
    assert answer.status_code == 422


def test_what_does_not_wait_does_not_exist_here(
    ines: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime, waiting: dict[str, UUID]
) -> None:
    draft = desk.draft(cast.ana, keyring, now)
    db.session.commit()
    for case_id in (draft, waiting["answered"], new_id()):
        answer = ines.post(f"/situations/{case_id}/proposer", data={"supervisor": str(cast.noor.id)})
        assert answer.status_code == 404


def test_an_association_without_situations_is_told_so(ines: FreshClient) -> None:
    assert "Aucune situation n’attend" in said(ines.get(DOOR))


def test_pages_follow_each_other_and_cost_the_same(
    ines: FreshClient, cast: SimpleNamespace, keyring: Keyring, now: datetime, statements: desk.Count
) -> None:
    everything: list[UUID] = []
    costs = []
    for more in (1, 2, 57):
        everything += desk.many(more, cast.ana, cast.sam, keyring, now, state="submitted")
        db.session.commit()
        statements()
        page = ines.get(DOOR)
        costs.append(len(statements()))
    seen = LINK.findall(page.text)
    while links := re.findall(r'href="([^"]*apres=[^"]*)"', page.text):
        page = ines.get(html.unescape(links[-1]))
        seen += LINK.findall(page.text)
    assert (len(seen), set(seen)) == (60, {str(one) for one in everything})
    assert (len(set(costs)), costs[0] <= 7) == (1, True)
