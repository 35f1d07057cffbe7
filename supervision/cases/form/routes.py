"""Doors to the form itself: officers word the next version, see it as its authors will, and publish it.

Each change saves the whole draft under its revision; one that comes from an older page changes nothing and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.exceptions import BadRequest, Forbidden, NotFound

from supervision import clock, i18n, permissions
from supervision.cases.form import actions, editing, queries, wording
from supervision.cases.form.definition import parse
from supervision.cases.form.editing import Definition, FixedField, FullForm, UnknownKey
from supervision.cases.form.forms import build, offer
from supervision.cases.form.models import FormDraft
from supervision.cases.form.rules import FIXED, StaleForm, UnsoundForm, compare, gauge, problems
from supervision.cases.form.words import CHANGES, PROBLEMS
from supervision.db import db
from supervision.doors import commit
from supervision.sign_in.current import me, today

bp = Blueprint("case_form", __name__, url_prefix="/reglages/formulaire")


def _require() -> None:
    """Whoever may see the form's workshop may change the form; for everyone else there is none."""
    if not permissions.can_edit_form(me()):
        abort(404)


@bp.errorhandler(UnknownKey)
def _unknown(error: UnknownKey) -> Any:
    return current_app.handle_http_exception(NotFound())


@bp.errorhandler(FixedField)
def _fixed(error: FixedField) -> Any:
    return current_app.handle_http_exception(Forbidden())


@bp.errorhandler(FullForm)
def _full(error: FullForm) -> Any:
    flash(_("Ce formulaire est déjà très long : retirez d’abord quelque chose."), "notice")
    return redirect(url_for("case_form.index"))


@bp.errorhandler(StaleForm)
def _stale(error: StaleForm) -> Any:
    """For the buttons, where nothing was typed: the list as it is now, and a sentence."""
    db.session.rollback()
    flash(_("Quelqu’un d’autre a modifié le formulaire entre-temps. Rien n’a été remplacé ; le voici."), "notice")
    return redirect(url_for("case_form.index"))


def _in_hand() -> tuple[Definition, int]:
    """The draft and its revision, or the version in force, from which a draft begins at 0."""
    draft = queries.draft()
    return (draft.definition, draft.revision) if draft else (_in_force(), 0)


def _in_force() -> Definition:
    """Before the first case: the form that Prisme comes with, which the first case would publish."""
    version = queries.current()
    return version.definition if version is not None and version.number > 0 else dict(actions.default_definition())


def _keep(definition: Definition, revision: int) -> None:
    actions.save_draft(actor=me().person, definition=definition, revision=revision, now=clock.now())
    commit()


# --- the list ---------------------------------------------------------------------------------------------------------


@bp.get("")
def index() -> Any:
    _require()
    return _index()


def _index() -> str:
    draft = queries.draft()
    return render_template(
        "cases/form/index.html",
        form=parse(draft.definition if draft else _in_force()),
        draft=draft,
        editor=queries.name_of(draft.edited_by) if draft else None,
        revision=draft.revision if draft else 0,
        next_number=_next_number(),
        versions=queries.version_lines(),
        fixed=FIXED,
        kinds=wording.KINDS,
        **(_state_of(draft) if draft else {}),
    )


def _next_number() -> int:
    version = queries.current()
    return (version.number if version else 0) + 1


def _state_of(draft: FormDraft) -> dict[str, Any]:
    """What the draft changes, and what keeps it from being published."""
    said: dict[str, list[str]] = {}
    for problem in problems(draft.definition, [version.definition for version in queries.all_versions()]):
        said.setdefault(problem.where, []).append(str(PROBLEMS[problem.what]))
    changes = [(change.label, CHANGES[change.what]) for change in compare(_in_force(), draft.definition)]
    return {"problems": said, "changes": changes}


_BUTTONS: dict[str, Callable[[Definition, str], Definition]] = {
    "field-up": lambda form, key: editing.moved_field(form, key, -1),
    "field-down": lambda form, key: editing.moved_field(form, key, 1),
    "section-up": lambda form, key: editing.moved_section(form, key, -1),
    "section-down": lambda form, key: editing.moved_section(form, key, 1),
    "retire": lambda form, key: editing.retired(form, key, is_retired=True),
    "ask": lambda form, key: editing.retired(form, key, is_retired=False),
}


