"""A thousand situations of one author, received by one supervisor, most of them answered and a few waiting at each
step; five hundred of another author's, all waiting for another supervisor; one with forty notes in its margin.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from supervision import clock
from supervision.cases import actions as cases
from supervision.cases.feedback.models import Answer, Feedback
from supervision.cases.form import queries as forms
from supervision.cases.models import Case, CaseAssignment, CaseKey, CaseReading, CaseVersion
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring
from supervision.db import Base, db
from supervision.demo import association as demo
from supervision.ids import new_id
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.sign_in import actions as sign_in
from tests.bench import texts

CASES = 1000
WAITING = 3  # situations at each of the steps where somebody waits
UNANSWERED = 500  # of the other author's
TEXT = "Nous étions neuf. À la fin, personne n’a parlé pendant une longue minute, et j’ai rompu le silence. " * 12
RAW_TOKEN = "b" * 40
NOTES, PASSAGES = 40, 160  # a text of some three thousand words, and a note beside every fourth passage of it
LONG = "\n".join(
    f"Passage {number}. Quelqu’un a dit qu’il ne reviendrait pas, et le groupe s’est tu jusqu’à la fin."
    for number in range(PASSAGES)
)


@dataclass(frozen=True)
class Cookies:
    """What the browsers of the four people carry, a situation of the first two, one with notes, and a draft."""

    author: str
    supervisor: str
    waited_for: str
    case_id: UUID
    noted_id: UUID
    draft_id: UUID
    form: dict[str, str]  # what the page of the draft sends
    token: str  # of every form of these browsers


def fill(app: Flask) -> Cookies:
    ring: Keyring = app.extensions["keyring"]
    cast = demo.fill(keyring=ring, now=clock.now())
    form = forms.current()
    assert form is not None
    ids = [_bring(cast["ana"], cast["sam"], ring, number, form.id) for number in range(CASES)]
    for number in range(UNANSWERED):
        _bring(cast["lee"], cast["noor"], ring, CASES - 1, form.id, at=clock.now() - timedelta(hours=number))
    noted = _bring(cast["ana"], cast["sam"], ring, 0, form.id, said=_noted(), account=LONG)
    draft = _draft(cast["ana"], ring)
    texts.fill(clock.now())
    db.session.commit()
    _analyze()
    sent = {"title": "Un silence", "account": TEXT, "question_1": TEXT, "supervisor": str(cast["sam"].id)}
    carried = (_cookie(app, key) for key in ("ana", "sam", "noor"))
    token = URLSafeTimedSerializer(app.config["SECRET_KEY"], salt="wtf-csrf-token").dumps(RAW_TOKEN)
    return Cookies(*carried, ids[CASES // 2], noted, draft, sent, str(token))


def _noted() -> dict[str, Any]:
    """A feedback whose notes each quote a passage, as `feedback.notes` keeps them."""
    notes = []
    for number in range(NOTES):
        quote = LONG.split("\n")[number * PASSAGES // NOTES]
        start = LONG.index(quote)
        place = {"field": "account", "start": start, "end": start + len(quote), "quote": quote, "version": 1}
        notes.append({"id": str(new_id()), "text": "Qu’avez-vous senti à ce moment-là ?", **place})
    return {"heard": TEXT, "paths": TEXT, "notes": notes}


def _draft(author: Person, ring: Keyring) -> UUID:
    return cases.begin(author=author, creation_key=new_id(), keyring=ring, now=clock.now())


def _bring(
    author: Person,
    supervisor: Person,
    ring: Keyring,
    number: int,
    form_id: UUID,
    *,
    at: datetime | None = None,
    said: dict[str, Any] | None = None,
    account: str = TEXT,
) -> UUID:
    """One row in each table, written as the actions write them but without asking the rules a thousand times."""
    at = at or clock.now() - timedelta(hours=CASES - number)
    case_id, version_id, feedback_id, answer_id = (new_id() for _ in range(4))
    seal, key = CaseSeal.create(ring, case_id)
    title, fields = f"Un silence en fin de groupe, numéro {number}", {"account": account, "question_1": TEXT}
    fields |= {"kind_of_group": "team", "period": f"{at:%Y-%m}", "fears_self": TEXT, "reality_group": TEXT}
    _add(Case, id=case_id, author_id=author.id, creation_key=new_id(), created_at=at)
    _add(CaseKey, case_id=case_id, generation=key.generation, wrapped=key.wrapped)
    texts = {"sealed_title": seal.close_title(title, "case_version", version_id)}
    texts["sealed"] = seal.close_fields({**fields, "title": title}, "case_version", version_id)
    place = {"case_id": case_id, "number": 1, "supervisor_id": supervisor.id}
    _add(CaseVersion, id=version_id, **place, form_version_id=form_id, submitted_at=at, **texts)
    _add(CaseAssignment, id=new_id(), **place, for_this_case=False, assigned_at=at)
    step = (CASES - 1 - number) // WAITING  # the newest wait for the supervisor, then for the author, then for nobody
    if step >= 1:
        _read(case_id, supervisor, "situation", at + timedelta(hours=1))
    if step >= 2:
        sealed = seal.close_fields(said or {"heard": TEXT, "paths": TEXT}, "feedback", feedback_id)
        out_at = at + timedelta(hours=2)
        whose = {"version_id": version_id, "attempt": 0, "author_id": supervisor.id}
        _add(Feedback, id=feedback_id, sealed=sealed, signed_at=out_at, published_at=out_at, **whose)
    if step >= 3:
        _read(case_id, author, "feedback", at + timedelta(hours=3))
    if step >= 4:
        tried = seal.close_fields({"tried": TEXT}, "answer", answer_id)
        answers = {"feedback_id": feedback_id, "author_id": author.id, "answered_at": at + timedelta(hours=4)}
        _add(Answer, id=answer_id, sealed=tried, **answers)
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
    content = signer.dumps({"_user_id": token, "_fresh": True, "csrf_token": RAW_TOKEN})
    return f"{app.config['SESSION_COOKIE_NAME']}={content}"
