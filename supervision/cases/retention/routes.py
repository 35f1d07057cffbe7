"""The author's doors to the keeping of a closed case: hold it back, let go of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, url_for
from flask_babel import gettext as _

from supervision import clock, permissions
from supervision.association.rules import months_after
from supervision.cases.doors import visible_case
from supervision.cases.page import case_page
from supervision.cases.queries import CaseFile
from supervision.cases.retention import actions, queries
from supervision.cases.retention.forms import KeepForm
from supervision.cases.retention.rules import TooEarly, TooLate, check_hold, latest_hold
from supervision.cases.rules import NotNow
from supervision.db import db
from supervision.doors import commit, keyring
from supervision.filters import day
from supervision.sign_in.current import me, our_association, today

bp = Blueprint("case_retention", __name__)


@bp.post("/situations/<uuid:case_id>/garder")
def keep(case_id: UUID) -> Any:
    file = _mine(case_id)
    form = KeepForm()
    if not form.validate() or not _is_allowed(file, form):
        return case_page(file, keep=form), 422
    return _do(file, form)


def _do(file: CaseFile, form: KeepForm) -> Any:
    until_on = form.until_on.data
    try:
        actions.hold(actor=me().person, file=file, until_on=until_on, reason="", keyring=keyring(), now=clock.now())
    except NotNow:
        db.session.rollback()
        return redirect(url_for("cases.case", case_id=file.case.id))
    commit()
    flash(_("Votre situation est gardée : elle ne sera pas détruite avant le %(day)s.", day=day(until_on)))
    return redirect(url_for("cases.case", case_id=file.case.id, _anchor="conservation"))


def _mine(case_id: UUID) -> CaseFile:
    file = visible_case(case_id)
    if not permissions.can_keep(me(), file):
        abort(403)
    return file


def _is_allowed(file: CaseFile, form: KeepForm) -> bool:
    """False with the sentence at the field."""
    association = our_association()
    kept = queries.keeping(file.case.id, association)
    if kept is None:
        abort(404)
    due_on = months_after(kept.closed_on, association.retention_months)
    latest_on = latest_hold(kept.closed_on, association.retention_months, today(clock.now()))
    try:
        check_hold(form.until_on.data, due_on=max(due_on, today(clock.now())), latest_on=latest_on)
    except TooEarly:
        form.until_on.errors = [_("Elle est gardée au moins jusque-là de toute façon.")]
    except TooLate:
        form.until_on.errors = [_("Au plus tard le %(day)s ; vous pourrez recommencer.", day=day(latest_on))]
    return not form.until_on.errors


@bp.post("/situations/<uuid:case_id>/ne-plus-garder")
def let_go(case_id: UUID) -> Any:
    file = _mine(case_id)
    try:
        actions.lift(actor=me().person, file=file, placed_by=[me().id], now=clock.now())
    except NotNow:
        db.session.rollback()
        flash(_("Vous ne la gardiez plus."))
    else:
        commit()
        flash(_("Votre situation sera détruite au terme prévu. Un courriel vous préviendra avant."))
    return redirect(url_for("cases.case", case_id=case_id, _anchor="conservation"))
