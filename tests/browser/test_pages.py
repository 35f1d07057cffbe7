"""Every page of the path in a real browser: readable by all, in both languages, light and dark, narrow and wide."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import html5lib
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response

from supervision.sign_in.rules import first_run_code
from tests.browser.chromium import LOCALES
from tests.browser.meter import MOST_REQUESTS, Meter, most_bytes
from tests.browser.processes import SECRET, Platform
from tests.browser.screens import SCREENS
from tests.browser.ways import SUBMITTER, Screen, press
from translations import refresh

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RULES_OF_COLOUR = ["color-contrast", "link-in-text-block"]  # all that changes between light and dark, and slow
WIDTHS = (390, 1280)


def opened(page: Page, screen: Screen, documents: dict[Page, Response]) -> Response:
    """Go there as a person would, and return what the server answered last."""

    def keep(response: Response) -> None:
        if response.request.is_navigation_request():
            documents[page] = response

    page.on("response", keep)
    screen.open(page)
    page.wait_for_load_state()
    page.remove_listener("response", keep)
    return documents[page]


def each_screen(visit: Visit, who: str, language: str) -> Iterator[tuple[Screen, Page, Response]]:
    page, documents = visit(who, language).new_page(), {}
    for screen in SCREENS[who]:
        yield screen, page, opened(page, screen, documents)


# --- what is looked at on each page -----------------------------------------------------------------------------------


def axe_violations(page: Page, language: str) -> list[str]:
    """Colours do not change with the language: they are looked at once, in light and in darkness."""
    page.evaluate(AXE)
    without = [] if language == "fr" else RULES_OF_COLOUR
    rounds: dict[Any, Any] = {"light": (RULES, without)} | ({} if without else {"dark": (RULES_OF_COLOUR, [])})
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        for scheme, rules in rounds.items():
            page.emulate_media(color_scheme=scheme)
            found += [f"{scheme} {width}: {violation}" for violation in page.evaluate(RUN_AXE, rules)]
    return found


def invalid_html(source: str) -> list[str]:
    parser = html5lib.HTMLParser(strict=False, namespaceHTMLElements=False)
    with warnings.catch_warnings(action="ignore"):
        tree = parser.parse(source)
    ids = Counter(element.get("id") for element in tree.iter() if element.get("id"))
    errors = [f"{position}: {code} {facts}" for position, code, facts in parser.errors]
    return errors + [f"id twice: {name}" for name, times in ids.items() if times > 1]


def sideways(page: Page) -> list[str]:
    page.set_viewport_size({"width": 320, "height": 640})
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"scrolls sideways: {width}"] if width > 320 else []


RUN_AXE = """async ([rules, without]) => (await axe.run(document, {
        runOnly: rules, rules: Object.fromEntries(without.map(rule => [rule, { enabled: false }])),
        resultTypes: ["violations"],
    })).violations.map(broken => broken.id + " " + broken.nodes[0].html.slice(0, 120))"""
FRENCH = {text for message in refresh.extracted() for text in refresh.forms(message.id) if " " in text}
SHOWN = """() => [...document.querySelectorAll('body *:not(script):not([lang=fr], [lang=fr] *)')].flatMap(element =>
    [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data.trim()))"""


def french_words(page: Page) -> list[str]:
    return [f"French: {text}" for text in page.evaluate(SHOWN) if text in FRENCH]


def problems(page: Page, response: Response, language: str, status: int = 200) -> list[str]:
    found = invalid_html(response.text()) + sideways(page) + axe_violations(page, language)
    if response.status != status:
        found.append(f"status {response.status}")
    if page.locator("html").get_attribute("lang") != language:
        found.append("not in its language")
    return found + (french_words(page) if language == "en" else [])


def heaviness(name: str, meter: Meter) -> list[str]:
    requests, size = meter.measure()
    print(f"{name:30} {requests} requests {size / 1024:6.1f} KB")
    heavy = requests > MOST_REQUESTS or size > most_bytes(meter.address)
    return [f"heavy: {requests} requests, {size} bytes"] if heavy else []


@pytest.mark.parametrize("who", SCREENS)
@pytest.mark.parametrize("language", LOCALES)
def test_every_page_is_accessible_valid_light_and_in_its_language(visit: Visit, who: str, language: str) -> None:
    found, meter = dict[str, list[str]](), None
    for screen, page, response in each_screen(visit, who, language):
        found[screen.name] = problems(page, response, language, screen.status)
        if language == "fr" and screen.status == 200:  # a page weighs as much in the other language
            meter = meter or Meter(page)
            found[screen.name] += heaviness(f"{who or 'anyone'}: {screen.name}", meter)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("language", LOCALES)
def test_the_page_of_an_invitation_is_as_good(visit: Visit, platform: Platform, language: str) -> None:
    """It speaks the language of whoever is invited, until another one is chosen on it."""
    page = visit("", "en").new_page()
    page.goto(platform.invitation)
    if language == "en":
        press(page, "header button[value=en]")
    assert problems(page, answered(page, platform.invitation), language) == []
    press(page, SUBMITTER)
    assert axe_violations(page, language) == []


def test_the_first_page_of_an_empty_platform_is_as_good(browser: Browser, empty_platform: Platform) -> None:
    for language, locale in LOCALES.items():
        context = browser.new_context(base_url=empty_platform.url, locale=locale, reduced_motion="reduce")
        page = context.new_page()
        first_page = answered(page, f"/premiere-installation?code={first_run_code(SECRET)}")
        assert problems(page, first_page, language) == []
        context.close()


def answered(page: Page, address: str) -> Response:
    response = page.goto(address)
    assert response is not None
    return response
