"""Handing a situation in: the last step of the editor and of the reading before it are the same act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from supervision import clock, i18n
from supervision.cases import actions, texts
from supervision.cases.form import queries as forms
from supervision.cases.form.reading import text_keys
from supervision.cases.form.rules import AT
from supervision.cases.lifecycle import actions as lifecycle
from supervision.cases.queries import CaseFile
from supervision.cases.reidentification import decisions
from supervision.cases.reidentification.review import Review, review
from supervision.cases.visibility.rules import NOBODY_ELSE
from supervision.doors import commit, keyring
from supervision.filters import month_name, tongue
from supervision.people.models import Person
from supervision.scheduling import queries as scheduling
from supervision.sign_in.current import me


def hand_in(
    file: CaseFile,
    fields: Mapping[str, Any],
    supervisors: Sequence[Person],
    revision: int,
    attempts: Sequence[int] = (),
) -> Any:
    """Submit a text in which nothing is missing, tell whoever waits for it, and go to its page.

    Raises:
        Conflict, AlreadySubmitted, Incomplete: nothing is written.
    """
    supervisor = next(person for person in supervisors if str(person.id) == fields["supervisor"])
    told = decisions.carried({key: value for key, value in fields.items() if key != AT}, texts.draft(file, keyring()))
    if decisions.KEPT in told and file.draft is not None:
        definition = forms.by_id(file.draft.form_version_id).definition
        told = decisions.with_decisions(told, reviewed(file, told, definition).for_version())
    actions.submit(
        author=me().person,
        supervisor=supervisor,
        file=file,
        fields=decisions.carried(told, {}),
        revision=revision,
        attempts=attempts,
        keyring=keyring(),
        now=clock.now(),
    )
    _open_to_readers(file, fields.get("visibility"))
    commit()
    flash(
        _(
            "Votre situation est soumise à %(name)s ; un courriel sans contenu le dit.",
            name=supervisor.display_name,
        )
    )
    return redirect(url_for("cases.case", case_id=file.case.id))


def _open_to_readers(file: CaseFile, visibility: str | None) -> None:
    """What the author chose in the form; a form that does not ask leaves it as it is."""
    if visibility is not None:
        session_id = None if visibility == NOBODY_ELSE else UUID(visibility)
        lifecycle.open_to_session(author=me().person, file=file, session_id=session_id, now=clock.now())


def begun(file: CaseFile) -> dict[str, Any]:
    """The saved draft. Whoever was given the case since it was last saved stands in the place of the one chosen there:
    submitting the next version must not hand the case back.
    """
    fields = texts.draft(file, keyring())
    if "supervisor" in fields and file.draft and file.assignment and file.assignment.assigned_at > file.draft.edited_at:
        fields["supervisor"] = str(file.assignment.supervisor_id)
    return fields


def as_offered(fields: Mapping[str, Any], supervisors: Sequence[Person]) -> dict[str, Any]:
    """What was chosen in a saved text, as far as it can still be chosen: an agreement may have ended since, or the
    session of a group be over.
    """
    offered = dict(fields)
    if offered.get("supervisor") not in {str(person.id) for person in supervisors}:
        offered.pop("supervisor", None)
    if offered.get("visibility", NOBODY_ELSE) != NOBODY_ELSE:
        sessions = scheduling.open_sessions_for(me().id, clock.now())
        if offered["visibility"] not in {str(session.id) for session in sessions}:
            offered["visibility"] = NOBODY_ELSE
    return offered


def reviewed(file: CaseFile, fields: Mapping[str, Any], definition: Mapping[str, Any]) -> Review:
    """The author's text with the passages that may say who is meant, each in the language it is written in."""
    keys = text_keys(definition)
    written = {key: fields[key] for key in keys if fields.get(key)}
    whole = tongue(" ".join(written.values()))
    languages = {key: tongue(text, whole) for key, text in written.items()}
    if fields.get("period"):
        written["period"], languages["period"] = month_name(fields["period"]), i18n.current_language()
    return review(
        written,
        languages,
        kept=decisions.read(fields),
        secret=file.seal(keyring()).secret(decisions.PURPOSE),
        readable=frozenset(keys),
    )
