"""Languages and zones: French is the source and the default, English is complete.

Whoever is signed in decides; otherwise the choice kept in the session, then what the browser asks for. A mail is
rendered inside `speaking(person.language, person.zone)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import available_timezones

from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, force_locale, get_locale

LANGUAGES = ("fr", "en")
DEFAULT_LANGUAGE = "fr"
DEFAULT_ZONE = "Europe/Paris"

babel = Babel()


def init_app(app: Flask) -> None:
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(app.config["ROOT"] / "translations")
    babel.init_app(app, default_locale=DEFAULT_LANGUAGE, locale_selector=_choose_language)


def current_language() -> str:
    """'fr' or 'en'."""
    locale = get_locale()
    return locale.language if locale and locale.language in LANGUAGES else DEFAULT_LANGUAGE


def current_zone() -> str:
    return str(g.get("zone", DEFAULT_ZONE))


def known_zones() -> list[str]:
    """The zones a person may choose: places, not the historical abbreviations."""
    areas = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return sorted(zone for zone in available_timezones() if zone.startswith(areas))


@contextmanager
def speaking(language: str, zone: str) -> Iterator[None]:
    """Render in someone else's language and zone."""
    before, g.zone = g.get("zone", DEFAULT_ZONE), zone
    try:
        with force_locale(language):
            yield
    finally:
        g.zone = before


def _choose_language() -> str:
    if "language" in g:
        return str(g.language)
    if not has_request_context():
        return DEFAULT_LANGUAGE
    if session.get("language") in LANGUAGES:
        return str(session["language"])
    return request.accept_languages.best_match(LANGUAGES) or DEFAULT_LANGUAGE
