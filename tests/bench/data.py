"""A thousand situations of one author, received by one supervisor: most answered, a few waiting at each step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from flask import Flask

from supervision import clock
from supervision.cases.models import Answer, Case, CaseKey, CaseReading, CaseVersion, Feedback
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring
from supervision.db import Base, db
from supervision.demo import association as demo
from supervision.ids import new_id
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.sign_in import actions as sign_in

CASES = 1000
WAITING = 3  # situations at each of the steps where somebody waits
TEXT = "Nous étions neuf. À la fin, personne n’a parlé pendant une longue minute, et j’ai rompu le silence. " * 12


@dataclass(frozen=True)
class Cookies:
    """What the browsers of the author and of the supervisor carry, and a situation both may open."""

    author: str
    supervisor: str
    case_id: UUID


def fill(app: Flask) -> Cookies:
    ring: Keyring = app.extensions["keyring"]
    cast = demo.fill(keyring=ring, now=clock.now())
    ids = [_bring(cast["ana"], cast["sam"], ring, number) for number in range(CASES)]
    db.session.commit()
    _analyze()
    return Cookies(_cookie(app, "ana"), _cookie(app, "sam"), ids[CASES // 2])


def _bring(author: Person, supervisor: Person, ring: Keyring, number: int) -> UUID:
    """One row in each table, written as the actions write them but without asking the rules a thousand times."""
    at = clock.now() - timedelta(hours=CASES - number)
    case_id, version_id, feedback_id, answer_id = (new_id() for _ in range(4))
    seal, key = CaseSeal.create(ring, case_id)
    title, fields = f"Un silence en fin de groupe, numéro {number}", {"title": "", "account": TEXT, "question_1": TEXT}
    _add(Case, id=case_id, author_id=author.id, creation_key=new_id(), created_at=at)
    _add(CaseKey, case_id=case_id, generation=key.generation, wrapped=key.wrapped)
    texts = {"sealed_title": seal.close_title(title, "case_version", version_id)}
    texts["sealed"] = seal.close_fields({**fields, "title": title}, "case_version", version_id)
    place = {"case_id": case_id, "number": 1, "supervisor_id": supervisor.id, "submitted_at": at}
    _add(CaseVersion, id=version_id, **place, **texts)
    step = (CASES - 1 - number) // WAITING  # the newest wait for the supervisor, then for the author, then for nobody
    if step >= 1:
        _read(case_id, supervisor, "situation", at + timedelta(hours=1))
    if step >= 2:
        said = seal.close_fields({"heard": TEXT, "paths": TEXT}, "feedback", feedback_id)
        whose = {"version_id": version_id, "author_id": supervisor.id, "published_at": at + timedelta(hours=2)}
        _add(Feedback, id=feedback_id, sealed=said, **whose)
    if step >= 3:
        _read(case_id, author, "feedback", at + timedelta(hours=3))
    if step >= 4:
        tried = seal.close_fields({"tried": TEXT}, "answer", answer_id)
        whose = {"feedback_id": feedback_id, "author_id": author.id, "answered_at": at + timedelta(hours=4)}
        _add(Answer, id=answer_id, sealed=tried, **whose)
        _read(case_id, supervisor, "situation", at + timedelta(hours=5))
    return case_id


def _add(model: type[Base], **values: object) -> None:
    db.session.execute(sa.insert(model).values(**values))


def _read(case_id: UUID, reader: Person, what: str, at: datetime) -> None:
    _add(CaseReading, id=new_id(), case_id=case_id, reader_id=reader.id, what=what, read_at=at)


def _analyze() -> None:
    """Both databases plan with statistics; PostgreSQL's own housekeeping would bring them in a minute."""
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()


def _cookie(app: Flask, key: str) -> str:
    """The cookie of a browser that is signed in and has seen a page: it holds the form token already."""
    person = people.person_by_email(demo.email_of(key))
    assert person is not None
    token = sign_in.begin_session(person=person, device="Firefox, Linux", now=clock.now())
    db.session.commit()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    content = signer.dumps({"_user_id": token, "_fresh": True, "csrf_token": "b" * 40})
    return f"{app.config['SESSION_COOKIE_NAME']}={content}"
