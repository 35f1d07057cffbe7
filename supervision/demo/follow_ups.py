"""What happened around some situations of the demonstration: a supplement, a feedback taken back in time, a correction,
notes in the margin, words after the answer, a second version, a closing, a situation withdrawn, and one that was thrown
away.
"""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from supervision.cases import actions as cases
from supervision.cases import queries
from supervision.cases import texts as texts_of
from supervision.cases.feedback import actions as feedback
from supervision.cases.feedback import notes
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.models import Case
from supervision.cases.queries import CaseFile
from supervision.crypto import Keyring
from supervision.db import db
from supervision.ids import new_id
from supervision.people.models import Person


@cache
def texts() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("follow_ups.toml").read_text())


def file_of(person: Person, case_id: Any, now: datetime) -> CaseFile:
    """The person's case as it is at a moment of the invented past."""
    db.session.flush()
    db.session.expire_all()
    file = queries.case_file(select(Case).where(Case.author_id == person.id), case_id, now)
    if file is None:
        raise LookupError("the demo lost a case it has just made")
    return file


def before_the_feedback(
    key: str, author: Person, supervisor: Person, case_id: Any, keyring: Keyring, opened_at: datetime
) -> None:
    """A supplement asked and given, another day announced."""
    text = texts().get(key, {})
    if "asked" in text:
        at = opened_at + timedelta(hours=1)
        file = file_of(author, case_id, at)
        lifecycle.ask_supplement(supervisor=supervisor, file=file, text=text["asked"], keyring=keyring, now=at)
        at = opened_at + timedelta(hours=9)
        file, press = file_of(author, case_id, at), new_id()
        lifecycle.supplement(author=author, file=file, text=text["given"], press=press, keyring=keyring, now=at)
    if "answers_in_days" in text:
        due_on = (opened_at + timedelta(days=text["answers_in_days"])).date()
        file = file_of(author, case_id, opened_at)
        lifecycle.set_deadline(supervisor=supervisor, file=file, due_on=due_on, now=opened_at)


def a_first_attempt(
    key: str, author: Person, supervisor: Person, fields: dict[str, Any], case_id: Any, keyring: Keyring, at: datetime
) -> None:
    """A feedback that was sent off and taken back four minutes later."""
    if not texts().get(key, {}).get("recalled"):
        return
    earlier = at - timedelta(hours=1)
    file = file_of(author, case_id, earlier)
    version_id = file.version.id if file.version else case_id
    feedback.publish(author=supervisor, file=file, fields=fields, version_id=version_id, keyring=keyring, now=earlier)
    back = earlier + timedelta(minutes=4)
    feedback.recall(author=supervisor, file=file_of(author, case_id, back), keyring=keyring, now=back)


def after_the_answer(
    key: str, author: Person, supervisor: Person, case_id: Any, keyring: Keyring, answered_at: datetime
) -> None:
    """A correction, words of both sides, the end of the thread."""
    text, at = texts().get(key, {}), answered_at + timedelta(days=1)
    if "correction" in text:
        file, press = file_of(author, case_id, at), new_id()
        feedback.correct(author=supervisor, file=file, text=text["correction"], press=press, keyring=keyring, now=at)
    for message in text.get("messages", ()):
        at += timedelta(days=2)
        file, writer = file_of(author, case_id, at), author if message["from"] == "ana" else supervisor
        feedback.write(author=writer, file=file, text=message["text"], press=new_id(), keyring=keyring, now=at)
        for reader in (author, supervisor):
            cases.record_reading(file=file_of(author, case_id, at), reader=reader, now=at)
    if "again" in text:
        submit_again(author, supervisor, text["again"], case_id, keyring, at + timedelta(days=text["again"]["in_days"]))
    if text.get("closed"):
        lifecycle.close(actor=author, file=file_of(author, case_id, at), now=at + timedelta(hours=1))


def submit_again(
    author: Person, supervisor: Person, text: dict[str, Any], case_id: Any, keyring: Keyring, at: datetime
) -> None:
    """A second version: some fields written anew, some passages changed, the rest as it was."""
    lifecycle.revise(file=file_of(author, case_id, at), keyring=keyring, now=at)
    file = file_of(author, case_id, at)
    fields = texts_of.draft(file, keyring) | text["fields"]
    for change in text["passages"]:
        fields[change["field"]] = fields[change["field"]].replace(change["was"], change["is"])
    cases.submit(
        author=author,
        supervisor=supervisor,
        file=file,
        fields=fields,
        revision=file.draft.revision if file.draft else 1,
        keyring=keyring,
        now=at,
    )


def margin_notes(situation: dict[str, Any]) -> dict[str, Any]:
    """The notes written beside a situation of the demonstration, with their passages found."""
    written = texts().get(situation["key"], {}).get("notes", ())
    fields = {key: value for key, value in situation.items() if isinstance(value, str)}
    return {"notes": notes.settled(written, 1, {1: fields})} if written else {}


def withdraw(author: Person, case_id: Any, keyring: Keyring, at: datetime) -> None:
    lifecycle.withdraw(author=author, file=file_of(author, case_id, at), keyring=keyring, now=at)


def discard(author: Person, case_id: Any, at: datetime) -> None:
    """Throw a withdrawn situation away: its key is destroyed, that it existed stays."""
    cases.discard(file=file_of(author, case_id, at), now=at)
