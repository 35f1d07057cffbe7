"""The page of one case: everything that was written to it, and what the person who looks may do now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import render_template
from wtforms import SelectChoice

from supervision import clock, permissions
from supervision.cases import queries, texts
from supervision.cases.doors import moves, my_supervisors
from supervision.cases.feedback.forms import AnswerForm
from supervision.cases.form import reading
from supervision.cases.lifecycle.forms import DeadlineForm, HandOverForm, RequestForm, SupplementForm
from supervision.cases.queries import CaseFile
from supervision.cases.rules import sittings
from supervision.cases.visibility import queries as visibility
from supervision.cases.visibility.forms import VisibilityForm
from supervision.cases.words import FRAME_ETHICS
from supervision.doors import keyring
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.scheduling import queries as scheduling
from supervision.sign_in.current import me, today


def case_page(file: CaseFile, **forms: Any) -> str:
    """The page; a form that was refused is given under its name and takes the place of the empty one."""
    now, may = clock.now(), moves(file)
    is_author = file.case.author_id == me().id
    out = file.is_out(now) or _writes_to_it(file)
    supervisors = mine_but(file) if "hand-over" in may else ()
    situation = texts.situation(file, keyring())
    return render_template(
        "cases/case.html",
        file=file,
        may=may,
        is_author=is_author,
        situation=situation,
        told=reading.of_version(file.version.form_version_id, situation) if file.version else [],
        feedback=texts.feedback(file, keyring()) if out else None,
        answer=texts.answer(file, keyring()) if out else None,
        frame_ethics=FRAME_ETHICS,
        readings=sittings(queries.readings(file.case.id)) if is_author else None,
        readers=visibility.readers_of(file, today(now), now),
        is_stranded=is_author and _is_stranded(file),
        forms=_forms(file, may, supervisors) | forms,
    )


def _writes_to_it(file: CaseFile) -> bool:
    """True for the supervisor: nobody else sees a feedback that may still be recalled."""
    return file.assignment is not None and file.assignment.supervisor_id == me().id


def _forms(file: CaseFile, may: frozenset[str], supervisors: Sequence[Person]) -> dict[str, Any]:
    """An empty form for each move that takes one."""
    made: dict[str, Any] = {}
    if "answer" in may:
        made["answer"] = AnswerForm()
    if "supplement" in may:
        made["supplement"] = SupplementForm(press=str(new_id()))
    if "ask-supplement" in may:
        made["request"] = RequestForm()
    if "set-deadline" in may:
        made["deadline"] = DeadlineForm()
    if supervisors:
        made["hand_over"] = handover_form(supervisors)
    if permissions.can_change_visibility(me(), file):
        made["visibility"] = visibility_form(file)
    return made


def _is_stranded(file: CaseFile) -> bool:
    """An unanswered case whose supervisor cannot open it any more."""
    waits = file.version is not None and file.feedback is None and file.facts.withdrawn_at is None
    if not waits or file.assignment is None or file.assignment.for_this_case or file.facts.closed_at:
        return False
    return file.assignment.supervisor_id not in {person.id for person in my_supervisors()}


def mine_but(file: CaseFile) -> Sequence[Person]:
    """With whom the author has a running agreement, other than the present supervisor."""
    present = file.assignment.supervisor_id if file.assignment else None
    return [person for person in my_supervisors() if person.id != present]


def visibility_form(file: CaseFile) -> VisibilityForm:
    """Offers the sessions in which the author has a seat, with what she has chosen."""
    form = VisibilityForm()
    form.offer(scheduling.open_sessions_for(me().id, clock.now()), visibility.running_opening(file.case.id))
    return form


def handover_form(supervisors: Sequence[Person]) -> HandOverForm:
    form = HandOverForm()
    form.supervisor.choices = [SelectChoice(value=str(p.id), label=p.display_name) for p in supervisors]
    return form
