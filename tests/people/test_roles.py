"""Roles are dated rows. An office takes two people, and the association keeps an administrator."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from supervision import clock
from supervision.audit.models import AuditEntry
from supervision.db import db
from supervision.ids import new_id
from supervision.people import actions, queries
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import LastAdministrator, NeedsSecondPerson, RoleHeldAlready
from tests.client import FreshClient
from tests.facts import acts, at_once, one, rows, statuses

As = Callable[[Person], FreshClient]


def grants_of(person: Person, role: str) -> list[RoleGrant]:
    return rows(
        select(RoleGrant).where(RoleGrant.person_id == person.id, RoleGrant.role == role).order_by(RoleGrant.id)
    )


def roles_of(person: Person, now: datetime) -> set[str]:
    found = set(queries.running_roles(person.id, now))
    db.session.commit()
    return found


def propose(person: Person, role: str, by: Person | None, now: datetime) -> UUID:
    made = actions.grant_role(actor=by, person=person, role=role, now=now)
    db.session.commit()
    return made.id


# --- dated ------------------------------------------------------------------------------------------------------------


def test_a_role_runs_from_its_confirmation_until_its_end(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    grant = actions.grant_role(actor=cast.ada, person=cast.zoe, role="trainee", now=now)
    actions.end_role(actor=cast.ada, grant=grant, now=now + timedelta(days=2))
    db.session.commit()
    days = [roles_of(cast.zoe, now + timedelta(days=day)) for day in (-1, 0, 1, 2, 3)]
    assert days == [{"certified"}, {"certified", "trainee"}, {"certified", "trainee"}, {"certified"}, {"certified"}]


def test_a_person_holds_several_roles_and_each_ends_alone(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    assert roles_of(cast.sam, now) == {"supervisor", "certified"}
    actions.end_role(actor=cast.ada, grant=grants_of(cast.sam, "certified")[0], now=now)
    db.session.commit()
    assert roles_of(cast.sam, now) == {"supervisor"}


def test_a_role_given_again_is_a_new_row(as_: As, cast: SimpleNamespace) -> None:
    ada = as_(cast.ada)
    (first,) = grants_of(cast.ana, "trainee")
    ada.post(f"/roles/{first.id}/terminer")
    ada.post(f"/personnes/{cast.ana.id}/roles", data={"role": "trainee"})
    assert [(grant.ended_at is None, grant.ended_by) for grant in grants_of(cast.ana, "trainee")] == [
        (False, cast.ada.id),
        (True, None),
    ]


def test_a_role_that_ends_closes_its_doors_on_the_next_request(as_: As, cast: SimpleNamespace) -> None:
    ada, ines = as_(cast.ada), as_(cast.ines)
    before = ines.get("/journal").status_code
    ada.post(f"/roles/{grants_of(cast.ines, 'administrator')[0].id}/terminer")
    assert (before, ines.get("/journal").status_code) == (200, 404)


@pytest.mark.parametrize("role", ["trainee", "sovereign", "", "administrator' OR '1'='1"])
def test_a_role_held_or_unknown_is_refused_at_the_field(as_: As, cast: SimpleNamespace, role: str) -> None:
    answer = as_(cast.ada).post(f"/personnes/{cast.ana.id}/roles", data={"role": role})
    assert (answer.status_code, 'id="role-error"' in answer.text) == (422, True)
    assert len(rows(select(RoleGrant.id).where(RoleGrant.person_id == cast.ana.id))) == 1


def test_the_database_knows_the_roles(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    with pytest.raises(Exception, match="role_known"), db.session.begin_nested():
        db.session.add(RoleGrant(id=new_id(), person_id=cast.ana.id, role="sovereign", granted_at=now))


def test_one_role_given_several_times_at_once_is_one_row(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    path, clients = signed_in_many(app, "ada", 4, "zoe")
    answers = at_once(*(lambda c=client: c.post(f"{path}/roles", data={"role": "trainee"}) for client in clients))
    assert statuses(answers) == [302, 422, 422, 422]


def signed_in_many(app: Flask, who: str, count: int, about: str) -> tuple[str, list[Any]]:
    with app.app_context():
        person = one(select(Person).where(Person.email_key == f"{who}@rives.example"))
        subject = one(select(Person.id).where(Person.email_key == f"{about}@rives.example"))
        clients: list[Any] = [app.test_client() for _ in range(count)]
        for client in clients:
            client.sign_in(person)
    return f"/personnes/{subject}", clients


# --- offices ----------------------------------------------------------------------------------------------------------


def test_an_office_runs_once_a_second_administrator_confirms_it(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    answer = as_(cast.ada).post(f"/personnes/{cast.zoe.id}/roles", data={"role": "secretary"})
    (grant,) = grants_of(cast.zoe, "secretary")
    proposed = roles_of(cast.zoe, now + timedelta(minutes=1))
    confirmed = as_(cast.ines).post(f"/roles/{grant.id}/confirmer")
    assert (answer.status_code, confirmed.status_code) == (302, 302)
    assert (proposed, roles_of(cast.zoe, now + timedelta(minutes=1))) == ({"certified"}, {"certified", "secretary"})
    (grant,) = grants_of(cast.zoe, "secretary")
    assert (grant.granted_by, grant.confirmed_by) == (cast.ada.id, cast.ines.id)
    subject = f"person/{cast.zoe.id}"
    assert [entry for entry in acts("role-proposed", "role-granted") if entry[1]] == [
        ("role-proposed", cast.ada.id, subject),
        ("role-granted", cast.ines.id, subject),
    ]


@pytest.mark.parametrize("role", ["secretary", "treasurer", "coordinator", "committee", "administrator"])
def test_neither_the_proposer_nor_the_recipient_confirms_an_office(
    app: Flask, as_: As, cast: SimpleNamespace, now: datetime, role: str
) -> None:
    propose(cast.zoe, "administrator", None, now)
    if role == "administrator":
        actions.end_role(actor=cast.ada, grant=grants_of(cast.zoe, "administrator")[0], now=now)
        propose(cast.lee, "administrator", None, now)
    someone = cast.lee if role == "administrator" else cast.zoe
    person = cast.zoe if role == "administrator" else cast.lee
    grant_id = propose(person, role, cast.ada, now)
    answers = [as_(who).post(f"/roles/{grant_id}/confirmer").status_code for who in (cast.ada, person, cast.sam)]
    assert answers[0] == 403
    assert set(answers[1:]) <= {403, 404}
    assert as_(someone).post(f"/roles/{grant_id}/confirmer").status_code == 302


def test_an_administrator_who_receives_an_office_does_not_confirm_it(
    as_: As, cast: SimpleNamespace, now: datetime
) -> None:
    propose(cast.zoe, "administrator", None, now)  # a third one, who could
    grant_id = propose(cast.ines, "treasurer", cast.ada, now)
    assert as_(cast.ines).post(f"/roles/{grant_id}/confirmer").status_code == 403
    with pytest.raises(NeedsSecondPerson):
        actions.confirm_office(actor=cast.ines, grant=db.session.get_one(RoleGrant, grant_id), now=now)


def test_whoever_proposes_for_herself_needs_somebody_else(as_: As, cast: SimpleNamespace) -> None:
    ada = as_(cast.ada)
    ada.post(f"/personnes/{cast.ada.id}/roles", data={"role": "committee"})
    (grant,) = grants_of(cast.ada, "committee")
    assert (ada.post(f"/roles/{grant.id}/confirmer").status_code, grant.confirmed_at) == (403, None)


def test_the_command_line_needs_no_second_person(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    propose(cast.zoe, "treasurer", None, now)
    (grant,) = grants_of(cast.zoe, "treasurer")
    assert (grant.granted_by, grant.confirmed_by, grant.confirmed_at) == (None, None, now)


def test_an_office_that_waits_is_not_proposed_twice(app: Flask, cast: SimpleNamespace, now: datetime) -> None:
    propose(cast.zoe, "treasurer", cast.ada, now)
    with pytest.raises(RoleHeldAlready):
        actions.grant_role(actor=cast.ines, person=cast.zoe, role="treasurer", now=now)


def test_a_withdrawn_proposal_is_not_confirmed(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    grant_id = propose(cast.zoe, "treasurer", cast.ada, now)
    as_(cast.ada).post(f"/roles/{grant_id}/terminer")
    assert as_(cast.ines).post(f"/roles/{grant_id}/confirmer").status_code == 403
    assert roles_of(cast.zoe, now + timedelta(minutes=1)) == {"certified"}


def test_a_secretary_gives_roles_and_no_office_and_is_shown_no_other(
    as_: As, cast: SimpleNamespace, now: datetime
) -> None:
    propose(cast.zoe, "secretary", None, now)
    zoe = as_(cast.zoe)
    page = zoe.get(f"/personnes/{cast.lee.id}").text
    given = [
        zoe.post(f"/personnes/{cast.lee.id}/roles", data={"role": r}).status_code for r in ("certified", "treasurer")
    ]
    ended = zoe.post(f"/roles/{grants_of(cast.paul, 'committee')[0].id}/terminer").status_code
    assert (given, ended) == ([302, 403], 403)
    assert ('value="supervisor"' in page, 'value="administrator"' in page) == (True, False)


# --- alone ------------------------------------------------------------------------------------------------------------

NOBODY_ELSE = "Personne d’autre ne peut confirmer"


def alone_facts(person: Person) -> list[tuple[str, Any]]:
    entries = select(AuditEntry.action, AuditEntry.facts).order_by(AuditEntry.number)
    found = rows(entries.where(AuditEntry.subject == f"person/{person.id}", AuditEntry.action.startswith("role-")))
    return [(action, facts) for action, facts in found if facts["role"] in {"administrator", "treasurer"}]


def test_a_sole_administrator_gets_a_second_one_and_from_then_on_it_takes_two(
    as_: As, cast: SimpleNamespace, now: datetime
) -> None:
    db.session.execute(update(Person).where(Person.id == cast.ines.id).values(deactivated_at=now))
    db.session.commit()
    ada = as_(cast.ada)
    shown = [NOBODY_ELSE in ada.get(f"/personnes/{cast.lee.id}").text]
    for person, role in ((cast.zoe, "administrator"), (cast.lee, "treasurer")):
        ada.post(f"/personnes/{person.id}/roles", data={"role": role})
    shown.append(NOBODY_ELSE in ada.get(f"/personnes/{cast.lee.id}").text)
    (second,), (office,) = grants_of(cast.zoe, "administrator"), grants_of(cast.lee, "treasurer")
    assert (second.confirmed_by, office.confirmed_at, shown) == (cast.ada.id, None, [True, False])
    assert alone_facts(cast.zoe)[-1:] == [("role-granted", {"role": "administrator", "alone": True})]
    assert alone_facts(cast.lee)[-1:] == [("role-proposed", {"role": "treasurer"})]


def test_what_the_only_other_administrator_receives_waits_for_nobody(
    app: Flask, cast: SimpleNamespace, now: datetime
) -> None:
    propose(cast.ines, "treasurer", cast.ada, now)
    propose(cast.ada, "treasurer", cast.ada, now)
    given, own = grants_of(cast.ines, "treasurer")[0], grants_of(cast.ada, "treasurer")[0]
    assert (given.confirmed_at, own.confirmed_at) == (now, None)


def test_a_sole_administrator_who_grants_twice_at_once_is_alone_once(fresh_stack: Callable[..., Flask]) -> None:
    app = fresh_stack()
    with app.app_context():
        key = Person.email_key
        ada, ines, zoe, lee = (
            one(select(Person).where(key == f"{n}@rives.example")) for n in ("ada", "ines", "zoe", "lee")
        )
        db.session.execute(update(Person).where(Person.id == ines.id).values(deactivated_at=clock.now()))
        db.session.commit()
        clients: list[Any] = [app.test_client(), app.test_client()]
        for client in clients:
            client.sign_in(ada)
    office = {"role": "administrator"}
    calls = [
        lambda c=c, p=p: c.post(f"/personnes/{p.id}/roles", data=office)
        for c, p in zip(clients, (zoe, lee), strict=True)
    ]
    assert statuses(at_once(*calls)) == [302, 302]
    with app.app_context():
        made = [grants_of(person, "administrator")[0].confirmed_at is None for person in (zoe, lee)]
    assert sorted(made) == [False, True]


def test_whoever_waited_for_another_decision_sees_it_although_it_is_later_than_her_own_now(
    app: Flask, cast: SimpleNamespace, now: datetime
) -> None:
    db.session.execute(update(Person).where(Person.id == cast.ines.id).values(deactivated_at=now))
    for person, at in ((cast.zoe, now), (cast.lee, now - timedelta(milliseconds=1))):
        actions.grant_role(actor=cast.ada, person=person, role="administrator", now=at)
    confirmed = [grants_of(person, "administrator")[0].confirmed_at for person in (cast.zoe, cast.lee)]
    assert confirmed == [now, None]


# --- the last administrator -------------------------------------------------------------------------------------------


def test_the_last_administrator_stays(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    ada = as_(cast.ada)
    ada.post(f"/roles/{grants_of(cast.ines, 'administrator')[0].id}/terminer")
    answer = ada.post(f"/roles/{grants_of(cast.ada, 'administrator')[0].id}/terminer")
    assert answer.status_code == 302
    assert "doit garder une personne" in ada.get(answer.location).text
    assert "administrator" in roles_of(cast.ada, now + timedelta(hours=1))


def test_an_office_only_proposed_or_an_account_closed_does_not_count(
    app: Flask, cast: SimpleNamespace, now: datetime
) -> None:
    propose(cast.zoe, "administrator", cast.ada, now)
    db.session.execute(update(Person).where(Person.id == cast.ines.id).values(deactivated_at=now))
    db.session.commit()
    with pytest.raises(LastAdministrator):
        actions.end_role(actor=cast.ada, grant=grants_of(cast.ada, "administrator")[0], now=now)


def test_the_last_administrators_account_stays_open(as_: As, cast: SimpleNamespace, now: datetime) -> None:
    ada = as_(cast.ada)
    actions.end_role(actor=cast.ada, grant=grants_of(cast.ines, "administrator")[0], now=now)
    db.session.commit()
    with pytest.raises(LastAdministrator):
        actions.close_account(actor=cast.ines, person=cast.ada, now=now)
    db.session.commit()
    assert ada.post(f"/personnes/{cast.ada.id}/fermer").status_code == 403


def test_two_administrators_who_end_each_others_office_at_once_leave_one(
    fresh_stack: Callable[..., Flask],
) -> None:
    app = fresh_stack()
    with app.app_context():
        both = rows(
            select(RoleGrant.id, Person)
            .join(Person, Person.id == RoleGrant.person_id)
            .where(RoleGrant.role == "administrator")
            .order_by(RoleGrant.id)
        )
        clients: list[Any] = [app.test_client(), app.test_client()]
        for client, (_, person) in zip(clients, both, strict=True):
            client.sign_in(person)
    targets = [f"/roles/{both[1][0]}/terminer", f"/roles/{both[0][0]}/terminer"]
    answers = at_once(*(lambda c=c, t=t: c.post(t) for c, t in zip(clients, targets, strict=True)))
    # The second one may find itself without the office already: told so (403), or shown nothing (404).
    assert {answer.status_code for answer in answers} <= {302, 403, 404}
    with app.app_context():
        left = select(RoleGrant.id).where(RoleGrant.role == "administrator", RoleGrant.ended_at.is_(None))
        assert len(rows(left)) == 1


def test_two_administrators_who_close_each_others_account_at_once_leave_one(
    fresh_stack: Callable[..., Flask],
) -> None:
    app = fresh_stack()
    with app.app_context():
        people = [one(select(Person).where(Person.email_key == f"{key}@rives.example")) for key in ("ada", "ines")]
        clients: list[Any] = [app.test_client(), app.test_client()]
        for client, person in zip(clients, people, strict=True):
            client.sign_in(person)
    targets = [f"/personnes/{people[1].id}/fermer", f"/personnes/{people[0].id}/fermer"]
    answers = at_once(*(lambda c=c, t=t: c.post(t) for c, t in zip(clients, targets, strict=True)))
    assert {answer.status_code for answer in answers} <= {302, 401, 403, 404}
    with app.app_context():
        names = select(Person.email_key).where(
            Person.email_key.in_(["ada@rives.example", "ines@rives.example"]), Person.deactivated_at.is_(None)
        )
        assert len(rows(names)) == 1
