"""Doors that move a submitted case: back, on, to somebody else, to its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext as _

from supervision import clock
from supervision.cases import queries
from supervision.cases.doors import press_of, require, visible_case
from supervision.cases.lifecycle import actions
from supervision.cases.lifecycle.forms import DeadlineForm, RequestForm, SupplementForm
from supervision.cases.models import HandoverProposal
from supervision.cases.page import case_page, handover_form, mine_but
from supervision.cases.queries import CaseFile
from supervision.cases.rules import ANNOUNCED_MOST, CaseRefused
from supervision.db import db
from supervision.doors import commit, keyring
from supervision.people.models import Person
from supervision.sign_in.current import me, today

bp = Blueprint("case_lifecycle", __name__)


def _do(case_id: UUID, act: Callable[[], object], done: str, *, to: str = "cases.case") -> Any:
    """Make a move, once; whoever comes second is told that the case has moved on, and shown it."""
    try:
        act()
    except CaseRefused:
        db.session.rollback()
        flash(_("La situation a changé entre-temps : voici où elle en est."))
        return redirect(url_for("cases.case", case_id=case_id))
    commit()
    flash(done)
    return redirect(url_for(to, case_id=case_id))


# --- back to the author's desk ----------------------------------------------------------------------------------------


@bp.post("/situations/<uuid:case_id>/retirer")
def withdraw(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "withdraw")
    return _do(
        case_id,
        lambda: actions.withdraw(author=me().person, file=file, keyring=keyring(), now=clock.now()),
        _("Votre situation est retirée. Vous pouvez la reprendre ; personne ne l’a lue."),
        to="case_writing.edit",
    )


@bp.post("/situations/<uuid:case_id>/reviser")
def revise(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "revise")
    return _do(
        case_id,
        lambda: actions.revise(file=file, keyring=keyring(), now=clock.now()),
        _("Voici votre texte, prêt à être repris. La version soumise reste lisible jusqu’à la prochaine."),
        to="case_writing.edit",
    )


# --- supplements ------------------------------------------------------------------------------------------------------


@bp.post("/situations/<uuid:case_id>/demander-un-complement")
def ask_supplement(case_id: UUID) -> Any:
    file, form = visible_case(case_id), RequestForm()
    require(file, "ask-supplement", form.text.data)
    if not form.validate():
        return case_page(file, request=form), 422
    text = form.text.data
    return _do(
        case_id,
        lambda: actions.ask_supplement(
            supervisor=me().person, file=file, text=text, keyring=keyring(), now=clock.now()
        ),
        _("Votre demande est envoyée ; l’échéance attend la réponse."),
    )


@bp.post("/situations/<uuid:case_id>/complement")
def supplement(case_id: UUID) -> Any:
    file, form = visible_case(case_id), SupplementForm()
    require(file, "supplement", form.text.data)
    if not form.validate():
        return case_page(file, supplement=form), 422
    text, press = form.text.data, press_of(form.press.data)
    return _do(
        case_id,
        lambda: actions.supplement(
            author=me().person, file=file, text=text, press=press, keyring=keyring(), now=clock.now()
        ),
        _("Votre complément est ajouté. Le texte soumis reste tel quel."),
    )


# --- when, and by whom ------------------------------------------------------------------------------------------------


@bp.post("/situations/<uuid:case_id>/echeance")
def deadline(case_id: UUID) -> Any:
    file, form, now = visible_case(case_id), DeadlineForm(), clock.now()
    require(file, "set-deadline")
    if not form.validate() or not _can_be_announced(form, today(now)):
        return case_page(file, deadline=form), 422
    due_on = form.due_on.data
    return _do(
        case_id,
        lambda: actions.set_deadline(supervisor=me().person, file=file, due_on=due_on, now=now),
        _("L’échéance est annoncée ; %(name)s la voit.", name=file.author.display_name),
    )


def _can_be_announced(form: DeadlineForm, today: date) -> bool:
    """False with the sentence at the field."""
    if form.due_on.data < today:
        form.due_on.errors = [_("Cette date est passée.")]
    elif form.due_on.data > today + ANNOUNCED_MOST:
        form.due_on.errors = [_("Donnez une date dans l’année qui vient.")]
    return not form.due_on.errors


@bp.post("/situations/<uuid:case_id>/confier")
def hand_over(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "hand-over")
    supervisors = mine_but(file)
    form = handover_form(supervisors)
    if not form.validate():
        return case_page(file, hand_over=form), 422
    chosen = next(person for person in supervisors if str(person.id) == form.supervisor.data)
    return _do(
        case_id,
        lambda: actions.hand_over(
            author=me().person, supervisor=chosen, file=file, for_this_case=False, now=clock.now()
        ),
        _("Votre situation est confiée à %(name)s ; un courriel sans contenu le dit.", name=chosen.display_name),
    )


@bp.post("/situations/<uuid:case_id>/proposition/accepter")
def consent(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "hand-over")
    found = _proposal(file)
    if found is None:
        return _decided_already(file)
    proposal, supervisor = found
    return _do(
        case_id,
        lambda: actions.consent(
            author=me().person, file=file, proposal=proposal, supervisor=supervisor, now=clock.now()
        ),
        _(
            "Votre situation est confiée à %(name)s ; un courriel sans contenu le dit.",
            name=supervisor.display_name,
        ),
    )


@bp.post("/situations/<uuid:case_id>/proposition/decliner")
def decline(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "hand-over")
    found = _proposal(file)
    if found is None:
        return _decided_already(file)
    proposal, _supervisor = found
    return _do(
        case_id,
        lambda: actions.decline(author=me().person, file=file, proposal=proposal, now=clock.now()),
        _("Votre situation reste où elle est."),
    )


def _proposal(file: CaseFile) -> tuple[HandoverProposal, Person] | None:
    """The proposal that waits, and whom it proposes; None where there is none (any more)."""
    proposal = queries.open_proposal(file.case.id)
    person = db.session.get(Person, proposal.supervisor_id) if proposal else None
    if proposal is None or person is None or person.deactivated_at is not None:
        return None
    return proposal, person


def _decided_already(file: CaseFile) -> Any:
    """A second tab, or a proposal that was taken back."""
    name = file.supervisor.display_name if file.supervisor else "–"
    flash(_("Aucune proposition n’attend plus votre réponse. Votre situation est confiée à %(name)s.", name=name))
    return redirect(url_for("cases.case", case_id=file.case.id))


# --- the end of a thread ----------------------------------------------------------------------------------------------


@bp.post("/situations/<uuid:case_id>/clore")
def close(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "close")
    return _do(
        case_id,
        lambda: actions.close(actor=me().person, file=file, now=clock.now()),
        _("La situation est close. Elle reste lisible, et peut être rouverte."),
    )


@bp.post("/situations/<uuid:case_id>/rouvrir")
def reopen(case_id: UUID) -> Any:
    file = visible_case(case_id)
    require(file, "reopen")
    return _do(
        case_id,
        lambda: actions.reopen(actor=me().person, file=file, now=clock.now()),
        _("La situation est rouverte."),
    )
