"""Doors to the association's settings, and the one that opens an empty platform."""

from __future__ import annotations

import hmac
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from supervision import clock, i18n, permissions
from supervision.association import actions
from supervision.association.forms import AssociationForm
from supervision.association.queries import the_association
from supervision.db import db
from supervision.doors import commit, public
from supervision.people import actions as people
from supervision.people.rules import AddressTaken
from supervision.sign_in import actions as sign_in
from supervision.sign_in import passwords
from supervision.sign_in.current import me, our_association, start
from supervision.sign_in.forms import FirstRunForm
from supervision.sign_in.rules import device_name, first_run_code

bp = Blueprint("association", __name__)


@bp.get("/premiere-installation")
@public
def first_run() -> Any:
    _only_once()
    return render_template("association/first_run.html", form=FirstRunForm(code=request.args.get("code", "")))


@bp.post("/premiere-installation")
@public
def first_run_post() -> Any:
    _only_once()
    form = FirstRunForm()
    if form.validate() and _knows_the_code(form) and _found(form):
        flash(_("L’association est créée. Invitez maintenant les premières personnes."))
        return redirect(url_for("people.people"))
    return render_template("association/first_run.html", form=form), 422


def _only_once() -> None:
    if the_association() is not None:
        abort(404)


def _knows_the_code(form: FirstRunForm) -> bool:
    expected = first_run_code(current_app.config["SECRET_KEY"])
    if hmac.compare_digest(form.code.data.encode(), expected.encode()):
        return True
    form.code.errors = [_("Ce n’est pas le code affiché au démarrage de la plateforme.")]
    return False


def _found(form: FirstRunForm) -> bool:
    """True if the association is made; otherwise the reason stands at its field."""
    now, password_hash = clock.now(), passwords.hash_password(form.password.data)
    try:
        actions.found(name=form.association.data, contact_email=form.email.data, now=now)
        person = people.add_person(
            actor=None,
            email=form.email.data,
            display_name=form.display_name.data,
            language=i18n.current_language(),
            zone=i18n.DEFAULT_ZONE,
            now=now,
        )
    except actions.AlreadyFounded:
        abort(404)
    except AddressTaken:  # somebody whom the command line made known before
        db.session.rollback()
        form.email.errors = [_("Une personne a déjà cette adresse.")]
        return False
    people.grant_role(actor=None, person=person, role="administrator", now=now)
    sign_in.set_password(person=person, password_hash=password_hash, now=now)
    start(sign_in.begin_session(person=person, device=device_name(request.user_agent.string), now=now))
    commit()
    return True


@bp.get("/reglages")
def settings() -> Any:
    _require()
    return render_template("association/settings.html", form=AssociationForm(obj=our_association()))


@bp.post("/reglages")
def settings_post() -> Any:
    _require()
    form = AssociationForm()
    if not form.validate():
        return render_template("association/settings.html", form=form), 422
    actions.change_settings(actor_id=me().id, association=our_association(), now=clock.now(), **form.texts())
    commit()
    flash(_("Les réglages sont enregistrés."))
    return redirect(url_for("association.settings"))


def _require() -> None:
    """Whoever may see the settings may change them; for everyone else there are none."""
    if not permissions.can_change_settings(me()):
        abort(404)
