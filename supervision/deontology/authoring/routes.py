"""The committee's workshop: word the next version of a text, have it read over by a second person, publish it.

Every piece is saved by itself; one that somebody else has changed meanwhile replaces nothing and both are shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, NotFound

from supervision import clock, i18n, permissions
from supervision.db import db
from supervision.deontology.authoring import actions, editing, pages, queries
from supervision.deontology.authoring.editing import Content
from supervision.deontology.authoring.forms import (
    ArticleForm,
    BilingualForm,
    FrameForm,
    NewArticleForm,
    PublishForm,
    RemarkForm,
    TermsForm,
)
from supervision.deontology.authoring.rules import (
    DraftRefused,
    FullText,
    NotReviewed,
    SamePerson,
    StaleDraft,
    UnknownArticle,
    UnsoundDraft,
)
from supervision.deontology.authoring.words import CHANGES, KINDS_OF_CHANGE, REFUSALS
from supervision.deontology.differences.texts import comparison
from supervision.deontology.models import TextDraft, TextKind
from supervision.deontology.queries import version_by_number
from supervision.deontology.rules import CODE
from supervision.doors import commit
from supervision.sign_in.confirmation import confirm
from supervision.sign_in.current import me, today

bp = Blueprint("authoring", __name__)

View = Callable[..., Any]
WORDS = "deontology/authoring/words.html"


def door(path: str, method: str = "GET") -> Callable[[View], View]:
    """A door to the code's workshop, and to that of every other text."""

    def mark(view: View) -> View:
        here = f"/deontologie/atelier{path}"
        bp.add_url_rule(here, view_func=view, methods=[method], defaults={"kind": CODE})
        bp.add_url_rule(f"/textes/<kind>/atelier{path}", view_func=view, methods=[method])
        return view

    return mark


def _kind(slug: str) -> TextKind:
    """Whoever may see the workshop may write in it; for everyone else there is none."""
    found = db.session.get(TextKind, slug) if permissions.can_write_texts(me()) and "\x00" not in slug else None
    if found is None or found.retired_at is not None:
        abort(404)
    return found


def _draft(kind: TextKind) -> TextDraft:
    return queries.draft(kind.slug) or abort(404)


def _now_today() -> dict[str, Any]:
    now = clock.now()
    return {"now": now, "today": today(now)}


def _here(kind: str, anchor: str | None = None) -> Any:
    return redirect(url_for("authoring.index", kind=kind, _anchor=anchor))


@bp.errorhandler(UnknownArticle)
def _unknown(error: UnknownArticle) -> Any:
    return current_app.handle_http_exception(NotFound())


@bp.errorhandler(StaleDraft)
@bp.errorhandler(SamePerson)
@bp.errorhandler(FullText)
def _not_now(error: DraftRefused) -> Any:
    """The draft as it is now, and a sentence: nothing was done."""
    db.session.rollback()
    flash(str(REFUSALS[type(error).__name__]), "notice")
    return _here((request.view_args or {})["kind"])


# --- the whole --------------------------------------------------------------------------------------------------------


@door("")
def index(kind: str) -> Any:
    return _index(_kind(kind))


def _index(kind: TextKind, remark: RemarkForm | None = None, publishing: PublishForm | None = None) -> str:
    draft = queries.draft(kind.slug)
    shown = pages.draft_page(draft, me(), today(clock.now())) if draft else pages.no_draft_page(kind)
    revision = {"revision": draft.revision} if draft else {}
    return render_template(
        "deontology/authoring/index.html",
        kind=kind,
        draft=draft,
        remark=remark or RemarkForm(formdata=None, data=revision),
        publishing=publishing or PublishForm(formdata=None, data=revision),
        change_kinds=KINDS_OF_CHANGE,
        change_names=CHANGES,
        **shown,
    )


@door("/commencer", "POST")
def begin(kind: str) -> Any:
    text = _kind(kind)
    last = queries.last_version(kind)
    source = request.form.get("depuis", "")
    content = {
        "version": lambda: _last_content(text) if last else abort(400),
        "exemple": lambda: editing.begun_from(actions.sample_code()),
        "vide": editing.empty,
    }.get(source)
    if content is None:
        raise BadRequest
    actions.begin(actor=me().person, kind=kind, content=content(), now=clock.now())
    commit()
    return _here(kind)


def _last_content(kind: TextKind) -> Content:
    last = queries.last_version(kind.slug)
    version = version_by_number(last.number, kind.slug) if last else None
    return queries.content_of(version) if version else editing.empty()


