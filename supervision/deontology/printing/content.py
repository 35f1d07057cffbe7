"""A version as a document to print and keep: nothing in it depends on the day on which it is made."""

from __future__ import annotations

from collections.abc import Iterator

from flask_babel import gettext as _

from supervision import filters
from supervision.deontology.actions import shown_text
from supervision.deontology.models import TextVersion
from supervision.deontology.rules import text_sha256
from supervision.typesetting.document import Block, Document, byline, contents, facts, formatted, heading

LAYOUT = 1  # to be raised whenever the same version would be set otherwise


def etag(version: TextVersion, language: str) -> str:
    """The same for ever, for one text in one language set in one way."""
    return f"{text_sha256(shown_text(version, language))}-{language}-{LAYOUT}"


def document(version: TextVersion, language: str) -> Document:
    """In the language that is spoken now, which is also that of the text."""
    digest = text_sha256(shown_text(version, language))
    head = _("Version %(number)s, applicable à partir du %(day)s", number=version.number, day=_day(version))
    return Document(
        title=_said(version, "title", language),
        language=language,
        confidential="",
        footer=f"{head}\nSHA-256 {digest}",
        author="",
        blocks=(byline(head), contents(_("Sommaire")), *_blocks(version, language, digest)),
    )


def _blocks(version: TextVersion, language: str, digest: str) -> Iterator[Block]:
    yield heading(2, _("Préambule"))
    yield formatted(_said(version, "preamble", language), language)
    for article in version.articles:
        yield heading(2, f"{article.position}. {_said(article, 'title', language)}")
        yield formatted(_said(article, "body", language), language)
    yield heading(2, _("L’engagement"))
    yield formatted(_said(version, "sentence", language), language)
    yield heading(2, _("Ce qui identifie ce texte"))
    yield facts(
        [
            (_("Version"), version.number),
            (_("Applicable à partir du"), _day(version)),
            (_("Publiée le"), filters.short_day(version.published_at)),
            (_("Empreinte SHA-256 du texte exact"), digest),
        ]
    )


def _said(what: object, name: str, language: str) -> str:
    text: str = getattr(what, f"{name}_{language}")
    return text


def _day(version: TextVersion) -> str:
    return filters.day(version.effective_on)
