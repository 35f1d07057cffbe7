"""Doors to the committee: a question, a referral, what is answered, who reads and who does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from supervision import clock, permissions
from supervision.audit import actions as audit
from supervision.db import begin_writing, db
from supervision.deontology import queries as texts
from supervision.deontology.referrals import actions, keeping, page, queries
from supervision.deontology.referrals.actions import Opening
from supervision.deontology.referrals.forms import AsideForm, QuestionForm, ReferralForm, StepForm, WriteForm
from supervision.deontology.referrals.models import Referral
from supervision.deontology.referrals.queries import About
from supervision.deontology.referrals.rules import NobodyThere, NotNow, ReferralRefused, TooFewLeft, is_fit_day
from supervision.deontology.rules import CODE
from supervision.doors import commit, keyring, writes
from supervision.ids import new_id
from supervision.sign_in.current import me, our_association, today

bp = Blueprint("referrals", __name__)

PAGE = 25


# --- lists ------------------------------------------------------------------------------------------------------------


@bp.get("/deontologie/saisines")
def mine() -> Any:
    found = _lines(permissions.own_referrals(me()))
    return render_template("deontology/referrals/mine.html", **found)


@bp.get("/deontologie/saisines/comite")
def committee() -> Any:
    if not permissions.can_receive_referrals(me()):
        abort(404)
    found = _lines(permissions.referrals_to_committee(me()))
    return render_template("deontology/referrals/committee.html", **found)


def _lines(visible: Any) -> dict[str, Any]:
    after = request.args.get("apres", type=UUID)
    lines = queries.lines(visible, keyring(), reader_id=me().id, limit=PAGE + 1, after=after)
    following = lines[PAGE - 1].id if len(lines) > PAGE else None
    receives = permissions.can_receive_referrals(me())
    return {"lines": lines[:PAGE], "following": following, "is_first": after is None, "receives": receives}


# --- bringing something -----------------------------------------------------------------------------------------------


@bp.get("/deontologie/saisines/poser-une-question")
def ask() -> Any:
    return _form_page(_new(QuestionForm))


@bp.post("/deontologie/saisines/poser-une-question")
def ask_post() -> Any:
    return _sent(QuestionForm())


@bp.get("/deontologie/saisines/saisir-le-comite")
def refer() -> Any:
    return _form_page(_new(ReferralForm))


@bp.post("/deontologie/saisines/saisir-le-comite")
def refer_post() -> Any:
    return _sent(ReferralForm())


def _new(form: type[QuestionForm]) -> QuestionForm:
    """Filled with the text, version and article that the page one comes from is about."""
    named = {name: request.args.get(name, "")[:200] for name in ("text", "version", "article")}
    return form(press=str(new_id()), **named)


def _form_page(form: QuestionForm) -> str:
    members = queries.members(me().id, clock.now())
    form.offer(members)
    about, association = _about(form), our_association()
    return render_template(
        "deontology/referrals/new.html", form=form, members=members, about=about, contact=association.contact_email
    )


def _about(form: QuestionForm) -> About | None:
    """What no page of ours names is about nothing."""
    number = form.version.data or ""
    if not (number.isascii() and number.isdigit() and len(number) <= 4):
        return None
    version = texts.version_by_number(int(number), form.text.data or CODE)
    return queries.about(version.id, form.article.data) if version else None


def _sent(form: QuestionForm) -> Any:
    form.offer(queries.members(me().id, clock.now()))
    if form.validate():
        referral_id = _opened(form)
        if referral_id is not None:
            commit()
            flash(_("C’est transmis au comité, et à lui seul. Vous en suivez la suite sur cette page."))
            return redirect(url_for("referrals.referral", referral_id=referral_id))
        db.session.rollback()
    return _form_page(form), 422


def _opened(form: QuestionForm) -> UUID | None:
    """None with the sentence at the field."""
    about = _about(form)
    opening = Opening(
        kind=form.KIND,
        title=form.title.data,
        fields={name: form[name].data for name in ("account", "expected", "hearing") if name in form},
        version_id=about.version.id if about else None,
        article=about.article.slug if about and about.article else None,
        set_aside=frozenset(UUID(each) for each in form.set_aside.data or ()),
    )
    try:
        return actions.open_referral(
            author=me().person, opening=opening, press=_press(form), keyring=keyring(), now=clock.now()
        )
    except ReferralRefused as error:
        form.set_aside.errors = [_said_of(error)]
        return None


def _press(form: Any) -> UUID:
    try:
        return UUID(form.press.data or "")
    except ValueError:
        abort(400)


def _said_of(error: ReferralRefused) -> str:
    contact = our_association().contact_email
    if isinstance(error, TooFewLeft):
        return _(
            "Deux membres du comité au moins doivent pouvoir vous lire, pour que personne ne décide en solitaire ; ce "
            "choix en laisserait %(left)s. Nommez moins de personnes, ou écrivez à %(contact)s, sans raconter les "
            "faits : le bureau fera désigner quelqu’un d’autre pour cet échange.",
            left=error.left,
            contact=contact,
        )
    if isinstance(error, NobodyThere):
        return _(
            "Personne d’autre du comité ne pourrait lire. Écrivez à %(contact)s, sans raconter les faits : le bureau "
            "fera désigner quelqu’un.",
            contact=contact,
        )
    return _("Entre-temps, quelque chose a changé ici. Relisez la page, puis reprenez.")


# --- one referral -----------------------------------------------------------------------------------------------------


@bp.get("/a-lire/<uuid:referral_id>")
def arrive(referral_id: UUID) -> Any:
    """Where the mails lead: an address that does not say what it is."""
    return redirect(url_for("referrals.referral", referral_id=referral_id))


@bp.get("/deontologie/saisines/<uuid:referral_id>")
@writes
def referral(referral_id: UUID) -> Any:
    return _shown(_visible(referral_id), {})


def _shown(found: Referral, given: dict[str, Any]) -> str:
    """The page. However one comes to it, by a form that is refused too, it was read."""
    shown = _page(found, given)
    if found.wrapped is not None and request.method != "HEAD":  # a glance at the headers is no reading
        actions.record_reading(referral=found, reader=me().person, now=clock.now())
    commit()
    return shown


def _visible(referral_id: UUID) -> Referral:
    """The referral, or 404. An officer who tries a door that an office does not open leaves a trace."""
    found = queries.find(permissions.visible_referrals(me()), referral_id)
    if found is None:
        if me().holds_office and db.session.get(Referral, referral_id) is not None:
            begin_writing()
            audit.record(
                actor_id=me().id, action="referral-refused", subject=f"referral/{referral_id}", now=clock.now()
            )
            commit()
        abort(404)
    return found


def _page(found: Referral, given: dict[str, Any]) -> str:
    side = permissions.side_of_referral(me(), found)
    template = "deontology/referrals/referral.html" if found.wrapped is not None else "deontology/referrals/purged.html"
    now = clock.now()
    return render_template(
        template,
        **page.shown(found, side, keyring(), now),
        forms=_forms(found, given, now),
        reads_register=permissions.can_see_referral_readings(me(), found),
        kept_until=keeping.kept_until(found, our_association()),
        keyring_forgot=found.purged_generation is not None and found.purged_generation < keyring().oldest,
        contact=our_association().contact_email,
    )


def _forms(found: Referral, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Those that this side may send now, and the one that was sent, with what is wrong in it."""
    side = permissions.side_of_referral(me(), found)
    made = {kind: _blank(kind, now) for kind in page.moves_of(found, side)}
    if side == "author" and found.closed_at is None:
        made["aside"] = _aside_form(found, now)
    return made | given


