"""Days that can be found in a diary. A month alone, with or without its year, is what the form itself asks for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from supervision.cases.reidentification.passages import Passage
from supervision.cases.reidentification.reading import Reading
from supervision.cases.reidentification.vocabulary import LISTS

_LISTS = LISTS["dates"]
_B = r"\s{1,3}"  # a blank, or two


def _any(words: Iterable[str]) -> str:
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", r"\s") for word in words) + ")"


_MONTH = f"(?:{_any(_LISTS['months'])}\\b|{_any(_LISTS['short_months'])})"
_WEEKDAY = _any(_LISTS["weekdays"])
_DAY = rf"(?:1er|[12]\d|3[01]|0?[1-9]|{_any(sorted(_LISTS['numbers'], key=len, reverse=True))})"
_HOUR = r"(?:,?\s?(?:\u00e0|vers|de|d\u00e8s)?\s{1,2}\d{1,2}\s?(?:heures|h|:)\s?\d{0,2}(?!\d))?"
_YEAR = r"(?:\s{1,2}(?:19|20)\d\d\b)?"
_FRENCH = (
    rf"(?:{_WEEKDAY},?{_B})?(?:du{_B}|le{_B})?(?<!\w){_DAY}(?:{_B}{_MONTH})?"
    rf"(?:{_B}(?:au|et|ou){_B}{_DAY}|\s?[-\u2013/]\s?{_DAY})?{_B}{_MONTH}{_YEAR}{_HOUR}"
)
# « lundi 22 », unless it counts something: « lundi 22 personnes », « lundi 22 h ».
_IN_A_MONTH = rf"{_WEEKDAY}{_B}(?:1er|[12]\d|3[01]|[1-9])(?=\s?(?:[,.;!?)\]\u2026\u00bb]|$|(?:\u00e0|au|et|vers)\s))"
_MONTH_EN = f"(?:{_any(_LISTS['months_en'])}|{_any(_LISTS['short_months_en'])}\\.?)(?!\\w)"
_WEEKDAY_EN = rf"(?:{_any(_LISTS['weekdays_en'])},?{_B}(?:the{_B})?)?"
_DAY_EN = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?(?!\d)"
_HOUR_EN = r"(?:,?\s(?:at\s)?\d{1,2}(?:[.:]\d\d)?\s?(?:am|pm|a\.m\.|p\.m\.))?"
_ENGLISH = (
    rf"{_WEEKDAY_EN}(?<!\w){_DAY_EN}(?:{_B}(?:to|and){_B}{_DAY_EN})?{_B}(?:of{_B})?{_MONTH_EN}(?:,?{_YEAR}){_HOUR_EN}"
    rf"|{_WEEKDAY_EN}{_MONTH_EN}{_B}{_DAY_EN}(?:,?{_YEAR}){_HOUR_EN}"
)
_NUMBERS = (
    r"(?<![\w/.,-])(?:(?P<day>\d{1,2})(?P<s>[/.\-\u2011])(?P<month>\d{1,2})(?P=s)(?P<year>\d{4}|\d\d)"
    r"|(?:19|20)\d\d-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01]))(?![\w/-]|[.,]\d)"
)
# A day and a month without a year look like a score or a fraction: only after an article.
_SHORT = r"\b(?:le|du|au)\s(?P<short>(?:[12]\d|3[01]|0?[1-9])/(?:0[1-9]|1[0-2]|[1-9]))(?![\w/%])"

FRENCH = re.compile(rf"\b(?:{_FRENCH}|{_IN_A_MONTH})", re.I)
ENGLISH = re.compile(rf"\b(?:{_ENGLISH})")
NUMBERS = re.compile(_NUMBERS)
SHORT = re.compile(_SHORT, re.I)

_VAGUE = rf"(?<!\w)(?:{_any(_LISTS['before_a_month'])}[ \u00a0-])?{_MONTH}(?:\s(?:(?:19|20)\d\d|dernier|prochain))?"
_SEASON = rf"(?<!\w)(?:{_any(_LISTS['seasons'])})\s(?:(?:19|20)\d\d|dernier|prochain)\b"
_VAGUE_EN = (
    rf"(?<!\w)(?:(?i:{_any(_LISTS['before_a_month_en'])})\s{_MONTH_EN}{_YEAR}|{_MONTH_EN}\s(?:19|20)\d\d\b"
    rf"|{_any(_LISTS['seasons_en'])}\s(?:of\s)?(?:19|20)\d\d\b)"
)
VAGUE = re.compile(f"{_VAGUE}|(?:au\\s|\\u00e0\\sla\\s|\\u00e0\\sl\\u2019|en\\s)?{_SEASON}", re.I)
VAGUE_EN = re.compile(_VAGUE_EN)


def days(reading: Reading) -> Iterator[Passage]:
    words = ENGLISH if reading.language == "en" else FRENCH
    for found in words.finditer(reading.text):
        yield Passage(*found.span(), "date", "date")
    for found in NUMBERS.finditer(reading.text):
        if _is_a_day(found):
            yield Passage(*found.span(), "date", "date")
    for found in SHORT.finditer(reading.text):
        yield Passage(*found.span("short"), "date", "date")


def months(reading: Reading) -> Iterator[tuple[int, int]]:
    """Months and dated seasons: nothing by themselves, one of three in a combination."""
    words = VAGUE_EN if reading.language == "en" else VAGUE
    return (found.span() for found in words.finditer(reading.text))


def _is_a_day(found: re.Match[str]) -> bool:
    if found["day"] is None:
        return True
    day, month, year = found["day"], found["month"], found["year"]
    if len(year) == 2 and found["s"] != "/" and len(day) + len(month) < 4:
        return False  # « 3.2.10 » is a version, or a paragraph
    low, high = sorted((int(day), int(month)))
    return 1 <= low <= 12 and high <= 31
