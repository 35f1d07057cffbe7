"""The supervision agreement: who proposes, who signs, who sees, when it runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from supervision.agreements import actions, queries
from supervision.agreements.emails import COMPOSERS
from supervision.agreements.models import Agreement
from supervision.agreements.rules import AgreementExists, AgreementFacts, NotASide, state
from supervision.db import db
from supervision.demo.association import SUPERVISED_BY
from supervision.ids import new_id
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.people.models import Person
from tests.client import FreshClient
from tests.facts import acts, at_once, mails, one, rows, statuses

As = Callable[[Person], FreshClient]


def form(supervisee: Person, supervisor: Person, starts_on: date, **changes: Any) -> dict[str, str]:
    sides = {"supervisee": str(supervisee.id), "supervisor": str(supervisor.id)}
    return {**sides, "starts_on": starts_on.isoformat(), "ends_on": "", **changes}


def between(supervisee: Person, supervisor: Person) -> list[Agreement]:
    of_two = select(Agreement).where(Agreement.supervisee_id == supervisee.id, Agreement.supervisor_id == supervisor.id)
    return rows(of_two.order_by(Agreement.id))


def marked(page: str) -> set[str]:
    return set(re.findall(r'id="(\w+)-error"', page))


def runs(supervisee: Person, supervisor: Person, day: date) -> bool:
    found = supervisor.id in [person.id for person in queries.supervisors_of(supervisee.id, day)]
    db.session.commit()
    return found


def proposed(actor: Person, supervisee: Person, supervisor: Person, now: datetime, day: date) -> UUID:
    made = actions.propose(
        actor=actor, supervisee=supervisee, supervisor=supervisor, starts_on=day, ends_on=None, now=now
    )
    db.session.commit()
    return made.id


# --- proposing --------------------------------------------------------------------------------------------------------


def test_an_agreement_runs_once_both_have_signed_it(as_: As, cast: SimpleNamespace, today: date) -> None:
    ana, noor = as_(cast.ana), as_(cast.noor)
    made = ana.post("/contrats/proposer", data=form(cast.ana, cast.noor, today))
    (agreement,) = between(cast.ana, cast.noor)
    running = [runs(cast.ana, cast.noor, today)]
    for client in (ana, noor):
        client.post(f"/contrats/{agreement.id}/signer")
        running.append(runs(cast.ana, cast.noor, today))
    assert (made.status_code, made.location, running) == (302, "/contrats", [False, False, True])
    subject = f"agreement/{agreement.id}"
    assert [act for act in acts("agreement-proposed", "agreement-signed") if act[2] == subject] == [
        ("agreement-proposed", cast.ana.id, subject),
        ("agreement-signed", cast.ana.id, subject),
        ("agreement-signed", cast.noor.id, subject),
    ]


def test_the_other_side_finds_it_on_the_home_page(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    noor = as_(cast.noor)
    before = noor.get("/").text
    proposed(cast.ana, cast.ana, cast.noor, now, today)
    said = "Un contrat de supervision à signer"
    assert (said in before, said in noor.get("/").text) == (False, True)


def test_the_other_side_is_written_to_and_whoever_proposed_is_not(
    cast: SimpleNamespace, now: datetime, today: date
) -> None:
    made = [
        proposed(cast.ana, cast.ana, cast.noor, now, today),
        proposed(cast.ines, cast.lee, cast.sam, now, today),
    ]
    assert [told_of(agreement_id) for agreement_id in made] == [{cast.noor.id}, {cast.lee.id, cast.sam.id}]


def told_of(agreement_id: UUID) -> set[UUID]:
    return {mail.person_id for mail in mails("agreement-proposed") if mail.subject_id == agreement_id}


@pytest.mark.parametrize(("then", "reason"), [("sign", "agreement-signed"), ("end", "agreement-ended")])
def test_a_mail_that_is_overtaken_is_not_sent(
    cast: SimpleNamespace, now: datetime, today: date, then: str, reason: str
) -> None:
    agreement_id = proposed(cast.ana, cast.ana, cast.noor, now, today)
    (mail,) = [mail for mail in mails("agreement-proposed") if mail.subject_id == agreement_id]
    assert isinstance(COMPOSERS["agreement-proposed"](mail, now), Letter)
    getattr(actions, then)(actor=cast.noor, agreement=db.session.get_one(Agreement, agreement_id), now=now)
    assert COMPOSERS["agreement-proposed"](mail, now) == NoLongerTrue(reason)


def test_nobody_is_chosen_in_advance(as_: As, cast: SimpleNamespace) -> None:
    page = as_(cast.ines).get("/contrats/proposer").text
    assert page.count("À choisir") == 2


@pytest.mark.parametrize(
    ("who", "supervisee", "supervisor", "status"),
    [
        ("ana", "ana", "noor", 302),  # for herself
        ("ana", "lee", "sam", 422),  # for another
        ("sam", "lee", "sam", 302),  # a supervisor, as the supervisor
        ("sam", "lee", "noor", 422),  # and not between two others
        ("ines", "lee", "sam", 302),  # whoever coordinates joins any two
        ("paul", "paul", "noor", 302),
        ("ada", "lee", "sam", 403),  # an office of another kind does not
    ],
)
def test_who_may_propose(
    as_: As, cast: SimpleNamespace, today: date, who: str, supervisee: str, supervisor: str, status: int
) -> None:
    sides = getattr(cast, supervisee), getattr(cast, supervisor)
    before = len(between(*sides))
    answer = as_(getattr(cast, who)).post("/contrats/proposer", data=form(*sides, today))
    assert (answer.status_code, len(between(*sides)) - before) == (status, 1 if status == 302 else 0)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"supervisee": "sam", "supervisor": "sam"}, {"supervisor"}),
        ({"supervisee": "ana", "supervisor": "sam"}, {"supervisor"}),  # they have one
        ({"supervisor": "lee"}, {"supervisor"}),  # not a supervisor
        ({"supervisor": "ada"}, {"supervisor"}),
        ({"supervisee": "ada"}, {"supervisee"}),  # nobody to be supervised
        ({"ends_on": "2020-01-01"}, {"ends_on"}),
        ({"starts_on": ""}, {"starts_on"}),
        ({"starts_on": "31/12/2026"}, {"starts_on"}),
        ({"starts_on": "2026-02-30"}, {"starts_on"}),
        ({"starts_on": "99999-01-01"}, {"starts_on"}),
        ({"ends_on": "demain"}, {"ends_on"}),
        ({"supervisor": "not an id"}, {"supervisor"}),
        ({"supervisor": ""}, {"supervisor"}),
        ({"supervisee": "\x00", "supervisor": "\x00", "starts_on": "\x00"}, {"supervisee", "supervisor", "starts_on"}),
    ],
)
def test_what_cannot_be_is_told_at_its_field_and_nothing_is_written(
    as_: As, cast: SimpleNamespace, today: date, changes: dict[str, str], fields: set[str]
) -> None:
    sides = {name: str(getattr(cast, key).id) if hasattr(cast, key) else key for name, key in changes.items()}
    answer = as_(cast.ines).post("/contrats/proposer", data=form(cast.lee, cast.sam, today) | sides)
    assert (answer.status_code, marked(answer.text)) == (422, fields)
    assert len(rows(select(Agreement.id))) == len(SUPERVISED_BY)


def test_a_form_without_fields_is_told_at_each(as_: As, cast: SimpleNamespace) -> None:
    answer = as_(cast.ana).post("/contrats/proposer", data={})
    assert (answer.status_code, marked(answer.text)) == (422, {"supervisee", "supervisor", "starts_on"})


def test_an_agreement_that_has_run_out_may_be_followed_by_another_but_only_one(
    app: Flask, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    for starts, ends in ((today - timedelta(days=60), today - timedelta(days=31)), (today, None)):
        actions.propose(
            actor=cast.ana, supervisee=cast.ana, supervisor=cast.noor, starts_on=starts, ends_on=ends, now=now
        )
    with pytest.raises(AgreementExists):
        proposed(cast.ana, cast.ana, cast.noor, now, today)


def test_a_double_click_proposes_once(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        people = {key: one(select(Person).where(Person.email_key == f"{key}@rives.example")) for key in ("ana", "noor")}
        clients: list[Any] = [app.test_client() for _ in range(4)]
        for client in clients:
            client.sign_in(people["ana"])
    data = form(people["ana"], people["noor"], date(2026, 1, 1))
    answers = at_once(*(lambda c=client: c.post("/contrats/proposer", data=data) for client in clients))
    assert statuses(answers) == [302, 422, 422, 422]


@pytest.mark.parametrize("flaw", ["same person", "end before start"])
def test_the_database_refuses_what_the_rules_refuse(
    app: Flask, cast: SimpleNamespace, now: datetime, today: date, flaw: str
) -> None:
    row = {"id": new_id(), "supervisee_id": cast.ana.id, "supervisor_id": cast.noor.id, "starts_on": today}
    row |= {"proposed_at": now, "proposed_by": cast.ana.id}
    row |= {"supervisor_id": cast.ana.id} if flaw == "same person" else {"ends_on": today - timedelta(days=1)}
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(insert(Agreement).values(row))


# --- signing and ending -----------------------------------------------------------------------------------------------


def test_signing_twice_changes_nothing(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    agreement_id = proposed(cast.ana, cast.ana, cast.noor, now, today)
    ana, signed = as_(cast.ana), []
    for _ in range(2):
        assert ana.post(f"/contrats/{agreement_id}/signer").status_code == 302
        signed.append(one(select(Agreement.supervisee_signed_at).where(Agreement.id == agreement_id)))
    assert signed[0] == signed[1]
    assert len([act for act in acts("agreement-signed") if act[2] == f"agreement/{agreement_id}"]) == 1


@pytest.mark.parametrize(("who", "status"), [("lee", 404), ("sam", 404), ("ada", 404), ("zoe", 404), ("ines", 403)])
def test_only_the_two_sign_and_others_do_not_even_find_it(
    as_: As, cast: SimpleNamespace, now: datetime, today: date, who: str, status: int
) -> None:
    agreement_id = proposed(cast.ana, cast.ana, cast.noor, now, today)
    client = as_(getattr(cast, who))
    assert client.post(f"/contrats/{agreement_id}/signer").status_code == status
    assert client.post(f"/contrats/{new_id()}/signer").status_code == 404
    columns = (Agreement.supervisee_signed_at, Agreement.supervisor_signed_at)
    assert one(select(*columns).where(Agreement.id == agreement_id)) == (None, None)


def test_the_action_itself_refuses_a_third_person(
    app: Flask, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    agreement = db.session.get_one(Agreement, proposed(cast.ana, cast.ana, cast.noor, now, today))
    with pytest.raises(NotASide):
        actions.sign(actor=cast.ines, agreement=agreement, now=now)


@pytest.mark.parametrize(
    ("who", "ended"), [("ana", True), ("sam", True), ("ines", True), ("lee", False), ("ada", False)]
)
def test_either_side_and_the_coordination_end_an_agreement(
    as_: As, cast: SimpleNamespace, today: date, who: str, ended: bool
) -> None:
    (agreement,) = between(cast.ana, cast.sam)
    answer = as_(getattr(cast, who)).post(f"/contrats/{agreement.id}/terminer")
    assert answer.status_code == (302 if ended else 404)
    assert runs(cast.ana, cast.sam, today) is not ended
    (agreement,) = between(cast.ana, cast.sam)
    assert agreement.ended_by == (getattr(cast, who).id if ended else None)


def test_an_agreement_ends_once(as_: As, cast: SimpleNamespace) -> None:
    (agreement,) = between(cast.ana, cast.sam)
    for who in (cast.ana, cast.sam):
        assert as_(who).post(f"/contrats/{agreement.id}/terminer").status_code == 302
    assert one(select(Agreement.ended_by).where(Agreement.id == agreement.id)) == cast.ana.id
    assert [act[:2] for act in acts("agreement-ended")] == [("agreement-ended", cast.ana.id)]


def test_an_ended_agreement_is_not_signed(as_: As, cast: SimpleNamespace, now: datetime, today: date) -> None:
    agreement_id = proposed(cast.ana, cast.ana, cast.noor, now, today)
    as_(cast.ana).post(f"/contrats/{agreement_id}/terminer")
    as_(cast.noor).post(f"/contrats/{agreement_id}/signer")
    assert one(select(Agreement.supervisor_signed_at).where(Agreement.id == agreement_id)) is None


# --- seeing -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("ana", ["Ana–Sam"]),
        ("lee", ["Lee–Noor"]),
        ("sam", ["Ana–Sam", "Paul–Sam", "Sam–Noor"]),
        ("ines", ["Ana–Sam", "Lee–Noor", "Maud–Noor", "Paul–Sam", "Sam–Noor"]),
        ("ada", []),
        ("zoe", []),
    ],
)
def test_both_sides_see_an_agreement_and_so_does_the_coordination(
    as_: As, cast: SimpleNamespace, who: str, seen: list[str]
) -> None:
    page = as_(getattr(cast, who)).get("/contrats").text
    cells = re.findall(r'<th scope="row">(\w+) [^<]+</th>\s*<td[^>]*>(\w+) ', page)
    assert sorted("–".join(pair) for pair in cells) == seen


@pytest.mark.parametrize("count", [1, 40])
def test_the_list_costs_the_same_number_of_statements_however_long(
    as_: As, cast: SimpleNamespace, now: datetime, today: date, statements: Callable[[], list[str]], count: int
) -> None:
    row = {"supervisee_id": cast.ana.id, "supervisor_id": cast.noor.id, "starts_on": today, "proposed_at": now}
    db.session.execute(insert(Agreement), [row | {"id": new_id(), "proposed_by": cast.ana.id} for _ in range(count)])
    db.session.commit()
    client = as_(cast.ana)
    statements()
    client.get("/contrats")
    assert len(statements()) == 2


# --- the rule ---------------------------------------------------------------------------------------------------------

DAYS = st.dates(date(2026, 1, 1), date(2026, 1, 9))
MAYBE = st.none() | st.just(datetime(2026, 1, 1))  # noqa: DTZ001 - only whether it is there matters
FACTS = st.builds(AgreementFacts, DAYS, st.none() | DAYS, MAYBE, MAYBE, MAYBE)


@given(FACTS, DAYS)
def test_the_state_is_what_the_dates_say(facts: AgreementFacts, today: date) -> None:
    over = facts.ended_at is not None or (facts.ends_on is not None and facts.ends_on < today)
    signed = facts.supervisee_signed_at is not None and facts.supervisor_signed_at is not None
    expected = "ended" if over else "to-sign" if not signed else "to-come" if facts.starts_on > today else "running"
    assert state(facts, today) == expected


def test_the_query_and_the_rule_agree(app: Flask, cast: SimpleNamespace, now: datetime, today: date) -> None:
    days = [today + timedelta(days=n) for n in (-2, -1, 0, 1, 2)]
    instants = (None, now)
    kinds = [
        (starts, ends, a, b, over)
        for starts in days
        for ends in (None, *(day for day in days if day >= starts))
        for a in instants
        for b in instants
        for over in instants
    ]
    names = ("starts_on", "ends_on", "supervisee_signed_at", "supervisor_signed_at", "ended_at")
    base = {"supervisee_id": cast.ana.id, "supervisor_id": cast.noor.id, "proposed_at": now, "proposed_by": cast.ana.id}
    made = [base | {"id": new_id()} | dict(zip(names, kind, strict=True)) for kind in kinds]
    db.session.execute(insert(Agreement), made)
    running = set(rows(select(Agreement.id).where(queries.runs_on(today), Agreement.supervisor_id == cast.noor.id)))
    expected = {
        row["id"] for row, kind in zip(made, kinds, strict=True) if state(AgreementFacts(*kind), today) == "running"
    }
    assert running & {row["id"] for row in made} == expected
    assert len(expected) > 5


def test_an_agreement_that_has_run_out_is_not_signed_any_more(
    as_: As, cast: SimpleNamespace, now: datetime, today: date
) -> None:
    yesterday = today - timedelta(days=1)
    agreement = db.session.get_one(Agreement, proposed(cast.ines, cast.ana, cast.noor, now, yesterday))
    agreement.ends_on = yesterday
    db.session.commit()
    home = as_(cast.ana).get("/").text
    as_(cast.ana).post(f"/contrats/{agreement.id}/signer")
    db.session.refresh(agreement)
    assert (agreement.supervisee_signed_at, "Un contrat de supervision à signer" in home) == (None, False)
