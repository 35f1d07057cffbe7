"""Doors where a situation is written, saved as it grows.

The page carries the revision it was opened on; a save that comes from an older one changes nothing and says so, with
everything that was typed still in the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supervision import clock, i18n, permissions
from supervision.cases import actions, texts
from supervision.cases.attachments import queries as attachments
from supervision.cases.awaited import queries as awaited
from supervision.cases.doors import conflict, fresh, gone, moves, refused, saved, supervisors_for, visible_case
from supervision.cases.form import queries as forms
from supervision.cases.form import reading
from supervision.cases.form.forms import SituationForm, form_class, offer
from supervision.cases.form.rules import gauge, left_at, missing, past
from supervision.cases.models import CaseDraft
from supervision.cases.queries import CaseFile
from supervision.cases.rules import AlreadySubmitted, Conflict
from supervision.cases.submission import begun, hand_in
from supervision.db import db
from supervision.deontology.consequences import words as consequences
from supervision.doors import commit, is_partial, keyring
from supervision.people.models import Person
from supervision.scheduling import queries as scheduling
from supervision.sign_in.current import me, our_association, today

bp = Blueprint("case_writing", __name__)


@bp.get("/situations/<uuid:case_id>/brouillon")
def edit(case_id: UUID) -> Any:
    """`?reprendre` leads to the section at which the author was."""
    file = visible_case(case_id)
    if file.draft is None or "save" not in moves(file):
        return redirect(url_for("cases.case", case_id=case_id))
    kept = begun(file)
    supervisors = supervisors_for(file)
    form = _form(file.draft, supervisors, data={**kept, "revision": file.draft.revision})
    at = left_at(form.definition, kept)
    if "reprendre" in request.args:
        return redirect(url_for("case_writing.edit", case_id=case_id, _anchor=at))
    if "supervisor" in form and len(supervisors) == 1:
        form.supervisor.data = form.supervisor.data or str(supervisors[0].id)
    return _page(file, form, supervisors, left_at=next((s for s in form.layout.asked if s.key == at), None))


def _form(draft: CaseDraft, supervisors: Sequence[Person], **options: Any) -> SituationForm:
    """The page's form, of the version that the draft was begun with."""
    form = form_class(forms.by_id(draft.form_version_id), i18n.current_language())(**options)
    now = clock.now()
    several = supervisors if len(supervisors) > 1 and not is_partial() else ()
    offer(
        form,
        supervisors=supervisors,
        sessions=scheduling.open_sessions_for(me().id, now) if "visibility" in form else (),
        loads=awaited.load_of([person.id for person in several], now) if several else {},
        today=today(now),
    )
    return form


def _page(file: CaseFile, form: SituationForm, supervisors: Sequence[Person], **context: Any) -> str:
    return render_template(
        "cases/edit.html",
        file=file,
        form=form,
        supervisors=supervisors,
        sections=_sections(form),
        kept_by=[told for told in consequences.told_to(me().id, today(clock.now())) if told.duty.blocks_new],
        attachments=attachments.lines(permissions.visible_attachments(me(), file), file.seal(keyring())),
        can_attach=permissions.can_attach(me(), file, our_association(), moves(file)),
        **context,
    )


def _sections(form: SituationForm) -> list[dict[str, Any]]:
    """How much of each part is written."""
    return [
        {
            "label": part.title.of(i18n.current_language()),
            "url": f"#{part.key}",
            "total": part.total,
            "done": part.done,
            "state": part.state,
        }
        for part in gauge(form.definition, form.values())
    ]


@bp.post("/situations/<uuid:case_id>/brouillon")
def save(case_id: UUID) -> Any:
    """Save, and perhaps read over or submit. While one writes, the page's script saves and wants only a line back."""
    file = visible_case(case_id)
    if file.case.author_id != me().id:
        abort(403)
    if file.draft is None:
        return gone(url_for("cases.case", case_id=case_id), _l("Cette situation est déjà soumise."))
    supervisors = supervisors_for(file)
    form = _form(file.draft, supervisors)
    try:
        if not form.validate():
            return refused(form, lambda: _page(file, form, supervisors), _save_what_fits(file, form))
        then = "" if is_partial() else request.form.get("then", "")
        if then in {"review", "submit"}:
            return _finish(then, file, form, supervisors)
        revision = _save(file, form)
    except Conflict:
        return conflict(lambda: _edit_conflict(case_id, form, supervisors))
    except AlreadySubmitted:
        return gone(url_for("cases.case", case_id=case_id), _l("Cette situation est déjà soumise."))
    commit()
    back = "case_reidentification.review" if then == "reread" else "case_writing.edit"
    return saved(revision, url_for(back, case_id=case_id), _sections(form))


def _save(file: CaseFile, form: SituationForm, fields: dict[str, Any] | None = None) -> int:
    return actions.save_draft(
        file=file,
        fields=form.values() if fields is None else fields,
        revision=form.revision.data,
        attempts=form.attempts.data,
        keyring=keyring(),
        now=clock.now(),
    )


def _save_what_fits(file: CaseFile, form: SituationForm) -> int:
    """One text that is too long does not keep the others from being saved; of it, what was saved before stays."""
    kept = texts.draft(file, keyring())
    fields = {key: value for key, value in form.values().items() if key not in form.errors}
    fields |= {key: kept[key] for key in form.errors if key in kept}
    form.revision.data = _save(file, form, fields)
    commit()
    db.session.refresh(file.draft)
    form.is_refused = False
    return int(form.revision.data)


def _finish(then: str, file: CaseFile, form: SituationForm, supervisors: Sequence[Person]) -> Any:
    """Read it over, or submit it at once, if everything is there; otherwise keep what was typed and say what lacks."""
    now = clock.now()
    lacking, gone_by = missing(form.definition, form.values()), past(form.definition, form.values(), today(now))
    if lacking or gone_by or (then == "submit" and not permissions.can_submit(me(), file, today(now), now)):
        form.revision.data = _save(file, form)
        commit()
        form.complain(lacking)
        form.complain(gone_by, _("Cette date est passée."))
        return _page(file, form, supervisors), 422 if lacking or gone_by else 403
    if then == "submit":
        known = form.revision.data, form.attempts.data
        return hand_in(file, form.values(), supervisors, *known)
    _save(file, form)
    commit()
    return redirect(url_for("case_reidentification.review", case_id=file.case.id))


def _edit_conflict(case_id: UUID, form: SituationForm, supervisors: Sequence[Person]) -> str:
    """Saving again from here replaces the other text, which is shown, knowingly."""
    file = fresh(case_id)
    form.revision.data = file.draft.revision if file.draft else 0
    theirs = texts.draft(file, keyring())
    form.take_untouched(theirs)
    mine = form.values()
    names = {str(person.id): person.display_name for person in supervisors}
    other = reading.differences(form.definition, _named(theirs, names), _named(mine, names), i18n.current_language())
    return _page(file, form, supervisors, other=other)


def _named(fields: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    """With the supervisor's name in the place of her id, and readers in words."""
    said = dict(fields)
    if said.get("supervisor"):
        said["supervisor"] = names.get(said["supervisor"], "–")
    if said.get("visibility"):
        alone = said["visibility"] == "supervisor"
        said["visibility"] = (
            _("La personne qui supervise, et personne d’autre") if alone else _("Le groupe d’une séance")
        )
    return said
