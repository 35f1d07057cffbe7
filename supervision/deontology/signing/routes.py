"""Doors to signing: the text shown to its end, on one page or article by article, then an answer; and taking it back.

What was shown is kept here, not in the browser: the answer is refused until every article was.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from itsdangerous import BadData, URLSafeSerializer

from supervision import clock, i18n
from supervision.deontology import actions as texts
from supervision.deontology import queries as all_texts
from supervision.deontology.actions import Given
from supervision.deontology.consequences import queries as consequences
from supervision.deontology.models import Acknowledgement, Article, TextVersion
from supervision.deontology.reading import queries as reading
from supervision.deontology.rules import CODE, AnsweredAlready, NameDiffers, SupersededVersion
from supervision.deontology.signing import actions, queries
from supervision.deontology.signing.forms import AnswerForm, SignedForm, WithdrawForm
from supervision.deontology.signing.rules import ClockBehind, NothingToWithdraw, NotShown
from supervision.doors import commit, compressed, is_partial, with_status
from supervision.sign_in import confirmation
from supervision.sign_in.current import me, my_session, today

bp = Blueprint("signing", __name__)
View = TypeVar("View", bound=Callable[..., Any])


def _door(path: str, verb: str = "GET") -> Callable[[View], View]:
    """The same door for the code of ethics, whose address is short, and for every other text."""

    def open_both(view: View) -> View:
        bp.add_url_rule(f"/deontologie{path}", view.__name__, view, methods=[verb], defaults={"kind": CODE})
        bp.add_url_rule(f"/textes/<kind>{path}", view.__name__, view, methods=[verb])
        return view

    return open_both


def _in_force(kind: str) -> TextVersion:
    """Of a text that is still asked for."""
    known = all_texts.kind(kind)
    if known is None or known.retired_at is not None:
        abort(404)
    return all_texts.version_in_force(today(clock.now()), kind, with_articles=True) or abort(404)


def _to_text(kind: str) -> Any:
    return redirect(url_for("deontology.code_in_force", kind=kind))


def _to_receipt(row: Acknowledgement) -> Any:
    return redirect(url_for("receipts.receipt", number=row.number))


# --- reading to the end -----------------------------------------------------------------------------------------------


@_door("/signer")
def sign(kind: str) -> Any:
    version = _in_force(kind)
    asked = queries.question(me().id, version, today(clock.now()))
    if asked is None:
        return _to_text(kind)
    if asked == "inform":
        since = reading.signed_before(me().id, version)
        return render_template("deontology/inform.html", version=version, language=i18n.current_language(), since=since)
    return _signing_page(version, AnswerForm(language=i18n.current_language()))


def _signing_page(version: TextVersion, form: AnswerForm) -> Any:
    """The text, or the answer to it once all of it was shown."""
    context = _context(version, form)
    template = "deontology/sign.html" if context["progress"].is_complete else "deontology/read.html"
    return compressed(render_template(template, **context))


def _context(version: TextVersion, form: AnswerForm) -> dict[str, Any]:
    language = i18n.current_language()
    return {
        "version": version,
        "form": form,
        "language": language,
        "last": all_texts.answer_to(version.id, me().id),
        "progress": queries.progress(me().id, version, language),
        "shown": _slip(version, language),
        "since": reading.signed_before(me().id, version),
        "asks_password": confirmation.given_at() is None,
    }


@_door("/signer", "POST")
def read_so_far(kind: str) -> Any:
    """The page's script says which articles were scrolled to their end. The answer opens when nothing is left."""
    version = _in_force(kind)
    language = _read_slip(version)
    if language is None:
        return with_status("", 409) if is_partial() else redirect(url_for("signing.sign", kind=kind))
    progress = _noted(version, language, request.form.get("articles", "").split(","), "whole")
    if not is_partial():
        return redirect(url_for("signing.sign", kind=kind))
    if not progress.is_complete:
        return with_status("", 204)
    return render_template("deontology/answer.html", **_context(version, AnswerForm(language=language)))


