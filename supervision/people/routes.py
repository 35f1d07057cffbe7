"""Doors to one's account, and for officers to the people of the association."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _

from supervision import clock, i18n, permissions
from supervision.db import db
from supervision.deontology.consequences import words as consequences
from supervision.deontology.coverage import sent as extensions
from supervision.doors import commit
from supervision.forms import clean_line
from supervision.people import actions, queries
from supervision.people.forms import AccountForm, GrantForm, InvitationForm
from supervision.people.models import Person, RoleGrant
from supervision.people.rules import AddressTaken, LastAdministrator, RoleHeldAlready
from supervision.sign_in import actions as sign_in
from supervision.sign_in.current import me, today

bp = Blueprint("people", __name__)

PAGE = 25


@bp.get("/mon-compte")
def account() -> Any:
    return _account_page(AccountForm(obj=me().person))


def _account_page(form: AccountForm) -> str:
    return render_template(
        "people/account.html",
        form=form,
        texts=consequences.told_to(me().id, today(clock.now())),
        granted=extensions.standing_of(me().id),
    )


@bp.post("/mon-compte")
def account_post() -> Any:
    form = AccountForm()
    if not form.validate():
        return _account_page(form), 422
    actions.change_preferences(person=me().person, **form.texts())
    commit()
    session["language"] = form.language.data
    i18n.speak_to(form.language.data, form.zone.data)
    flash(_("Vos préférences sont enregistrées."))
    return redirect(url_for("people.account"))


@bp.get("/personnes")
def people() -> Any:
    _must_see()
    search = clean_line(request.args.get("q"))[:100]
    found = queries.people_page(after=request.args.get("apres", type=UUID), search=search, limit=PAGE + 1)
    page = found[:PAGE]
    return render_template(
        "people/people.html",
        people=page,
        roles=queries.roles_of(page, clock.now()),
        search=search,
        following=page[-1] if len(found) > PAGE else None,
        can_invite=permissions.can_invite(me()),
    )


def _must_see() -> None:
    if not permissions.can_see_people(me()):
        abort(404)


def _require(granted: bool) -> None:
    if not granted:
        abort(403)


@bp.get("/personnes/inviter")
def invite() -> Any:
    _require(permissions.can_invite(me()))
    return render_template("people/invite.html", form=InvitationForm())


@bp.post("/personnes/inviter")
def invite_post() -> Any:
    _require(permissions.can_invite(me()))
    form = InvitationForm()
    if form.validate():
        try:
            person = _invite(form)
        except AddressTaken:
            form.email.errors = [_("Une personne a déjà cette adresse.")]
        else:
            flash(_("%(name)s reçoit une invitation par courriel, valable sept jours.", name=person.display_name))
            return redirect(url_for("people.person", person_id=person.id))
    return render_template("people/invite.html", form=form), 422


def _invite(form: InvitationForm) -> Person:
    now, actor = clock.now(), me().person
    person = actions.add_person(
        actor=actor,
        email=form.email.data,
        display_name=form.display_name.data,
        language=form.language.data,
        zone=actor.zone,
        now=now,
    )
    for role in form.roles.data:
        actions.grant_role(actor=actor, person=person, role=role, now=now)
    sign_in.send_link(kind="invitation", person=person, actor=actor, now=now)
    commit()
    return person


@bp.get("/personnes/<uuid:person_id>")
def person(person_id: UUID) -> Any:
    return _person_page(_visible_person(person_id), GrantForm())


def _visible_person(person_id: UUID) -> Person:
    _must_see()
    return db.session.get(Person, person_id) or abort(404)


def _person_page(person: Person, form: GrantForm) -> str:
    grants = queries.all_grants(person.id)
    form.role.choices = [choice for choice in form.role.choices if permissions.can_grant(me(), choice.value)]
    return render_template(
        "people/person.html",
        person=person,
        grants=grants,
        form=form,
        alone=permissions.can_grant(me(), "administrator") and queries.decides_alone(me().id, person.id),
        may_close=permissions.can_close_account(me(), person),
        may_confirm={grant.id for grant in grants if permissions.can_confirm(me(), grant)},
        may_end={grant.id for grant in grants if grant.ended_at is None and permissions.can_grant(me(), grant.role)},
    )


@bp.post("/personnes/<uuid:person_id>/inviter-de-nouveau")
def invite_again(person_id: UUID) -> Any:
    person = _visible_person(person_id)
    _require(permissions.can_invite(me()) and person.password_hash is None and person.deactivated_at is None)
    sign_in.send_link(kind="invitation", person=person, actor=me().person, now=clock.now())
    commit()
    flash(_("Une nouvelle invitation est envoyée ; la précédente ne fonctionne plus."))
    return redirect(url_for("people.person", person_id=person.id))


@bp.post("/personnes/<uuid:person_id>/fermer")
def close_account(person_id: UUID) -> Any:
    person, now = _visible_person(person_id), clock.now()
    _require(permissions.can_close_account(me(), person))
    try:
        actions.close_account(actor=me().person, person=person, now=now)
    except LastAdministrator:
        flash(_("L’association doit garder une personne à l’administration."))
    else:
        sign_in.end_sessions(person=person, because="account-closed", now=now)
        sign_in.void_links(person=person, now=now)
        commit()
        flash(_("Le compte est fermé ; ses sessions le sont aussi."))
    return redirect(url_for("people.person", person_id=person.id))


@bp.post("/personnes/<uuid:person_id>/rouvrir")
def reopen_account(person_id: UUID) -> Any:
    person = _visible_person(person_id)
    _require(permissions.can_close_account(me(), person))
    actions.reopen_account(actor=me().person, person=person, now=clock.now())
    commit()
    flash(_("Le compte est rouvert."))
    return redirect(url_for("people.person", person_id=person.id))


@bp.post("/personnes/<uuid:person_id>/roles")
def grant(person_id: UUID) -> Any:
    person, form = _visible_person(person_id), GrantForm()
    if form.validate():
        _require(permissions.can_grant(me(), form.role.data))
        try:
            made = actions.grant_role(actor=me().person, person=person, role=form.role.data, now=clock.now())
        except RoleHeldAlready:
            form.role.errors = [_("Cette personne a déjà ce rôle, ou il attend une confirmation.")]
        else:
            commit()
            flash(_said_of(made))
            return redirect(url_for("people.person", person_id=person.id))
    return _person_page(person, form), 422


def _said_of(grant: RoleGrant) -> str:
    if grant.confirmed_at is None:
        return _("Cette charge attend la confirmation d’une autre personne de l’administration.")
    return _("Le rôle est donné.")


@bp.post("/roles/<uuid:grant_id>/confirmer")
def confirm(grant_id: UUID) -> Any:
    grant = _grant(grant_id)
    _require(permissions.can_confirm(me(), grant))
    actions.confirm_office(actor=me().person, grant=grant, now=clock.now())
    commit()
    flash(_("La charge est confirmée."))
    return redirect(url_for("people.person", person_id=grant.person_id))


@bp.post("/roles/<uuid:grant_id>/terminer")
def end_role(grant_id: UUID) -> Any:
    grant = _grant(grant_id)
    _require(permissions.can_grant(me(), grant.role))
    try:
        actions.end_role(actor=me().person, grant=grant, now=clock.now())
    except LastAdministrator:
        flash(_("L’association doit garder une personne à l’administration."))
    else:
        commit()
        flash(_("Le rôle prend fin."))
    return redirect(url_for("people.person", person_id=grant.person_id))


def _grant(grant_id: UUID) -> RoleGrant:
    _must_see()
    return db.session.get(RoleGrant, grant_id) or abort(404)