_BUTTONS: dict[str, Callable[[Content, str], Content]] = {
    "up": lambda content, slug: editing.moved(content, slug, -1),
    "down": lambda content, slug: editing.moved(content, slug, 1),
    "remove": lambda content, slug: editing.removed(content, slug, is_out=True),
    "restore": lambda content, slug: editing.removed(content, slug, is_out=False),
}


@door("/changer", "POST")
def change(kind: str) -> Any:
    """A button of the list: its name says what, its value which article."""
    draft = _draft(_kind(kind))
    pressed = [name for name in _BUTTONS if name in request.form]
    if len(pressed) != 1:
        raise BadRequest
    slug = request.form[pressed[0]]
    content = _BUTTONS[pressed[0]](draft.content, slug)
    _keep(draft, content, _posted_revision())
    return _here(kind, f"article-{slug}")


def _keep(draft: TextDraft, content: Content, revision: int) -> None:
    """Save the words, and say so where that takes back what somebody was asked or has approved."""
    actions.save_content(actor=me().person, kind=draft.kind, content=content, revision=revision, now=clock.now())
    commit()
    _say_if_review_is_over(draft)


def _say_if_review_is_over(before: TextDraft) -> None:
    if before.review_asked_by is not None:
        flash(_("Le texte a changé : la relecture est à demander de nouveau."), "notice")


def _posted_revision() -> int:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


# --- words ------------------------------------------------------------------------------------------------------------


@door("/article")
def article(kind: str) -> Any:
    draft = _draft(_kind(kind))
    return _words(draft, ArticleForm, _named())


@door("/article", "POST")
def save_article(kind: str) -> Any:
    return _save_words(_draft(_kind(kind)), ArticleForm(), _named())


def _named() -> str:
    return request.args.get("cle") or abort(404)


@door("/texte")
def frame(kind: str) -> Any:
    return _words(_draft(_kind(kind)), FrameForm, "")


@door("/texte", "POST")
def save_frame(kind: str) -> Any:
    return _save_words(_draft(_kind(kind)), FrameForm(), "")


def _words(draft: TextDraft, form_class: type[BilingualForm], slug: str) -> str:
    words = pages.piece(draft.content, slug, form_class)
    form = form_class(data={**words, "seen": editing.mark_of(words)})
    if "reprendre" in request.args:
        where = slug or "texte"
        form.complain([p for p in actions.problems_of(draft, today(clock.now())) if p.where == where])
    return _words_page(draft, form, slug)


def _words_page(draft: TextDraft, form: BilingualForm, slug: str, **context: Any) -> str:
    found = editing.article_of(draft.content, slug) if slug else None
    return render_template(WORDS, draft=draft, form=form, article=found, **context)


def _save_words(draft: TextDraft, form: BilingualForm, slug: str) -> Any:
    """Keep it, or show both: saving again from there replaces the other one, knowingly."""
    there = pages.piece(draft.content, slug, type(form))
    if not form.validate():
        return _words_page(draft, form, slug), 422
    if "preview" in request.form:
        return _words_page(draft, form, slug, previewed=True)
    if form.seen.data != editing.mark_of(there) and form.words() != there:
        form.seen.data = editing.mark_of(there)
        return _words_page(draft, form, slug, other=there), 409
    if form.words() != there:
        _keep(draft, editing.with_words(draft.content, slug, form.words()), draft.revision)
    flash(_("Enregistré. Rien ne change pour personne avant la publication."))
    return _here(draft.kind, f"article-{slug}" if slug else "texte")


@door("/nouvel-article")
def new_article(kind: str) -> Any:
    return _new_article_page(_draft(_kind(kind)), NewArticleForm())


@door("/nouvel-article", "POST")
def add_article(kind: str) -> Any:
    draft, form = _draft(_kind(kind)), NewArticleForm()
    if not form.validate():
        return _new_article_page(draft, form), 422
    if "preview" in request.form:
        return _new_article_page(draft, form, previewed=True)
    slug = editing.new_id(
        form.title_fr.data, queries.ids_ever(kind) | {each["id"] for each in draft.content["article"]}
    )
    _keep(draft, editing.with_article(draft.content, slug, form.words()), draft.revision)
    flash(_("L’article est ajouté à la fin ; déplacez-le s’il le faut."))
    return _here(kind, f"article-{slug}")


def _new_article_page(draft: TextDraft, form: NewArticleForm, **context: Any) -> str:
    return render_template(
        "deontology/authoring/words.html", draft=draft, form=form, article=None, is_new=True, **context
    )


# --- when it binds, and whom ------------------------------------------------------------------------------------------


@door("/publication")
def terms(kind: str) -> Any:
    draft = _draft(_kind(kind))
    form = TermsForm(data=pages.terms_data(draft))
    if "reprendre" in request.args:
        form.complain([p for p in actions.problems_of(draft, today(clock.now())) if p.where == "publication"])
    return _terms_page(draft, form)


