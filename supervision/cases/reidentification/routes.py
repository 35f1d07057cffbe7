"""Reading one's draft over before it is submitted, as the supervisor will read it. It shows and explains; it never
blocks: a text with passages that nobody decided about is submitted like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supervision import clock, i18n, permissions
from supervision.cases import actions
from supervision.cases.doors import fresh, gone, moves, supervisors_for, visible_case
from supervision.cases.form import queries as forms
from supervision.cases.form.definition import parse
from supervision.cases.form.reading import shown, text_keys
from supervision.cases.form.rules import missing, past
from supervision.cases.models import CaseDraft
from supervision.cases.queries import CaseFile
from supervision.cases.reidentification import decisions
from supervision.cases.reidentification.forms import ChoicesForm, choices_form
from supervision.cases.reidentification.review import Review
from supervision.cases.reidentification.words import KINDS, REASONS, SUGGESTIONS
from supervision.cases.rules import AlreadySubmitted, Conflict
from supervision.cases.submission import as_offered, begun, hand_in, reviewed
from supervision.cases.visibility.rules import NOBODY_ELSE
from supervision.deontology.consequences import words as consequences
from supervision.doors import commit, keyring
from supervision.people.models import Person
from supervision.sign_in.current import me, today

bp = Blueprint("case_reidentification", __name__)

CHANGED = 409  # the text was saved from elsewhere since this page was opened
EDIT = "edit:"  # followed by a field: keep the choices and go back to that field
SUBMITTED = _l("Cette situation est déjà soumise.")


@dataclass(frozen=True)
class Desk:
    """What lies before the author: her saved draft, what is found in it, and who may receive it."""

    file: CaseFile
    revision: int
    definition: Mapping[str, Any]  # of the form that the draft is written with
    fields: dict[str, Any]
    found: Review
    supervisors: Sequence[Person]

    @property
    def supervisor(self) -> Person | None:
        return next((p for p in self.supervisors if str(p.id) == self.fields.get("supervisor")), None)

    def lacking(self) -> list[tuple[str, str]]:
        """The fields that are required and empty, or whose day is past, with their labels."""
        names = missing(self.definition, self.fields)
        labels = {field.key: field.label.of(i18n.current_language()) for field in parse(self.definition).fields}
        gone_by = past(self.definition, self.fields, today(clock.now()))
        return [(name, labels[name]) for name in names] + [
            (name, f"{labels[name]} – {_('Cette date est passée.')}") for name in gone_by
        ]


@bp.get("/situations/<uuid:case_id>/relecture")
def review(case_id: UUID) -> Any:
    file = _mine(case_id)
    if file.draft is None or "save" not in moves(file):
        return redirect(url_for("cases.case", case_id=case_id))
    desk = _desk(file, file.draft)
    return _page(desk, choices_form(desk.found.findings, desk.revision))


@bp.post("/situations/<uuid:case_id>/relecture")
def decide(case_id: UUID) -> Any:
    """Keep the choices; then stay, go back to a field, or submit."""
    file = _mine(case_id)
    if file.draft is None:
        return gone(url_for("cases.case", case_id=case_id), SUBMITTED)
    if "save" not in moves(file):
        abort(403)
    desk = _desk(file, file.draft)
    form = choices_form(desk.found.findings, desk.revision)
    if not form.validate():
        return _page(desk, form), 422
    try:
        return _done(desk, form, request.form.get("then", ""))
    except Conflict:
        return _as_it_is_now(case_id, CHANGED)
    except AlreadySubmitted:
        return gone(url_for("cases.case", case_id=case_id), SUBMITTED)


def _mine(case_id: UUID) -> CaseFile:
    file = visible_case(case_id)
    if file.case.author_id != me().id:
        abort(403)
    return file


def _desk(file: CaseFile, draft: CaseDraft) -> Desk:
    supervisors = supervisors_for(file)
    fields = as_offered(begun(file), supervisors)
    definition = forms.by_id(draft.form_version_id).definition
    return Desk(file, draft.revision, definition, fields, reviewed(file, fields, definition), supervisors)


def _done(desk: Desk, form: ChoicesForm, then: str) -> Any:
    """Raises:
    Conflict, AlreadySubmitted: the draft is not any more what this page showed; nothing is written.
    """
    case_id, now = desk.file.case.id, clock.now()
    fields = decisions.with_decisions(desk.fields, _decisions(desk.found, form))
    may = permissions.can_submit(me(), desk.file, today(now), now)
    if then == "submit" and may and not desk.lacking():
        return hand_in(desk.file, fields, desk.supervisors, form.revision.data)
    actions.save_draft(file=desk.file, fields=fields, revision=form.revision.data, keyring=keyring(), now=now)
    commit()
    if then == "submit":
        return _as_it_is_now(case_id, 422 if may else 403)
    if then.removeprefix(EDIT) in text_keys(desk.definition):
        return redirect(url_for("case_writing.edit", case_id=case_id, _anchor=then.removeprefix(EDIT)))
    flash(_("Vos choix sont enregistrés."))
    return redirect(url_for("case_reidentification.review", case_id=case_id))


def _decisions(found: Review, form: ChoicesForm) -> dict[str, decisions.Decision]:
    """Those that were made before, about what is not on the page, and those of the page."""
    made = dict(found.decisions) | form.decisions()
    return {identity: decision for identity, decision in made.items() if decision is not None}


def _as_it_is_now(case_id: UUID, status: int) -> Any:
    """The page of what is saved. Choices that are not, are still in it where their passage is."""
    file = fresh(case_id)
    if file.draft is None:
        return gone(url_for("cases.case", case_id=case_id), SUBMITTED)
    desk = _desk(file, file.draft)
    form = choices_form(desk.found.findings, desk.revision)
    form.revision.data = desk.revision
    return _page(desk, form, changed=status == CHANGED), status


def _page(desk: Desk, form: ChoicesForm, *, changed: bool = False) -> str:
    return render_template(
        "cases/reidentification/review.html",
        file=desk.file,
        form=form,
        found=desk.found,
        title=desk.fields.get("title", ""),
        marked=desk.found.marked(),
        told=shown(desk.definition, desk.fields, i18n.current_language()),
        lacking=desk.lacking(),
        supervisor=desk.supervisor,
        alone=desk.fields.get("visibility", NOBODY_ELSE) == NOBODY_ELSE,
        kept_by=[told for told in consequences.told_to(me().id, today(clock.now())) if told.duty.blocks_new],
        changed=changed,
        passage_kinds=KINDS,
        suggestions=SUGGESTIONS,
        reasons=REASONS,
    )
