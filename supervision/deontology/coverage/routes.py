"""Doors to who has answered which text, for the committee and the secretary, and to more time for one person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from supervision import clock, filters, permissions
from supervision.db import db
from supervision.deontology import queries as texts
from supervision.deontology.coverage import actions, queries, sent, tables
from supervision.deontology.coverage.actions import ForOneself, NoDayAhead, RevokedAlready
from supervision.deontology.coverage.forms import ExtensionForm
from supervision.deontology.coverage.queries import Line, Looked, Wanted
from supervision.deontology.coverage.rules import MINOR_STATUSES, STATUSES, Picture, next_reminder, picture, week_ends
from supervision.deontology.coverage.words import ANSWERS
from supervision.deontology.coverage.words import STATUSES as STATUS_NAMES
from supervision.deontology.models import Extension, TextKind, TextVersion
from supervision.deontology.rules import CODE
from supervision.doors import commit
from supervision.forms import clean_line
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.people.rules import ROLES
from supervision.sign_in.current import me, today

bp = Blueprint("coverage", __name__)

PAGE = 25
View = TypeVar("View", bound=Callable[..., Any])
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def door(path: str, verb: str = "GET") -> Callable[[View], View]:
    """The code's short address, and every text's."""

    def at(view: View) -> View:
        name, methods = view.__name__, [verb]
        bp.add_url_rule(f"/deontologie/engagements{path}", name, view, methods=methods, defaults={"kind": CODE})
        bp.add_url_rule(f"/textes/<kind>/engagements{path}", name, view, methods=methods)
        return view

    return at


def _text(slug: str) -> TextKind:
    if not permissions.can_see_coverage(me()):
        abort(404)
    return texts.kind(slug) or abort(404)


# --- the page ---------------------------------------------------------------------------------------------------------


@door("")
def index(kind: str) -> Any:
    text, (day, complaint) = _text(kind), _day()
    looked = queries.looked_at(text, request.values.get("version", type=int), day)
    status = 422 if complaint else 200
    if looked is None:
        return render_template("deontology/coverage/none.html", kind=text, day=day, complaint=complaint), status
    wanted = _wanted(looked)
    found = queries.lines(looked, wanted, after=request.values.get("apres", type=UUID), limit=PAGE + 1)
    page = found[:PAGE]
    context = _numbers(looked) if not request.values.get("apres") else {}
    return render_template(
        "deontology/coverage/index.html",
        looked=looked,
        wanted=wanted,
        complaint=complaint,
        lines=page,
        following=page[-1].person_id if len(found) > PAGE else None,
        mails=sent.last_mails(looked, [line.person_id for line in page]),
        kinds=texts.kinds(),
        statuses=_statuses(looked),
        choices=(*_statuses(looked), *(() if looked.is_minor else ("refused",))),
        status_names=STATUS_NAMES,
        answers=ANSWERS,
        narrowed=_narrowed(looked, wanted),
        today=today(clock.now()),
        **context,
    ), status


def _day() -> tuple[date, str]:
    """The day in the address, and what is wrong with it; today if there is none."""
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


def _statuses(looked: Looked) -> tuple[str, ...]:
    return MINOR_STATUSES if looked.is_minor else STATUSES


def _wanted(looked: Looked) -> Wanted:
    status, role = request.values.get("etat", ""), request.values.get("role", "")
    return Wanted(
        status=status if status in {*_statuses(looked), "refused"} else "",
        role=role if role in ROLES else "",
        name=clean_line(request.values.get("q"))[:100],
    )


def _narrowed(looked: Looked, wanted: Wanted) -> dict[str, Any]:
    """What an address needs to show the same list."""
    values: dict[str, Any] = {
        "etat": wanted.status,
        "role": wanted.role,
        "q": wanted.name,
        "au": request.values.get("au", ""),
    }
    values |= {"kind": looked.kind.slug, "version": looked.version.number}
    return {name: value for name, value in values.items() if value}


def _numbers(looked: Looked) -> dict[str, Any]:
    """On the first page only."""
    numbers = queries.numbers(looked)
    total = sum(numbers.total.values())
    return {
        "numbers": {**numbers.total, "refused": numbers.refused},
        "total": total,
        "by_role": numbers.by_role,
        "drawn": _drawn(looked, total),
    }


def _drawn(looked: Looked, total: int) -> Picture:
    since = looked.version.published_at.astimezone(looked.zone).date()
    days = week_ends(min(since, looked.day), looked.day)
    return picture(queries.signed_by(looked, days), total)


# --- taken along ------------------------------------------------------------------------------------------------------


@door("/liste/csv", "POST")
def csv(kind: str) -> Any:
    """Exactly the list that is on the screen, whole."""
    looked, rows = _taken(kind)
    return _sent(looked, tables.as_csv(rows), "csv", "text/csv; charset=utf-8", len(rows) - 1)


@door("/liste/classeur", "POST")
def workbook(kind: str) -> Any:
    looked, rows = _taken(kind)
    return _sent(looked, tables.as_xlsx(rows, title=_title(looked)), "xlsx", XLSX, len(rows) - 1)


def _taken(kind: str) -> tuple[Looked, list[list[str]]]:
    text, (day, complaint) = _text(kind), _day()
    looked = queries.looked_at(text, request.values.get("version", type=int), day)
    if looked is None or complaint:
        abort(404)
    return looked, list(_rows(looked, _wanted(looked)))


def _sent(looked: Looked, made: bytes, form: str, media_type: str, count: int) -> Response:
    """Recorded once it is made, and then sent."""
    now = clock.now()
    actions.record_export(actor_id=me().id, version=looked.version, kind=form, rows=count, now=now)
    commit()
    response = Response(made, content_type=media_type)
    name = f"{looked.kind.slug}-version-{looked.version.number}-{looked.day}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _title(looked: Looked) -> str:
    number, day = looked.version.number, filters.short_day(looked.day)
    return _("Engagements, version %(number)s, au %(day)s", number=number, day=day)


def _rows(looked: Looked, wanted: Wanted) -> Iterator[list[str]]:
    yield [
        _("Nom"), _("État"), _("Dernière réponse"), _("Répondu le"), _("Numéro de reçu"),
        _("Fin du délai"), _("Hors de l’annuaire à partir du"),
    ]  # fmt: skip
    for line in queries.every_line(looked, wanted):
        yield _row(looked, line)


def _row(looked: Looked, line: Line) -> list[str]:
    """Days as a spreadsheet sorts them."""
    answered = line.answered_at.astimezone(looked.zone).date() if line.answered_at else ""
    return [
        line.display_name,
        str(STATUS_NAMES[line.status]),
        str(ANSWERS[line.answer]) if line.answer else "",
        str(answered),
        str(line.number or ""),
        str(line.duty.grace_ends_on or "") if line.duty else "",
        str(line.duty.hidden_on or "") if line.duty else "",
    ]


# --- one person -------------------------------------------------------------------------------------------------------


@door("/personnes/<uuid:person_id>")
def person(kind: str, person_id: UUID) -> Any:
    text = _text(kind)
    return _person_page(text, db.session.get(Person, person_id) or abort(404), ExtensionForm())


def _person_page(kind: TextKind, person: Person, form: ExtensionForm) -> str:
    now = clock.now()
    looked = queries.looked_at(kind, None, today(now))
    line = queries.line_of(looked, person.id) if looked else None
    granted = sent.extensions_of(person.id, kind.slug)
    return render_template(
        "deontology/coverage/person.html",
        kind=kind,
        person=person,
        form=form,
        looked=looked,
        line=line,
        roles=people.roles_of([person], now)[person.id],
        mails=sent.mails_to(looked, person.id) if looked else [],
        granted=granted,
        names=people.names_of({each.granted_by for each in granted}),
        next_mail_on=next_reminder(line.duty, today(now)) if line and line.duty else None,
        can_extend=permissions.can_extend(me()) and person.id != me().id,
        status_names=STATUS_NAMES,
        answers=ANSWERS,
        today=today(now),
    )


@door("/personnes/<uuid:person_id>/delai", "POST")
def extend(kind: str, person_id: UUID) -> Any:
    text = _text(kind)
    person, form = db.session.get(Person, person_id) or abort(404), ExtensionForm()
    if not permissions.can_extend(me()):
        abort(403)
    looked = queries.looked_at(text, None, today(clock.now()))
    if form.validate() and looked is not None and _extended(person, looked.version, form):
        commit()
        flash(_("La décision est enregistrée ; %(name)s en est informé·e par courriel.", name=person.display_name))
        return redirect(url_for("coverage.person", kind=text.slug, person_id=person.id))
    return _person_page(text, person, form), 422


def _extended(person: Person, version: TextVersion, form: ExtensionForm) -> bool:
    now = clock.now()
    until_on = form.until_on.data if form.what.data == "time" else None
    try:
        actions.extend(
            actor=me().person,
            person=person,
            version=version,
            until_on=until_on,
            reason=form.reason.data,
            now=now,
            today=today(now),
        )
    except NoDayAhead:
        form.until_on.errors = [_("Donnez un jour à venir, dans les deux ans.")]
    except ForOneself:
        form.what.errors = [_("Personne ne décide pour soi : demandez à un autre membre du comité.")]
    else:
        return True
    return False


@door("/delais/<uuid:extension_id>/retirer", "POST")
def revoke(kind: str, extension_id: UUID) -> Any:
    text = _text(kind)
    given = db.session.get(Extension, extension_id) or abort(404)
    if not permissions.can_extend(me()):
        abort(403)
    try:
        actions.revoke(actor=me().person, given=given, now=clock.now())
    except ForOneself:
        abort(403)
    except RevokedAlready:
        flash(_("Cette décision était déjà retirée."))
    else:
        commit()
        flash(_("La décision est retirée."))
    return redirect(url_for("coverage.person", kind=text.slug, person_id=given.person_id))
