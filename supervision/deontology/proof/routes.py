"""Doors to « which text bound this person on that day »: for the committee and the secretary, and for oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from supervision import clock, permissions
from supervision.db import db
from supervision.deontology import queries as texts
from supervision.deontology.models import TextKind
from supervision.deontology.proof import actions, queries, seal, words
from supervision.deontology.proof.content import document
from supervision.deontology.rules import CODE
from supervision.doors import commit
from supervision.forms import clean_line
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.sign_in.current import me, our_association, today
from supervision.typesetting import press

bp = Blueprint("proof", __name__)

MOST_FOUND = 10
View = TypeVar("View", bound=Callable[..., Any])


def _door(path: str, verb: str = "GET") -> Callable[[View], View]:
    def at(view: View) -> View:
        name, methods = view.__name__, [verb]
        bp.add_url_rule(f"/deontologie/engagements/{path}", name, view, methods=methods, defaults={"kind": CODE})
        bp.add_url_rule(f"/textes/<kind>/engagements/{path}", name, view, methods=methods)
        return view

    return at


@_door("preuve")
def page(kind: str) -> Any:
    text, person, (day, complaint) = texts.kind(kind) or abort(404), _person(), _day()
    name = clean_line(request.values.get("q"))[:100] if permissions.can_see_coverage(me()) else ""
    proof = queries.proof(person, text, day) if person and not complaint else None
    return render_template(
        "deontology/proof/page.html",
        kind=text,
        person=person,
        day=day,
        complaint=complaint,
        name=name,
        found=people.people_page(after=None, search=name, limit=MOST_FOUND) if name and not person else (),
        proof=proof,
        told=words.told(proof) if proof else (),
        known=words.known(proof) if proof else (),
        sees_all=permissions.can_see_coverage(me()),
        today=today(clock.now()),
    ), 422 if complaint else 200


def _person() -> Person | None:
    """Herself, or whoever was chosen by somebody who may ask it of everyone."""
    chosen = request.values.get("personne", type=UUID)
    if permissions.can_see_coverage(me()):
        return None if chosen is None else db.session.get(Person, chosen) or abort(404)
    if chosen not in {None, me().id}:
        abort(404)
    return me().person


def _day() -> tuple[date, str]:
    now_on, given = today(clock.now()), clean_line(request.values.get("au"))
    if not given:
        return now_on, ""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return now_on, _("Donnez une date, sous la forme AAAA-MM-JJ.")
    if day > now_on or day.year < 1900:
        return now_on, _("Donnez un jour passé, ou celui d’aujourd’hui.")
    return day, ""


@_door("preuve/pdf", "POST")
def pdf(kind: str) -> Any:
    text, person, (day, complaint) = texts.kind(kind) or abort(404), _person(), _day()
    if person is None or complaint:
        abort(404)
    try:
        made = _made(person, text, day)
    except press.NotSet:
        flash(_("Le PDF n’a pas pu être fait maintenant. Réessayez dans un instant."), "notice")
        return redirect(url_for("proof.page", kind=text.slug, personne=person.id, au=day))
    actions.record_proof(actor_id=me().id, person_id=person.id, day=day, now=clock.now())
    commit()
    response = Response(made, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="preuve-{day}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _made(person: Person, text: TextKind, day: date) -> bytes:
    """Sealed. Where the key cannot be read or written the document says that it is not."""
    now, association = clock.now(), our_association().name
    proof = queries.proof(person, text, day)
    sealed, unsealed = (
        document(proof, association=association, is_sealed=is_sealed, now=now) for is_sealed in (True, False)
    )
    db.session.rollback()  # no connection is held while the pages are set
    folder = current_app.config["SETTINGS"].instance_dir
    try:
        return seal.sealed(press.pdf(sealed), folder, name=association, reason=sealed.title, now=now)
    except seal.NotSealed:
        return press.pdf(unsealed)
