"""Languages and zones: French is the source and the default, English is complete.

Whoever is signed in decides; otherwise the choice kept in the session, then what the browser asks for. A mail is
rendered inside `speaking(person.language, person.zone)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import available_timezones

from babel.dates import get_timezone_location
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request, session
from flask_babel import Babel, Domain, force_locale
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
        return self.by_language[current_language()] if has_app_context() else NullTranslations()


def gettext(text: str, **values: object) -> Markup:
    """What « _ » says in a template. The catalogues are ours and may hold markup; values are escaped."""
    said = Markup(_words().gettext(text))  # noqa: S704
    return said % values if values else said


def ngettext(singular: str, plural: str, num: int, **values: object) -> Markup:
    return Markup(_words().ngettext(singular, plural, num)) % {"num": num, **values}  # noqa: S704


def _words() -> NullTranslations:
    return babel.domain_instance.get_translations()


def current_language() -> str:
    """'fr' or 'en': the reader's of the mail in hand, or of whoever is signed in, or the browser's."""
    return str(g.get("spoken") or g.get("language") or _of_the_browser())


def current_zone() -> str:
    return str(g.get("zone", DEFAULT_ZONE))


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
    before = g.get("spoken"), g.get("zone", DEFAULT_ZONE)
    g.spoken, g.zone = language, zone
    try:
        with force_locale(language):
            yield
    finally:
        g.spoken, g.zone = before


def _of_the_browser() -> str:
    """The choice kept in the session, then what the browser asks for. Looked up once for each request."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if "browser_language" not in g:
        kept = session.get("language")
        wanted = kept if kept in LANGUAGES else request.accept_languages.best_match(LANGUAGES)
        g.browser_language = wanted or DEFAULT_LANGUAGE
    return str(g.browser_language)
