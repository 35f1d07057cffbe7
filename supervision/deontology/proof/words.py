"""Which text bound somebody on a day, said first in sentences and then with what each rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from supervision import filters, i18n
from supervision.deontology.actions import shown_text
from supervision.deontology.consequences.rules import Duty
from supervision.deontology.models import TextVersion
from supervision.deontology.proof.queries import Link, Proof
from supervision.deontology.rules import text_sha256
from supervision.people.words import ROLE_NAMES

RECORDED = {"bound-text-proved": _l("Preuve d’engagement exportée")}
LANGUAGES = {"fr": _l("français"), "en": _l("anglais")}
AUTHENTICATED = {"password": _l("par son mot de passe, donné pour cela"), "session": _l("par sa session ouverte")}
SHOWN = {
    "whole": _l("en entier, sur une page"),
    "articles": _l("article par article"),
    "before": _l("non noté : c’était avant que cela le soit"),
}
ANSWERS = {
    "signed": _l("Signature"),
    "refused": _l("Refus"),
    "informed": _l("Prise de connaissance"),
    "withdrawn": _l("Signature retirée"),
}


@dataclass(frozen=True)
class Known:
    """One thing that is said, and the facts it rests on."""

    title: str
    pairs: list[tuple[Any, Any]]
    checks: list[str]


def text_name(proof: Proof) -> str:
    return proof.kind.name_fr if i18n.current_language() == "fr" else proof.kind.name_en


# --- in sentences -----------------------------------------------------------------------------------------------------


def told(proof: Proof) -> list[str]:
    day, name = filters.day(proof.day), proof.person.display_name
    if proof.in_force is None:
        return [_("Le %(day)s, aucune version de ce texte n’était encore en vigueur.", day=day)]
    sentences = [
        _(
            "Le %(day)s, la version %(number)s était en vigueur, depuis le %(since)s.",
            day=day,
            number=proof.in_force.number,
            since=filters.day(proof.in_force.effective_on),
        ),
        _bound(proof, name),
    ]
    return [*sentences, *_minor_since(proof), *_stage(proof.duty, name)]


def _minor_since(proof: Proof) -> Iterator[str]:
    signed = proof.signed.row.version.number if proof.signed else None
    if proof.binds and proof.in_force is not None and proof.in_force.number != signed:
        yield _(
            "Les changements venus depuis, jusqu’à la version %(number)s, étaient mineurs : ils ne demandaient pas "
            "de signer de nouveau.",
            number=proof.in_force.number,
        )


def _bound(proof: Proof, name: str) -> str:
    if proof.signed is None:
        return _("%(name)s n’en avait signé aucune version.", name=name)
    number, at = proof.signed.row.version.number, filters.day(proof.signed.row.answered_at)
    if proof.binds:
        return _(
            "%(name)s avait signé la version %(number)s le %(at)s : c’est le texte qui engageait %(name)s ce jour-là.",
            name=name,
            number=number,
            at=at,
        )
    return _(
        "La dernière version que %(name)s avait signée était la version %(number)s, le %(at)s ; la version suivante "
        "n’avait pas sa signature.",
        name=name,
        number=number,
        at=at,
    )


def _stage(duty: Duty | None, name: str) -> Iterator[str]:
    if duty is None or duty.answer == "signed":
        return
    if duty.stage == "settled":
        yield _("Aucun des rôles de %(name)s ne demandait cette signature ce jour-là.", name=name)
    elif duty.stage == "exempt":
        yield _("Le comité en avait dispensé %(name)s.", name=name)
    elif duty.stage == "grace" and duty.grace_ends_on:
        yield _("Le délai pour signer courait jusqu’au %(day)s.", day=filters.day(duty.grace_ends_on))
    elif duty.stage == "first" and duty.grace_ends_on:
        yield _("Sa première signature était attendue.")
    elif duty.grace_ends_on and duty.hidden_on:
        since = duty.grace_ends_on + timedelta(days=1)
        yield _("Le délai pour signer était passé depuis le %(day)s.", day=filters.day(since))
    if duty.answer == "refused":
        yield _("Sa dernière réponse à la version demandée était un refus.")


# --- and how it is known ----------------------------------------------------------------------------------------------


def known(proof: Proof) -> list[Known]:
    found = [_version(proof.in_force)] if proof.in_force else []
    if proof.signed is not None:
        found.append(_signature(proof.signed))
    if proof.answers:
        found.append(Known(_("Toutes ses réponses jusqu’à ce jour"), [_answer(each) for each in proof.answers], []))
    roles = [(ROLE_NAMES[role], _("depuis le %(day)s", day=filters.day(since))) for role, since in proof.roles]
    return [*found, Known(_("Ses rôles ce jour-là"), [*roles] or [(_("Rôles"), _("aucun"))], [])]


def _version(version: TextVersion) -> Known:
    hashes = [
        (_("Empreinte SHA-256, en %(language)s", language=LANGUAGES[tag]), text_sha256(shown_text(version, tag)))
        for tag in ("fr", "en")
    ]
    pairs = [
        (_("Numéro"), version.number),
        (_("Publiée"), filters.stamp(version.published_at)),
        (_("En vigueur à partir du"), filters.day(version.effective_on)),
        *hashes,
    ]
    return Known(_("La version en vigueur"), pairs, [])


def _signature(link: Link) -> Known:
    row = link.row
    pairs = [
        (_("Reçu numéro"), row.number),
        (_("Version"), row.version.number),
        (_("Signé"), filters.moment(row.answered_at)),
        (_("Langue du texte montré"), LANGUAGES[row.language]),
        (_("Nom écrit"), row.typed_name),
        (_("La personne s’était identifiée"), AUTHENTICATED.get(row.authenticated_how, "")),
        (_("Le texte avait été montré"), SHOWN.get(row.shown, "")),
        (_("Empreinte SHA-256 du texte"), row.text_sha256),
        (_("Empreinte de la ligne précédente"), row.previous_hash),
        (_("Empreinte de cette ligne"), row.row_hash),
    ]
    return Known(_("La signature"), pairs, _checks(link))


def _checks(link: Link) -> list[str]:
    same = _("Le texte publié a bien l’empreinte enregistrée avec la signature.")
    other = _("Le texte publié n’a pas l’empreinte enregistrée avec la signature.")
    whole = _("La ligne est telle qu’elle a été écrite, et suit celle qui la précède.")
    altered = _("La ligne a été modifiée, ou celle qui la précède n’est plus la même.")
    return [same if link.text_is_same else other, whole if link.is_whole and link.follows else altered, _next(link)]


def _next(link: Link) -> str:
    if link.is_last:
        return _("C’est la dernière ligne de la chaîne.")
    if link.after is not None:
        return _("La ligne %(number)s, écrite ensuite, porte cette empreinte.", number=link.after)
    return _("La ligne suivante ne porte pas cette empreinte.")


def _answer(row: Any) -> tuple[str, str]:
    version = _("version %(number)s", number=row.version.number)
    said = _("%(at)s, reçu %(number)s", at=filters.stamp(row.answered_at), number=row.number)
    return f"{ANSWERS[row.answer]}, {version}", said
