"""Doors to situations: the lists, the page of one, and beginning a new one. Writing has doors of its own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Select

from supervision import clock, permissions
from supervision.cases import actions, queries
from supervision.cases.doors import note_reading, visible_case
from supervision.cases.forms import BeginForm
from supervision.cases.inbox import queries as inbox
from supervision.cases.inbox.rules import TO_ANSWER, counts, page
from supervision.cases.inbox.words import BY_ADDRESS, EVERYTHING, TABS
from supervision.cases.models import Case
from supervision.cases.page import case_page
from supervision.cases.queries import CaseFile
from supervision.cases.retention import queries as retention
from supervision.cases.rules import STATES, AlreadySubmitted, as_author_sees
from supervision.cases.words import AUTHOR_STATES, SUPERVISOR_STATES
from supervision.doors import commit, keyring, writes
from supervision.ids import new_id
from supervision.sign_in.current import me, our_association, today

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
    """Who waits, since when, due when. There is no way to act on several at once: each is somebody's."""
    if not me().holds("supervisor"):
        abort(403)
    now = clock.now()
    visible = permissions.supervised_cases(me(), today(now))
    target_days = our_association().feedback_target_days
    lying = inbox.on_the_desk(me().id, visible, target_days=target_days, now=now)
    tab = BY_ADDRESS.get(request.args.get("voir", ""), TO_ANSWER)
    shown: dict[str, Any] = {"tab": tab, "tabs": TABS, "counts": counts(lying), "now": now}
    if tab == EVERYTHING:
        return _list(visible, "cases/received.html", **shown)
    rows, following = page(lying, tab, after=request.args.get("apres", ""), size=PAGE)
    lines = inbox.lines_of(visible, rows, keyring(), now)
    return render_template("cases/received.html", rows=rows, lines=lines, following=following, **_states(), **shown)


def _list(visible: Select[Case], template: str, **context: Any) -> str:
    before = request.args.get("avant", type=UUID)
    lines = queries.case_lines(visible, keyring(), clock.now(), limit=PAGE + 1, before=before)
    following = lines[PAGE - 1].id if len(lines) > PAGE else None
    states = _states(mine=template == "cases/mine.html")
    return render_template(template, lines=lines[:PAGE], following=following, **states, **context)


def _states(*, mine: bool = False) -> dict[str, Any]:
    """In words, once and not for each line."""
    words = {state: AUTHOR_STATES[as_author_sees(state)] if mine else SUPERVISOR_STATES.get(state) for state in STATES}
    return {"states": {state: str(word) for state, word in words.items() if word}}


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
    if file.key is None:
        return _purged(file)
    if file.version is None or file.facts.withdrawn_at is not None:
        return redirect(url_for("case_writing.edit", case_id=case_id))
    if request.method == "GET":  # a glance at the headers is no reading
        note_reading(file)
    return case_page(file)


def _purged(file: CaseFile) -> str:
    """The proof that it is gone, at the same address. Backups open as long as a master key of their time is kept."""
    proof = retention.proof(file.case.id)
    backups_open = proof is not None and keyring().oldest <= proof.generation
    return render_template("cases/purged.html", file=file, proof=proof, backups_open=backups_open)


@bp.post("/situations/<uuid:case_id>/jeter")
def discard(case_id: UUID) -> Any:
    file = visible_case(case_id)
    if file.case.author_id != me().id:
        abort(403)
    try:
        actions.discard(file=file, now=clock.now())
    except AlreadySubmitted:
        flash(_("Cette situation est soumise : elle ne se jette plus."))
        return redirect(url_for("cases.case", case_id=case_id))
    commit()
    if file.version is not None and file.facts.withdrawn_at is None:
        flash(_("Le brouillon est détruit ; la version soumise reste."))
        return redirect(url_for("cases.case", case_id=case_id))
    flash(_("Le brouillon est détruit, avec sa clé."))
    return redirect(url_for("cases.mine"))
