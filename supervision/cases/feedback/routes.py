"""Doors to what is answered to a situation: the editor of a feedback, and the thread that follows it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supervision import clock
from supervision.cases import actions as cases
from supervision.cases import texts
from supervision.cases.doors import conflict, fresh, gone, moves, refused, require, saved, visible_case
from supervision.cases.feedback import actions
from supervision.cases.feedback.forms import AnswerForm, FeedbackForm
from supervision.cases.feedback.rules import ANSWER_FIELDS, ANSWER_REQUIRED
from supervision.cases.feedback.rules import FIELDS as FEEDBACK_FIELDS
from supervision.cases.feedback.rules import REQUIRED as FEEDBACK_REQUIRED
from supervision.cases.form import reading
from supervision.cases.page import case_page
from supervision.cases.queries import CaseFile
from supervision.cases.rules import AlreadyAnswered, AlreadyPublished, Conflict, missing
from supervision.doors import commit, is_partial, keyring, writes
from supervision.sign_in.current import me

bp = Blueprint("case_feedback", __name__)


@bp.get("/situations/<uuid:case_id>/retour")
@writes
def feedback(case_id: UUID) -> Any:
    """The editor shows the situation too: opening it is a reading."""
    file = visible_case(case_id)
    if "write-feedback" not in moves(file):
        return redirect(url_for("cases.case", case_id=case_id))
    if request.method == "GET":
        cases.record_reading(file=file, reader=me().person, now=clock.now())
        commit()
    return _feedback_page(file, FeedbackForm(data=_feedback_data(file)))


def _feedback_data(file: CaseFile) -> dict[str, Any]:
    draft = texts.feedback_draft(file, keyring()) or {}
    return {**draft, "revision": file.feedback_draft.revision if file.feedback_draft else 0}


def _feedback_page(file: CaseFile, form: FeedbackForm, *, conflict: bool = False) -> str:
    situation = texts.situation(file, keyring())
    return render_template(
        "cases/feedback.html",
        file=file,
        form=form,
        situation=situation,
        told=reading.of_version(file.version.form_version_id, situation) if file.version else [],
        other=texts.feedback_draft(file, keyring()) if conflict else None,
    )


@bp.post("/situations/<uuid:case_id>/retour")
def save_feedback(case_id: UUID) -> Any:
    file, form = visible_case(case_id), FeedbackForm()
    if file.feedback is not None and file.version and file.version.supervisor_id == me().id:
        return gone(url_for("cases.case", case_id=case_id), _l("Ce retour est déjà publié."))
    if "write-feedback" not in moves(file):
        abort(403)
    if not form.validate():
        return refused(form, lambda: _feedback_page(file, form))
    try:
        if request.form.get("then") == "publish" and not is_partial():
            return _publish(file, form)
        revision = _save_feedback(file, form)
    except Conflict:
        return conflict(lambda: _feedback_conflict(case_id, form))
    except AlreadyPublished:
        return gone(url_for("cases.case", case_id=case_id), _l("Ce retour est déjà publié."))
    commit()
    return saved(revision, url_for("case_feedback.feedback", case_id=case_id))


def _save_feedback(file: CaseFile, form: FeedbackForm) -> int:
    return actions.save(
        author=me().person,
        file=file,
        fields=form.fields(FEEDBACK_FIELDS),
        revision=form.revision.data,
        attempts=form.attempts.data,
        keyring=keyring(),
        now=clock.now(),
    )


def _publish(file: CaseFile, form: FeedbackForm) -> Any:
    fields = form.fields(FEEDBACK_FIELDS)
    form.revision.data = _save_feedback(file, form)  # also says whether another tab wrote in between
    lacking = missing(fields, FEEDBACK_REQUIRED)
    if lacking:
        commit()
        form.complain(lacking, _("Ce champ est obligatoire pour publier."))
        return _feedback_page(file, form), 422
    actions.publish(
        author=me().person, file=file, fields=fields, version_id=file.version.id, keyring=keyring(), now=clock.now()
    )
    commit()
    flash(_("Votre retour est publié ; %(name)s reçoit un courriel sans contenu.", name=file.author.display_name))
    return redirect(url_for("cases.case", case_id=file.case.id))


def _feedback_conflict(case_id: UUID, form: FeedbackForm) -> str:
    file = fresh(case_id)
    form.revision.data = file.feedback_draft.revision if file.feedback_draft else 0
    return _feedback_page(file, form, conflict=True)


# --- the thread -------------------------------------------------------------------------------------------------------


@bp.post("/situations/<uuid:case_id>/reponse")
def answer(case_id: UUID) -> Any:
    file, form = visible_case(case_id), AnswerForm()
    if file.answer is not None and file.case.author_id == me().id:
        flash(_("Votre réponse était déjà envoyée."))
        return redirect(url_for("cases.case", case_id=case_id))
    require(file, "answer")
    lacking = missing(form.texts(), ANSWER_REQUIRED)
    if not form.validate() or lacking:
        for name in lacking:
            form[name].errors = [_("Ce champ est obligatoire.")]
        return case_page(file, answer=form), 422
    fields = {name: form[name].data for name in ANSWER_FIELDS}
    try:
        actions.answer(author=me().person, file=file, fields=fields, keyring=keyring(), now=clock.now())
    except AlreadyAnswered:
        flash(_("Votre réponse était déjà envoyée."))
    else:
        commit()
        flash(_("Votre réponse est envoyée."))
    return redirect(url_for("cases.case", case_id=case_id))
