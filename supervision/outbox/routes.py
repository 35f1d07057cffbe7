"""Doors to delivery: who was written to, when, with what outcome. Never a body, never a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from supervision import clock, permissions
from supervision.doors import commit
from supervision.outbox import actions, queries
from supervision.people import queries as people
from supervision.sign_in.current import me

bp = Blueprint("outbox", __name__)

PAGE = 25


@bp.get("/courriels")
def mails() -> Any:
    if not permissions.can_see_delivery(me()):
        abort(404)
    only_failed = request.args.get("etat") == "echec"
    before = request.args.get("avant", type=UUID)
    found = queries.mails_page(only_failed=only_failed, before=before, limit=PAGE + 1)
    return render_template(
        "outbox/mails.html",
        mails=found[:PAGE],
        names=people.names_of({mail.person_id for mail in found}),
        following=found[PAGE - 1].id if len(found) > PAGE else None,
        only_failed=only_failed,
        health=queries.health(clock.now()),
        can_retry=permissions.can_retry_mail(me()),
    )


@bp.post("/courriels/tout-essayer-de-nouveau")
def retry_all() -> Any:
    _must_retry()
    count = actions.retry_all(now=clock.now())
    if count:
        flash(ngettext("%(num)s courriel est remis en route.", "%(num)s courriels sont remis en route.", count))
    commit()
    return redirect(url_for("outbox.mails"))


@bp.post("/courriels/<uuid:mail_id>/essayer-de-nouveau")
def retry(mail_id: UUID) -> Any:
    _must_retry()
    if actions.retry(mail_id=mail_id, now=clock.now()):
        flash(_("Ce courriel est remis en route."))
    commit()
    return redirect(url_for("outbox.mails"))


def _must_retry() -> None:
    if not permissions.can_see_delivery(me()):
        abort(404)
    if not permissions.can_retry_mail(me()):
        abort(403)
