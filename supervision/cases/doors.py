"""What every door to a case shares: finding it, knowing what may be done, and answering a text that saves itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from flask import abort, flash, make_response, redirect, render_template
from flask_babel import gettext as _

from supervision import clock, permissions
from supervision.agreements import queries as agreements
from supervision.audit import actions as audit
from supervision.cases import actions, queries
from supervision.cases.models import Case
from supervision.cases.queries import CaseFile
from supervision.cases.rules import NotNow
from supervision.db import begin_writing, db
from supervision.doors import commit, is_partial
from supervision.people.models import Person
from supervision.sign_in.current import me, today


def visible_case(case_id: UUID) -> CaseFile:
    """The case, or 404. An officer who tries a door that an office does not open leaves a trace."""
    now = clock.now()
    file = queries.case_file(permissions.visible_cases(me(), today(now), now), case_id, now)
    if file is None:
        if me().holds_office and db.session.get(Case, case_id) is not None:
            _record_refusal(case_id)
        abort(404)
    return file


def note_reading(file: CaseFile, what: str = "situation") -> None:
    """Record that the person who asks opens the case; 404 if its author has taken it back since it was looked up."""
    try:
        actions.record_reading(file=file, reader=me().person, now=clock.now(), what=what)
    except NotNow:
        abort(404)
    commit()


def _record_refusal(case_id: UUID) -> None:
    begin_writing()  # most doors to a case only read
    audit.record(actor_id=me().id, action="case-refused", subject=f"case/{case_id}", now=clock.now())
    commit()


def moves(file: CaseFile) -> frozenset[str]:
    """What the person who asks may do to this case now."""
    now = clock.now()
    return permissions.moves_of(me(), file, today(now), now)


def require(file: CaseFile, move: str, text: str = "") -> None:
    """403 unless the person may make this move in the state the case is in.

    The case may have moved on while somebody wrote to it: either side gets her `text` back.
    """
    if move in moves(file):
        return
    if text and permissions.side_of(me(), file, today(clock.now())) is not None:
        abort(make_response(render_template("cases/too_late.html", file=file, text=text), 403))
    abort(403)


def press_of(sent: str | None) -> UUID:
    """What tells one press of a button from a second one; 400 for what no page of ours sends."""
    try:
        return UUID(sent or "")
    except ValueError:
        abort(400)


def my_supervisors() -> Sequence[Person]:
    return agreements.supervisors_of(me().id, today(clock.now()))


def supervisors_for(file: CaseFile) -> Sequence[Person]:
    """To whom the next version may go: as ever, and to whoever she consented to for this case, agreement or not."""
    running, named = my_supervisors(), file.supervisor
    if named is None or file.assignment is None or not file.assignment.for_this_case:
        return running
    return running if named in running or named.deactivated_at is not None else [named, *running]


def fresh(case_id: UUID) -> CaseFile:
    """The case as it is now, after somebody else wrote to it during this request."""
    db.session.rollback()
    db.session.expire_all()
    return visible_case(case_id)


# --- answering a text that saves itself -------------------------------------------------------------------------------


def saved(revision: int, back: str, sections: list[dict[str, Any]] | None = None) -> Any:
    if is_partial():
        return render_template("cases/saved.html", revision=revision, at=clock.now(), sections=sections)
    flash(_("Enregistré."))
    return redirect(back)


def refused(form: Any, page: Callable[[], str], revision: int = 0) -> Any:
    """Something at a field. With a `revision`, everything else was saved as that one."""
    if is_partial():
        return render_template("cases/not_saved.html", form=form, revision=revision), 422
    return page(), 422


def conflict(page: Callable[[], str]) -> Any:
    if is_partial():
        return render_template("cases/conflict.html"), 409
    return page(), 409


def gone(url: str, sentence: Any) -> Any:
    """The text has left the desk: a late save is told so, a double click simply arrives where the first one did."""
    if is_partial():
        return render_template("cases/gone.html", url=url, sentence=sentence), 409
    flash(str(sentence))
    return redirect(url)