@_door("/signer/<article>")
def article(kind: str, article: str) -> Any:
    """One article, for whoever stops and comes back, and for browsers without scripts."""
    version, language = _in_force(kind), i18n.current_language()
    if queries.question(me().id, version, today(clock.now())) != "sign":
        return _to_text(kind)
    found, progress = _article(version, article), queries.progress(me().id, version, language)
    if not progress.may_open(article):
        return redirect(url_for("signing.article", kind=kind, article=progress.next))
    position = version.articles.index(found)
    return render_template(
        "deontology/article_to_sign.html",
        version=version,
        article=found,
        before=version.articles[position - 1] if position else None,
        language=language,
        progress=progress,
        shown=_slip(version, language, article),
    )


def _article(version: TextVersion, slug: str) -> Article:
    return next((one for one in version.articles if one.slug == slug), None) or abort(404)


@_door("/signer/<article>", "POST")
def next_article(kind: str, article: str) -> Any:
    version = _in_force(kind)
    found, language = _article(version, article), _read_slip(version, article)
    if language is None:
        return redirect(url_for("signing.sign", kind=kind))
    progress = _noted(version, language, [article], "articles")
    following = version.articles[version.articles.index(found) + 1 :]
    target = following[0].slug if following else progress.next
    if target is None or progress.is_complete:
        return redirect(url_for("signing.sign", kind=kind))
    return redirect(url_for("signing.article", kind=kind, article=target))


def _noted(version: TextVersion, language: str, articles: list[str], way: str) -> Any:
    progress = actions.note_shown(
        person=me().person, version=version, language=language, articles=articles, way=way, now=clock.now()
    )
    commit()
    return progress


def _slip(version: TextVersion, language: str, article: str = "") -> str:
    """What a page that shows a text carries, and only it: the server sent it to this person in this language."""
    return str(_slips().dumps([str(me().id), str(version.id), language, article]))


def _read_slip(version: TextVersion, article: str = "") -> str | None:
    """The language of the page that the request comes from; None if it showed another version, or to another."""
    try:
        person_id, version_id, language, of = _slips().loads(request.form.get("shown", ""))
    except BadData:
        return None
    is_ours = (UUID(person_id), UUID(version_id), of) == (me().id, version.id, article)
    return str(language) if is_ours else None


def _slips() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="text-shown")


# --- answering --------------------------------------------------------------------------------------------------------


@_door("/version-<int(max=9999):number>/reponse", "POST")
def answer(kind: str, number: int) -> Any:
    version = all_texts.version_by_number(number, kind) or abort(404)
    form = AnswerForm()
    if not form.validate() or not _agrees(form):
        return _again(version, form)
    try:
        row = _answered(version, form)
    except NameDiffers:
        _say_name(form)
        return _again(version, form)
    except (NotShown, SupersededVersion, ClockBehind) as refused:
        flash(_why_not(refused))
        return redirect(url_for("signing.sign", kind=kind))
    except AnsweredAlready:
        flash(_("Votre réponse était déjà enregistrée."))
        return _to_text(kind)
    if row is None:
        return _again(version, form)
    commit()
    if row.answer == "refused":
        return redirect(url_for("signing.refusal", kind=kind))
    flash(_("Votre engagement est enregistré. Merci."))
    return _to_receipt(row)


def _again(version: TextVersion, form: AnswerForm) -> Any:
    return _signing_page(version, form), 422


def _agrees(form: AnswerForm) -> bool:
    if form.answer.data == "signed" and not form.agrees.data:
        form.agrees.errors = [_("Cochez la phrase pour la faire vôtre.")]
        return False
    return True


def _answered(version: TextVersion, form: AnswerForm) -> Acknowledgement | None:
    """None if the password is still to be given; the sentence stands at its field."""
    given = Given(answer=form.answer.data, language=form.language.data, typed_name=form.typed_name.data)
    actions.refuse_unfit(me().person, version, given, today(clock.now()))
    at = _authenticated(form)
    if at is None:
        return None
    given = Given(given.answer, given.language, given.typed_name, authenticated_how="password", authenticated_at=at)
    now = clock.now()
    return actions.answer(person=me().person, version=version, given=given, now=now, today=today(now))


def _authenticated(form: SignedForm) -> datetime | None:
    """When the password was given: just before, or with this form."""
    at = confirmation.given_at()
    if at is not None:
        return at
    if not form.password.data:
        form.password.errors = [_("Donnez votre mot de passe : une signature demande de savoir que c’est vous.")]
        return None
    at = confirmation.confirm(form.password.data)
    if at is None:
        form.password.errors = [_("Ce n’est pas votre mot de passe.")]
    return at


