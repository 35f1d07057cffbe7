"""E-mail addresses, links and telephone numbers: the surest passages, in any language.

Every repetition is bounded and anchored at the beginning of a run, so that hostile text costs what its length costs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.reading import Reading

_DOMAIN = r"(?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24}\b"
EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}(?:@|\s?[\[(]\s?(?:at|arobase|chez|@)\s?[\])]\s?|\s(?:arobase|AT)\s)" + _DOMAIN
)
_TAIL = r"[^\s<>\"\u00ab\u00bb\u201c\u201d]"
_ENDINGS = "fr|be|ch|lu|ca|com|org|net|eu|info|io|tv|asso|app|coop|quebec|uk|ie|paris|bzh|online|site|gouv|edu|example"
LINK = re.compile(
    rf"(?:\b(?:https?|ftp)://|(?<![\w@.-])www\.){_TAIL}{{2,2000}}"
    rf"|(?<![\w@./+-])(?:[a-zA-Z0-9-]{{1,63}}\.){{1,5}}(?:{_ENDINGS})(?![\w@-])(?:/{_TAIL}{{0,2000}})?",
    re.I,
)
CLOSING = ".,;:!?\u2026'\u2019*_"

_S = r"[ .\-/\u00a0\u202f\u2009\u2011]{0,2}"
PHONE = re.compile(
    rf"(?<![\w+.,/-])(?<!\d[ \u00a0\u202f])(?:"
    rf"(?:\+|00{_S})33{_S}(?:\(0\){_S})?[1-9](?:{_S}\d){{8}}"
    rf"|(?:\+|00{_S})[1-9]\d{{0,2}}{_S}(?:\(0\){_S})?\d(?:{_S}\d){{6,11}}"
    rf"|0[1-9](?:{_S}\d\d){{4}}"
    rf"|0\d{{1,4}}(?:{_S}\d{{2,4}}){{2,4}}"
    rf"|(?:\(\d{{3}}\) ?|\d{{3}}[ .\-\u00a0])\d{{3}}[-.\u2011]\d{{4}}"
    rf")(?!\w|[.,/-]?\d)"
)
LENGTHS = range(9, 16)  # digits of a telephone number, its country included


def emails(reading: Reading) -> Iterator[Passage]:
    for found in EMAIL.finditer(reading.text):
        yield Passage(*found.span(), "email", "email")


def links(reading: Reading) -> Iterator[Passage]:
    for found in LINK.finditer(reading.text):
        words = found.group().rstrip(CLOSING)
        if words.endswith(")") and "(" not in words:
            words = words.rstrip(")" + CLOSING)
        if len(words) > 4:
            yield Passage(found.start(), found.start() + len(words), "link", "link")


def phones(reading: Reading) -> Iterator[Passage]:
    for found in PHONE.finditer(reading.text):
        if _is_a_number(found.group()):
            yield Passage(*found.span(), "phone", "phone")


def _is_a_number(written: str) -> bool:
    """Without a blank or a country, more than ten digits are a file's reference."""
    digits = sum(map(str.isdecimal, written))
    return digits in LENGTHS and (digits < 11 or not written.isdecimal() or written.startswith("00"))
