"""Doors of signing in and out, of lost passwords, and of one's own sessions."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import TooManyRequests

from supervision import clock, i18n
from supervision.association.queries import the_association
from supervision.db import db
from supervision.doors import commit, public
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.people.rules import email_key
from supervision.sign_in import actions, passwords, queries
from supervision.sign_in.current import me, my_session, start
from supervision.sign_in.forms import ChangePasswordForm, ForgottenForm, NewPasswordForm, SignInForm
from supervision.sign_in.rules import (
    RESET_ACCOUNT,
    RESET_ADDRESS,
    SIGN_IN_ACCOUNT,
    SIGN_IN_ADDRESS,
    Limit,
    LinkNotUsable,
    TooManyAttempts,
    device_name,
    network_of,
    safe_return,
)

bp = Blueprint("sign_in", __name__)


@bp.get("/connexion")
@public
def sign_in() -> Any:
    if current_user.is_authenticated:
        return redirect(safe_return(request.args.get("next")) or url_for("home.index"))
    if the_association() is None:
        return redirect(url_for("association.first_run"))
    return render_template("sign_in/sign_in.html", form=SignInForm())


@bp.post("/connexion")
@public
def sign_in_post() -> Any:
    form = SignInForm()
    if form.validate():
        _limit((SIGN_IN_ADDRESS, _network()), (SIGN_IN_ACCOUNT, email_key(form.email.data)))
        person = _authenticate(form.email.data, form.password.data)
        if person is not None:
            return _welcome(person, form.password.data)
        form.password.errors = [_("L’adresse et le mot de passe ne vont pas ensemble.")]
    return render_template("sign_in/sign_in.html", form=form), 422


def _limit(*attempts: tuple[Limit, str]) -> None:
    """Count the attempt for good before anything else, so that a failure further on does not undo the count."""
    secret = current_app.config["SECRET_KEY"]
    try:
        for limit, value in attempts:
            actions.count_attempt(limit=limit, value=value, secret=secret, now=clock.now())
    except TooManyAttempts as error:
        db.session.commit()
        raise TooManyRequests(retry_after=error.retry_after) from error
    db.session.commit()


def _network() -> str:
    return network_of(request.remote_addr or "")


def _authenticate(email: str, password: str) -> Person | None:
    """The person, if the password is right. The hash is computed outside any transaction: it takes its time."""
    person = people.person_by_email(email)
    db.session.commit()
    known = person if person is not None and person.deactivated_at is None else None
    right = passwords.is_right(known.password_hash if known else None, password)
    return known if known is not None and right and queries.is_still_right(known) else None


def _welcome(person: Person, password: str) -> Any:
    now, secret = clock.now(), current_app.config["SECRET_KEY"]
    renewed = passwords.renewed(person.password_hash, password)
    person = db.session.merge(person, load=False)
    person.password_hash = renewed
    actions.forget_attempts(limit=SIGN_IN_ACCOUNT, value=person.email_key, secret=secret)
    _open_session(person, now)
    commit()
    return redirect(safe_return(request.args.get("next")) or url_for("home.index"))


def _open_session(person: Person, now: Any) -> None:
    if current_user.is_authenticated:
        actions.end_session(person=me().person, session_id=my_session().id, now=now)
    start(actions.begin_session(person=person, device=device_name(request.user_agent.string), now=now))


@bp.post("/deconnexion")
def sign_out() -> Any:
    actions.end_session(person=me().person, session_id=my_session().id, now=clock.now())
    commit()
    session.clear()
    return redirect(url_for("sign_in.sign_in"))


@bp.get("/mot-de-passe-oublie")
@public
def forgotten() -> Any:
    return render_template("sign_in/forgotten.html", form=ForgottenForm())


@bp.post("/mot-de-passe-oublie")
@public
def forgotten_post() -> Any:
    """Whether there is an account or not, the answer is the same."""
    form = ForgottenForm()
    if not form.validate():
        return render_template("sign_in/forgotten.html", form=form), 422
    _limit((RESET_ADDRESS, _network()), (RESET_ACCOUNT, email_key(form.email.data)))
    person = people.person_by_email(form.email.data)
    if person is not None and person.deactivated_at is None:
        kind = "reset" if person.password_hash else "invitation"
        actions.send_link(kind=kind, person=person, actor=None, now=clock.now())
    commit()
    return render_template("sign_in/link_sent.html")


@bp.get("/invitation/<token>")
@public
def invitation(token: str) -> Any:
    return _choose_password(token, "invitation")


@bp.post("/invitation/<token>")
@public
def invitation_post(token: str) -> Any:
    return _set_password(token, "invitation")


@bp.get("/nouveau-mot-de-passe/<token>")
@public
def reset(token: str) -> Any:
    return _choose_password(token, "reset")


@bp.post("/nouveau-mot-de-passe/<token>")
@public
def reset_post(token: str) -> Any:
    return _set_password(token, "reset")


def _choose_password(token: str, kind: str) -> Any:
    try:
        link = _link(token, kind)
    except LinkNotUsable:
        return render_template("sign_in/link_not_usable.html", kind=kind), 410
    _speak_to(link.person)
    return render_template("sign_in/choose_password.html", form=NewPasswordForm(), person=link.person, kind=kind)


def _speak_to(person: Person) -> None:
    """In the language of the invitation, not of the browser, unless another one was chosen on this very page."""
    language = session.setdefault("language", person.language)
    i18n.speak_to(language, person.zone)


def _set_password(token: str, kind: str) -> Any:
    try:
        link = _link(token, kind)
        _speak_to(link.person)
        form = NewPasswordForm(link.person)
        if not form.validate():
            page = render_template("sign_in/choose_password.html", form=form, person=link.person, kind=kind)
            return page, 422
        db.session.commit()  # the hash takes its time: nobody shall wait for it. The link is looked at again below
        password_hash = passwords.hash_password(form.password.data)
        person = actions.use_link(link=link, password_hash=password_hash, now=clock.now())
    except LinkNotUsable:
        db.session.rollback()
        return render_template("sign_in/link_not_usable.html", kind=kind), 410
    _open_session(person, clock.now())
    commit()
    i18n.speak_to(person.language, person.zone)
    flash(_("Votre mot de passe est enregistré. Bienvenue, %(name)s.", name=person.display_name))
    return redirect(url_for("home.index"))


def _link(token: str, kind: str) -> Any:
    return actions.find_link(token=token, kind=kind, secret=current_app.config["SECRET_KEY"], now=clock.now())


@bp.get("/mes-sessions")
def my_sessions() -> Any:
    sessions = queries.open_sessions(me().id, clock.now())
    return render_template("sign_in/my_sessions.html", sessions=sessions, mine=my_session().id)


@bp.post("/mes-sessions/<uuid:session_id>/fermer")
def end_session(session_id: UUID) -> Any:
    actions.end_session(person=me().person, session_id=session_id, now=clock.now())
    commit()
    flash(_("La session est fermée."))
    return redirect(url_for("sign_in.my_sessions"))


@bp.post("/mes-sessions/tout-fermer")
def end_sessions() -> Any:
    """Everywhere means here too."""
    actions.end_sessions(person=me().person, because="ended-everywhere", now=clock.now())
    commit()
    session.clear()
    return redirect(url_for("sign_in.sign_in"))


@bp.get("/mot-de-passe")
def change_password() -> Any:
    return render_template("sign_in/change_password.html", form=ChangePasswordForm())


@bp.post("/mot-de-passe")
def change_password_post() -> Any:
    person = me().person
    form = ChangePasswordForm(person)
    if form.validate():
        _limit((SIGN_IN_ACCOUNT, person.email_key))
        password_hash = _new_hash(person, form)
        if password_hash is not None and queries.is_still_right(person):
            return _change_password(person, password_hash)
        form.current_password.errors = [_("Ce n’est pas votre mot de passe actuel.")]
    return render_template("sign_in/change_password.html", form=form), 422


def _new_hash(person: Person, form: ChangePasswordForm) -> str | None:
    """The new password's hash, if the current one is right. Both are computed outside any transaction."""
    right = passwords.is_right(person.password_hash, form.current_password.data)
    return passwords.hash_password(form.password.data) if right else None


def _change_password(person: Person, password_hash: str) -> Any:
    """Other sessions end, and this one gets a new token."""
    now = clock.now()
    actions.set_password(person=person, password_hash=password_hash, now=now)
    actions.forget_attempts(limit=SIGN_IN_ACCOUNT, value=person.email_key, secret=current_app.config["SECRET_KEY"])
    start(actions.begin_session(person=person, device=device_name(request.user_agent.string), now=now))
    commit()
    flash(_("Votre mot de passe est changé. Vos autres sessions sont fermées."))
    return redirect(url_for("people.account"))


@bp.post("/langue")
@public
def set_language() -> Any:
    """Change the language here, and for good if somebody is signed in."""
    language = request.form.get("language", "")
    if language in i18n.LANGUAGES:
        session["language"] = language
        if current_user.is_authenticated:
            me().person.language = language
            commit()
    return redirect(safe_return(request.form.get("next")) or url_for("home.index"))
