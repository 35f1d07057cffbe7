"""Mails of signing in. Their links are made at the moment of sending, from the id and the application's secret."""

from __future__ import annotations

from datetime import datetime

from flask import current_app
from flask_babel import gettext as _

from supervision.db import db
from supervision.emails import letter, link_to
from supervision.mailer import Letter
from supervision.outbox.delivery import NoLongerTrue
from supervision.outbox.models import OutboxMail
from supervision.people.models import Person
from supervision.sign_in.models import SingleUseLink
from supervision.sign_in.rules import link_token


def invitation(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    return _link_mail(mail, now, "sign_in.invitation")


def reset(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    return _link_mail(mail, now, "sign_in.reset")


def _link_mail(mail: OutboxMail, now: datetime, endpoint: str) -> Letter | NoLongerTrue:
    link = db.session.get_one(SingleUseLink, mail.subject_id)
    if link.used_at is not None or link.replaced_at is not None or link.expires_at <= now:
        return NoLongerTrue("link-not-usable")
    token = link_token(link.id, current_app.config["SECRET_KEY"])
    subjects = {"invitation": lambda: _("Votre invitation"), "reset": lambda: _("Choisir un nouveau mot de passe")}
    return letter(
        link.person,
        template=f"sign_in/{mail.kind}",
        subject=subjects[mail.kind],
        url=link_to(endpoint, token=token),
        expires_at=link.expires_at,
    )


def password_changed(mail: OutboxMail, now: datetime) -> Letter | NoLongerTrue:
    person = db.session.get_one(Person, mail.person_id)
    return letter(
        person,
        template="sign_in/password_changed",
        subject=lambda: _("Votre mot de passe a été changé"),
        url=link_to("sign_in.forgotten"),
        changed_at=mail.created_at,
    )


COMPOSERS = {"invitation": invitation, "reset": reset, "password-changed": password_changed}