def _blank(kind: str, now: datetime) -> Any:
    press = str(new_id())
    if kind == "step":
        return StepForm(prefix="step-", data={"press": press, "held_on": today(now)})
    return page.labelled(WriteForm(prefix=f"{kind}-", data={"press": press}), kind)


def _aside_form(found: Referral, now: datetime) -> AsideForm:
    form = AsideForm()
    named = queries.set_aside(found.id)
    form.offer(each for each in queries.members(found.author_id, now) if each.id not in named)
    return form


@bp.post("/deontologie/saisines/<uuid:referral_id>/mot")
def message(referral_id: UUID) -> Any:
    return _write(referral_id, "message", _("Votre message est transmis."))


@bp.post("/deontologie/saisines/<uuid:referral_id>/note")
def note(referral_id: UUID) -> Any:
    return _write(referral_id, "note", _("La note est gardée ; le comité seul la lit."))


@bp.post("/deontologie/saisines/<uuid:referral_id>/conclure")
def conclude(referral_id: UUID) -> Any:
    return _write(referral_id, "conclusion", _("La conclusion est transmise et l’échange est clos."))


@bp.post("/deontologie/saisines/<uuid:referral_id>/rouvrir")
def reopen(referral_id: UUID) -> Any:
    return _write(referral_id, "reopening", _("L’échange est rouvert."))


