"""Doors to what is answered to a situation: the editor of a feedback, its preview, and the thread that follows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supervision import clock, filters
from supervision.cases import shown as situations
from supervision.cases import texts
from supervision.cases.doors import (
    conflict,
    fresh,
    gone,
    moves,
    note_reading,
    press_of,
    refused,
    require,
    saved,
    visible_case,
)
from supervision.cases.feedback import actions, notes, words
from supervision.cases.feedback import queries as feedback_queries
from supervision.cases.feedback.forms import AnswerForm, CorrectionForm, FeedbackForm, MessageForm, PublishForm
from supervision.cases.feedback.rules import ANSWER_FIELDS, ANSWER_REQUIRED, REQUIRED, is_past, is_ready
from supervision.cases.models import CaseVersion
from supervision.cases.page import case_page, preview_page
from supervision.cases.queries import CaseFile
from supervision.cases.rules import (
    AlreadyAnswered,
    AlreadyPublished,
    CaseRefused,
    Conflict,
    NewVersion,
    NotNow,
    missing,
)
from supervision.db import db
from supervision.doors import commit, is_partial, keyring, writes
from supervision.sign_in.current import me, today

bp = Blueprint("case_feedback", __name__)


def _case_url(case_id: UUID) -> str:
    return url_for("cases.case", case_id=case_id)


# --- the editor -------------------------------------------------------------------------------------------------------


@bp.get("/situations/<uuid:case_id>/retour")
@writes
def feedback(case_id: UUID) -> Any:
    """The editor shows the situation too: opening it is a reading."""
    file = visible_case(case_id)
    if "write-feedback" not in moves(file):
        return redirect(_case_url(case_id))
    note_reading(file)
    form = _form_of_draft(file)
    fields = _kept(file, form)
    if "verifier" in request.args:
        _complain(form, fields)
    _complain_of_lost_passages(form, fields)
    return _editor(file, form)


def _form_of_draft(file: CaseFile) -> FeedbackForm:
    draft = texts.feedback_draft(file, keyring()) or {}
    day = date.fromisoformat(draft["follow_up_on"]) if draft.get("follow_up_on") else None
    form = FeedbackForm(data={**draft, "follow_up_on": day})
    form.revision.data = file.feedback_draft.revision if file.feedback_draft else 0
    form.seen.data = str(file.feedback_draft.version_id) if file.feedback_draft else None
    return form


def _editor(file: CaseFile, form: FeedbackForm, **context: Any) -> str:
    """From here on, the latest version is the one that was seen; what it says otherwise stands on the page."""
    seen, form.seen.data = _seen_before(file, form), str(_latest(file).id)
    draft = file.feedback_draft
    return render_template(
        "cases/feedback.html",
        file=file,
        form=form,
        seen=seen,
        changes=situations.changed(file, seen, _latest(file)) if seen else None,
        situation=texts.situation(file, keyring()),
        told=situations.told(file, file.version),
        words=words,
        most_notes=notes.MOST,
        can_preview=draft is not None,
        **context,
    )


def _latest(file: CaseFile) -> CaseVersion:
    if file.version is None:
        abort(404)
    return file.version


def _seen_before(file: CaseFile, form: FeedbackForm) -> CaseVersion | None:
    """The version that the page was written on, where it is not the latest any more."""
    if not form.seen.data or form.seen.data == str(_latest(file).id):
        return None
    versions = (row[0] for row in feedback_queries.history(file.case.id))
    return next((version for version in versions if str(version.id) == form.seen.data), None)


@bp.post("/situations/<uuid:case_id>/retour")
def save_feedback(case_id: UUID) -> Any:
    file, form = visible_case(case_id), FeedbackForm()
    if file.feedback is not None and file.assignment and file.assignment.supervisor_id == me().id:
        return _already_published(file, form)
    if "write-feedback" not in moves(file):
        abort(403)
    if not form.validate():
        return refused(form, lambda: _editor(file, form))
    try:
        return _keep(file, form, "" if is_partial() else request.form.get("then", ""))
    except Conflict:
        return conflict(lambda: _two_texts(case_id, form))
    except AlreadyPublished:
        return _already_published(fresh(case_id), form)


def _already_published(file: CaseFile, form: FeedbackForm) -> Any:
    """A double click arrives where the first one did; what a second tab wrote besides is given back."""
    sentence = _l("Ce retour est déjà publié.")
    besides = "" if is_partial() else form.besides(texts.feedback(file, keyring()) or {})
    if not besides:
        return gone(_case_url(file.case.id), sentence)
    flash(str(sentence))
    return render_template("cases/too_late.html", file=file, text=besides), 409


def _keep(file: CaseFile, form: FeedbackForm, then: str) -> Any:
    """Save, and go where the button leads. A text that is not fit to be published is saved all the same."""
    fields = _kept(file, form)
    form.revision.data = _save(file, form, fields)
    if then == "publish" and not _complain(form, fields):
        return _publish(file, form, fields)
    commit()
    if then == "publish":
        return _editor(file, form), 422
    if then == "preview":
        return redirect(url_for("case_feedback.preview", case_id=file.case.id))
    return saved(form.revision.data, url_for("case_feedback.feedback", case_id=file.case.id))


def _kept(file: CaseFile, form: FeedbackForm) -> dict[str, Any]:
    return _settled(file, form.kept())


def _settled(file: CaseFile, fields: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are sealed, with each note at its passage."""
    written = fields.pop("notes", [])
    placed = notes.settled(written, _latest(file).number, situations.texts_quoted(file, written)) if written else []
    return fields | ({"notes": placed} if placed else {})


