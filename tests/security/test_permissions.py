"""The whole law as answers: every door, tried by a stranger, by each side of a situation, and by each office alone.

302 is « done » or « sent on », 422 « let in, but the form is empty »; a stranger is sent to sign in by 302 or told so
by 401. What one may not see does not exist: 404. What one sees and may not do: 403.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select, update

from supervision.agreements import actions as agreements
from supervision.association.models import Association
from supervision.cases import actions as cases
from supervision.cases.attachments import actions as attachments
from supervision.cases.attachments.rules import Cleaned
from supervision.cases.break_glass import actions as break_glass
from supervision.cases.break_glass.models import BreakGlass
from supervision.cases.lifecycle import actions as lifecycle
from supervision.crypto import Keyring
from supervision.db import db
from supervision.deontology.authoring import actions as authoring
from supervision.deontology.authoring.editing import begun_from
from supervision.deontology.coverage import actions as coverage
from supervision.deontology.models import Acknowledgement, TextVersion
from supervision.deontology.referrals import actions as referrals
from supervision.deontology.referrals.actions import Opening
from supervision.ids import new_id
from supervision.outbox import actions as outbox
from supervision.outbox.models import OutboxMail
from supervision.people import actions as people
from supervision.people.models import Person, RoleGrant
from supervision.scheduling.models import Seat
from supervision.sign_in.models import UserSession
from tests import desk
from tests.client import FreshClient
from tests.facts import one, undone
from tests.scheduling.tables import a_session
from tests.security.table import OFFICES, WHO, rows_of_table

As = Callable[[Person], FreshClient]


@pytest.fixture
def world(app: Flask, cast: SimpleNamespace, keyring: Keyring, now: datetime, today: date) -> dict[str, Any]:
    """Something behind every door, and one person for each office."""
    at = now - timedelta(days=3)
    answered = desk.bring(cast.ana, cast.sam, keyring, at)
    desk.respond(cast.sam, answered, keyring, at + timedelta(days=1))
    made = agreements.propose(
        actor=cast.ana, supervisee=cast.ana, supervisor=cast.noor, starts_on=today, ends_on=None, now=now
    )
    officers = {office: _officer(office, now) for office in OFFICES}
    proposal = people.grant_role(actor=cast.ada, person=cast.zoe, role="treasurer", now=now)
    newcomer = people.add_person(
        actor=None, email="mira@rives.example", display_name="Mira", language="fr", zone="Europe/Paris", now=now
    )
    outbox.put(key="failed", kind="reset", person_id=cast.zoe.id, subject_id=new_id(), now=now)
    db.session.execute(update(OutboxMail).where(OutboxMail.key == "failed").values(failed_at=now))
    mail = db.session.scalars(select(OutboxMail.id).where(OutboxMail.key == "failed")).one()
    session = UserSession(id=new_id(), token_hash="x", person_id=cast.zoe.id, device="", began_at=now, seen_at=now)
    db.session.add(session)
    group = a_session(cast.sam, now + timedelta(days=1), [cast.ana])
    authoring.begin(actor=cast.paul, kind="deontologie", content=begun_from(authoring.sample_code()), now=now)
    found = {
        "group": group.id,
        "seat": db.session.scalars(select(Seat.id).where(Seat.session_id == group.id)).one(),
        "draft": desk.draft(cast.ana, keyring, now),
        "case": desk.bring(cast.ana, cast.sam, keyring, at),
        "answered": answered,
        "agreement": made.id,
        "person": cast.zoe.id,
        "newcomer": newcomer.id,
        "grant": db.session.scalars(select(RoleGrant.id).where(RoleGrant.person_id == cast.zoe.id)).first(),
        "proposal": proposal.id,
        "mail": mail,
        "session": session.id,
        "text": "deontologie",
        "extension": _extension(cast, now, today),
        "nobody": new_id(),
        "article": "responsabilite",
        "code": one(select(Acknowledgement.code).where(Acknowledgement.number == 1)),
        **_exceptions(cast, officers["committee"], keyring, at, now),
        "referral": _referral(cast, keyring, at),
    }
    found |= _with_files(found["draft"], cast, keyring, at)
    db.session.commit()
    return found | {"officers": officers}


def _extension(cast: SimpleNamespace, now: datetime, today: date) -> UUID:
    """More time for Zoé."""
    version = one(select(TextVersion))
    given = {"person": cast.zoe, "version": version, "until_on": today + timedelta(days=9), "reason": "Un congé."}
    return coverage.extend(actor=cast.paul, **given, now=now, today=today).id


def _with_files(draft: UUID, cast: SimpleNamespace, keyring: Keyring, at: datetime) -> dict[str, UUID]:
    """A file that waits with a draft, and one that went with a situation."""
    db.session.execute(update(Association).values(accepts_attachments=True))
    illustrated, plan = desk.draft(cast.ana, keyring, at), Cleaned(b"%PDF-", "application/pdf", "pdf")
    waiting, attached = (
        attachments.add(file=desk.opened(case), cleaned=plan, name="plan.pdf", most=1, keyring=keyring, now=at)
        for case in (draft, illustrated)
    )
    fields, file = desk.situation_fields(cast.sam), desk.opened(illustrated)
    cases.submit(author=cast.ana, supervisor=cast.sam, file=file, fields=fields, revision=1, keyring=keyring, now=at)
    return {"waiting": waiting, "illustrated": illustrated, "attached": attached}


def _referral(cast: SimpleNamespace, keyring: Keyring, at: datetime) -> UUID:
    """What Ana asked of the committee."""
    opening = Opening(kind="question", title="Enregistrer", fields={"account": "Puis-je enregistrer ?"})
    return referrals.open_referral(author=cast.ana, opening=opening, press=new_id(), keyring=keyring, now=at)


def _exceptions(cast: SimpleNamespace, member: Person, keyring: Keyring, at: datetime, now: datetime) -> dict[str, Any]:
    """A request that waits for a second word of the committee, and a closed situation that two of it may read."""
    asked, closed = (desk.bring(cast.ana, cast.sam, keyring, at) for _ in range(2))
    desk.respond(cast.sam, closed, keyring, at + timedelta(days=1))
    lifecycle.close(actor=cast.ana, file=desk.opened(closed), now=now)
    made = {}
    for name, case_id in (("glass", asked), ("broken", closed)):
        asking = {"actor": cast.paul, "file": desk.opened(case_id), "reason": "Une plainte.", "hours": 24}
        made[name] = break_glass.ask(**asking, press=new_id(), keyring=keyring, now=now)
    break_glass.confirm(actor=member, glass=db.session.get_one(BreakGlass, made["broken"]), now=now)
    return {"closed": closed, **made}


def _officer(office: str, now: datetime) -> Person:
    person = people.add_person(
        actor=None, email=f"{office}@rives.example", display_name=office, language="fr", zone="Europe/Paris", now=now
    )
    people.grant_role(actor=None, person=person, role=office, now=now)
    return person


def form_for(door: str, cast: SimpleNamespace) -> dict[str, Any]:
    """What makes each act succeed for whoever may do it."""
    forms: dict[str, dict[str, Any]] = {
        "/deontologie/atelier/commencer": {"depuis": "vide"},
        "/deontologie/atelier/changer": {"up": "supervision", "revision": 1},
        "/situations/:case/visibilite": {"visibility": "supervisor"},
        "/situations/retrouver": {"words": "silence"},
        "/situations/recues/retrouver": {"words": "silence"},
        "/situations/:case/proposer": {"supervisor": str(cast.noor.id)},
        "/situations/nouvelle": {"creation_key": str(new_id())},
        "/personnes/:person/roles": {"role": "trainee"},
        "/reglages/formulaire/changer": {"retire": "effects", "revision": 0},
        "/reglages/formulaire/champ": {"key": "effects"},
        "/reglages/formulaire/partie": {"key": "recit"},
        "/situations/:draft/brouillon": desk.situation_form(cast.sam, 1),
        "/situations/:draft/relecture": {"revision": 1},
        "/situations/:case/retour": desk.FEEDBACK | {"revision": 0},
        "/situations/:answered/reponse": desk.ANSWER,
    }
    return forms.get(door, {})


@pytest.mark.slow
def test_every_door_answers_each_person_as_the_law_says(
    app: Flask, as_: As, visitor: FreshClient, cast: SimpleNamespace, world: dict[str, Any]
) -> None:
    def answer(door: str, who: str) -> int:
        method, _, path = door.partition(" ")
        address = path
        for name, found in world.items():
            address = address.replace(f":{name}", str(found))
        data = form_for(path, cast) if method == "POST" else None
        with undone(app):
            return browsers[who].again().open(address, method=method, data=data).status_code

    persons = {who: world["officers"].get(who) or getattr(cast, who) for who in WHO if who != "stranger"}
    browsers = {"stranger": visitor, **{who: as_(person) for who, person in persons.items()}}
    answers = {door: [answer(door, who) for who in WHO] for door, _ in rows_of_table()}
    assert answers == dict(rows_of_table())


def test_the_table_holds_every_door(app: Flask) -> None:
    def shape(path: str) -> str:
        path = re.sub("^/textes/<kind>", "/deontologie", path)  # the same view, of another text
        path = path.replace("<int(max=999999999):number>", "1").replace("-<int(max=9999):since>", "-1")
        parts = path.partition("?")[0].split("/")
        return "/".join("*" if part[:1] in {":", "<"} else part for part in parts)

    tried = {(door.split()[0], shape(door.split()[1])) for door, _ in rows_of_table()}
    doors = set()
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) & {"GET", "POST"}:
            doors.add((method, shape(rule.rule.replace("version-<int(max=9999):number>", "version-1"))))
    assert doors - tried == set()


def test_each_office_is_held_alone(cast: SimpleNamespace, world: dict[str, Any], now: datetime) -> None:
    for office, person in world["officers"].items():
        held = select(RoleGrant.role).where(RoleGrant.person_id == person.id)
        assert one(held) == office
