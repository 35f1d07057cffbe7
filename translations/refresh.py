"""Bring the catalogues in line with the strings of code and templates: `python3 run.py translate`.

A new string waits, empty, for its English; a string that is gone leaves. Nothing is guessed: what gettext calls a
fuzzy match would put another sentence's translation on the screen.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from babel.messages import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PLURALS = {"fr": "nplurals=2; plural=(n > 1);", "en": "nplurals=2; plural=(n != 1);"}
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["_l", "lazy_gettext", "lazy_ngettext:1,2", "lazy_pgettext:1c,2"])}
# No date, no name, no address: only what gettext needs, so that a diff shows changed sentences and nothing else.
HEADER = """\
# {title}
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""
TITLES = {
    "fr": "The French catalogue of Prisme. Its strings are French already; plurals stand here because 0 is singular.",
    "en": "The English catalogue of Prisme: British, calm, few words. docs/translating.md says how.",
}


def main() -> int:
    for language in PLURALS:
        catalogue = refreshed(language, extracted())  # anew: a catalogue takes the messages themselves, and fills them
        write(language, catalogue)
        waiting = [message.id for message in catalogue if message.id and not is_complete(message, language)]
        sys.stdout.write(f"{language}: {len(catalogue)} strings, {len(waiting)} without a translation\n")
        sys.stdout.writelines(f"    {text}\n" for text in waiting)
    return 0


def extracted() -> Catalog:
    """Every string of code and templates, in the order of the files."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog()
    for name, line, text, comments, context in extract_from_dir(
        ROOT, methods, options, KEYWORDS, directory_filter=_holds_strings
    ):
        found.add(text, None, [(name, line)], auto_comments=comments, context=context)
    return found


def _holds_strings(folder: str | os.PathLike[str]) -> bool:
    return Path(folder).relative_to(ROOT).parts[0] in {"supervision", "worker", "templates"}


def file_of(language: str) -> Path:
    return ROOT / "translations" / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """The catalogue as it is in git."""
    with file_of(language).open("rb") as file:
        return read_po(file, locale=language)


def refreshed(language: str, template: Catalog) -> Catalog:
    catalogue = read(language) if file_of(language).exists() else Catalog(locale=language)
    catalogue.update(template, no_fuzzy_matching=True)
    if language == "fr":
        for message in catalogue:
            message.string = itself(message)
    return catalogue


def itself(message: Message) -> str | list[str] | tuple[str, ...]:
    """A French string stands for itself; where the catalogue is empty, gettext falls back to it."""
    return "" if isinstance(message.id, str) else message.id


def is_complete(message: Message, language: str) -> bool:
    return language == "fr" or all(forms(message.string))


def forms(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """The singular and the plural, or the one form there is."""
    return (text or "",) if text is None or isinstance(text, str) else tuple(text)


def write(language: str, catalogue: Catalog) -> None:
    """The catalogue for people, and beside it, not in git, the compiled one that the application reads."""
    file = file_of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as po:
        po.write(HEADER.format(title=TITLES[language], language=language, plurals=PLURALS[language]).encode())
        write_po(po, catalogue, width=0, omit_header=True, include_lineno=False, ignore_obsolete=True)
    with file.with_suffix(".mo").open("wb") as mo:
        write_mo(mo, catalogue)


if __name__ == "__main__":
    sys.exit(main())
