"""A version of a situation with its margin, as a page shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from supervision.cases import texts
from supervision.cases.changes import Change, changes
from supervision.cases.feedback import notes, queries
from supervision.cases.feedback.notes import MarginNote, Piece
from supervision.cases.feedback.thread import Thread
from supervision.cases.form import queries as form_queries
from supervision.cases.form import reading
from supervision.cases.form.reading import ShownSection
from supervision.cases.models import CaseVersion
from supervision.cases.queries import CaseFile
from supervision.cases.reidentification import decisions
from supervision.cases.reidentification.decisions import KeptPassage
from supervision.doors import keyring


@dataclass(frozen=True)
class Margin:
    """Notes by the field they stand beside; those whose field is not on the page any more are `astray`."""

    beside: Mapping[str, list[MarginNote]]
    pieces: Mapping[str, list[Piece]]
    astray: list[MarginNote]


NO_MARGIN = Margin({}, {}, [])


def told(file: CaseFile, version: CaseVersion | None) -> list[ShownSection]:
    if version is None:
        return []
    return reading.of_version(version.form_version_id, texts.version(file, version, keyring()))


def kept(file: CaseFile, version: CaseVersion) -> list[KeptPassage]:
    """What its author kept on purpose in this version."""
    return decisions.told(texts.version(file, version, keyring()))


def texts_of(file: CaseFile, version: CaseVersion) -> dict[str, str]:
    """What is written freely, by field, in reading order: where a passage can be quoted from."""
    fields = texts.version(file, version, keyring())
    keys = reading.text_keys(form_queries.by_id(version.form_version_id).definition)
    return {key: str(fields[key]) for key in keys if fields.get(key) and key != "title"}


def texts_quoted(file: CaseFile, written: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, str]]:
    """Those of the latest version, and of the earlier ones that a note was taken from."""
    if file.version is None:
        return {}
    found: dict[int, Mapping[str, str]] = {file.version.number: texts_of(file, file.version)}
    earlier = {str(note.get("version") or "") for note in written} - {"", str(file.version.number)}
    if earlier:
        versions = [row[0] for row in queries.history(file.case.id)]
        found |= {each.number: texts_of(file, each) for each in versions if str(each.number) in earlier}
    return found


def margin(file: CaseFile, thread: Thread, version: CaseVersion) -> Margin:
    written = thread.notes()
    if not written:
        return NO_MARGIN
    quoted = notes.versions_quoted(note for note, _by in written) | {version.number}
    by_version = {each.number: texts_of(file, each.version) for each in thread.rounds if each.number in quoted}
    found = notes.margin(written, version.number, by_version)
    here = by_version[version.number]
    beside = {key: [note for note in found if note.field == key] for key in here}
    pieces = {key: notes.pieces(text, beside[key]) for key, text in here.items() if beside[key]}
    return Margin(beside, pieces, [note for note in found if note.field not in here])


def changed(file: CaseFile, old: CaseVersion, new: CaseVersion) -> list[Change]:
    """What the newer version says otherwise."""
    definition = form_queries.by_id(new.form_version_id).definition
    return changes(definition, texts.version(file, old, keyring()), texts.version(file, new, keyring()))
