"""Writing in a real browser: whatever happens to the line, the session, or the other tab, no word is lost."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from supervision.demo.association import email_of
from tests.browser.chromium import sign_in
from tests.browser.processes import Platform
from tests.browser.ways import REVIEW, SAVE, SUBMIT, WAITING, begun, press, situation, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Visit = Callable[..., BrowserContext]
SAVED = re.compile(r"Enregistré à \d\d:\d\d")
DRAFTS = "**/brouillon"


@pytest.fixture
def draft(page: Page, platform: Platform) -> Page:
    """A new draft in Ana's browser, in French."""
    begun(page)
    return page


def saved_title(page: Page) -> str:
    """What another browser of hers would find."""
    other = page.context.new_page()
    other.goto(page.url)
    title = other.input_value("#title")
    other.close()
    return title


def complete(page: Page, title: str) -> None:
    written(page, title)
    page.wait_for_timeout(1400)
    expect(page.locator("#save-state")).to_have_text(SAVED)


def cases_called(page: Page, title: str) -> int:
    page.goto("/situations")
    return page.get_by_role("link", name=title).count()


def end_session_of(platform: Platform, who: str) -> None:
    with closing(sqlite3.connect(platform.instance / "prisme.db", timeout=10)) as database, database:
        person = "SELECT id FROM person WHERE email = ?"
        database.execute(f"DELETE FROM user_session WHERE person_id = ({person})", (email_of(who),))


# --- the line ---------------------------------------------------------------------------------------------------------


def test_what_is_typed_is_saved_while_one_writes(draft: Page) -> None:
    draft.fill("#title", "Un titre")
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    expect(draft.locator("#gauge li").first).to_contain_text("3 sur 7")
    assert saved_title(draft) == "Un titre"


def test_a_text_typed_without_a_line_is_kept_and_saved_when_it_is_back(draft: Page) -> None:
    draft.context.set_offline(True)
    draft.fill("#title", "Sans connexion")
    expect(draft.locator("#save-state")).to_contain_text("Connexion perdue")
    draft.fill("#title", "Sans connexion, suite")
    draft.context.set_offline(False)
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    assert saved_title(draft) == "Sans connexion, suite"


def test_submitting_without_a_line_stays_on_the_page_and_says_so(draft: Page) -> None:
    complete(draft, "Resté sur place")
    draft.fill("#title", "Resté sur place, complété")
    draft.context.set_offline(True)
    draft.click(REVIEW)
    expect(draft.locator("#save-state")).to_contain_text("Connexion perdue")
    assert draft.input_value("#title") == "Resté sur place, complété"
    draft.context.set_offline(False)
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    press(draft, REVIEW)
    expect(draft.locator("h1")).to_have_text("Resté sur place, complété")


def test_a_save_that_arrived_without_its_answer_is_no_conflict_with_oneself(draft: Page) -> None:
    lost = []

    def lose_the_answer(route: Route) -> None:
        lost.append(route.fetch())
        route.abort()

    draft.route(DRAFTS, lose_the_answer, times=1)
    draft.fill("#title", "Arrivé sans réponse")
    expect(draft.locator("#save-state")).to_contain_text("Connexion perdue")
    draft.fill("#title", "Arrivé sans réponse, puis la suite")
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    assert ([answer.status for answer in lost], saved_title(draft)) == ([200], "Arrivé sans réponse, puis la suite")


def test_a_server_in_trouble_is_asked_again(draft: Page) -> None:
    draft.clock.install()
    draft.route(DRAFTS, lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"), times=1)
    draft.fill("#title", "Demandé deux fois")
    draft.clock.run_for(2000)
    expect(draft.locator("#save-state")).to_contain_text("Votre texte reste dans cette page")
    draft.clock.run_for(16_000)
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    assert saved_title(draft) == "Demandé deux fois"


# --- the session ------------------------------------------------------------------------------------------------------


def test_a_session_that_ended_loses_nothing(visit: Visit, platform: Platform) -> None:
    page = sign_in(visit().new_page(), "lee")
    begun(page)
    end_session_of(platform, "lee")
    page.fill("#title", "Écrit après la fin")
    expect(page.locator("#save-state a")).to_have_attribute("target", "_blank")
    with page.expect_popup() as opened:
        page.click("#save-state a")
    sign_in(opened.value, "lee").close()
    page.fill("#title", "Écrit après la fin, puis continué")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"(Enregistré à|Saved at) \d\d:\d\d"))
    assert saved_title(page) == "Écrit après la fin, puis continué"
    press(page, REVIEW)
    expect(page.locator("#error-summary")).to_be_visible()  # not complete yet, but understood: the token is fresh


# --- leaving and coming back ------------------------------------------------------------------------------------------


def test_one_comes_back_to_the_section_one_was_in(draft: Page) -> None:
    draft.fill("#title", "Laissée au milieu")
    draft.fill("#fears_self", "Une peur")
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    where = draft.url
    draft.goto("/")
    draft.get_by_role("link", name="Continuer – Laissée au milieu").click()
    draft.wait_for_url("**/brouillon#lecture")
    expect(draft.locator("main")).to_contain_text("Vous en étiez à «\u202fLecture TST\u202f»")
    expect(draft.locator("#lecture")).to_be_in_viewport()
    assert draft.url == f"{where}#lecture"


