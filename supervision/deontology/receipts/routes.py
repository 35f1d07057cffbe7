"""Doors to receipts: one's own answers, each on paper; and the public page where whoever holds a code verifies it."""

from __future__ import annotations

from typing import Any

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.exceptions import TooManyRequests

from supervision import clock, i18n, permissions
from supervision.db import db
from supervision.deontology.doors import our_day
from supervision.deontology.receipts import content, queries
from supervision.deontology.receipts.queries import Receipt
from supervision.deontology.receipts.rules import grouped, whole_code
from supervision.deontology.receipts.words import ANSWERS, STATES
from supervision.doors import commit, public, writes
from supervision.emails import link_to
from supervision.sign_in import actions as sign_in
from supervision.sign_in.current import me, our_association, today
from supervision.sign_in.rules import RECEIPT_CODE, TooManyAttempts, network_of
from supervision.typesetting import press

bp = Blueprint("receipts", __name__)

PAGE = 25
NUMBER = "<int(max=999999999):number>"


def _number(text: str) -> int:
    """What a receipt's number may be: more digits than a database holds are none."""
    if len(text) > 9:
        raise ValueError
    return int(text)


@bp.get("/engagements")
def receipts() -> Any:
    """Everything that I have answered, and what it is worth today."""
    before = request.args.get("avant", type=_number)
    visible = permissions.visible_answers(me())
    found = queries.receipts(visible, today(clock.now()), limit=PAGE + 1, before=before)
    following = found[PAGE - 1].row.number if len(found) > PAGE else None
    return render_template(
        "deontology/receipts.html",
        receipts=found[:PAGE],
        following=following,
        answers=ANSWERS,
        states=STATES,
        language=i18n.current_language(),
    )


@bp.get(f"/engagements/{NUMBER}")
def receipt(number: int) -> Any:
    mine = _mine(number)
    link = _public_link(mine)
    return render_template(
        "deontology/receipt.html",
        receipt=mine,
        answers=ANSWERS,
        states=STATES,
        pairs=content.pairs(mine, me().display_name),
        proof=content.proof(mine),
        link=link,
        drawn=Markup(content.drawn(link)) if mine.row.answer == "signed" else None,  # noqa: S704 - of our own address
        language=i18n.current_language(),
    )


@bp.get(f"/engagements/{NUMBER}/recu")
def receipt_pdf(number: int) -> Any:
    mine, association = _mine(number), our_association()
    whole = content.document(
        mine,
        name=me().display_name,
        association=association.name,
        zone=association.zone,
        link=_public_link(mine),
        now=clock.now(),
    )
    db.session.rollback()  # no connection is held while the pages are set
    try:
        made = press.pdf(whole)
    except press.NotSet:
        flash(_("Le PDF n’a pas pu être fait maintenant. Réessayez dans un instant."), "notice")
        return redirect(url_for("receipts.receipt", number=number))
    response = Response(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="recu-{number}.pdf"'
    return response


def _mine(number: int) -> Receipt:
    return queries.receipt(permissions.visible_answers(me()), number, today(clock.now())) or abort(404)


def _public_link(receipt: Receipt) -> str:
    return link_to("receipts.verified", code=receipt.row.code)


# --- whoever holds a code ---------------------------------------------------------------------------------------------


@bp.get("/verifier")
@public
def verify() -> Any:
    """The code may be typed as it comes: small letters, spaces and hyphens do not matter."""
    typed = request.args.get("code", "")[:80]
    code = whole_code(typed)
    if code is not None:
        return redirect(url_for("receipts.verified", code=code))
    return _unlisted(render_template("deontology/verify.html", found=None, typed=typed), 422 if typed.strip() else 200)


@bp.get("/verifier/<code>")
@public
@writes
def verified(code: str) -> Any:
    """What is not a code, what was never given and what is no signature are answered alike, and counted alike."""
    _count()
    whole = whole_code(code[:80])
    found = queries.verified(whole, our_day()) if whole else None
    commit()
    page = render_template(
        "deontology/verify.html",
        found=found,
        typed=grouped(whole or ""),
        language=i18n.current_language(),
        is_unknown=found is None,
    )
    return _unlisted(page, 404 if found is None else 200)


def _count() -> None:
    """Codes are not guessed: each attempt counts, right or wrong, and is kept whatever comes after."""
    value, secret = network_of(request.remote_addr or ""), current_app.config["SECRET_KEY"]
    try:
        sign_in.count_attempt(limit=RECEIPT_CODE, value=value, secret=secret, now=clock.now())
    except TooManyAttempts as error:
        commit()
        raise TooManyRequests(retry_after=error.retry_after) from error
    commit()


def _unlisted(page: str, status: int) -> Response:
    """No search engine keeps it; no cache does either, as everywhere here."""
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