def _write(referral_id: UUID, kind: str, done: str) -> Any:
    found = _writable(referral_id, kind)
    form = page.labelled(WriteForm(prefix=f"{kind}-"), kind)
    if not form.validate():
        return _shown(found, {kind: form}), 422
    return _add(found, kind, form, {"text": form.text.data}, done)


@bp.post("/deontologie/saisines/<uuid:referral_id>/etape")
def step(referral_id: UUID) -> Any:
    found, form = _writable(referral_id, "step"), StepForm(prefix="step-")
    if not (form.validate() and _fits(form, found)):
        return _shown(found, {"step": form}), 422
    fields = {"step": form.step.data, "text": form.text.data}
    return _add(found, "step", form, fields, _("L’étape est notée ; l’auteur·e la voit."), held_on=form.held_on.data)


def _fits(form: StepForm, found: Referral) -> bool:
    opened_on, day = our_association().day_of(found.opened_at), today(clock.now())
    if is_fit_day(form.held_on.data, opened_on=opened_on, today=day):
        return True
    form.held_on.errors = [_("Donnez un jour entre l’ouverture de l’échange et l’année qui vient.")]
    return False


def _writable(referral_id: UUID, kind: str) -> Referral:
    found = _visible(referral_id)
    if not permissions.can_add_to_referral(me(), found, kind):
        abort(403)
    return found


def _add(found: Referral, kind: str, form: Any, fields: dict[str, Any], done: str, **more: Any) -> Any:
    press, now = _press(form), clock.now()
    try:
        actions.write(
            actor=me().person,
            referral=found,
            kind=kind,
            fields=fields,
            press=press,
            keyring=keyring(),
            now=now,
            **more,
        )
    except NotNow as error:
        db.session.rollback()
        db.session.expire_all()
        form.text.errors = [_said_of(error)]
        return _shown(_visible(found.id), {kind: form}), 409
    commit()
    flash(done)
    return redirect(url_for("referrals.referral", referral_id=found.id, _anchor="suite"))


# --- who does not read ------------------------------------------------------------------------------------------------


@bp.post("/deontologie/saisines/<uuid:referral_id>/recuser")
def set_aside(referral_id: UUID) -> Any:
    """By the author: others are to see it no more."""
    found, form = _visible(referral_id), AsideForm()
    if permissions.side_of_referral(me(), found) != "author":
        abort(403)
    form.offer(queries.members(found.author_id, clock.now()))
    if not form.validate() or not form.set_aside.data:
        form.set_aside.errors = form.set_aside.errors or [_("Cochez au moins une personne.")]
        return _shown(found, {"aside": form}), 422
    try:
        named = [UUID(each) for each in form.set_aside.data]
        actions.set_aside(author=me().person, referral=found, person_ids=named, now=clock.now())
    except ReferralRefused as error:
        db.session.rollback()
        form.set_aside.errors = [_said_of(error)]
        return _shown(_visible(referral_id), {"aside": form}), 422
    commit()
    flash(_("C’est fait : ces personnes ne voient plus rien de cet échange."))
    return redirect(url_for("referrals.referral", referral_id=referral_id))


@bp.post("/deontologie/saisines/<uuid:referral_id>/me-recuser")
def step_aside(referral_id: UUID) -> Any:
    """By a member of the committee, of herself."""
    found = _visible(referral_id)
    if permissions.side_of_referral(me(), found) != "committee":
        abort(403)
    try:
        actions.step_aside(actor=me().person, referral=found, now=clock.now())
    except ReferralRefused as error:
        db.session.rollback()
        flash(_said_of(error), "notice")
        return redirect(url_for("referrals.referral", referral_id=referral_id))
    commit()
    flash(_("Vous n’avez plus accès à cet échange. Son auteur·e le sait."))
    return redirect(url_for("referrals.committee"))