def test_what_is_not_addressed_folds_away_and_a_text_never_does(draft: Page) -> None:
    draft.check("#authority_none")
    expect(draft.locator("#authority_self")).to_be_hidden()
    draft.uncheck("#authority_none")
    draft.fill("#authority_self", "Un mot")
    draft.check("#authority_none")
    expect(draft.locator("#authority_self")).to_be_visible()


# --- the other tab ----------------------------------------------------------------------------------------------------


def test_the_second_tab_is_told_and_saving_shows_both_texts(draft: Page) -> None:
    second = draft.context.new_page()
    second.goto(draft.url)
    draft.fill("#account", "Le premier onglet")
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    second.fill("#account", "Le second onglet")
    expect(second.locator("#save-state")).to_contain_text("modifié dans un autre onglet")
    press(second, SAVE)
    expect(second.locator("#conflict")).to_contain_text("Le premier onglet")
    assert second.input_value("#account") == "Le second onglet"
    second.fill("#account", "Le second onglet, après lecture")
    second.wait_for_timeout(2000)  # longer than a save takes to begin
    assert saved_account(draft) == "Le premier onglet"  # nothing is replaced before somebody says so
    second.click(SAVE)
    expect(second.locator("#save-state")).to_have_text(SAVED)
    expect(second.locator("#conflict")).to_have_count(0)
    assert saved_account(draft) == "Le second onglet, après lecture"


def saved_account(page: Page) -> str:
    page.reload()
    return page.input_value("#account")


def test_each_tab_keeps_what_was_written_in_it_alone(draft: Page) -> None:
    second = draft.context.new_page()
    second.goto(draft.url)
    draft.fill("#account", "Le premier onglet")
    expect(draft.locator("#save-state")).to_have_text(SAVED)
    second.fill("#what_i_did", "Le second onglet")
    press(second, SAVE)
    assert (second.input_value("#account"), second.input_value("#what_i_did")) == (
        "Le premier onglet",
        "Le second onglet",
    )


def test_attaching_a_file_takes_the_last_word_along(draft: Page) -> None:
    draft.fill("#account", "Écrit juste avant")
    with draft.expect_navigation():
        draft.locator("#pieces form[enctype] button").click()
    draft.go_back()
    assert saved_account(draft) == "Écrit juste avant"


def test_a_text_that_is_too_long_is_told_at_once_and_named_at_its_field(draft: Page) -> None:
    draft.fill("#title", "x" * 121)
    expect(draft.locator("#save-state")).to_contain_text("Enregistré, sauf")
    press(draft, REVIEW)
    expect(draft.locator("#error-summary")).to_be_focused()
    expect(draft.locator("#title")).to_have_attribute("aria-invalid", "true")
    draft.fill("#title", "Assez court")
    expect(draft.locator("#save-state")).to_have_text(SAVED)


# --- submitting -------------------------------------------------------------------------------------------------------


def test_submitting_at_once_after_the_last_word_takes_the_word_along(draft: Page) -> None:
    complete(draft, "Le dernier mot")
    draft.fill("#account", "Jusqu’au dernier mot")
    press(draft, REVIEW)
    expect(draft.locator("main")).to_contain_text("Jusqu’au dernier mot")
    press(draft, SUBMIT)
    expect(draft.locator("main")).to_contain_text("Jusqu’au dernier mot")


def test_submitting_while_a_save_is_on_its_way_neither_conflicts_nor_loses_a_word(draft: Page) -> None:
    complete(draft, "En chemin")
    on_its_way: list[Route] = []
    draft.route(DRAFTS, lambda route: on_its_way.append(route), times=1)
    draft.fill("#account", "Parti en chemin")
    draft.wait_for_timeout(1400)
    draft.fill("#account", "Parti en chemin, puis écrit encore")
    draft.click(REVIEW)
    draft.wait_for_timeout(200)
    with draft.expect_navigation():
        on_its_way[0].continue_()
    expect(draft.locator("main")).to_contain_text("Parti en chemin, puis écrit encore")
    assert cases_called(draft, "En chemin") == 1


def test_a_double_click_makes_one_case_and_one_mail(draft: Page, visit: Visit) -> None:
    complete(draft, "Cliqué deux fois")
    press(draft, REVIEW)
    with draft.expect_navigation():
        draft.dblclick(SUBMIT)
    expect(draft.locator(".flash")).to_contain_text("Votre situation est soumise à Sam Delcourt")
    assert cases_called(draft, "Cliqué deux fois") == 1


def test_the_back_button_after_submitting_leads_to_what_was_submitted(draft: Page) -> None:
    complete(draft, "Revenue en arrière")
    press(draft, REVIEW)
    press(draft, SUBMIT)
    where = draft.url
    draft.go_back()
    expect(draft.locator("h1")).to_have_text("Revenue en arrière")
    assert draft.url == where


def test_a_feedback_is_saved_and_published_in_the_same_way(visit: Visit) -> None:
    page = visit("sam").new_page()
    situation(WAITING, "/retour", desk="/situations/recues")(page)
    page.fill("#heard", "Ce que j’entends")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"(Enregistré à|Saved at) \d\d:\d\d"))
    page.fill("#heard", "Ce que j’entends vraiment")
    with page.expect_response(lambda answer: answer.request.method == "POST"):  # the line says « saved » already
        page.click(SAVE)
    expect(page.locator("#save-state")).to_have_text(re.compile(r"(Enregistré à|Saved at) \d\d:\d\d"))
    page.reload()
    assert page.input_value("#heard") == "Ce que j’entends vraiment"
