"""Doors to group sessions: to plan one and say who takes part, and to find the situations that are opened to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from supervision import clock, filters, i18n, permissions
from supervision.agreements import queries as agreements
from supervision.cases import queries as cases
from supervision.cases.visibility import actions as opened
from supervision.cases.visibility import queries as visibility
from supervision.db import db
from supervision.doors import commit, keyring
from supervision.people import queries as people
from supervision.people.models import Person
from supervision.people.rules import PRACTITIONER_ROLES
from supervision.scheduling import actions, queries
from supervision.scheduling.forms import TOO_FAR, NewSessionForm, ParticipantForm, SessionForm, choices
from supervision.scheduling.models import GroupSession
from supervision.scheduling.queries import facts_of
from supervision.scheduling.rules import (
    InThePast,
    NotNow,
    Overlaps,
    SessionRefused,
    TooFarAhead,
    may_cancel,
    may_change,
    may_join,
    state,
)
from supervision.scheduling.words import STATES
from supervision.sign_in.current import me, today

bp = Blueprint("scheduling", __name__)

PAGE = 25


@bp.get("/seances-collectives")
def sessions() -> Any:
    now, over = clock.now(), request.args.get("periode") == "passees"
    after = request.args.get("apres", type=UUID)
    found = queries.session_lines(permissions.visible_sessions(me()), now, over=over, after=after, limit=PAGE + 1)
    page = found[:PAGE]
    return render_template(
        "scheduling/sessions.html",
        lines=[(line, state(line.facts, now)) for line in page],
        states=STATES,
        numbers=queries.numbers_of_participants([line.session.id for line in page]),
        over=over,
        following=page[-1].session.id if len(found) > PAGE else None,
        can_create=permissions.can_create_session(me()),
    )


# --- planning ---------------------------------------------------------------------------------------------------------


@bp.get("/seances-collectives/nouvelle")
def create() -> Any:
    _must_create()
    return _new_page(_new_form())


def _must_create() -> None:
    if not permissions.can_create_session(me()):
        abort(403)


def _new_form() -> NewSessionForm:
    form = NewSessionForm()
    form.participants.choices = choices(agreements.supervisees_of(me().id, today(clock.now())), ())
    return form


def _new_page(form: NewSessionForm) -> str:
    return render_template("scheduling/new.html", form=form, place=_my_place())


def _my_zone() -> ZoneInfo:
    return ZoneInfo(me().person.zone)


def _my_place() -> str:
    """The city whose clock the person reads."""
    return i18n.city_of(me().person.zone, i18n.current_language())


@bp.post("/seances-collectives/nouvelle")
def create_post() -> Any:
    _must_create()
    form = _new_form()
    session = _created(form) if form.validate() else None
    if session is None:
        return _new_page(form), 422
    commit()
    flash(_("La séance est prévue."))
    return redirect(url_for("scheduling.session", session_id=session.id))


def _created(form: NewSessionForm) -> GroupSession | None:
    """The session; None if it cannot be, with the reason at its field."""
    times = form.times(_my_zone())
    if times is None:
        return None
    seated = [db.session.get_one(Person, UUID(person_id)) for person_id in form.participants.data or ()]
    try:
        return actions.create(actor=me().person, name=form.name.data, times=times, participants=seated, now=clock.now())
    except SessionRefused as refusal:
        _say_why(form, refusal)
        return None


def _say_why(form: SessionForm, refusal: SessionRefused) -> None:
    if isinstance(refusal, InThePast):
        form.day.errors = [_("Cette séance aurait déjà commencé.")]
    elif isinstance(refusal, TooFarAhead):
        form.day.errors = [TOO_FAR]
    elif isinstance(refusal, Overlaps):
        form.begins.errors = [_("Vous animez déjà une autre séance à ce moment-là.")]
    else:
        form.name.errors = [_too_late()]


def _too_late() -> str:
    return _("Il est trop tard pour cela : la séance a commencé, ou elle est annulée.")


@bp.get("/seances-collectives/<uuid:session_id>/modifier")
def change(session_id: UUID) -> Any:
    session = _led(session_id)
    if not may_change(facts_of(session), clock.now()):
        abort(403)
    form = SessionForm()
    form.show(session, _my_zone())
    return _change_page(session, form)


def _change_page(session: GroupSession, form: SessionForm) -> str:
    number = visibility.number_opened_to(session.id)
    return render_template("scheduling/change.html", session=session, form=form, place=_my_place(), opened=number)


@bp.post("/seances-collectives/<uuid:session_id>/modifier")
def change_post(session_id: UUID) -> Any:
    session, form = _led(session_id), SessionForm()
    if not (form.validate() and _changed(session, form)):
        return _change_page(session, form), 422
    commit()
    flash(_("La séance est modifiée."))
    return _back_to(session_id)


def _changed(session: GroupSession, form: SessionForm) -> bool:
    times = form.times(_my_zone())
    if times is None:
        return False
    try:
        if actions.change(actor=me().person, session=session, name=form.name.data, times=times, now=clock.now()):
            opened.tell_moved(session=session, now=clock.now())
    except SessionRefused as refusal:
        _say_why(form, refusal)
        return False
    return True


@bp.post("/seances-collectives/<uuid:session_id>/annuler")
def cancel(session_id: UUID) -> Any:
    session = _led(session_id)
    try:
        actions.cancel(actor=me().person, session=session, now=clock.now())
    except NotNow:
        flash(_("Cette séance est terminée : elle ne s’annule plus."), "notice")
    else:
        commit()
        flash(_("La séance est annulée. Les situations qui lui étaient ouvertes ne le sont plus."))
    return _back_to(session_id)


# --- one session ------------------------------------------------------------------------------------------------------


@bp.get("/seances-collectives/<uuid:session_id>")
def session(session_id: UUID) -> Any:
    return _session_page(_visible(session_id), _participant_form(session_id))


def _visible(session_id: UUID) -> GroupSession:
    found = permissions.visible_sessions(me()).where(GroupSession.id == session_id)
    return db.session.scalar(found) or abort(404)


def _led(session_id: UUID) -> GroupSession:
    session = _visible(session_id)
    if not permissions.can_change_session(me(), session):
        abort(403)
    return session


def _back_to(session_id: UUID) -> Any:
    return redirect(url_for("scheduling.session", session_id=session_id))


def _session_page(session: GroupSession, form: ParticipantForm | None) -> str:
    now, facts = clock.now(), facts_of(session)
    leads = permissions.can_change_session(me(), session)
    supervisor = db.session.get_one(Person, session.supervisor_id)
    return render_template(
        "scheduling/session.html",
        session=session,
        supervisor=supervisor,
        place=_my_place(),
        elsewhere=_elsewhere(session, supervisor),
        state=state(facts, now),
        states=STATES,
        participants=queries.participants(session.id),
        leads=leads,
        may_change=leads and may_change(facts, now),
        may_cancel=leads and may_cancel(facts, now),
        form=form if leads and may_join(facts, now) else None,
        number_opened=visibility.number_opened_to(session.id),
        situations=_situations(session, now),
    )


def _elsewhere(session: GroupSession, supervisor: Person) -> str | None:
    """When it begins on the supervisor's wall, if her clock shows another time than mine."""
    theirs, mine = ZoneInfo(supervisor.zone), _my_zone()
    if session.starts_at.astimezone(theirs).utcoffset() == session.starts_at.astimezone(mine).utcoffset():
        return None
    with i18n.speaking(i18n.current_language(), supervisor.zone):
        shown = filters.moment(session.starts_at)
    city = i18n.city_of(supervisor.zone, i18n.current_language())
    return _("%(moment)s, heure de %(city)s", moment=shown, city=city)


