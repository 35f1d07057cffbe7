"""Doors where texts are written: the draft of a situation and the draft of a feedback, saved as they grow.

Both follow one path: the page carries the revision it was opened on; a save that comes from an older one changes
nothing and says so, with everything that was typed still in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectChoice

from supervision import clock, permissions
from supervision.cases import actions, texts
from supervision.cases.forms import MUST, CaseForm, FeedbackForm
from supervision.cases.queries import CaseFile
from supervision.cases.routes import my_supervisors, visible_case
from supervision.cases.rules import (
    CASE_FIELDS,
    CASE_PARTS,
    CASE_REQUIRED,
    FEEDBACK_FIELDS,
    FEEDBACK_REQUIRED,
    AlreadyPublished,
    AlreadySubmitted,
    Conflict,
    missing,
)
from supervision.cases.words import PARTS
from supervision.db import db
from supervision.doors import commit, is_partial, keyring, writes
from supervision.people.models import Person
from supervision.sign_in.current import me, today

bp = Blueprint("case_writing", __name__)


# --- the situation ---------------------------------------------------------------------------------------------------


@bp.get("/situations/<uuid:case_id>/brouillon")
def edit(case_id: UUID) -> Any:
    file = visible_case(case_id)
    if file.draft is None:
        return redirect(url_for("cases.case", case_id=case_id))
    supervisors = my_supervisors()
    form = _case_form(supervisors, data={**texts.situation(file, keyring()), "revision": file.draft.revision})
    if not form.supervisor.data and len(supervisors) == 1:
        form.supervisor.data = str(supervisors[0].id)
    return _edit_page(file, form, supervisors)


def _case_form(supervisors: Sequence[Person], **options: Any) -> CaseForm:
    form = CaseForm(**options)
    choices = [SelectChoice(value=str(person.id), label=person.display_name) for person in supervisors]
    undecided = [SelectChoice(value="", label=_("À choisir"))] if len(supervisors) > 1 else []
    form.supervisor.choices = undecided + choices
    if form.supervisor.data not in {choice.value for choice in choices}:
        form.supervisor.data = None  # an agreement that has ended must not hold up the saving of a text
    return form


def _edit_page(file: CaseFile, form: CaseForm, supervisors: Sequence[Person], *, conflict: bool = False) -> str:
    return render_template(
        "cases/edit.html",
        file=file,
        form=form,
        supervisors=supervisors,
        other=texts.situation(file, keyring()) if conflict else None,
        sections=_sections(form),
        has_signed=permissions.has_signed_code(me(), today(clock.now())),
    )


def _sections(form: CaseForm) -> list[dict[str, Any]]:
    """How much of each part is written."""
    return [
        {"label": PARTS[part], "url": f"#{part}", "total": len(names), "done": sum(bool(form[n].data) for n in names)}
        for part, names in CASE_PARTS.items()
    ]


@bp.post("/situations/<uuid:case_id>/brouillon")
def save(case_id: UUID) -> Any:
    """Save, or save and submit. While one writes, the page's script saves and wants only a line back."""
    file = visible_case(case_id)
    if file.case.author_id != me().id:
        abort(403)
    if file.draft is None:
        return _gone(url_for("cases.case", case_id=case_id), _l("Cette situation est déjà soumise."))
    supervisors = my_supervisors()
    form = _case_form(supervisors)
    if not form.validate():
        return _refused(form, lambda: _edit_page(file, form, supervisors))
    try:
        if request.form.get("then") == "submit" and not is_partial():
            return _submit(file, form, supervisors)
        revision = _save(file, form)
    except Conflict:
        return _conflict(lambda: _edit_conflict(case_id, form, supervisors))
    except AlreadySubmitted:
        return _gone(url_for("cases.case", case_id=case_id), _l("Cette situation est déjà soumise."))
    commit()
    return _saved(revision, url_for("case_writing.edit", case_id=case_id), _sections(form))


def _save(file: CaseFile, form: CaseForm) -> int:
    return actions.save_draft(
        file=file,
        fields=form.fields(CASE_FIELDS),
        revision=form.revision.data,
        attempts=form.attempts.data,
        keyring=keyring(),
        now=clock.now(),
    )


