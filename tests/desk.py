"""What lies on a desk in most tests: filled forms, and cases brought as far as a test needs them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, text
from werkzeug.test import TestResponse

from supervision import clock
from supervision.cases import actions
from supervision.cases.feedback import actions as feedback
from supervision.cases.feedback import queries as feedback_queries
from supervision.cases.feedback.models import Feedback
from supervision.cases.form import actions as forms
from supervision.cases.models import Case, CaseAssignment, CaseDraft, CaseKey, CaseVersion
from supervision.cases.queries import CaseFile, case_file
from supervision.cases.rules import UNDO
from supervision.cases.sealing import CaseSeal
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person, RoleGrant
from tests.client import FreshClient

SITUATION = {
    "title": "Une séance qui se ferme",
    "request": "Apaiser une équipe.",
    "common_goal": "Se parler de nouveau.",
    "frame": "Rien ne sort de la salle, sauf un danger.",
    "motivation": "L’envie d’être utile.",
    "account": "Le groupe arrive en retard.\nPersonne ne parle.",
    "critical_moment": "Une personne quitte la salle.",
    "what_i_did": "Je suis restée assise.",
    "question_1": "Qu’ai-je évité ?",
    "protection": "Noms et lieux changés.",
    "reality_self": "Je regardais mes notes.",
    "fears_group": "La peur d’être jugés.",
}
BEARINGS = {
    "visibility": "supervisor",
    "kind_of_group": "team",
    "period": "2026-11",
    "alone_or_pair": "alone",
    "step": "under-way",
}
GUARANTEES = {"pseudonyms": "y", "frame_allows": "y", "nobody_questioned": "y"}
FEEDBACK = {
    "acknowledgement": "Merci de ce récit.",
    "heard": "Vous demandez ce que vous avez évité.",
    "resources": "Vous êtes restée.",
    "questions": "- Que craigniez-vous ?",
    "hypotheses": "Peut-être la colère du groupe.",
    "paths": "Nommer le silence.",
    "experiment": "Le nommer une fois, à la prochaine séance.",
    "follow_up_on": "2027-03-01",
    "frame_ethics": "nothing",
}
ANSWER = {
    "tried": "J’ai nommé le silence.",
    "happened": "Le groupe a ri.",
    "outcome": "as-proposed",
    "usefulness": "much",
    "useful_words": "La question.",
}


def situation_form(supervisor: Person, revision: int | str, **changes: Any) -> dict[str, Any]:
    """What the page of a draft sends."""
    return {**SITUATION, **BEARINGS, **GUARANTEES, "supervisor": str(supervisor.id), "revision": revision, **changes}


def situation_fields(supervisor: Person, **changes: Any) -> dict[str, Any]:
    """What the form makes of it: what is empty is not kept."""
    made = {**SITUATION, **BEARINGS, **dict.fromkeys(GUARANTEES, True), "supervisor": str(supervisor.id), **changes}
    return {key: value for key, value in made.items() if value}


# --- by clicks --------------------------------------------------------------------------------------------------------


def begin(client: FreshClient, creation_key: UUID | None = None) -> TestResponse:
    return client.post("/situations/nouvelle", data={"creation_key": str(creation_key or new_id())})


def id_in(response: TestResponse) -> UUID:
    """The case that a redirect leads to."""
    return UUID(response.location.split("/situations/")[1].split("/")[0])


def save(client: FreshClient, case_id: UUID, form: dict[str, Any], *, partial: bool = False) -> TestResponse:
    headers = {"HX-Request": "true"} if partial else {}
    return client.post(f"/situations/{case_id}/brouillon", data=form, headers=headers)


def submit(client: FreshClient, case_id: UUID, form: dict[str, Any]) -> TestResponse:
    return save(client, case_id, {**form, "then": "submit"})


def feed_back(
    client: FreshClient, case_id: UUID, revision: int = 0, *, partial: bool = False, **changes: Any
) -> TestResponse:
    headers = {"HX-Request": "true"} if partial else {}
    form = {**FEEDBACK, "revision": revision, **changes}
    return client.post(f"/situations/{case_id}/retour", data=form, headers=headers)


def publish(client: FreshClient, case_id: UUID, revision: int = 0, **changes: Any) -> TestResponse:
    seen = changes.pop("seen") if "seen" in changes else latest_version(case_id)
    return feed_back(client, case_id, revision, **{"then": "publish", "seen": seen, **changes})


def latest_version(case_id: UUID) -> str:
    """The id that the page of a feedback carries."""
    versions = select(CaseVersion.id).where(CaseVersion.case_id == case_id).order_by(CaseVersion.number.desc())
    found = db.session.scalar(versions.limit(1))
    db.session.commit()  # or the request would nest in what this has begun
    return str(found)


# --- by actions: quick, and at any time -------------------------------------------------------------------------------


def opened(case_id: UUID, at: datetime | None = None) -> CaseFile:
    """The case as the database has it now, whoever may see it."""
    db.session.flush()
    db.session.expire_all()
    file = case_file(select(Case), case_id, at or clock.now())
    assert file is not None
    return file


def draft(author: Person, keyring: Keyring, at: datetime) -> UUID:
    return actions.begin(author=author, creation_key=new_id(), keyring=keyring, now=at)


def bring(author: Person, supervisor: Person, keyring: Keyring, at: datetime, **changes: Any) -> UUID:
    """A submitted case."""
    case_id = draft(author, keyring, at)
    fields = situation_fields(supervisor, **changes)
    actions.submit(
        author=author,
        supervisor=supervisor,
        file=opened(case_id),
        fields=fields,
        revision=1,
        keyring=keyring,
        now=at,
    )
    return case_id


def hand_in(author: Person, supervisor: Person, case_id: UUID, keyring: Keyring, at: datetime, **changes: Any) -> None:
    """Submit the draft that lies there: a first version, or the next one."""
    file = opened(case_id, at)
    assert file.draft is not None
    fields, revision = situation_fields(supervisor, **changes), file.draft.revision
    actions.submit(
        author=author, supervisor=supervisor, file=file, fields=fields, revision=revision, keyring=keyring, now=at
    )


def respond(supervisor: Person, case_id: UUID, keyring: Keyring, at: datetime) -> UUID:
    """Publish the feedback to a submitted case: signed ten minutes before, it is out at this moment."""
    return sign(supervisor, case_id, keyring, at - UNDO)


def sign(supervisor: Person, case_id: UUID, keyring: Keyring, at: datetime) -> UUID:
    """Send the feedback off: for ten minutes it can be recalled."""
    file = opened(case_id, at)
    assert file.version is not None
    return feedback.publish(
        author=supervisor, file=file, fields=FEEDBACK, version_id=file.version.id, keyring=keyring, now=at
    ).id


def answer(author: Person, case_id: UUID, keyring: Keyring, at: datetime) -> UUID:
    return feedback.answer(author=author, file=opened(case_id, at), fields=ANSWER, keyring=keyring, now=at)


def rounds(case_id: UUID) -> list[Feedback]:
    """Every feedback to a case that was not recalled."""
    return [row[1] for row in feedback_queries.history(case_id) if row[1] is not None]


def roles_of(person: Person) -> frozenset[str]:
    held = select(RoleGrant.role).where(
        RoleGrant.person_id == person.id, RoleGrant.confirmed_at.is_not(None), RoleGrant.ended_at.is_(None)
    )
    return frozenset(db.session.scalars(held))


# --- by the hundred ---------------------------------------------------------------------------------------------------


def many(count: int, author: Person, supervisor: Person, keyring: Keyring, now: datetime, *, state: str) -> list[UUID]:
    """Rows of `count` cases in one state ('draft', 'submitted' or 'published'), without the mails they would make."""
    form_id = forms.ensure(now).id
    made = [_rows(author, supervisor, keyring, now - timedelta(minutes=n), state, form_id) for n in range(count)]
    for model in (Case, CaseKey, CaseDraft, CaseVersion, CaseAssignment, Feedback):
        rows = [rows[model] for rows in made if model in rows]
        if rows:
            db.session.execute(insert(model), rows)
    if db.session.get_bind().dialect.name == "postgresql":
        db.session.execute(text("ANALYZE"))  # as its own housekeeping soon would: it plans by what it believes
    return [rows[Case]["id"] for rows in made]


def _rows(
    author: Person, supervisor: Person, keyring: Keyring, at: datetime, state: str, form_id: UUID
) -> dict[Any, dict[str, Any]]:
    case_id, version_id, feedback_id = new_id(), new_id(), new_id()
    seal, key = CaseSeal.create(keyring, case_id)
    rows: dict[Any, dict[str, Any]] = {
        Case: {"id": case_id, "author_id": author.id, "creation_key": new_id(), "created_at": at},
        CaseKey: {"case_id": case_id, "generation": key.generation, "wrapped": key.wrapped},
    }
    if state == "draft":
        rows[CaseDraft] = {
            "case_id": case_id,
            **_sealed(seal, "case_draft", case_id),
            "form_version_id": form_id,
            "revision": 1,
            "edited_at": at,
        }
        return rows
    rows[CaseVersion] = {
        "id": version_id,
        "case_id": case_id,
        "number": 1,
        "supervisor_id": supervisor.id,
        **_sealed(seal, "case_version", version_id),
        "form_version_id": form_id,
        "submitted_at": at,
    }
    rows[CaseAssignment] = {
        "id": new_id(),
        "case_id": case_id,
        "number": 1,
        "supervisor_id": supervisor.id,
        "for_this_case": False,
        "assigned_at": at,
    }
    if state == "published":
        rows[Feedback] = {
            "id": feedback_id,
            "version_id": version_id,
            "attempt": 0,
            "author_id": supervisor.id,
            "sealed": seal.close_fields(FEEDBACK, "feedback", feedback_id),
            "signed_at": at,
            "published_at": at,
        }
    return rows


def _sealed(seal: CaseSeal, table: str, row_id: UUID) -> dict[str, bytes]:
    return {
        "sealed_title": seal.close_title(SITUATION["title"], table, row_id),
        "sealed": seal.close_fields(SITUATION, table, row_id),
    }


Count = Callable[[], list[str]]