def _save(file: CaseFile, form: FeedbackForm, fields: dict[str, Any]) -> int:
    return actions.save(
        author=me().person,
        file=file,
        fields=fields,
        revision=form.revision.data,
        attempts=form.attempts.data,
        keyring=keyring(),
        now=clock.now(),
    )


def _two_texts(case_id: UUID, form: FeedbackForm) -> str:
    file = fresh(case_id)
    form.revision.data = file.feedback_draft.revision if file.feedback_draft else 0
    return _editor(file, form, other=texts.feedback_draft(file, keyring()) or {})


# --- publishing -------------------------------------------------------------------------------------------------------


def _complain(form: FeedbackForm, fields: dict[str, Any]) -> bool:
    """Say at each field what keeps the feedback from being published. True if anything does."""
    lacking = missing(fields, REQUIRED)
    form.complain(lacking, _("Ce champ est obligatoire pour publier."))
    if is_past(fields, today(clock.now())):
        form.follow_up_on.errors = [_("Cette date est passée.")]
    _complain_of_lost_passages(form, fields)
    for entry, note in _entries(form, fields):
        if not note["text"]:
            entry.form["text"].errors = [_("Écrivez votre note, ou retirez-la.")]
            form.notes.errors = [_("Une note est à reprendre.")]
    return bool(form.errors)


def _complain_of_lost_passages(form: FeedbackForm, fields: dict[str, Any]) -> None:
    for entry, note in _entries(form, fields):
        if note.get("start") is None:
            entry.form["quote"].errors = [
                _("Ce passage n’est pas dans le texte de la situation. Copiez-le tel qu’il y est écrit.")
            ]
            form.notes.errors = [_("Une note est à reprendre.")]