def _terms_page(draft: TextDraft, form: TermsForm, other: Any = None) -> str:
    page = "deontology/authoring/terms.html"
    return render_template(page, draft=draft, form=form, other=other, change_kinds=KINDS_OF_CHANGE)


@door("/publication", "POST")
def save_terms(kind: str) -> Any:
    """A day that cannot be kept is refused at once, not only before the review."""
    draft, form = _draft(_kind(kind)), TermsForm()
    if not form.validate():
        return _terms_page(draft, form), 422
    found = [p for p in pages.problems_with(draft, form.terms(), today(clock.now())) if p.what != "no-day"]
    if found:
        form.complain(found)
        return _terms_page(draft, form), 422
    there = pages.terms_data(draft)
    if form.seen.data != there["seen"] and form.terms() != queries.terms_of(draft):
        form.seen.data = there["seen"]
        return _terms_page(draft, form, other=queries.terms_of(draft)), 409
    actions.save_terms(actor=me().person, kind=kind, terms=form.terms(), revision=draft.revision, now=clock.now())
    commit()
    flash(_("Enregistré. Rien ne change pour personne avant la publication."))
    _say_if_review_is_over(draft)
    return _here(kind, "publication")


# --- as readers will see it, and what changes for them ----------------------------------------------------------------


@door("/apercu")
def preview(kind: str) -> Any:
    text = _kind(kind)
    version = pages.as_version(_draft(text))
    return render_template("deontology/authoring/preview.html", kind=text, version=version, shown=_language())


def _language() -> str:
    asked = request.args.get("langue", "")
    return asked if asked in i18n.LANGUAGES else i18n.current_language()


@door("/changements")
def changes(kind: str) -> Any:
    text = _kind(kind)
    draft, language = _draft(text), _language()
    last = queries.last_version(kind)
    before = version_by_number(last.number, kind) if last else None
    found = comparison(before, pages.as_version(draft), language) if before else None
    return render_template("deontology/authoring/changes.html", kind=text, changes=found, shown=language)


# --- a second person, and publishing ----------------------------------------------------------------------------------


@door("/relecture", "POST")
def ask_review(kind: str) -> Any:
    text = _kind(kind)
    try:
        actions.ask_review(actor=me().person, kind=kind, revision=_posted_revision(), **_now_today())
    except UnsoundDraft:
        flash(_("La relecture n’est pas demandée : il reste quelque chose à compléter."), "notice")
        return _index(text), 422
    commit()
    flash(_("La relecture est demandée aux autres personnes du comité."))
    return _here(kind)


@door("/approuver", "POST")
def approve(kind: str) -> Any:
    _kind(kind)
    actions.approve(actor=me().person, kind=kind, revision=_posted_revision(), now=clock.now())
    commit()
    flash(_("Vous avez approuvé ce texte tel qu’il est. Il peut être publié."))
    return _here(kind)


@door("/renvoyer", "POST")
def send_back(kind: str) -> Any:
    text, form = _kind(kind), RemarkForm()
    if not form.validate():
        return _index(text, remark=form), 422
    remark, revision = form.remark.data, form.revision.data
    actions.send_back(actor=me().person, kind=kind, revision=revision, remark=remark, now=clock.now())
    commit()
    flash(_("Votre remarque est transmise ; le texte est de nouveau en cours d’écriture."))
    return _here(kind)


@door("/publier", "POST")
def publish(kind: str) -> Any:
    """For ever: the password is asked again, so that no open screen publishes for somebody."""
    text, form = _kind(kind), PublishForm()
    if not form.validate() or not _is_me(form):
        return _index(text, publishing=form), 422
    try:
        version = actions.publish(actor=me().person, kind=kind, revision=form.revision.data, **_now_today())
    except (NotReviewed, UnsoundDraft) as error:
        flash(str(REFUSALS[type(error).__name__]), "notice")
        return _index(text), 422
    commit()
    flash(_("La version %(number)s est publiée. Chaque personne tenue par elle en est avertie.", number=version.number))
    return _here(kind)


def _is_me(form: PublishForm) -> bool:
    if confirm(form.password.data) is not None:
        return True
    form.password.errors = [_("Ce n’est pas votre mot de passe.")]
    return False


@door("/abandonner", "POST")
def throw_away(kind: str) -> Any:
    _kind(kind)
    actions.throw_away(kind=kind, revision=_posted_revision())
    commit()
    flash(_("Le brouillon est abandonné ; la version en vigueur reste."))
    return _here(kind)
