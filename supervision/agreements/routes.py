"""Doors to supervision agreements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from wtforms import SelectChoice

from supervision import clock, permissions
from supervision.agreements import actions, queries
from supervision.agreements.forms import AgreementForm
from supervision.agreements.models import Agreement
from supervision.agreements.rules import (
    AgreementExists,
    AgreementFacts,
    AgreementRefused,
    EndsBeforeStart,
    NotASupervisor,
    SamePerson,
    state,
)
from supervision.db import db
from supervision.doors import commit
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.sign_in.current import me, today

bp = Blueprint("agreements", __name__)

PAGE = 25


@bp.get("/contrats")
def agreements() -> Any:
    day, before = today(clock.now()), request.args.get("avant", type=UUID)
    found = queries.agreements_page(permissions.agreements_of(me()), before=before, limit=PAGE + 1)
    following, found = (found[PAGE - 1].id if len(found) > PAGE else None), found[:PAGE]
    return render_template(
        "agreements/agreements.html",
        agreements=[(agreement, _state(agreement)) for agreement in found],
        following=following,
        can_propose=permissions.can_propose_agreement(me()),
        may_sign={a.id for a in found if permissions.can_sign_agreement(me(), a, day)},
        may_end={a.id for a in found if permissions.can_end_agreement(me(), a)},
    )


def _state(agreement: Agreement) -> str:
    facts = AgreementFacts(
        agreement.starts_on,
        agreement.ends_on,
        agreement.supervisee_signed_at,
        agreement.supervisor_signed_at,
        agreement.ended_at,
    )
    return state(facts, today(clock.now()))


@bp.get("/contrats/proposer")
def propose() -> Any:
    if not permissions.can_propose_agreement(me()):
        abort(403)
    form = _form()
    form.starts_on.data = today(clock.now())
    mine = str(me().id)
    if me().holds("supervisor") and not permissions.can_propose_for_others(me()):
        form.supervisor.data = mine  # who supervises proposes for herself most of the time
    return render_template("agreements/propose.html", form=form)


def _form() -> AgreementForm:
    """Whoever coordinates joins any two people; everyone else proposes for herself, on one side or the other."""
    form, now, mine = AgreementForm(), clock.now(), me().person
    supervisors = list(people.holders("supervisor", now))
    supervisees = {p.id: p for role in ("trainee", "certified", "supervisor") for p in people.holders(role, now)}
    if not permissions.can_propose_for_others(me()) and not me().holds("supervisor"):
        supervisees = {mine.id: mine}
    form.supervisee.choices = _choices(list(supervisees.values()))
    form.supervisor.choices = _choices(supervisors)
    return form


def _choices(people: list[Person]) -> list[SelectChoice]:
    """Nobody is chosen in advance where there is a choice: a contract with the first of a list is soon made."""
    undecided = [SelectChoice(value="", label=_("À choisir"))] if len(people) > 1 else []
    return undecided + [SelectChoice(value=str(person.id), label=person.display_name) for person in people]


@bp.post("/contrats/proposer")
def propose_post() -> Any:
    if not permissions.can_propose_agreement(me()):
        abort(403)
    form = _form()
    if form.validate() and _propose(form):
        commit()
        flash(_("Le contrat est proposé ; il commence quand les deux personnes l’ont signé."))
        return redirect(url_for("agreements.agreements"))
    return render_template("agreements/propose.html", form=form), 422


def _propose(form: AgreementForm) -> bool:
    """True if the agreement is made; otherwise the reason stands at its field."""
    sides = [db.session.get_one(Person, UUID(field.data)) for field in (form.supervisee, form.supervisor)]
    if me().person not in sides and not permissions.can_propose_for_others(me()):
        form.supervisor.errors = [_("Proposez un contrat où vous êtes l’une des deux personnes.")]
        return False
    try:
        actions.propose(
            actor=me().person,
            supervisee=sides[0],
            supervisor=sides[1],
            starts_on=form.starts_on.data,
            ends_on=form.ends_on.data,
            now=clock.now(),
        )
    except AgreementRefused as refusal:
        field, sentence = _reason(form, refusal)
        field.errors = [sentence]
        return False
    return True


def _reason(form: AgreementForm, refusal: AgreementRefused) -> tuple[Any, str]:
    return {
        SamePerson: (form.supervisor, _("Personne ne peut se superviser soi-même.")),
        EndsBeforeStart: (form.ends_on, _("La fin précède le début.")),
        NotASupervisor: (form.supervisor, _("Cette personne ne supervise pas.")),
        AgreementExists: (form.supervisor, _("Un contrat entre ces deux personnes existe déjà.")),
    }[type(refusal)]


@bp.post("/contrats/<uuid:agreement_id>/signer")
def sign(agreement_id: UUID) -> Any:
    agreement = _visible(agreement_id)
    if permissions.can_sign_agreement(me(), agreement, today(clock.now())):
        actions.sign(actor=me().person, agreement=agreement, now=clock.now())
        commit()
        flash(_("Votre signature est enregistrée."))
    elif me().id not in {agreement.supervisee_id, agreement.supervisor_id}:
        abort(403)
    return redirect(url_for("agreements.agreements"))


@bp.post("/contrats/<uuid:agreement_id>/terminer")
def end(agreement_id: UUID) -> Any:
    agreement = _visible(agreement_id)
    if permissions.can_end_agreement(me(), agreement):
        actions.end(actor=me().person, agreement=agreement, now=clock.now())
        commit()
        flash(_("Le contrat prend fin."))
    return redirect(url_for("agreements.agreements"))


def _visible(agreement_id: UUID) -> Agreement:
    found = permissions.agreements_of(me()).where(Agreement.id == agreement_id)
    return db.session.scalar(found) or abort(404)
