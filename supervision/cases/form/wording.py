"""The pages on which officers word a field or a section. Built for the thing in hand: only what it has is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, SelectChoice, SelectField
from wtforms.validators import NumberRange, Optional

from supervision.cases.form import editing
from supervision.cases.form.definition import WITH_OPTIONS
from supervision.cases.form.rules import FIXED
from supervision.cases.forms import RevisionField
from supervision.forms import PrismeForm, line, prose, required

LABEL, HELP = 300, 800  # characters
MOST_OPTIONS, SPARE_ROWS = 30, 3

BOTH = _l("Il faut les deux langues : chaque personne lit le formulaire dans la sienne.")
KINDS = {
    "prose": _l("Texte libre"),
    "line": _l("Une ligne"),
    "choice": _l("Un choix parmi plusieurs"),
    "choices": _l("Plusieurs choix possibles"),
    "number": _l("Un nombre"),
    "month": _l("Un mois"),
    "day": _l("Un jour"),
    "agree": _l("Une phrase à cocher"),
    "person": _l("La personne qui supervise"),
    "visibility": _l("Qui pourra lire"),
    "competence": _l("Une compétence, chez moi et dans le groupe"),
}
_WORDS = {
    "label": (_l("Question, en français"), _l("Question, en anglais")),
    "title": (_l("Titre, en français"), _l("Titre, en anglais")),
    "help": (_l("Aide, en français"), _l("Aide, en anglais")),
    "help_self": (_l("Aide de « Chez moi », en français"), _l("Aide de « Chez moi », en anglais")),
    "help_group": (_l("Aide de « Dans le groupe », en français"), _l("Aide de « Dans le groupe », en anglais")),
    "options_label": (_l("Question au-dessus des options, en français"), _l("La même, en anglais")),
    "notice": (_l("Phrase mise en évidence, en français"), _l("Phrase mise en évidence, en anglais")),
}
_SHORT = {"label", "title", "options_label"}


class WordsForm(PrismeForm):
    """Words in two languages, by pairs; `asked` names the pairs."""

    revision = RevisionField()
    key = HiddenField()
    asked: tuple[str, ...] = ()
    rows: int = 0  # of options

    @property
    def pairs(self) -> list[tuple[Any, Any]]:
        return [(self[f"{name}_fr"], self[f"{name}_en"]) for name in self.asked]

    @property
    def option_rows(self) -> list[tuple[Any, ...]]:
        names = ("key", "fr", "en", "place", "retired")
        return [tuple(self[f"option_{number}_{name}"] for name in names) for number in range(self.rows)]

    def validate(self, *args: Any, **options: Any) -> bool:
        sound = super().validate(*args, **options)
        for french, english in [*self.pairs, *(row[1:3] for row in self.option_rows)]:
            if bool(french.data) != bool(english.data):
                (english if french.data else french).errors = [BOTH]
                sound = False
        for key, french, english, *_rest in self.option_rows:
            if key.data and not (french.data or english.data):
                french.errors = [_l("Une option qui a servi ne s’efface pas : retirez-la plutôt.")]
                sound = False
        return bool(sound)

    def words(self, *names: str) -> dict[str, dict[str, str]]:
        return {name: {"fr": self[f"{name}_fr"].data, "en": self[f"{name}_en"].data} for name in names}

    def options(self, known: Collection[str]) -> list[dict[str, Any]]:
        """The options in the order of their places; a new one gets a key of its own."""
        taken, kept = set(known), []
        for place, (key, french, english, wanted, retired) in enumerate(self.option_rows, 1):
            if not french.data:
                continue
            name = key.data if key.data in known else editing.new_key(french.data, taken)
            taken.add(name)
            option = {"key": name, "label": {"fr": french.data, "en": english.data}, "retired": bool(retired.data)}
            kept.append((wanted.data or place, place, option))
        return [option for _wanted, _place, option in sorted(kept, key=lambda each: each[:2])]


def field_form(field: Mapping[str, Any], *, posted_rows: int = 0) -> type[WordsForm]:
    """For a field that exists. `posted_rows`: as many rows of options as the page that is sent had."""
    asked = ["label", "help"]
    if field["kind"] == "competence":
        asked += ["help_self", "help_group"]
    if field.get("extra"):
        asked.append("options_label")
    if field.get("notice"):
        asked.append("notice")
    extra: dict[str, Any] = {}
    if field["key"] not in FIXED:
        extra["required"] = BooleanField(_l("Obligatoire pour soumettre"))
    options = field.get("options", ()) if field["kind"] in WITH_OPTIONS or field.get("extra") else None
    rows = 0 if options is None else min(MOST_OPTIONS, max(len(options) + SPARE_ROWS, posted_rows))
    return _built(tuple(asked), rows, extra)


def new_field_form(*, posted_rows: int = 0) -> type[WordsForm]:
    kinds = [SelectChoice(value=kind, label=KINDS[kind]) for kind in editing.ADDABLE]
    extra = {
        "kind": SelectField(_l("Ce que l’on y met"), choices=kinds),
        "required": BooleanField(_l("Obligatoire pour soumettre")),
    }
    return _built(("label", "help"), min(MOST_OPTIONS, max(6, posted_rows)), extra)


def section_form(*, counts: bool) -> type[WordsForm]:
    """`counts`: the section asks that at least so many of its competences are addressed."""
    label = _l("Combien de compétences au moins")
    extra = {"at_least": IntegerField(label, [Optional(), NumberRange(0, 6)])} if counts else {}
    return _built(("title", "help"), 0, extra)


def _built(asked: tuple[str, ...], rows: int, extra: Mapping[str, Any]) -> type[WordsForm]:
    fields: dict[str, Any] = dict(extra)
    for name in asked:
        for language, label in zip(("fr", "en"), _WORDS[name], strict=True):
            fields[f"{name}_{language}"] = _worded(name, label)
    for number in range(rows):
        fields |= _option_row(number)
    return type("BuiltWordsForm", (WordsForm,), {"asked": asked, "rows": rows, **fields})


def _worded(name: str, label: Any) -> Any:
    if name in _SHORT:
        return line(label, *([required()] if name != "options_label" else []), limit=LABEL)
    return prose(label, limit=HELP)


def _option_row(number: int) -> dict[str, Any]:
    return {
        f"option_{number}_key": HiddenField(),
        f"option_{number}_fr": line(_l("Option, en français"), limit=LABEL),
        f"option_{number}_en": line(_l("Option, en anglais"), limit=LABEL),
        f"option_{number}_place": IntegerField(_l("Place"), [Optional(), NumberRange(1, MOST_OPTIONS)]),
        f"option_{number}_retired": BooleanField(_l("Retirée")),
    }


def shown(thing: Mapping[str, Any], revision: int) -> dict[str, Any]:
    """What the page of a field or a section holds when it is opened."""
    data: dict[str, Any] = {"revision": revision, "key": thing["key"], "required": thing.get("required", False)}
    for name in _WORDS:
        words = thing.get(name) or {}
        data |= {f"{name}_fr": words.get("fr", ""), f"{name}_en": words.get("en", "")}
    for number, option in enumerate(thing.get("options", ())):
        row = {"key": option["key"], **option["label"], "place": number + 1, "retired": option.get("retired", False)}
        data |= {f"option_{number}_{name}": value for name, value in row.items()}
    data["at_least"] = (thing.get("at_least") or {}).get("count")
    return data