@bp.post("/changer")
def change() -> Any:
    """A button of the list: its name says what, its value which field or section."""
    _require()
    pressed = [name for name in _BUTTONS if name in request.form]
    if len(pressed) != 1:
        raise BadRequest
    key = request.form[pressed[0]]
    definition, _revision = _in_hand()
    _keep(_BUTTONS[pressed[0]](definition, key), _posted_number("revision"))
    return redirect(url_for("case_form.index", _anchor=f"ligne-{key}"))


def _posted_number(name: str) -> int:
    sent = request.form.get(name, "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else -1


# --- words ------------------------------------------------------------------------------------------------------------


@bp.get("/champ")
def field() -> Any:
    _require()
    definition, revision = _in_hand()
    found = editing.field_of(definition, request.args.get("cle", ""))
    return _field_page(found, wording.field_form(found)(data=wording.shown(found, revision)))


@bp.post("/champ")
def save_field() -> Any:
    _require()
    definition, _revision = _in_hand()
    found = editing.field_of(definition, request.form.get("key", ""))
    form = wording.field_form(found, posted_rows=_posted_number("rows"))()
    if not form.validate():
        return _field_page(found, form), 422
    changes = _changes(form, found)
    return _saved(form, editing.with_changes(definition, found["key"], changes), _field_page)


def _changes(form: Any, found: Mapping[str, Any]) -> dict[str, Any]:
    changes: dict[str, Any] = form.words(*form.asked)
    if "required" in form:
        changes["required"] = form.required.data
    if form.rows:
        changes["options"] = form.options({option["key"] for option in found.get("options", ())})
    return changes


def _field_page(found: Mapping[str, Any], form: Any, other: Any = None) -> str:
    kind = wording.KINDS[found["kind"]]
    return _words_page(form, found["label"], other, kind=kind, target=url_for("case_form.save_field"))


def _words_page(form: Any, words: Mapping[str, str], other: Any = None, **context: Any) -> str:
    heading = words.get(i18n.current_language()) or words.get("fr") or ""
    return render_template("cases/form/words.html", form=form, heading=heading, other=other, **context)


def _saved(form: Any, definition: Definition, page: Callable[..., str]) -> Any:
    """Keep it, or show both texts: saving again from there replaces the other one, knowingly."""
    key = form.key.data
    try:
        _keep(definition, form.revision.data)
    except StaleForm:
        db.session.rollback()
        db.session.expire_all()
        now_there, form.revision.data = _in_hand()
        find = editing.field_of if page is _field_page else editing.section_of
        found = find(now_there, key)
        return page(found, form, wording.shown(found, form.revision.data)), 409
    flash(_("Enregistré dans la prochaine version."))
    return redirect(url_for("case_form.index", _anchor=f"ligne-{key}"))


@bp.get("/partie")
def section() -> Any:
    _require()
    definition, revision = _in_hand()
    found = editing.section_of(definition, request.args.get("cle", ""))
    form = wording.section_form(counts=_counts(found))(data=wording.shown(found, revision))
    return _section_page(found, form)


@bp.post("/partie")
def save_section() -> Any:
    _require()
    definition, _revision = _in_hand()
    found = editing.section_of(definition, request.form.get("key", ""))
    form = wording.section_form(counts=_counts(found))()
    if not form.validate():
        return _section_page(found, form), 422
    changes: dict[str, Any] = form.words("title", "help")
    if "at_least" in form:
        count = form.at_least.data or 0
        changes["at_least"] = {"kind": "competence", "count": count} if count else None
    return _saved(form, editing.with_section_changes(definition, found["key"], changes), _section_page)


def _counts(found: Mapping[str, Any]) -> bool:
    return any(field["kind"] == "competence" for field in found["fields"])


def _section_page(found: Mapping[str, Any], form: Any, other: Any = None) -> str:
    return _words_page(form, found["title"], other, target=url_for("case_form.save_section"))


# --- something new ----------------------------------------------------------------------------------------------------


@bp.get("/nouveau-champ")
def new_field() -> Any:
    _require()
    definition, revision = _in_hand()
    found = editing.section_of(definition, request.args.get("partie", ""))
    form = wording.new_field_form()(data={"revision": revision, "key": found["key"]})
    return _new_field_page(form)


def _new_field_page(form: Any) -> str:
    heading = _("Un nouveau champ")
    return _words_page(form, {"fr": heading, "en": heading}, target=url_for("case_form.add_field"))


@bp.post("/nouveau-champ")
def add_field() -> Any:
    _require()
    definition, revision = _in_hand()
    form = wording.new_field_form(posted_rows=_posted_number("rows"))()
    if not form.validate():
        return _new_field_page(form), 422
    key = editing.new_key(form.label_fr.data, _every_key(definition))
    field = {"key": key, "kind": form.kind.data, "retired": False, **_changes(form, {})}
    _keep(editing.with_field(definition, form.key.data, field), revision)  # what is new replaces nobody's words
    flash(_("Le champ est ajouté à la prochaine version."))
    return redirect(url_for("case_form.index", _anchor=f"ligne-{key}"))


def _every_key(definition: Definition) -> set[str]:
    """Of this form and of every version there was."""
    return editing.keys_in(definition).union(*(editing.keys_in(v.definition) for v in queries.all_versions()))


@bp.get("/nouvelle-partie")
def new_section() -> Any:
    _require()
    return _new_section_page(wording.section_form(counts=False)(data={"revision": _in_hand()[1]}))


def _new_section_page(form: Any) -> str:
    heading = _("Une nouvelle partie")
    return _words_page(form, {"fr": heading, "en": heading}, target=url_for("case_form.add_section"))


@bp.post("/nouvelle-partie")
def add_section() -> Any:
    _require()
    definition, revision = _in_hand()
    form = wording.section_form(counts=False)()
    if not form.validate():
        return _new_section_page(form), 422
    key = editing.new_key(form.title_fr.data, _every_key(definition))
    _keep(editing.with_section(definition, {"key": key, **form.words("title", "help")}), revision)
    flash(_("La partie est ajoutée à la prochaine version. Elle paraîtra dès qu’elle contient un champ."))
    return redirect(url_for("case_form.index", _anchor=f"ligne-{key}"))


# --- as its authors will see it ---------------------------------------------------------------------------------------


@bp.get("/apercu")
def preview() -> Any:
    _require()
    return _preview(_in_hand()[0], _("La prochaine version, comme on la verra"))


@bp.get("/version-<int(max=9999):number>")
def version(number: int) -> Any:
    _require()
    found = queries.by_number(number) or abort(404)
    return _preview(found.definition, _("Version %(number)s du formulaire", number=number))


def _preview(definition: Definition, heading: str) -> str:
    now = clock.now()
    form = build(definition, i18n.current_language())()
    offer(form, supervisors=[me().person], sessions=[], loads={}, today=today(now))
    return render_template(
        "cases/form/preview.html",
        form=form,
        supervisors=[me().person],
        heading=heading,
        sections=[
            {"label": each.title.of(i18n.current_language()), "url": f"#{each.key}", "total": each.total, "done": 0}
            for each in gauge(definition, {})
        ],
    )


# --- publishing -------------------------------------------------------------------------------------------------------


@bp.post("/publier")
def publish() -> Any:
    _require()
    number = _posted_number("number")
    try:
        actions.publish(actor=me().person, number=number, revision=_posted_number("revision"), now=clock.now())
    except UnsoundForm:
        flash(_("La prochaine version n’est pas publiée : il reste quelque chose à reprendre."), "notice")
        return _index(), 422
    commit()
    flash(_("La version %(number)s du formulaire est publiée ; les nouvelles situations l’emploient.", number=number))
    return redirect(url_for("case_form.index"))


@bp.post("/abandonner")
def throw_away() -> Any:
    _require()
    revision = _posted_number("revision")
    if revision > 0:  # a form that came empty means nothing
        actions.throw_away(revision=revision)
        commit()
        flash(_("La prochaine version est abandonnée ; celle en vigueur reste."))
    return redirect(url_for("case_form.index"))
