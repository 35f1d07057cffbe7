"""Languages and zones: French is the source and the default, English is complete.

Whoever is signed in decides; otherwise the choice kept in the session, then what the browser asks for. A mail is
rendered inside `speaking(person.language, person.zone)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from babel.dates import get_timezone_location
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel import Babel, Domain, force_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"
DEFAULT_ZONE = "Europe/Paris"

babel = Babel()


def init_app(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.config["ROOT"] / "translations")
    babel.init_app(app, default_locale=DEFAULT_LANGUAGE, locale_selector=current_language)
    babel.domain_instance = Catalogues(str(app.config["ROOT"] / "translations"))
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext)


class Catalogues(Domain):
    """The catalogues by language. Flask-Babel looks for its context five times a word, and a page has a hundred."""

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.by_language = {language: Translations.load(folder, [language]) for language in LANGUAGES}

    def get_translations(self) -> NullTranslations:
        return self.by_language[reader().language] if has_app_context() else NullTranslations()


@pass_eval_context
def gettext(place: EvalContext, text: str, **values: object) -> str:
    """What « _ » says in a template. The catalogues are ours and may hold markup; values are escaped where the
    template escapes: in a page and in the HTML of a mail, not in its text.
    """
    said = _of_a_kind(place, babel.domain_instance.get_translations().gettext(text))
    return said % values if values else said


@pass_eval_context
def ngettext(place: EvalContext, singular: str, plural: str, num: int, **values: object) -> str:
    said = _of_a_kind(place, babel.domain_instance.get_translations().ngettext(singular, plural, num))
    return said % {"num": num, **values}


def _of_a_kind(place: EvalContext, said: str) -> str:
    return Markup(said) if place.autoescape else said  # noqa: S704


@dataclass(frozen=True)
class Reader:
    """Whose language is spoken and whose clock is read."""

    language: str  # 'fr' or 'en'
    zone: ZoneInfo


def reader() -> Reader:
    """The reader of the mail in hand, or whoever is signed in, or somebody with this browser."""
    try:
        known: Reader = g.reader
    except AttributeError:
        known = Reader(_language_of_the_browser(), ZoneInfo(DEFAULT_ZONE))
        if has_request_context():
            g.reader = known
    return known


def speak_to(language: str, zone: str) -> None:
    g.reader = Reader(language, ZoneInfo(zone))


def current_language() -> str:
    return reader().language


@cache
def known_zones() -> tuple[str, ...]:
    """The zones a person is offered: all capitals of Europe, and elsewhere one place for each clock that differs now.

    All 420 places would weigh more than the rest of the page. The two lists are tzdata's own.
    """
    europe = (zone for zone in _listed("zone.tab") if zone.startswith("Europe/"))
    clocks = (zone for zone in _listed("zonenow.tab") if not zone.startswith("Antarctica/"))
    return tuple(sorted({*europe, *clocks}))


def _listed(table: str) -> list[str]:
    lines = files("tzdata").joinpath("zoneinfo", table).read_text().splitlines()
    return [line.split("\t")[2] for line in lines if line and not line.startswith("#")]


@cache
def all_zones() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=512)
def city_of(zone: str, language: str) -> str:
    """« Athènes » for Europe/Athens."""
    return get_timezone_location(zone, locale=language, return_city=True)


@contextmanager
def speaking(language: str, zone: str) -> Iterator[None]:
    """Render in someone else's language and zone."""
    before = reader()
    speak_to(language, zone)
    try:
        with force_locale(language):
            yield
    finally:
        g.reader = before


def _language_of_the_browser() -> str:
    """The choice kept in the session, then what the browser asks for."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE
