"""Wording the next version of a text: begun by anyone of the committee, read over by a second one, then published."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from supervision.audit import actions as audit
from supervision.db import db, insert
from supervision.deontology import actions as deontology
from supervision.deontology.authoring import editing, queries
from supervision.deontology.authoring.editing import Content
from supervision.deontology.authoring.rules import (
    NotReviewed,
    Problem,
    SamePerson,
    StaleDraft,
    Terms,
    UnsoundDraft,
    problems,
)
from supervision.deontology.models import TextDraft, TextVersion
from supervision.deontology.rules import GRACE_DAYS, HIDDEN_DAYS
from supervision.outbox import actions as outbox
from supervision.people import queries as people
from supervision.people.models import Person

# Whoever changes a word takes back that it was shown to somebody, and that somebody agreed.
_NOT_REVIEWED: dict[str, Any] = {
    "review_asked_by": None,
    "review_asked_at": None,
    "approved_by": None,
    "approved_at": None,
}


@cache
def sample_code() -> Mapping[str, Any]:
    """The code that Prisme comes with."""
    return tomllib.loads(Path(deontology.__file__).with_name("sample_code.toml").read_text())


def begin(*, actor: Person, kind: str, content: Content, now: datetime) -> None:
    """Begin the next version with these words.

    Raises:
        StaleDraft: somebody has begun it already.
    """
    last = queries.last_version(kind)
    new = insert(TextDraft).values(
        kind=kind,
        content=content,
        change="major",
        effective_on=None,
        grace_days=last.grace_days if last else GRACE_DAYS,
        hidden_days=last.hidden_days if last else HIDDEN_DAYS,
        bound_roles=last.bound_roles if last else "",
        revision=1,
        edited_by=actor.id,
        edited_at=now,
    )
    added = new.on_conflict_do_nothing(index_elements=["kind"]).returning(TextDraft.kind)
    if db.session.scalar(added) is None:
        raise StaleDraft


def save_content(*, actor: Person, kind: str, content: Content, revision: int, now: datetime) -> None:
    """Replace the words of a draft. What was asked or approved before does not hold for them.

    Raises:
        StaleDraft: somebody saved, published or threw it away in between; nothing is written.
    """
    _change(kind, revision, **_edited(actor, revision, now), content=content)


def save_terms(*, actor: Person, kind: str, terms: Terms, revision: int, now: datetime) -> None:
    """Raises:
    StaleDraft: as above.
    """
    _change(
        kind,
        revision,
        **_edited(actor, revision, now),
        change=terms.change,
        effective_on=terms.effective_on,
        grace_days=terms.grace_days,
        hidden_days=terms.hidden_days,
        bound_roles=",".join(terms.bound_roles),
    )


def _edited(actor: Person, revision: int, now: datetime) -> dict[str, Any]:
    return {"revision": revision + 1, "edited_by": actor.id, "edited_at": now, **_NOT_REVIEWED}


def _change(kind: str, seen: int, *conditions: Any, **values: Any) -> None:
    draft = update(TextDraft).where(TextDraft.kind == kind, TextDraft.revision == seen, *conditions)
    changed = draft.values(**values).returning(TextDraft.kind).execution_options(synchronize_session=False)
    if db.session.scalar(changed) is None:
        raise StaleDraft


def _as_seen(kind: str, revision: int) -> TextDraft:
    """Held until the commit: what is looked at here is what is approved and published."""
    draft = queries.held_draft(kind)
    if draft is None or draft.revision != revision:
        raise StaleDraft
    return draft


def problems_of(draft: TextDraft, today: date) -> list[Problem]:
    last = queries.last(queries.last_version(draft.kind))
    return problems(draft.content, queries.terms_of(draft), last=last, today=today)


# --- a second person --------------------------------------------------------------------------------------------------


def ask_review(*, actor: Person, kind: str, revision: int, today: date, now: datetime) -> None:
    """Show the draft as it stands to the others of the committee.

    Raises:
        StaleDraft: it is not as the page showed it.
        UnsoundDraft: something is missing.
    """
    found = problems_of(_as_seen(kind, revision), today)
    if found:
        raise UnsoundDraft(found)
    asked = {"review_asked_by": actor.id, "review_asked_at": now}
    nothing_yet = {"remark": None, "returned_by": None, "returned_at": None}
    _change(kind, revision, TextDraft.review_asked_by.is_(None), **asked, **nothing_yet)
    audit.record(actor_id=actor.id, action="text-review-asked", subject=f"text/{kind}", now=now, revision=revision)
    for person in people.holders("committee", now):
        if person.id != actor.id:
            _tell(person, actor, kind, revision, now)


def _tell(person: Person, actor: Person, kind: str, revision: int, now: datetime) -> None:
    outbox.put(
        key=f"text-review/{kind}/{now.isoformat()}/{person.id}",
        kind="text-review",
        person_id=person.id,
        subject_id=actor.id,
        now=now,
        text=kind,
        revision=revision,
    )


def approve(*, actor: Person, kind: str, revision: int, now: datetime) -> None:
    """Approve exactly what this page showed.

    Raises:
        StaleDraft: it has changed, or nobody asks any more.
        SamePerson: whoever asked; the database refuses it too.
    """
    _answer_review(actor, kind, revision, approved_by=actor.id, approved_at=now)
    audit.record(actor_id=actor.id, action="text-approved", subject=f"text/{kind}", now=now, revision=revision)


def send_back(*, actor: Person, kind: str, revision: int, remark: str, now: datetime) -> None:
    """Say what should be otherwise; an approval is taken back by it, too.

    Raises:
        StaleDraft, SamePerson: as above.
    """
    remarked = {"remark": remark, "returned_by": actor.id, "returned_at": now}
    _answer_review(actor, kind, revision, **_NOT_REVIEWED, **remarked)
    audit.record(actor_id=actor.id, action="text-sent-back", subject=f"text/{kind}", now=now, revision=revision)


def _answer_review(actor: Person, kind: str, revision: int, **values: Any) -> None:
    draft = _as_seen(kind, revision)
    if draft.review_asked_by == actor.id:
        raise SamePerson
    _change(kind, revision, TextDraft.review_asked_by.is_not(None), TextDraft.review_asked_by != actor.id, **values)


# --- the end of a draft -----------------------------------------------------------------------------------------------


def publish(*, actor: Person, kind: str, revision: int, today: date, now: datetime) -> TextVersion:
    """Make the approved draft a version, for ever. The mails to everyone follow from it, planned by the worker.

    Raises:
        StaleDraft: the draft is not as the page showed it.
        NotReviewed: nobody has approved it as it stands.
        UnsoundDraft: its day has passed meanwhile.
    """
    draft = _as_seen(kind, revision)
    if draft.approved_at is None:
        raise NotReviewed
    found = problems_of(draft, today)
    if found:
        raise UnsoundDraft(found)
    content, terms, last = draft.content, queries.terms_of(draft), queries.last_version(kind)
    approver = db.session.get(Person, draft.approved_by)
    _take(kind, revision, TextDraft.approved_at.is_not(None))
    return deontology.publish(
        actor=actor,
        kind=kind,
        number=last.number + 1 if last else 1,
        change=terms.change,
        effective_on=terms.effective_on or today,
        texts=editing.as_published(content),
        now=now,
        grace_days=terms.grace_days,
        hidden_days=terms.hidden_days,
        bound_roles=terms.bound_roles,
        approved_by=approver,
    )


def throw_away(*, kind: str, revision: int) -> None:
    """Give up the next version; the one in force stays.

    Raises:
        StaleDraft: somebody else saved or published in between.
    """
    _take(kind, revision)


def _take(kind: str, revision: int, *conditions: Any) -> None:
    draft = queries.draft(kind)
    if draft is not None:
        db.session.expunge(draft)
    gone = delete(TextDraft).where(TextDraft.kind == kind, TextDraft.revision == revision, *conditions)
    if db.session.scalar(gone.returning(TextDraft.kind).execution_options(synchronize_session=False)) is None:
        raise StaleDraft
