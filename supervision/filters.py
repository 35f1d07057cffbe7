"""What templates may do to a value: dates in words in the reader's zone, Markdown made safe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import nh3
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import gettext, ngettext
from markdown_it import MarkdownIt
from markupsafe import Markup

from supervision import clock, i18n

_COMMON_WORDS = {
    "fr": {"le", "la", "les", "de", "des", "un", "une", "et", "est", "que", "qui", "pas", "je", "nous", "dans"},
    "en": {"the", "of", "and", "to", "in", "that", "is", "was", "for", "it", "not", "i", "we", "they", "with"},
}
_markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})
_SAFE_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote"}


def init_app(app: Flask) -> None:
    for filter_ in (day, short_day, month_name, moment, clock_time, ago, iso, rich, tongue, file_size):
        app.add_template_filter(filter_)
    app.jinja_env.globals["time_element"] = time_element


def day(value: date | datetime) -> str:
    """« jeudi 26 novembre 2026 »"""
    return _day(_local(value), i18n.current_language(), "EEEE d MMMM y")


def short_day(value: date | datetime) -> str:
    """« 26 nov. 2026 »"""
    return _day(_local(value), i18n.current_language(), "d MMM y")


def month_name(value: str) -> str:
    """« novembre 2026 », of "2026-11" """
    return _day(date.fromisoformat(f"{value}-01"), i18n.current_language(), "MMMM y")


def moment(value: datetime) -> str:
    """« jeudi 26 novembre 2026, 18:00 »"""
    return _moment(value.replace(second=0, microsecond=0), i18n.reader())


def clock_time(value: datetime) -> str:
    """« 14:32 »"""
    return _clock_time(value.replace(second=0, microsecond=0), i18n.reader())


def stamp(value: datetime) -> str:
    """« 26 nov. 2026, 18:00 »"""
    return f"{short_day(value)}, {clock_time(value)}"


def time_element(at: Any, form: str = "moment") -> Markup:
    """The `when` of templates/macros/ui.html. Lists call it for each row; a macro of Jinja would take thrice as long.

    Nothing in it comes from a person, so nothing is escaped.
    """
    if not at:
        return Markup('<span class="muted">–</span>')
    title = f' title="{moment(at)}"' if form == "ago" else ""
    return Markup(f'<time datetime="{iso(at)}"{title}>{_FORMS[form](at)}</time>')  # noqa: S704


def file_size(size: int) -> str:
    """« 340 ko », « 1,2 Mo »: of bytes, as people's devices count them."""
    thousands = max(1, round(size / 1000))
    if thousands < 1000:
        return str(gettext("%(size)s ko", size=thousands))
    return str(gettext("%(size)s Mo", size=format_decimal(round(size / 1_000_000, 1), locale=i18n.current_language())))


def iso(value: date | datetime) -> str:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def ago(value: datetime) -> str:
    """« il y a 3 jours »: calendar days in the reader's zone, hours and minutes on the same day."""
    now = clock.now()
    days = (_local(now) - _local(value)).days
    if days > 0:
        return gettext("hier") if days == 1 else ngettext("il y a %(num)s jour", "il y a %(num)s jours", days)
    minutes = max(0, int((now - value).total_seconds() // 60))
    if minutes < 1:
        return gettext("à l’instant")
    if minutes < 60:
        return ngettext("il y a %(num)s minute", "il y a %(num)s minutes", minutes)
    return ngettext("il y a %(num)s heure", "il y a %(num)s heures", minutes // 60)


_FORMS: dict[str, Callable[[Any], str]] = {
    "moment": moment,
    "day": day,
    "short": short_day,
    "stamp": stamp,
    "clock": clock_time,
    "ago": ago,
}


def rich(text: str) -> Markup:
    """Markdown of a small, safe subset. No HTML, no link and no picture survives."""
    return Markup(nh3.clean(_markdown.render(text), tags=_SAFE_TAGS, attributes={}))  # noqa: S704


def tongue(text: str | None, otherwise: str = "") -> str:
    """The language somebody wrote in, told by its commonest words, for screen readers; in doubt `otherwise`, or the
    page's.
    """
    words = (text or "").lower().split()[:300]
    here = otherwise or i18n.current_language()
    return max((here, *i18n.LANGUAGES), key=lambda language: sum(word in _COMMON_WORDS[language] for word in words))


def _local(value: date | datetime) -> date:
    if not isinstance(value, datetime):
        return value
    return value.astimezone(i18n.reader().zone).date()


# Babel parses a pattern on every call; a list of 25 rows asks for the same few days again and again.
@lru_cache(maxsize=4096)
def _day(value: date, language: str, pattern: str) -> str:
    return format_date(value, _with_ordinal(pattern, value, language), locale=language)


def _with_ordinal(pattern: str, value: date, language: str) -> str:
    """French writes « 1er janvier », and « 2 janvier »."""
    return pattern.replace("d ", "d'er' ") if language == "fr" and value.day == 1 else pattern


@lru_cache(maxsize=4096)
def _moment(value: datetime, reader: i18n.Reader) -> str:
    pattern = _with_ordinal("EEEE d MMMM y, HH:mm", value.astimezone(reader.zone), reader.language)
    return format_datetime(value, pattern, tzinfo=reader.zone, locale=reader.language)


@lru_cache(maxsize=4096)
def _clock_time(value: datetime, reader: i18n.Reader) -> str:
    return format_time(value, "HH:mm", tzinfo=reader.zone, locale=reader.language)
