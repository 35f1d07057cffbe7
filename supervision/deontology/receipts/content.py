"""A receipt on paper: everything that proves an answer, in the language in which it was given."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from io import BytesIO

import segno
from flask_babel import gettext as _

from supervision import filters, i18n
from supervision.deontology.models import TextVersion
from supervision.deontology.receipts.queries import Receipt
from supervision.deontology.receipts.rules import grouped
from supervision.deontology.receipts.words import ANSWERS, AUTHENTICATED, LANGUAGES, SHOWN
from supervision.typesetting.document import Block, Document, byline, facts, heading, picture, prose


def document(receipt: Receipt, *, name: str, association: str, zone: str, link: str, now: datetime) -> Document:
    """`link` is the public address that verifies it. Speaks the language of the answer, whoever prints it."""
    with i18n.speaking(receipt.row.language, zone):
        return Document(
            title=_("Reçu n° %(number)s", number=receipt.row.number),
            language=receipt.row.language,
            confidential="",
            footer=_("%(association)s · imprimé le %(day)s", association=association, day=filters.short_day(now)),
            author=association,
            blocks=tuple(_blocks(receipt, name, association, link)),
        )


def _blocks(receipt: Receipt, name: str, association: str, link: str) -> Iterator[Block]:
    row = receipt.row
    yield byline(association)
    yield facts(pairs(receipt, name))
    if row.sentence:
        yield heading(2, _("La phrase d’engagement"))
        yield prose(row.sentence, row.language)
    yield heading(2, _("Ce qui le prouve"))
    yield facts(proof(receipt))
    if row.answer == "signed":
        yield heading(2, _("Le vérifier"))
        yield prose(_("Quiconque tient ce reçu peut le vérifier à cette adresse :\n%(link)s", link=link), row.language)
        yield picture(drawn(link), _("Code à scanner, qui mène à %(link)s", link=link))


def pairs(receipt: Receipt, name: str) -> list[tuple[str, str]]:
    """Who answered what, and when: on the page and on paper."""
    row, version = receipt.row, receipt.version
    return [
        (_("Réponse"), str(ANSWERS[row.answer])),
        (_("Personne"), name),
        (_("Nom tapé"), row.typed_name),
        (_("Texte"), title_of(version, row.language)),
        (_("Version"), _("%(number)s, en vigueur depuis le %(day)s", number=version.number, day=_day_of(version))),
        (_("Date et heure"), with_zone(row.answered_at)),
        (_("Langue du texte montré"), str(LANGUAGES[row.language])),
    ]


def proof(receipt: Receipt) -> list[tuple[str, str]]:
    row = receipt.row
    is_signature = row.answer == "signed"
    return [
        (_("Identité établie par"), str(AUTHENTICATED[row.authenticated_how])),
        (_("À"), with_zone(row.authenticated_at) if row.authenticated_at else ""),
        (_("Texte montré"), str(SHOWN.get(row.shown, ""))),
        (_("Empreinte SHA-256 du texte"), grouped(row.text_sha256, 8, " ")),
        (_("Empreinte SHA-256 de la réponse"), grouped(row.row_hash, 8, " ")),
        (_("Code de vérification"), grouped(row.code) if is_signature else ""),
    ]


def title_of(version: TextVersion, language: str) -> str:
    return version.title_fr if language == "fr" else version.title_en


def _day_of(version: TextVersion) -> str:
    return filters.day(version.effective_on)


def with_zone(at: datetime) -> str:
    """« jeudi 26 novembre 2026, 18:00:12 (Europe/Paris, UTC+01:00) »: nobody needs to guess."""
    local = at.astimezone(i18n.reader().zone)
    offset = local.strftime("%z")
    seconds = local.strftime(":%S")
    return f"{filters.moment(at)}{seconds} ({i18n.reader().zone.key}, UTC{offset[:3]}:{offset[3:5]})"


def drawn(link: str) -> str:
    """The code to scan, as SVG on white: it is read in the dark too."""
    into = BytesIO()
    code = segno.make(link, error="m", micro=False)
    code.save(into, kind="svg", xmldecl=False, scale=4, border=3, dark="#000", light="#fff", svgclass=None)
    return into.getvalue().decode()
