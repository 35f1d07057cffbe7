"""Wording and publishing the form of a situation. A published version never changes: the next one stands beside it."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import delete, update

from supervision.audit import actions as audit
from supervision.cases.form import queries
from supervision.cases.form.models import FormDraft, FormVersion
from supervision.cases.form.rules import StaleForm, UnsoundForm, problems
from supervision.db import db, insert
from supervision.ids import new_id
from supervision.people.models import Person


def ensure(now: datetime) -> FormVersion:
    """The form for new cases; the first time it is needed, the one that Prisme comes with is published as number 1."""
    form = queries.current()
    if form is not None and form.number > 0:
        return form
    first = insert(FormVersion).values(id=new_id(), number=1, definition=default_definition(), published_at=now)
    db.session.execute(first.on_conflict_do_nothing(index_elements=["number"]))
    return db.session.query(FormVersion).filter_by(number=1).one()


@cache
def default_definition() -> Mapping[str, Any]:
    """The form that Prisme comes with, read once: whoever changes it changes a copy."""
    return tomllib.loads(Path(__file__).with_name("default_form.toml").read_text())


def save_draft(*, actor: Person, definition: Mapping[str, Any], revision: int, now: datetime) -> int:
    """Replace the next version's draft, or begin it (`revision` 0); returns the new revision.

    Raises:
        StaleForm: another officer saved, published or threw away in between; nothing is written.
    """
    values = {"definition": dict(definition), "edited_by": actor.id, "edited_at": now}
    saved: Any
    if revision == 0:
        new = insert(FormDraft).values(id=1, revision=1, **values)
        saved = new.on_conflict_do_nothing(index_elements=["id"]).returning(FormDraft.revision)
    else:
        draft = update(FormDraft).where(FormDraft.revision == revision)
        saved = draft.values(revision=revision + 1, **values).returning(FormDraft.revision)
        saved = saved.execution_options(synchronize_session=False)
    new_revision: int | None = db.session.scalar(saved)
    if new_revision is None:
        raise StaleForm
    return new_revision


def publish(*, actor: Person, number: int, revision: int, now: datetime) -> FormVersion:
    """Make the draft the form of new cases, as version `number`. Cases that are begun keep theirs.

    Raises:
        StaleForm: the draft is not as this officer saw it, or the number is taken.
        UnsoundForm: the draft has problems; they are named.
    """
    draft = queries.draft()
    if draft is None or draft.revision != revision:
        raise StaleForm
    earlier = queries.all_versions()
    found = problems(draft.definition, [version.definition for version in earlier])
    if found:
        raise UnsoundForm(found)
    if earlier and earlier[-1].number != number - 1:
        raise StaleForm
    definition = draft.definition
    _take_draft(revision)
    version_id = new_id()
    new = insert(FormVersion).values(
        id=version_id, number=number, definition=definition, published_by=actor.id, published_at=now
    )
    if db.session.scalar(new.on_conflict_do_nothing(index_elements=["number"]).returning(FormVersion.id)) is None:
        raise StaleForm
    audit.record(actor_id=actor.id, action="form-published", subject=f"form/{number}", now=now)
    return queries.by_id(version_id)


def throw_away(*, revision: int) -> None:
    """Give up the next version; the one in force stays.

    Raises:
        StaleForm: another officer saved or published in between.
    """
    _take_draft(revision)


def _take_draft(revision: int) -> None:
    gone = delete(FormDraft).where(FormDraft.revision == revision).returning(FormDraft.id)
    if db.session.scalar(gone.execution_options(synchronize_session=False)) is None:
        raise StaleForm
