"""With a keyboard only, on paper, without a script: the pages serve all the same."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from supervision.demo.association import PASSWORD, email_of
from tests.browser.ways import ANSWERED, REVIEW, SAVE, SUBMIT, SUBMITTER, WAITING, begun, press, situation, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]
FOCUSED = """() => {
    const here = document.activeElement, { outlineStyle, outlineWidth } = getComputedStyle(here);
    return [here.outerHTML.slice(0, 80), outlineStyle !== "none" && parseFloat(outlineWidth) >= 2];
}"""


def tab_stops(page: Page, most: int = 60) -> list[tuple[str, bool]]:
    """Where Tab leads, and whether one sees it."""
    stops = []
    for _ in range(most):
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate(FOCUSED)
        if name.startswith("<body"):
            break
        stops.append((name, is_seen))
    return stops


# --- keyboard ---------------------------------------------------------------------------------------------------------


def test_the_first_stop_skips_to_the_content(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("address", ["/", "/situations", "/mon-compte", "/contrats"])
def test_one_sees_where_one_is(page: Page, address: str) -> None:
    page.goto(address)
    stops = tab_stops(page)
    assert [name for name, is_seen in stops if not is_seen] == []
    assert len(stops) > 8


def test_signing_in_takes_a_keyboard_only(visit: Visit) -> None:
    page = visit().new_page()
    page.goto("/connexion")
    page.focus("#email")
    page.keyboard.type(email_of("noor"))
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator(".me-name")).to_have_text("Noor Haddad")


def test_a_situation_is_sent_with_a_keyboard_only_and_errors_are_reached(page: Page) -> None:
    begun(page)
    page.focus(REVIEW)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#error-summary")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#title")).to_be_focused()


def test_a_menu_closes_with_escape_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/")
    summary = page.locator(".top summary")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".top .menu-list")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".top .menu-list")).to_be_hidden()
    expect(summary).to_be_focused()


# --- paper ------------------------------------------------------------------------------------------------------------


def test_a_situation_prints_without_what_belongs_to_the_screen(page: Page) -> None:
    situation(ANSWERED)(page)
    page.emulate_media(media="print", color_scheme="dark")
    for screen_only in (".rooms", ".languages", ".top .menu", ".foot", ".skip"):
        expect(page.locator(screen_only).first).to_be_hidden()
    expect(page.get_by_text("Troisième séance")).to_be_visible()
    expect(page.locator("#retour")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


# --- without a script -------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(visit: Visit) -> Page:
    """A page of Ana's in a browser that runs no script."""
    return visit("ana", java_script_enabled=False).new_page()


def test_a_situation_is_written_saved_and_submitted_without_a_script(plain: Page) -> None:
    begun(plain)
    plain.fill("#title", "Sans script")
    press(plain, SAVE)
    assert plain.input_value("#title") == "Sans script"
    press(plain, REVIEW)
    expect(plain.locator("#error-summary li")).to_have_count(18)
    written(plain, "Sans script, complet")
    press(plain, REVIEW)
    press(plain, SUBMIT)
    expect(plain.locator("h1")).to_have_text("Sans script, complet")


def test_two_tabs_without_a_script_overwrite_nothing_silently(plain: Page) -> None:
    begun(plain)
    second = plain.context.new_page()
    second.goto(plain.url)
    plain.fill("#title", "Le premier")
    press(plain, SAVE)
    second.fill("#title", "Le second")
    press(second, SAVE)
    expect(second.locator("#conflict")).to_contain_text("Le premier")
    press(second, SAVE)
    plain.goto(plain.url)
    assert plain.input_value("#title") == "Le second"


def test_a_draft_is_thrown_away_without_a_script(plain: Page) -> None:
    begun(plain)
    plain.fill("#title", "À jeter")
    press(plain, SAVE)
    plain.locator("summary", has_text="Jeter").or_(plain.locator("summary", has_text="Discard")).click()
    press(plain, "button.danger")
    expect(plain.get_by_role("link", name="À jeter")).to_have_count(0)


def test_the_menu_and_the_languages_work_without_a_script(plain: Page) -> None:
    plain.goto("/situations")
    other = "en" if plain.locator("html").get_attribute("lang") == "fr" else "fr"
    press(plain, f"header button[value={other}]")
    expect(plain.locator("html")).to_have_attribute("lang", other)
    assert plain.url.endswith("/situations")
    plain.click(".top summary")
    plain.locator(".top .menu-list a").first.click()
    expect(plain).to_have_url(re.compile("/mon-compte$"))


def test_a_feedback_is_begun_without_a_script(visit: Visit) -> None:
    page = visit("sam", java_script_enabled=False).new_page()
    situation(WAITING, "/retour", desk="/situations/recues")(page)
    page.fill("#paths", "Une piste")
    press(page, SAVE)
    assert page.input_value("#paths") == "Une piste"


def test_an_account_is_changed_without_a_script(plain: Page) -> None:
    plain.goto("/mon-compte")
    plain.select_option("#zone", "Europe/Athens")
    press(plain, SUBMITTER)
    assert plain.input_value("#zone") == "Europe/Athens"
    plain.select_option("#zone", "Europe/Paris")
    press(plain, SUBMITTER)
