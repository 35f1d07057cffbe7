"""The committee's doors to an exception: ask, confirm or decline, end; and holding a case back from its purge."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from supervision import clock, permissions
from supervision.audit import actions as audit
from supervision.cases import queries as cases
from supervision.cases import safekeeping
from supervision.cases.break_glass import actions, queries
from supervision.cases.break_glass.forms import AskForm
from supervision.cases.break_glass.queries import Glass
from supervision.cases.break_glass.rules import AlreadyAsked, GlassRefused, Involved, read_reference, reference_of
from supervision.cases.break_glass.words import STATES
from supervision.cases.doors import press_of
from supervision.cases.models import Case
from supervision.cases.queries import CaseFile
from supervision.cases.retention import actions as retention
from supervision.cases.retention.forms import CommitteeHoldForm
from supervision.cases.rules import NotNow
from supervision.db import db
from supervision.doors import commit, keyring
from supervision.ids import new_id
from supervision.sign_in import actions as sign_in
from supervision.sign_in.current import me, today
from supervision.sign_in.rules import GLASS_REFERENCE, TooManyAttempts

bp = Blueprint("break_glass", __name__)

PAGE = 25


def _only_committee() -> None:
    if not permissions.can_break_glass(me()):
        abort(404)


@bp.get("/deontologie/levees")
def glasses() -> Any:
    """A title is shown while the case is open to me, and never before."""
    _only_committee()
    now = clock.now()
    before = request.args.get("avant", type=UUID)
    found = queries.glasses(permissions.visible_glasses(me(), now), limit=PAGE + 1, before=before)
    following = found[PAGE - 1].row.id if len(found) > PAGE else None
    open_ids = [glass.row.case_id for glass in found[:PAGE] if permissions.can_end_glass(me(), glass, now)]
    return render_template(
        "cases/glasses.html",
        glasses=found[:PAGE],
        following=following,
        titles=_titles(open_ids),
        states=STATES,
        now=now,
    )


def _titles(case_ids: list[UUID]) -> dict[UUID, str]:
    now = clock.now()
    visible = permissions.visible_cases(me(), today(now), now).where(Case.id.in_(case_ids))
    lines = cases.case_lines(visible, keyring(), now, limit=len(case_ids)) if case_ids else []
    return {line.id: line.title for line in lines}


@bp.get("/deontologie/levees/demander")
def ask() -> Any:
    _only_committee()
    return render_template("cases/glass_ask.html", form=AskForm(press=str(new_id()), hours=24))


@bp.post("/deontologie/levees/demander")
def ask_post() -> Any:
    _only_committee()
    form = AskForm()
    if not form.validate():
        return render_template("cases/glass_ask.html", form=form), 422
    _count()
    file = _named(form)
    if file is None or not _asked(file, form):
        return render_template("cases/glass_ask.html", form=form), 422
    commit()
    flash(_("Votre demande attend une seconde voix du comité. Rien n’est ouvert d’ici là."))
    return redirect(url_for("break_glass.glass", glass_id=UUID(form.press.data)))


def _count() -> None:
    """References are not guessed: each attempt counts, right or wrong."""
    secret = current_app.config["SECRET_KEY"]
    try:
        sign_in.count_attempt(limit=GLASS_REFERENCE, value=str(me().id), secret=secret, now=clock.now())
    except TooManyAttempts as error:
        commit()
        raise TooManyRequests(retry_after=error.retry_after) from error
    commit()


def _named(form: AskForm) -> CaseFile | None:
    case_id = read_reference(form.reference.data)
    file = queries.submitted(case_id, clock.now()) if case_id else None
    if file is None:
        form.reference.errors = [_("Aucune situation soumise ne porte cette référence.")]
    return file


def _asked(file: CaseFile, form: AskForm) -> bool:
    """False with the sentence at the field."""
    try:
        actions.ask(
            actor=me().person,
            file=file,
            reason=form.reason.data,
            hours=form.hours.data,
            press=press_of(form.press.data),
            keyring=keyring(),
            now=clock.now(),
        )
    except Involved:
        audit.record(actor_id=me().id, action="case-refused", subject=f"case/{file.case.id}", now=clock.now())
        commit()
        form.reference.errors = [_("Vous avez écrit ou supervisé cette situation : d’autres du comité en décident.")]
    except AlreadyAsked:
        db.session.rollback()
        form.reference.errors = [_("Vous avez déjà une demande ou une levée en cours pour cette situation.")]
    return not form.reference.errors


# --- one request ------------------------------------------------------------------------------------------------------


@bp.get("/deontologie/levees/<uuid:glass_id>")
def glass(glass_id: UUID) -> Any:
    return _page(_visible(glass_id), CommitteeHoldForm())


def _visible(glass_id: UUID) -> Glass:
    found = queries.glass(permissions.visible_glasses(me(), clock.now()), glass_id)
    if found is None:
        abort(404)
    return found


def _page(found: Glass, hold: CommitteeHoldForm) -> str:
    """The reason is for those who decide about it; of the case, nothing is shown here."""
    now = clock.now()
    file = queries.submitted(found.row.case_id, now)
    return render_template(
        "cases/glass.html",
        glass=found,
        state=found.state(now),
        states=STATES,
        reference=reference_of(found.row.case_id),
        reason=safekeeping.reason(file, found.row, keyring()) if file else None,
        holds=_committee_holds(file) if file else [],
        form=hold,
        can_confirm=file is not None and permissions.can_confirm_glass(me(), found, now),
        can_decline=permissions.can_decline_glass(me(), found, now),
        can_end=permissions.can_end_glass(me(), found, now),
    )


def _committee_holds(file: CaseFile) -> list[safekeeping.Holding]:
    return [hold for hold in safekeeping.holds(file, today(clock.now()), keyring()) if not hold.is_mine]


@bp.post("/deontologie/levees/<uuid:glass_id>/confirmer")
def confirm(glass_id: UUID) -> Any:
    found = _visible(glass_id)
    if not permissions.can_confirm_glass(me(), found, clock.now()):
        abort(403)
    done = _("La situation est ouverte à vous deux. Son auteur·e en est averti·e à l’instant.")
    return _do(glass_id, lambda: actions.confirm(actor=me().person, glass=found.row, now=clock.now()), done)


@bp.post("/deontologie/levees/<uuid:glass_id>/refuser")
def decline(glass_id: UUID) -> Any:
    found = _visible(glass_id)
    if not permissions.can_decline_glass(me(), found, clock.now()):
        abort(403)
    return _do(
        glass_id,
        lambda: actions.decline(actor=me().person, glass=found.row, now=clock.now()),
        _("La demande est sans suite. Rien n’a été ouvert."),
        to="break_glass.glasses",
    )


@bp.post("/deontologie/levees/<uuid:glass_id>/terminer")
def end(glass_id: UUID) -> Any:
    found = _visible(glass_id)
    if not permissions.can_end_glass(me(), found, clock.now()):
        abort(403)
    return _do(
        glass_id,
        lambda: actions.end(actor=me().person, glass=found.row, now=clock.now()),
        _("La levée est terminée : plus personne du comité ne lit cette situation à ce titre."),
    )


def _do(glass_id: UUID, act: Callable[[], object], done: str, *, to: str = "break_glass.glass") -> Any:
    """Once; whoever comes second is told where things stand."""
    try:
        act()
    except (GlassRefused, NotNow):
        db.session.rollback()
        flash(_("Entre-temps, cette demande a changé d’état, ou ne peut plus aboutir."))
        return redirect(url_for("break_glass.glasses"))
    commit()
    flash(done)
    return redirect(url_for(to, glass_id=glass_id) if to == "break_glass.glass" else url_for(to))


# --- keeping a case for a referral ------------------------------------------------------------------------------------


@bp.post("/deontologie/levees/<uuid:glass_id>/garder")
def hold(glass_id: UUID) -> Any:
    found, form = _visible(glass_id), CommitteeHoldForm()
    file = queries.submitted(found.row.case_id, clock.now())
    if file is None or not permissions.can_end_glass(me(), found, clock.now()):
        abort(403)
    if not form.validate():
        return _page(found, form), 422
    reason = form.reason.data
    return _do(
        glass_id,
        lambda: retention.hold(
            actor=me().person, file=file, until_on=None, reason=reason, keyring=keyring(), now=clock.now()
        ),
        _("La situation ne sera pas détruite tant que le comité la garde. Son auteur·e le voit, avec le motif."),
    )


@bp.post("/deontologie/levees/<uuid:glass_id>/ne-plus-garder")
def let_go(glass_id: UUID) -> Any:
    """By whoever of the committee sees it: a hold must not outlive the office of whoever placed it."""
    found = _visible(glass_id)
    file = queries.submitted(found.row.case_id, clock.now())
    if file is None:
        abort(404)
    return _do(
        glass_id,
        lambda: _let_go(found, file),
        _("La situation reprend sa durée de conservation."),
    )


def _let_go(found: Glass, file: CaseFile) -> None:
    """Raises:
    NotNow: neither of the two holds it.
    """
    two = [person_id for person_id in (found.row.asked_by, found.row.confirmed_by) if person_id]
    retention.lift(actor=me().person, file=file, placed_by=two, now=clock.now())