def _situations(session: GroupSession, now: datetime) -> Sequence[cases.CaseLine]:
    """What is opened to the session, as far as one may read it at this moment."""
    seen = permissions.visible_cases(me(), today(now), now).where(visibility.is_opened_to(session.id))
    return cases.case_lines(seen, keyring(), now, limit=PAGE)


# --- seats ------------------------------------------------------------------------------------------------------------


def _participant_form(session_id: UUID) -> ParticipantForm:
    """Offers whoever practises and has no seat yet, those under an agreement first."""
    now, form = clock.now(), ParticipantForm()
    seated = {participant.person_id for participant in queries.participants(session_id)} | {me().id}
    own = [person for person in agreements.supervisees_of(me().id, today(now)) if person.id not in seated]
    known = seated | {person.id for person in own}
    others = [person for person in people.holders_of_any(PRACTITIONER_ROLES, now) if person.id not in known]
    form.person.choices = choices(own, others)
    return form


@bp.post("/seances-collectives/<uuid:session_id>/participants")
def add_participant(session_id: UUID) -> Any:
    session, form = _led(session_id), _participant_form(session_id)
    if not (form.validate() and _seated(session, form)):
        return _session_page(session, form), 422
    commit()
    flash(_("La personne a une place dans cette séance."))
    return _back_to(session_id)


def _seated(session: GroupSession, form: ParticipantForm) -> bool:
    person = db.session.get_one(Person, UUID(form.person.data))
    try:
        actions.add_seat(actor=me().person, session=session, person=person, now=clock.now())
    except SessionRefused:
        form.person.errors = [_too_late()]
        return False
    return True


@bp.post("/seances-collectives/<uuid:session_id>/participants/<uuid:seat_id>/retirer")
def remove_participant(session_id: UUID, seat_id: UUID) -> Any:
    session = _led(session_id)
    seat = queries.seat(session.id, seat_id) or abort(404)
    actions.end_seat(actor=me().person, seat=seat, now=clock.now())
    commit()
    flash(_("La place est retirée ; la personne ne lit plus rien de cette séance."))
    return _back_to(session_id)


@bp.post("/seances-collectives/<uuid:session_id>/quitter")
def leave(session_id: UUID) -> Any:
    """For whoever has or had a seat, so that pressing twice ends well too."""
    seat = queries.seat_of(session_id, me().id)
    if seat is None:
        _visible(session_id)
        abort(403)
    actions.end_seat(actor=me().person, seat=seat, now=clock.now())
    commit()
    flash(_("Vous avez quitté cette séance."))
    return redirect(url_for("scheduling.sessions"))
