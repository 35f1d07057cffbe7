"""Doors to situations: the lists, the page of one, and beginning a new one. Writing has doors of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select
from wtforms import SelectChoice

from supervision import clock, permissions
from supervision.agreements import queries as agreements
from supervision.audit import actions as audit
from supervision.cases import actions, queries, texts
from supervision.cases.forms import AnswerForm, BeginForm, HandOverForm
from supervision.cases.models import Case
from supervision.cases.queries import CaseFile
from supervision.cases.rules import (
    ANSWER_FIELDS,
    ANSWER_REQUIRED,
    AlreadyAnswered,
    AlreadySubmitted,
    missing,
    sittings,
)
from supervision.cases.words import AUTHOR_STATES, FRAME_ETHICS, SUPERVISOR_STATES
from supervision.db import begin_writing, db
from supervision.doors import commit, keyring, writes
from supervision.ids import new_id
from supervision.people.models import Person
from supervision.sign_in.current import me, today

bp = Blueprint("cases", __name__)

PAGE = 25


@bp.get("/situations")
def mine() -> Any:
    return _list(permissions.own_cases(me()), "cases/mine.html", **_beginning())


def _beginning() -> dict[str, Any]:
    """What the button « Apporter une situation » needs."""
    return {"creation_key": new_id(), "can_write": permissions.can_write_case(me())}


@bp.get("/situations/recues")
def received() -> Any:
    if not me().holds("supervisor"):
        abort(403)
    return _list(permissions.supervised_cases(me(), today(clock.now())), "cases/received.html")


def _list(visible: Select[Case], template: str, **context: Any) -> str:
    lines = queries.case_lines(visible, keyring(), limit=PAGE + 1, before=request.args.get("avant", type=UUID))
    following = lines[PAGE - 1].id if len(lines) > PAGE else None
    states = AUTHOR_STATES if template == "cases/mine.html" else SUPERVISOR_STATES
    in_words = {state: str(words) for state, words in states.items()}  # once, and not for each line
    return render_template(template, lines=lines[:PAGE], following=following, states=in_words, **context)


@bp.post("/situations/nouvelle")
def begin() -> Any:
    """The key in the form was made with the page: a double click, or a reload, finds the same draft."""
    if not permissions.can_write_case(me()):
        abort(403)
    try:
        creation_key = UUID(BeginForm().creation_key.data or "")
    except ValueError:
        abort(400)
    case_id = actions.begin(author=me().person, creation_key=creation_key, keyring=keyring(), now=clock.now())
    commit()
    return redirect(url_for("case_writing.edit", case_id=case_id))


@bp.get("/situations/<uuid:case_id>")
@writes
def case(case_id: UUID) -> Any:
    """Opening a case is recorded, and its author sees the record."""
    file = visible_case(case_id)
    if file.version is None:
        return redirect(url_for("case_writing.edit", case_id=case_id))
    if request.method == "GET":
        actions.record_reading(file=file, reader=me().person, now=clock.now())
        commit()
    return case_page(file, AnswerForm())


def visible_case(case_id: UUID) -> CaseFile:
    """The case, or 404. An officer who tries a door that an office does not open leaves a trace."""
    file = queries.case_file(permissions.visible_cases(me(), today(clock.now())), case_id)
    if file is None:
        if me().holds_office and db.session.get(Case, case_id) is not None:
            _record_refusal(case_id)
        abort(404)
    return file


def _record_refusal(case_id: UUID) -> None:
    begin_writing()  # most doors to a case only read
    audit.record(actor_id=me().id, action="case-refused", subject=f"case/{case_id}", now=clock.now())
    commit()


def case_page(file: CaseFile, form: AnswerForm, hand_over: HandOverForm | None = None) -> str:
    supervisors = _mine_now(file)
    readings = sittings(queries.readings(file.case.id)) if permissions.can_see_readings(me(), file) else None
    return render_template(
        "cases/case.html",
        file=file,
        is_author=file.case.author_id == me().id,
        situation=texts.situation(file, keyring()),
        feedback=texts.feedback(file, keyring()),
        answer=texts.answer(file, keyring()),
        frame_ethics=FRAME_ETHICS,
        readings=readings,
        can_give_feedback=permissions.can_give_feedback(me(), file),
        can_answer=permissions.can_answer(me(), file),
        can_hand_over=permissions.can_hand_over(me(), file, supervisors),
        hand_over=hand_over or _hand_over_form(supervisors),
        form=form,
    )


def _mine_now(file: CaseFile) -> Sequence[Person]:
    """With whom the author of an unanswered case has a running agreement; asked only where it matters."""
    if file.case.author_id != me().id or file.feedback is not None:
        return ()
    return my_supervisors()


def my_supervisors() -> Sequence[Person]:
    return agreements.supervisors_of(me().id, today(clock.now()))


def _hand_over_form(supervisors: Sequence[Person]) -> HandOverForm:
    form = HandOverForm()
    form.supervisor.choices = [SelectChoice(value=str(p.id), label=p.display_name) for p in supervisors]
    return form


@bp.post("/situations/<uuid:case_id>/confier")
def hand_over(case_id: UUID) -> Any:
    file = visible_case(case_id)
    supervisors = _mine_now(file)
    form = _hand_over_form(supervisors)
    if not permissions.can_hand_over(me(), file, supervisors):
        abort(403)
    if not form.validate():
        return case_page(file, AnswerForm(), form), 422
    chosen = next(person for person in supervisors if str(person.id) == form.supervisor.data)
    try:
        actions.hand_over(author=me().person, supervisor=chosen, file=file, keyring=keyring(), now=clock.now())
    except AlreadySubmitted:
        flash(_("Cette situation était déjà confiée."))
    else:
        commit()
        flash(_("Votre situation est confiée à %(name)s, par un courriel sans contenu.", name=chosen.display_name))
    return redirect(url_for("cases.case", case_id=case_id))


@bp.post("/situations/<uuid:case_id>/reponse")
def answer(case_id: UUID) -> Any:
    file, form = visible_case(case_id), AnswerForm()
    if file.answer is not None and file.case.author_id == me().id:
        flash(_("Votre réponse était déjà envoyée."))
        return redirect(url_for("cases.case", case_id=case_id))
    if not permissions.can_answer(me(), file):
        abort(403)
    lacking = missing(form.texts(), ANSWER_REQUIRED)
    if not form.validate() or lacking:
        for name in lacking:
            form[name].errors = [_("Ce champ est obligatoire.")]
        return case_page(file, form), 422
    try:
        fields = {name: form[name].data for name in ANSWER_FIELDS}
        actions.answer(author=me().person, file=file, fields=fields, keyring=keyring(), now=clock.now())
    except AlreadyAnswered:
        flash(_("Votre réponse était déjà envoyée."))
    else:
        commit()
        flash(_("Votre réponse est envoyée."))
    return redirect(url_for("cases.case", case_id=case_id))


@bp.post("/situations/<uuid:case_id>/jeter")
def discard(case_id: UUID) -> Any:
    file = visible_case(case_id)
    if file.case.author_id != me().id:
        abort(403)
    try:
        actions.discard(file=file)
    except AlreadySubmitted:
        flash(_("Cette situation est soumise : elle ne se jette plus."))
        return redirect(url_for("cases.case", case_id=case_id))
    commit()
    flash(_("Le brouillon est détruit, avec sa clé."))
    return redirect(url_for("cases.mine"))
