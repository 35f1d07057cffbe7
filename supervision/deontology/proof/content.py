"""The proof as a document: what the page says, in the same words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from flask_babel import gettext as _

from supervision import filters, i18n
from supervision.deontology.proof import words
from supervision.deontology.proof.queries import Proof
from supervision.typesetting.document import Block, Document, byline, facts, heading, prose


def document(proof: Proof, *, association: str, is_sealed: bool, now: datetime) -> Document:
    made = _("Établi le %(at)s par la plateforme de %(name)s", at=filters.stamp(now), name=association)
    return Document(
        title=_("Quel texte liait %(name)s le %(day)s", name=proof.person.display_name, day=filters.day(proof.day)),
        language=i18n.current_language(),
        confidential=_seal(is_sealed=is_sealed),
        footer=made,
        author=association,
        blocks=tuple(_blocks(proof)),
    )


def _seal(*, is_sealed: bool) -> str:
    if is_sealed:
        return _(
            "Ce document porte le sceau électronique de l’association : un lecteur de PDF dit s’il a été "
            "modifié depuis."
        )
    return _("Ce document n’a pas pu être scellé : il ne prouve rien par lui-même.")


def _blocks(proof: Proof) -> Iterator[Block]:
    language = i18n.current_language()
    yield byline(words.text_name(proof))
    for sentence in words.told(proof):
        yield prose(sentence, language)
    yield heading(2, _("Comment on le sait"))
    for each in words.known(proof):
        yield heading(3, each.title)
        yield facts(each.pairs)
        for check in each.checks:
            yield prose(check, language)