def _say_name(form: SignedForm) -> None:
    name = me().display_name
    form.typed_name.errors = [_("Signez de votre nom, tel qu’il est dans votre compte : %(name)s.", name=name)]


def _why_not(refused: Exception) -> str:
    if isinstance(refused, SupersededVersion):
        return _("Une autre version est entrée en vigueur entre-temps. Voici celle qui est à signer.")
    if isinstance(refused, ClockBehind):
        return _("L’horloge du serveur retarde : rien n’a été enregistré. Réessayez plus tard.")
    return _("Le texte ne vous a pas encore été montré jusqu’au bout dans cette langue. Rien n’a été enregistré.")


@_door("/version-<int(max=9999):number>/pris-connaissance", "POST")
def inform(kind: str, number: int) -> Any:
    """Of a minor version, by whoever has signed the text: nothing is agreed to anew."""
    version = all_texts.version_by_number(number, kind) or abort(404)
    now = clock.now()
    if queries.question(me().id, version, today(now)) != "inform":
        return _to_text(kind)
    given = Given("informed", i18n.current_language(), "", shown="none", authenticated_at=my_session().began_at)
    try:
        actions.answer(person=me().person, version=version, given=given, now=now, today=today(now))
    except (AnsweredAlready, SupersededVersion, ClockBehind):
        return redirect(url_for("signing.sign", kind=kind))
    commit()
    flash(_("C’est noté. Votre signature vaut aussi pour cette version."))
    return _to_text(kind)


@_door("/refus")
def refusal(kind: str) -> Any:
    """What follows from a refusal, said calmly."""
    version = _in_force(kind)
    last = all_texts.answer_to(version.id, me().id)
    if last is None or last.answer != "refused":
        return redirect(url_for("signing.sign", kind=kind))
    duty = next((one for one in consequences.duties_of(me().id, today(clock.now())) if one.kind == kind), None)
    return render_template(
        "deontology/refusal.html", version=version, row=last, duty=duty, language=i18n.current_language()
    )


# --- taking it back ---------------------------------------------------------------------------------------------------


@_door("/retirer")
def withdraw(kind: str) -> Any:
    try:
        version = actions.standing(me().person, kind, today(clock.now()))
    except NothingToWithdraw:
        return _to_text(kind)
    return _withdrawing_page(version, WithdrawForm())


def _withdrawing_page(version: TextVersion, form: WithdrawForm) -> str:
    return render_template(
        "deontology/withdraw.html",
        version=version,
        form=form,
        kind=all_texts.kind(version.kind),
        duty=consequences.duty_without(me().id, version.kind, today(clock.now())),
        language=i18n.current_language(),
        asks_password=confirmation.given_at() is None,
    )


@_door("/retirer", "POST")
def withdraw_post(kind: str) -> Any:
    form, now = WithdrawForm(), clock.now()
    try:
        version = actions.standing(me().person, kind, today(now))
        if not form.validate():
            return _withdrawing_page(version, form), 422
        row = _withdrawn(version, form)
    except NameDiffers:
        _say_name(form)
        return _withdrawing_page(version, form), 422
    except (NothingToWithdraw, AnsweredAlready, ClockBehind):
        return _to_text(kind)
    if row is None:
        return _withdrawing_page(version, form), 422
    commit()
    flash(_("Votre signature est retirée. Vous pouvez signer de nouveau quand vous le voulez."))
    return _to_receipt(row)


def _withdrawn(version: TextVersion, form: WithdrawForm) -> Acknowledgement | None:
    """None if the password is still to be given; the sentence stands at its field."""
    given = Given("withdrawn", i18n.current_language(), form.typed_name.data, shown="none")
    texts.refuse_unfit(me().person, version, given, today(clock.now()))
    at = _authenticated(form)
    if at is None:
        return None
    now = clock.now()
    given = Given("withdrawn", given.language, given.typed_name, "none", "password", at)
    return actions.withdraw(person=me().person, kind=version.kind, given=given, now=now, today=today(now))
