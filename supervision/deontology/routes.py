"""Doors to the code of ethics: everyone reads, members answer."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from supervision import clock, i18n
from supervision.association.queries import the_association
from supervision.deontology import actions, queries
from supervision.deontology.actions import Given
from supervision.deontology.forms import AnswerForm
from supervision.deontology.models import Acknowledgement, TextVersion
from supervision.deontology.rules import AnsweredAlready, NameDiffers, SupersededVersion
from supervision.doors import commit, compressed, public
from supervision.sign_in.current import me, today

bp = Blueprint("deontology", __name__)


@bp.get("/deontologie")
@public
def code_in_force() -> Any:
    association = the_association()
    if association is None:
        abort(404)
    version = queries.version_in_force(association.day_of(clock.now()), with_articles=True)
    return _page(version) if version is not None else render_template("deontology/none.html")


@bp.get("/deontologie/version-<int(max=9999):number>")
@public
def version(number: int) -> Any:
    return _page(queries.version_by_number(number) or abort(404))


def _page(version: TextVersion) -> Response:
    answer = queries.answer_to(version.id, me().id) if current_user.is_authenticated else None
    language = i18n.current_language()
    return compressed(render_template("deontology/code.html", version=version, language=language, answer=answer))


@bp.get("/deontologie/signer")
def sign() -> Any:
    version = _in_force()
    answer = queries.answer_to(version.id, me().id)
    if answer is not None and answer.answer == "signed":
        return redirect(url_for("deontology.code_in_force"))
    return _signing_page(version, AnswerForm(language=i18n.current_language()), answer)


def _in_force() -> TextVersion:
    return queries.version_in_force(today(clock.now()), with_articles=True) or abort(404)


def _signing_page(version: TextVersion, form: AnswerForm, answer: Acknowledgement | None) -> Response:
    language = i18n.current_language()
    page = render_template("deontology/sign.html", version=version, form=form, answer=answer, language=language)
    return compressed(page)


@bp.post("/deontologie/version-<int(max=9999):number>/reponse")
def answer(number: int) -> Any:
    version = queries.version_by_number(number) or abort(404)
    form = AnswerForm()
    if form.validate() and _agrees(form):
        try:
            given = _record(version, form)
        except NameDiffers:
            name = me().display_name
            form.typed_name.errors = [_("Signez de votre nom, tel qu’il est dans votre compte : %(name)s.", name=name)]
        except SupersededVersion:
            flash(_("Une autre version est entrée en vigueur entre-temps. Voici celle qui est à signer."))
            return redirect(url_for("deontology.sign"))
        except AnsweredAlready:
            flash(_("Votre réponse était déjà enregistrée."))
            return redirect(url_for("deontology.code_in_force"))
        else:
            commit()
            flash(_said_of(given))
            return redirect(url_for("home.index"))
    return _signing_page(version, form, None), 422


def _agrees(form: AnswerForm) -> bool:
    if form.answer.data == "signed" and not form.agrees.data:
        form.agrees.errors = [_("Cochez la phrase pour la faire vôtre.")]
        return False
    return True


def _record(version: TextVersion, form: AnswerForm) -> Acknowledgement:
    now = clock.now()
    return actions.answer(
        person=me().person,
        version=version,
        given=Given(answer=form.answer.data, language=form.language.data, typed_name=form.typed_name.data),
        now=now,
        today=today(now),
    )


def _said_of(given: Acknowledgement) -> str:
    if given.answer == "signed":
        return _("Votre engagement est enregistré. Merci.")
    return _("Votre refus est enregistré. Vous pouvez encore lire, et signer plus tard si vous changez d’avis.")
