"""The author's door to who else may read: the participants of one group session, or nobody."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _

from supervision import clock, permissions
from supervision.cases.doors import visible_case
from supervision.cases.lifecycle import actions
from supervision.cases.page import case_page, visibility_form
from supervision.doors import commit
from supervision.sign_in.current import me

bp = Blueprint("case_visibility", __name__)


@bp.post("/situations/<uuid:case_id>/visibilite")
def visibility(case_id: UUID) -> Any:
    file = visible_case(case_id)
    if not permissions.can_change_visibility(me(), file):
        abort(403)
    form = visibility_form(file)
    if not form.validate():
        return case_page(file, visibility=form), 422
    actions.open_to_session(author=me().person, file=file, session_id=form.session_id, now=clock.now())
    commit()
    flash(_said(form.session_id))
    return redirect(url_for("cases.case", case_id=case_id))


def _said(session_id: UUID | None) -> str:
    if session_id is None:
        return _("Votre situation n’est plus ouverte à une séance.")
    return _("Votre situation est ouverte à cette séance, pour le temps de sa lecture et pas au-delà.")
