"""Every text that people are asked to accept: the committee's list, where one is added or no longer asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from supervision import clock, permissions
from supervision.db import db
from supervision.deontology.authoring import queries
from supervision.deontology.authoring.rules import KindKept, state
from supervision.deontology.authoring.words import STATES
from supervision.deontology.kinds import actions
from supervision.deontology.kinds.forms import KindForm
from supervision.deontology.models import TextDraft, TextKind, TextVersion
from supervision.deontology.rules import CODE
from supervision.doors import commit
from supervision.sign_in.current import me

bp = Blueprint("text_kinds", __name__, url_prefix="/deontologie/textes")


@dataclass(frozen=True)
class Line:
    kind: TextKind
    last: TextVersion | None
    state: str | None  # of the next version, if one is begun


def _only_committee() -> None:
    if not permissions.can_write_texts(me()):
        abort(404)


@bp.get("")
def index() -> Any:
    _only_committee()
    return _page(KindForm())


def _page(form: KindForm) -> str:
    drafts, last = queries.drafts(), queries.last_versions()
    lines = [Line(kind, last.get(kind.slug), _state(drafts.get(kind.slug))) for kind in queries.all_kinds()]
    return render_template("deontology/kinds/index.html", lines=lines, form=form, state_names=STATES, code=CODE)


def _state(draft: TextDraft | None) -> str | None:
    return state(review_asked_by=draft.review_asked_by, approved_at=draft.approved_at) if draft else None


@bp.post("")
def add() -> Any:
    _only_committee()
    form = KindForm()
    if not form.validate():
        return _page(form), 422
    made = actions.add(actor=me().person, now=clock.now(), **form.texts())
    commit()
    flash(_("Le texte est ajouté. Écrivez sa première version."))
    return redirect(url_for("authoring.index", kind=made.slug))


@bp.post("/<kind>/retirer")
def retire(kind: str) -> Any:
    try:
        actions.retire(actor=me().person, kind=_named(kind), now=clock.now())
    except KindKept:
        abort(403)
    commit()
    flash(_("Ce texte n’est plus demandé à personne."))
    return redirect(url_for("text_kinds.index"))


@bp.post("/<kind>/reprendre")
def resume(kind: str) -> Any:
    actions.resume(actor=me().person, kind=_named(kind), now=clock.now())
    commit()
    flash(_("Ce texte est demandé de nouveau."))
    return redirect(url_for("text_kinds.index"))


def _named(slug: str) -> TextKind:
    _only_committee()
    return (db.session.get(TextKind, slug) if "\x00" not in slug else None) or abort(404)