def _entries(form: FeedbackForm, fields: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    """Each note of the page that is not empty, with what became of it."""
    filled = [entry for entry in form.notes.entries if entry.data.get("quote") or entry.data.get("text")]
    return list(zip(filled, fields.get("notes", []), strict=True))


def _publish(file: CaseFile, form: FeedbackForm, fields: dict[str, Any]) -> Any:
    try:
        out_at = _send_off(file, fields, form.seen.data)
    except NewVersion:
        commit()
        return _editor(file, form), 409
    commit()
    flash(_published(file, out_at))
    return redirect(_case_url(file.case.id))


def _send_off(file: CaseFile, fields: dict[str, Any], seen: str | None) -> datetime:
    """When it will be out."""
    try:
        version_id = UUID(seen or "")
    except ValueError as error:
        raise NewVersion from error
    made = actions.publish(
        author=me().person, file=file, fields=fields, version_id=version_id, keyring=keyring(), now=clock.now()
    )
    return made.published_at


def _published(file: CaseFile, out_at: datetime) -> str:
    return _(
        "Votre retour sera visible à %(time)s ; %(name)s recevra alors un courriel sans contenu.",
        time=filters.clock_time(out_at),
        name=file.author.display_name,
    )


@bp.get("/situations/<uuid:case_id>/retour/apercu")
@writes
def preview(case_id: UUID) -> Any:
    """The saved draft on the page of the author. It shows the situation: opening it is a reading."""
    file = visible_case(case_id)
    if "write-feedback" not in moves(file) or file.feedback_draft is None:
        return redirect(_case_url(case_id))
    note_reading(file)
    fields = _settled(file, texts.feedback_draft(file, keyring()) or {})
    ready = is_ready(fields, today(clock.now()))
    form = PublishForm(revision=file.feedback_draft.revision, seen=_latest(file).id) if ready else None
    readable = [note for note in fields.get("notes", ()) if note.get("start") is not None]
    return preview_page(file, fields | {"notes": readable}, preview=True, publish_form=form)


@bp.post("/situations/<uuid:case_id>/retour/publier")
def publish(case_id: UUID) -> Any:
    """From the preview: the draft as it was previewed; what keeps it from being published is said in the editor."""
    file, form = visible_case(case_id), PublishForm()
    if "recall" in moves(file):
        return redirect(_case_url(case_id))
    require(file, "publish")
    editor = url_for("case_feedback.feedback", case_id=case_id, verifier=1)
    if file.feedback_draft is None or str(file.feedback_draft.revision) != form.revision.data:
        flash(_("Le brouillon a changé depuis cet aperçu : le voici."))
        return redirect(editor)
    fields = _settled(file, texts.feedback_draft(file, keyring()) or {})
    if not is_ready(fields, today(clock.now())):
        return redirect(editor)
    try:
        out_at = _send_off(file, fields, form.seen.data)
    except NewVersion:
        flash(_("%(name)s a soumis une autre version depuis cet aperçu : relisez-la.", name=file.author.display_name))
        return redirect(editor)
    except AlreadyPublished:
        return gone(_case_url(case_id), _l("Ce retour est déjà publié."))
    commit()
    flash(_published(file, out_at))
    return redirect(_case_url(case_id))


@bp.post("/situations/<uuid:case_id>/retour/reprendre")
def recall(case_id: UUID) -> Any:
    """Within ten minutes: nobody has seen it, and no mail leaves."""
    file = visible_case(case_id)
    require(file, "recall")
    try:
        actions.recall(author=me().person, file=file, keyring=keyring(), now=clock.now())
    except CaseRefused:
        db.session.rollback()
        flash(_("Trop tard pour le reprendre : le retour est visible. Vous pouvez le compléter."))
        return redirect(_case_url(case_id))
    commit()
    flash(_("Votre retour est repris : %(name)s n’en a rien vu.", name=file.author.display_name))
    return redirect(url_for("case_feedback.feedback", case_id=case_id))


# --- the thread -------------------------------------------------------------------------------------------------------


@bp.post("/situations/<uuid:case_id>/retour/completer")
def correct(case_id: UUID) -> Any:
    file, form = visible_case(case_id), CorrectionForm()
    require(file, "correct", form.correction.data)
    if not form.validate():
        return case_page(file, correction=form), 422
    press, text = press_of(form.press.data), form.correction.data
    done = _("Votre complément est ajouté au retour ; %(name)s en est prévenu·e.", name=file.author.display_name)
    return _once(
        case_id,
        lambda: actions.correct(
            author=me().person, file=file, text=text, press=press, keyring=keyring(), now=clock.now()
        ),
        done,
    )


@bp.post("/situations/<uuid:case_id>/mot")
def write(case_id: UUID) -> Any:
    file, form = visible_case(case_id), MessageForm()
    require(file, "message", form.message.data)
    if not form.validate():
        return case_page(file, message=form), 422
    press, text = press_of(form.press.data), form.message.data
    return _once(
        case_id,
        lambda: actions.write(
            author=me().person, file=file, text=text, press=press, keyring=keyring(), now=clock.now()
        ),
        _("Votre mot est envoyé."),
    )


def _once(case_id: UUID, act: Callable[[], object], done: str) -> Any:
    """A second press of the same page arrives where the first one did."""
    try:
        act()
    except (AlreadyAnswered, AlreadyPublished, NotNow):
        db.session.rollback()
    else:
        commit()
    flash(done)
    return redirect(_case_url(case_id))


@bp.post("/situations/<uuid:case_id>/reponse")
def answer(case_id: UUID) -> Any:
    file, form = visible_case(case_id), AnswerForm()
    if file.answer is not None and file.case.author_id == me().id:
        flash(_("Votre réponse était déjà envoyée."))
        return redirect(_case_url(case_id))
    require(file, "answer", "\n\n".join(form[name].data for name in ("tried", "happened") if form[name].data))
    lacking = missing(form.texts(), ANSWER_REQUIRED)
    if not form.validate() or lacking:
        for name in lacking:
            form[name].errors = [_("Ce champ est obligatoire.")]
        return case_page(file, answer=form), 422
    fields = {name: form[name].data for name in ANSWER_FIELDS if form[name].data}
    try:
        actions.answer(author=me().person, file=file, fields=fields, keyring=keyring(), now=clock.now())
    except AlreadyAnswered:
        flash(_("Votre réponse était déjà envoyée."))
    else:
        commit()
        flash(_("Votre réponse est envoyée à %(name)s ; un courriel sans contenu le dit.", name=_supervisor(file)))
    return redirect(_case_url(case_id))


def _supervisor(file: CaseFile) -> str:
    return file.supervisor.display_name if file.supervisor else "–"