def _submit(file: CaseFile, form: CaseForm, supervisors: Sequence[Person]) -> Any:
    """Submit if everything is there; otherwise keep what was typed and say what is missing."""
    now, fields = clock.now(), form.fields(CASE_FIELDS)
    lacking = missing(fields, CASE_REQUIRED)
    if lacking or not permissions.can_submit(me(), file, today(now)):
        form.revision.data = _save(file, form)
        commit()
        form.complain(lacking, MUST)
        return _edit_page(file, form, supervisors), 422 if lacking else 403
    supervisor = next(person for person in supervisors if str(person.id) == form.supervisor.data)
    actions.submit(
        author=me().person,
        supervisor=supervisor,
        file=file,
        fields=fields,
        revision=form.revision.data,
        attempts=form.attempts.data,
        keyring=keyring(),
        now=now,
    )
    commit()
    flash(_("Votre situation est soumise à %(name)s, par un courriel sans contenu.", name=supervisor.display_name))
    return redirect(url_for("cases.case", case_id=file.case.id))


def _edit_conflict(case_id: UUID, form: CaseForm, supervisors: Sequence[Person]) -> str:
    """Saving again from here replaces the other text, which is shown, knowingly."""
    file = _fresh(case_id)
    form.revision.data = file.draft.revision if file.draft else 0
    return _edit_page(file, form, supervisors, conflict=True)


def _fresh(case_id: UUID) -> CaseFile:
    db.session.rollback()
    db.session.expire_all()
    return visible_case(case_id)


# --- the feedback ----------------------------------------------------------------------------------------------------


@bp.get("/situations/<uuid:case_id>/retour")
@writes
def feedback(case_id: UUID) -> Any:
    """The editor shows the situation too: opening it is a reading."""
    file = visible_case(case_id)
    if not permissions.can_give_feedback(me(), file):
        return redirect(url_for("cases.case", case_id=case_id))
    if request.method == "GET":
        actions.record_reading(file=file, reader=me().person, now=clock.now())
        commit()
    return _feedback_page(file, FeedbackForm(data=_feedback_data(file)))


def _feedback_data(file: CaseFile) -> dict[str, Any]:
    draft = texts.feedback_draft(file, keyring()) or {}
    return {**draft, "revision": file.feedback_draft.revision if file.feedback_draft else 0}


def _feedback_page(file: CaseFile, form: FeedbackForm, *, conflict: bool = False) -> str:
    return render_template(
        "cases/feedback.html",
        file=file,
        form=form,
        situation=texts.situation(file, keyring()),
        other=texts.feedback_draft(file, keyring()) if conflict else None,
    )


@bp.post("/situations/<uuid:case_id>/retour")
def save_feedback(case_id: UUID) -> Any:
    file, form = visible_case(case_id), FeedbackForm()
    if file.feedback is not None and file.version and file.version.supervisor_id == me().id:
        return _gone(url_for("cases.case", case_id=case_id), _l("Ce retour est déjà publié."))
    if not permissions.can_give_feedback(me(), file):
        abort(403)
    if not form.validate():
        return _refused(form, lambda: _feedback_page(file, form))
    try:
        if request.form.get("then") == "publish" and not is_partial():
            return _publish(file, form)
        revision = _save_feedback(file, form)
    except Conflict:
        return _conflict(lambda: _feedback_conflict(case_id, form))
    except AlreadyPublished:
        return _gone(url_for("cases.case", case_id=case_id), _l("Ce retour est déjà publié."))
    commit()
    return _saved(revision, url_for("case_writing.feedback", case_id=case_id))


def _save_feedback(file: CaseFile, form: FeedbackForm) -> int:
    return actions.save_feedback(
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
    actions.publish_feedback(author=me().person, file=file, fields=fields, keyring=keyring(), now=clock.now())
    commit()
    flash(_("Votre retour est publié ; %(name)s reçoit un courriel sans contenu.", name=file.author.display_name))
    return redirect(url_for("cases.case", case_id=file.case.id))


def _feedback_conflict(case_id: UUID, form: FeedbackForm) -> str:
    file = _fresh(case_id)
    form.revision.data = file.feedback_draft.revision if file.feedback_draft else 0
    return _feedback_page(file, form, conflict=True)


# --- what both answer ------------------------------------------------------------------------------------------------


def _saved(revision: int, back: str, sections: list[dict[str, Any]] | None = None) -> Any:
    if is_partial():
        return render_template("cases/saved.html", revision=revision, at=clock.now(), sections=sections)
    flash(_("Enregistré."))
    return redirect(back)


def _refused(form: Any, page: Any) -> Any:
    if is_partial():
        return render_template("cases/not_saved.html", form=form), 422
    return page(), 422


def _conflict(page: Any) -> Any:
    if is_partial():
        return render_template("cases/conflict.html"), 409
    return page(), 409


def _gone(url: str, sentence: Any) -> Any:
    """The text has left the desk: a late save is told so, a double click simply arrives where the first one did."""
    if is_partial():
        return render_template("cases/gone.html", url=url, sentence=sentence), 409
    flash(str(sentence))
    return redirect(url)
