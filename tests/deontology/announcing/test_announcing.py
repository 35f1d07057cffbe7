"""Who is written to about a version, and when: announced, in force, a week before the grace ends, the day after it;
each once, and nobody who has signed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from supervision import COMPOSERS
from supervision.db import db
from supervision.deontology import actions
from supervision.deontology.announcing import reminders
from supervision.deontology.announcing.rules import Reached, reached
from supervision.deontology.authoring.actions import sample_code
from supervision.deontology.consequences.rules import Duty
from supervision.deontology.kinds import actions as kinds
from supervision.deontology.models import Extension, TextVersion
from supervision.ids import new_id
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people import actions as people
from supervision.people.models import Person, RoleGrant
from supervision.reminders import actions as planning

EVERYONE = {"ana", "sam", "noor", "lee", "ada", "ines", "paul", "maud", "zoe"}


def days(count: int) -> timedelta:
    return timedelta(days=count)


def publish(today: date, now: datetime, **changes: Any) -> TextVersion:
    usual = {"number": 2, "change": "major", "effective_on": today + days(10), "texts": sample_code(), "now": now}
    made = actions.publish(actor=None, **{**usual, **changes})
    db.session.commit()
    return made


def sign(person: Person, version: TextVersion, now: datetime, today: date, answer: str = "signed") -> None:
    given = actions.Given(answer=answer, language="fr", typed_name=person.display_name)
    actions.answer(person=person, version=version, given=given, now=now, today=today)
    db.session.commit()


def plan(at: datetime) -> int:
    made = planning.plan(now=at)
    db.session.commit()
    return made


def told(cast: SimpleNamespace) -> dict[str, set[str]]:
    """Who was written to, by the kind of mail and its stage."""
    names = {person.id: name for name, person in vars(cast).items()}
    found: dict[str, set[str]] = {}
    for mail in db.session.scalars(select(OutboxMail).where(OutboxMail.kind.startswith("text-"))):
        what = "/".join(filter(None, (mail.kind, mail.facts.get("stage"))))
        found.setdefault(what, set()).add(names[mail.person_id])
    db.session.commit()
    return found


# --- stage after stage ------------------------------------------------------------------------------------------------


def test_a_version_is_announced_then_asked_for_until_it_is_signed(
    cast: SimpleNamespace, now: datetime, today: date
) -> None:
    version = publish(today, now)
    made = {day: plan(now + days(day)) for day in range(60)}
    assert {day: count for day, count in made.items() if count} == {0: 9, 10: 9, 33: 9, 41: 9}
    assert told(cast) == {
        "text-announced": EVERYONE,
        "text-due/effective": EVERYONE,
        "text-due/ending": EVERYONE,
        "text-due/ended": EVERYONE,
    }
    assert {mail.subject_id for mail in db.session.scalars(select(OutboxMail))} == {version.id}


def test_signing_stops_it_and_refusing_leaves_only_what_follows(
    cast: SimpleNamespace, now: datetime, today: date
) -> None:
    version = publish(today, now, effective_on=today)
    plan(now)
    sign(cast.ana, version, now + days(1), today + days(1))
    sign(cast.sam, version, now + days(1), today + days(1), answer="refused")
    for day in (25, 31):
        plan(now + days(day))
    assert told(cast) == {
        "text-due/effective": EVERYONE,
        "text-due/ending": EVERYONE - {"ana", "sam"},
        "text-due/ended": EVERYONE - {"ana"},
    }


def test_only_those_who_are_bound_are_written_to(cast: SimpleNamespace, now: datetime, today: date) -> None:
    publish(today, now, bound_roles=("trainee", "supervisor"))
    cast.lee.deactivated_at = now
    plan(now)
    assert told(cast) == {"text-announced": {"ana", "sam", "noor"}}


def test_a_minor_version_is_told_once(cast: SimpleNamespace, now: datetime, today: date) -> None:
    publish(today, now, change="minor", effective_on=today)
    assert [plan(now + days(day)) for day in (0, 1, 10, 40)] == [9, 0, 0, 0]
    assert told(cast) == {"text-informed": EVERYONE}


def test_planning_again_and_again_changes_nothing(cast: SimpleNamespace, now: datetime, today: date) -> None:
    publish(today, now, effective_on=today)
    assert [plan(now) for _ in range(5)] == [9, 0, 0, 0, 0]


def test_after_an_outage_the_latest_stage_goes_out_and_what_is_long_past_does_not(
    cast: SimpleNamespace, now: datetime, today: date
) -> None:
    publish(today, now, effective_on=today)
    assert plan(now + days(35)) == 9
    assert told(cast) == {"text-due/ended": EVERYONE}
    assert plan(now + days(90)) == 0


def test_what_everyone_has_behind_them_a_newcomer_and_whoever_has_more_time_do_not(
    cast: SimpleNamespace, now: datetime, today: date
) -> None:
    version = publish(today, now, effective_on=today)
    later, until_on = now + days(100), today + days(104)
    people.grant_role(actor=None, person=cast.zoe, role="trainee", now=later)  # certified all along: no newcomer
    newcomer = people.add_person(
        actor=None, email="mira@rives.example", display_name="Mira", language="fr", zone="Europe/Paris", now=later
    )
    people.grant_role(actor=None, person=newcomer, role="trainee", now=later)
    extension = Extension(
        id=new_id(), version_id=version.id, person_id=cast.lee.id, until_on=until_on, reason="Congé.",
        granted_by=cast.paul.id, granted_at=now + days(20),
    )  # fmt: skip
    db.session.add(extension)
    db.session.commit()
    plan(later)
    assert told(SimpleNamespace(**vars(cast), mira=newcomer)) == {
        "text-due/effective": {"mira"},
        "text-due/ending": {"lee"},
    }


def test_a_retired_text_asks_nobody(cast: SimpleNamespace, now: datetime, today: date) -> None:
    kind = kinds.add(
        actor=cast.paul, name_fr="Charte", name_en="Charter", is_public=False, has_consequences=False, now=now
    )
    publish(today, now, kind="charte", number=1, effective_on=today)
    kinds.retire(actor=cast.paul, kind=kind, now=now)
    db.session.commit()
    assert plan(now) == 0
    kinds.resume(actor=cast.paul, kind=kind, now=now)
    db.session.commit()
    assert plan(now) == 9


def test_one_round_carries_so_many_and_the_next_goes_on(
    cast: SimpleNamespace, now: datetime, today: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "MOST", 4)
    monkeypatch.setattr(reminders, "BATCH", 3)
    publish(today, now, effective_on=today)
    assert [plan(now) for _ in range(4)] == [4, 4, 1, 0]


@pytest.mark.parametrize("count", [1, 300])
def test_looking_costs_the_same_for_one_and_for_many_who_have_been_told(
    app: Flask, cast: SimpleNamespace, now: datetime, today: date, statements: Callable[[], list[str]], count: int
) -> None:
    publish(today, now, effective_on=today)
    made = [new_id() for _ in range(count)]
    person = {
        "language": "fr",
        "zone": "Europe/Paris",
        "created_at": now,
        "display_name": "Membre",
        "name_key": "membre",
    }
    rows = [{**person, "id": one, "email": f"{one}@x.example", "email_key": f"{one}@x.example"} for one in made]
    db.session.execute(insert(Person), rows)
    grants = [{"id": new_id(), "person_id": one, "role": "certified", "granted_at": now} for one in made]
    db.session.execute(insert(RoleGrant), [{**grant, "confirmed_at": now} for grant in grants])
    db.session.commit()
    assert plan(now) == 9 + count
    statements()
    assert plan(now) == 0
    assert len(statements()) < 12


# --- looked at again when it is sent ----------------------------------------------------------------------------------


def composed(person: Person, kind: str, at: datetime) -> Letter | NoLongerTrue:
    mails = select(OutboxMail).where(OutboxMail.person_id == person.id, OutboxMail.kind == kind)
    mail = db.session.scalars(mails.order_by(OutboxMail.id)).first()
    assert mail is not None
    return COMPOSERS[kind](mail, at)


def test_a_mail_that_waited_is_not_sent_once_it_is_pointless(cast: SimpleNamespace, now: datetime, today: date) -> None:
    version = publish(today, now, effective_on=today)
    plan(now)
    assert isinstance(composed(cast.ana, "text-due", now), Letter)
    assert composed(cast.ana, "text-due", now + days(25)) == NoLongerTrue("later-stage")
    sign(cast.ana, version, now, today)
    assert composed(cast.ana, "text-due", now) == NoLongerTrue("text-settled")
    publish(today, now, number=3, effective_on=today + days(1))
    assert composed(cast.sam, "text-due", now + days(1)) == NoLongerTrue("text-superseded")


def test_an_announcement_that_waited_gives_way(cast: SimpleNamespace, now: datetime, today: date) -> None:
    publish(today, now, bound_roles=("trainee",))
    plan(now)
    assert isinstance(composed(cast.ana, "text-announced", now), Letter)
    assert composed(cast.ana, "text-announced", now + days(10)) == NoLongerTrue("later-stage")
    db.session.query(RoleGrant).filter_by(person_id=cast.lee.id).update({"ended_at": now})
    assert composed(cast.lee, "text-announced", now + days(1)) == NoLongerTrue("text-not-asked")
    publish(today, now, number=3, effective_on=today + days(20))
    assert composed(cast.ana, "text-announced", now) == NoLongerTrue("text-superseded")


def test_a_minor_version_is_not_told_to_whoever_knows(cast: SimpleNamespace, now: datetime, today: date) -> None:
    version = publish(today, now, change="minor", effective_on=today)
    plan(now)
    sign(cast.lee, version, now, today, answer="informed")
    assert composed(cast.lee, "text-informed", now) == NoLongerTrue("text-settled")
    assert isinstance(composed(cast.ana, "text-informed", now), Letter)


# --- the arithmetic ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grace_days", "since", "stage"),
    [(30, 0, "effective"), (30, 13, "effective"), (30, 22, None), (30, 23, "ending"), (30, 30, "ending"),
     (30, 31, "ended"), (7, 0, "effective"), (7, 7, "effective"), (7, 8, "ended"), (0, 0, "effective"), (0, 1, "ended"),
     (30, 44, "ended"), (30, 45, None), (60, 14, None), (60, 53, "ending")],
)  # fmt: skip
def test_stages_by_days(today: date, grace_days: int, since: int, stage: str | None) -> None:
    ends_on = today - days(since) + days(grace_days)
    duty = Duty("deontologie", new_id(), 2, "grace", ends_on, ends_on + days(31), None)
    found = reached(duty, grace_days=grace_days, today=today)
    assert (found.stage if isinstance(found, Reached) else None) == stage
