"""The whole of a case as a document, in its author's language and clock: every version, every answer, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from supervision import filters, i18n
from supervision.cases import shown
from supervision.cases.attachments.queries import AttachmentLine
from supervision.cases.feedback import words
from supervision.cases.feedback.thread import Round, Said, Thread
from supervision.cases.form.reading import Shown, ShownField, ShownSection
from supervision.cases.queries import CaseFile
from supervision.cases.readers import Reader
from supervision.cases.reidentification.decisions import KeptPassage
from supervision.cases.reidentification.words import KINDS, REASONS
from supervision.cases.rules import as_author_sees
from supervision.cases.words import AUTHOR_STATES
from supervision.typesetting.document import Block, Document, byline, facts, formatted, heading, note, prose


def document(
    file: CaseFile,
    thread: Thread,
    *,
    title: str,
    readers: Iterable[Reader],
    attachments: Iterable[AttachmentLine],
    now: datetime,
) -> Document:
    """What its author sees on the page, and the earlier versions: nothing that is not out."""
    blocks = [
        _head(file, readers, now),
        *(block for each in thread.rounds for block in _round(file, thread, each)),
        *_messages(thread),
        *_attachments(attachments),
    ]
    return Document(
        title=title or _("Sans titre"),
        language=i18n.current_language(),
        confidential=_(
            "Confidentiel. Cette copie n’est plus protégée par la plateforme : gardez-la en lieu sûr, "
            "ne la transmettez pas, détruisez-la quand elle a servi."
        ),
        footer=_("Confidentiel · copie du %(day)s", day=filters.short_day(now)),
        author=file.author.display_name,
        blocks=tuple(blocks),
    )


def _head(file: CaseFile, readers: Iterable[Reader], now: datetime) -> Block:
    state = as_author_sees(file.state(now))
    closed_at = file.facts.closed_at
    pairs = [
        (_("Écrite par"), file.author.display_name),
        (_("Supervisée par"), file.supervisor.display_name if file.supervisor else ""),
        (_("État"), AUTHOR_STATES[state]),
        (_("Close"), filters.day(closed_at) if closed_at else ""),
        (_("Qui peut lire"), ", ".join(_named(reader) for reader in readers)),
        (_("Copie faite"), filters.moment(now)),
    ]
    return facts(pairs)


def _named(reader: Reader) -> str:
    if reader.until is None:
        return reader.name
    return _("%(name)s jusqu’au %(end)s", name=reader.name, end=filters.stamp(reader.until))


# --- a version, and what was answered to it ---------------------------------------------------------------------------


def _round(file: CaseFile, thread: Thread, each: Round) -> Iterator[Block]:
    several = len(thread.rounds) > 1
    yield heading(2, _("Version %(number)s", number=each.number) if several else _("La situation"))
    yield byline(_("Soumise : %(at)s", at=filters.moment(each.version.submitted_at)))
    for section in shown.told(file, each.version):
        yield from _section(section)
    yield from _kept(file, each)
    for piece in each.exchanges:
        asked = piece.kind == "request"
        title = _("Complément demandé : %(name)s") if asked else _("Complément : %(name)s")
        yield from _said(piece, title % {"name": piece.by})
    if each.feedback is not None:
        yield from _feedback(file, each, each.feedback)
    if each.answer is not None and each.answered_at is not None:
        yield from _answer(file, each.answer, each.answered_at)


def _kept(file: CaseFile, each: Round) -> Iterator[Block]:
    """The passages that may tell who is meant and were kept on purpose, each with its reason."""
    kept = shown.kept(file, each.version)
    if kept:
        yield heading(3, _("Passages gardés, et pourquoi"))
        yield facts((passage.text, _because(passage)) for passage in kept)


def _because(passage: KeptPassage) -> str:
    reason = _("%(kind)s : %(reason)s", kind=KINDS[passage.kind], reason=REASONS[passage.because])
    return f"{reason}, {passage.words}" if passage.words else str(reason)


def _section(section: ShownSection) -> Iterator[Block]:
    yield heading(3, section.title)
    if section.facts:
        yield facts((field.label, _short(field.values[0])) for field in section.facts)
    for field in section.agreed:
        yield prose(field.label, i18n.current_language())
    for field in section.texts:
        yield from _field(field)
    if section.not_addressed:
        yield byline(_("Non abordé : %(names)s", names=", ".join(section.not_addressed)))


def _field(field: ShownField) -> Iterator[Block]:
    yield heading(4, field.label)
    for value in field.values:
        if value.kind != "text":
            yield facts([(value.label, _short(value))])
            continue
        if field.hue:
            yield byline(value.label)
        yield prose(value.value, filters.tongue(value.value))


def _short(value: Shown) -> str:
    if value.kind == "month":
        return filters.month_name(value.value)
    if value.kind == "day":
        return filters.day(value.value)
    return " · ".join(value.value) if value.kind == "list" else str(value.value)


def _said(piece: Said, title: str, level: int = 3) -> Iterator[Block]:
    yield heading(level, title)
    yield byline(filters.moment(piece.at))
    yield prose(piece.text, filters.tongue(piece.text))


def _feedback(file: CaseFile, each: Round, written: dict[str, Any]) -> Iterator[Block]:
    yield heading(3, _("Retour : %(name)s", name=each.by))
    if each.out_at is not None:
        yield byline(filters.moment(each.out_at))
    for name, label in words.PARTS.items():
        if written.get(name):
            yield heading(4, str(label))
            yield formatted(written[name], filters.tongue(written[name]))
    yield facts(_agreed(each, written))
    yield from _notes(file, each, written.get("notes") or ())
    for piece in each.corrections:
        yield from _said(piece, _("Ajouté au retour : %(name)s", name=piece.by), level=4)


def _agreed(each: Round, written: dict[str, Any]) -> list[tuple[Any, Any]]:
    lenses = [str(words.LENSES[lens]) for lens in written.get("lenses") or () if lens in words.LENSES]
    ethics = written.get("frame_ethics") or "nothing"
    return [
        (_("Y revenir le"), filters.day(each.follow_up_on) if each.follow_up_on else ""),
        (_("Regards portés"), ", ".join(lenses)),
        (_("Cadre et éthique"), words.FRAME_ETHICS.get(ethics, "") if ethics != "nothing" else ""),
        (_("En séance"), _("À apporter en séance") if written.get("to_session") else ""),
    ]


def _notes(file: CaseFile, each: Round, notes: Iterable[dict[str, Any]]) -> Iterator[Block]:
    """Numbered in the order in which their passages are read."""
    order = {key: place for place, key in enumerate(shown.texts_of(file, each.version))}
    in_order = sorted(notes, key=lambda one: (order.get(str(one.get("field")), len(order)), one.get("start") or 0))
    if in_order:
        yield heading(4, _("Notes en marge"))
    for number, one in enumerate(in_order, 1):
        yield note(number, _("« %(quote)s »", quote=one.get("quote", "")), one["text"], filters.tongue(one["text"]))


def _answer(file: CaseFile, told: dict[str, Any], answered_at: datetime) -> Iterator[Block]:
    yield heading(3, _("Réponse : %(name)s", name=file.author.display_name))
    yield byline(filters.moment(answered_at))
    for title, text in ((_("Ce que j’ai essayé"), told.get("tried")), (_("Ce qui s’est passé"), told.get("happened"))):
        if text:
            yield heading(4, title)
            yield prose(text, filters.tongue(text))
    useful = [str(words.USEFULNESS.get(told.get("usefulness") or "", "")), told.get("useful_words") or ""]
    yield facts(
        [
            (_("L’expérience proposée"), words.OUTCOMES.get(told.get("outcome") or "", "")),
            (_("Ce retour m’a été utile"), " – ".join(each for each in useful if each)),
        ]
    )


# --- the end ----------------------------------------------------------------------------------------------------------


def _messages(thread: Thread) -> Iterator[Block]:
    if thread.messages:
        yield heading(2, _("La suite"))
    for piece in thread.messages:
        yield from _said(piece, piece.by)


def _attachments(attachments: Iterable[AttachmentLine]) -> Iterator[Block]:
    """By name: the files themselves are saved one by one."""
    named = [(each.name, filters.file_size(each.size)) for each in attachments]
    if named:
        yield heading(2, _("Pièces jointes"))
        yield facts(named)
