"""Chromium for the tests, and what every page it opens is watched for."""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Iterator
from functools import cache
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from supervision.demo.association import PASSWORD, email_of
from tests import services
from tests.services import Missing

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=15_000)  # milliseconds: two platforms may start beside the one that is looked at
LOCALES = {"fr": "fr-FR", "en": "en-GB"}


@contextlib.contextmanager
def launched() -> Iterator[Browser]:
    """One browser; without a Chromium on this machine the test is skipped, saying so."""
    program = services.chromium()
    if isinstance(program, Missing):
        pytest.skip(program.reason)
    browser = _playwright().chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@cache
def _playwright() -> Playwright:
    """Started once in a process: its loop runs from then on, and there cannot be two."""
    playwright = sync_playwright().start()
    atexit.register(playwright.stop)
    return playwright


class Watched:
    """What a page did that no page may do: messages on the console, requests to elsewhere."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.complaints: list[str] = []
        own = urlsplit(url).netloc
        context.on("console", lambda m: self._note(m.text) if m.type in {"error", "warning"} else None)
        context.on("weberror", lambda e: self._note(str(e.error)))
        context.on("request", lambda r: self._note(r.url) if urlsplit(r.url).netloc != own else None)

    def _note(self, complaint: str) -> None:
        # Chromium reports an answer that was rightly 404 and a line that a test has cut: tests look at the status.
        if not complaint.startswith("Failed to load resource:"):
            self.complaints.append(complaint)


def sign_in(page: Page, who: str, password: str = PASSWORD) -> Page:
    """Through the real page. `who` is a key of the demo's cast, or an address."""
    page.goto("/connexion")
    page.fill("#email", who if "@" in who else email_of(who))
    page.fill("#password", password)
    page.click("main button[type=submit]")
    page.wait_for_url(lambda url: "/connexion" not in url)
    return page
