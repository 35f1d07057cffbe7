"""The first path, whole: from an invitation to an answered situation, with the real worker in between."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page, expect

from supervision.demo.association import email_of
from tests.browser.chromium import LOCALES, Watched, sign_in
from tests.browser.processes import Platform, link_in, text_of
from tests.browser.ways import PUBLISH, REVIEW, SUBMIT, SUBMITTER, begun, press, read_through, written

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MILA, MILAS_PASSWORD = "mila@exemple.example", "une phrase assez longue"
SECRET = "zinzolin"  # in every text, so in no mail
TEXTS = {
    "title": "Une salle zinzolin se tait",
    "account": "Le groupe zinzolin arrive en retard.\n\nPersonne ne parle.",
    "critical_moment": "Une personne zinzolin quitte la salle.",
    "what_i_did": "Je suis restée assise, zinzolin.",
    "question_1": "Qu’ai-je évité de zinzolin ?",
    "protection": "Noms et lieux zinzolin changés.",
}
FEEDBACK = {
    "heard": "Vous demandez ce qu’il y a de zinzolin.",
    "resources": "Vous êtes restée, zinzolin.",
    "questions": "Que craigniez-vous de zinzolin ?",
    "hypotheses": "Peut-être une colère zinzolin.",
    "paths": "- Nommer le silence zinzolin",
    "experiment": "Le nommer une fois, zinzolin.",
    "follow_up_on": "2031-03-01",
}
NOTE = "Un silence zinzolin, ou plusieurs ?"
WORD = "Merci, zinzolin."
REMINDER = "Un retour est attendu"
ANSWER = "J’ai nommé le silence zinzolin."


@pytest.fixture
def people(browser: Browser, platform: Platform) -> Iterator[People]:
    with ExitStack() as exits:
        yield People(browser, platform, exits)


class People:
    """Everybody has a browser of her own, and none of them has anything to complain of."""

    def __init__(self, browser: Browser, platform: Platform, exits: ExitStack) -> None:
        self._browser, self._platform, self._exits = browser, platform, exits
        self._pages: dict[str, Page] = {}

    def __getitem__(self, who: str) -> Page:
        if who not in self._pages:
            page = self._exits.enter_context(self._opened())
            self._pages[who] = page if who == MILA else sign_in(page, who)
        return self._pages[who]

    @contextmanager
    def _opened(self) -> Iterator[Page]:
        context = self._browser.new_context(base_url=self._platform.url, locale=LOCALES["fr"], reduced_motion="reduce")
        watched = Watched(context, self._platform.url)
        yield context.new_page()
        context.close()
        assert watched.complaints == []


# --- the steps --------------------------------------------------------------------------------------------------------


def invite(ada: Page) -> None:
    ada.goto("/personnes/inviter")
    ada.fill("#display_name", "Mila Roche")
    ada.fill("#email", MILA)
    ada.get_by_label("Stagiaire").check()
    press(ada, SUBMITTER)


def accept_invitation(mila: Page, platform: Platform) -> None:
    mila.goto(link_in(platform.mail(MILA, "Votre invitation")))
    mila.fill("#password", MILAS_PASSWORD)
    mila.fill("#password_again", MILAS_PASSWORD)
    press(mila, SUBMITTER)
    expect(mila.locator(".flash")).to_contain_text("Bienvenue, Mila Roche")


def agree(people: People) -> None:
    ines = people["ines"]
    ines.goto("/contrats/proposer")
    ines.select_option("#supervisee", label="Mila Roche")
    ines.select_option("#supervisor", label="Sam Delcourt")
    press(ines, SUBMITTER)
    for side in (MILA, "sam"):
        people[side].goto("/")
        with people[side].expect_navigation():  # else the next one would be taken for this one
            people[side].get_by_role("link", name=re.compile("^Voir")).first.click()
        row = people[side].get_by_role("row", name=re.compile("Mila Roche"))
        with people[side].expect_navigation():
            row.get_by_role("button", name="Signer").click()
    expect(people["sam"].get_by_role("row", name=re.compile("Mila Roche"))).to_contain_text("en cours")


def sign_code(mila: Page) -> None:
    mila.goto("/")
    read_through(mila)
    mila.get_by_label("Je signe ce texte").check()
    mila.check("#agrees")
    mila.fill("#typed_name", "Mila Roche")
    if mila.locator("#password").count():  # given more than five minutes ago
        mila.fill("#password", MILAS_PASSWORD)
    press(mila, SUBMITTER)
    expect(mila.locator(".flash")).to_contain_text("Votre engagement est enregistré")


def write_and_submit(mila: Page) -> str:
    begun(mila)
    written(mila, TEXTS["title"])
    for name, text in TEXTS.items():
        mila.fill(f"#{name}", text)
    expect(mila.locator("#save-state")).to_contain_text(re.compile(r"Enregistré à \d\d:\d\d"))
    press(mila, REVIEW)
    press(mila, SUBMIT)
    expect(mila.locator(".flash")).to_contain_text("soumise à Sam Delcourt")
    expect(mila.locator("#lectures")).to_contain_text("Personne ne l’a encore ouverte")
    return mila.url


def write_feedback(sam: Page) -> None:
    """With a margin note, a look at the page as its author will see it, and second thoughts."""
    sam.get_by_role("link", name="Écrire un retour").first.click()
    for name, text in FEEDBACK.items():
        sam.fill(f"#{name}", text)
    sam.get_by_role("button", name="Annoter ce paragraphe : Personne ne parle.").click()
    sam.keyboard.type(NOTE)
    press(sam, "button[value=preview]")
    expect(sam.locator(".margin-note")).to_contain_text(NOTE)
    expect(sam.locator("mark")).to_have_text("Personne ne parle.")
    press(sam, ".preview button")
    expect(sam.locator(".flash")).to_contain_text("Votre retour sera visible à")
    press(sam, "#reprendre button")
    expect(sam.locator(".flash")).to_contain_text("Mila Roche n’en a rien vu")
    sam.fill("#acknowledgement", "Merci de ce récit zinzolin.")
    press(sam, PUBLISH)
    expect(sam.locator(".flash")).to_contain_text("Votre retour sera visible à")


def answer(mila: Page) -> None:
    expect(mila.locator("#retour li")).to_have_text("Nommer le silence zinzolin")
    expect(mila.locator(".margin-note")).to_contain_text(NOTE)
    mila.fill("#tried", ANSWER)
    mila.get_by_label("Je l’ai tentée comme proposée").check()
    mila.get_by_label("Beaucoup").check()
    press(mila, "#repondre button[type=submit]")
    expect(mila.locator("#reponse")).to_contain_text(ANSWER)


def say_a_word_and_close(people: People) -> None:
    mila, sam = people[MILA], people["sam"]
    sam.fill("#message", WORD)
    press(sam, "#suite button[type=submit]")
    mila.reload()
    expect(mila.locator("#suite")).to_contain_text(WORD)
    mila.get_by_role("button", name="Clore la situation").click()
    expect(mila.locator(".flash")).to_contain_text("La situation est close")


def half_an_hour_later(platform: Platform) -> None:
    platform.stop("web", "worker", "beat")
    platform.start("web", "worker", "beat", shifted_by_days=1 / 48)


def restart_shifted(platform: Platform, days: int) -> None:
    platform.stop("worker", "beat")
    platform.start("worker", "beat", shifted_by_days=days)


# --- the journeys -----------------------------------------------------------------------------------------------------


def test_a_trainee_is_invited_writes_and_is_answered(people: People, platform: Platform) -> None:
    invite(people["ada"])
    accept_invitation(people[MILA], platform)
    agree(people)
    sign_code(people[MILA])
    address = write_and_submit(people[MILA])

    told = platform.mail(email_of("sam"), "Une situation vous attend")
    assert link_in(told) == address
    people["sam"].goto(link_in(told))
    expect(people["sam"].locator("main")).to_contain_text("Personne ne parle.")
    people[MILA].reload()
    expect(people[MILA].locator("#lectures")).to_contain_text("Sam Delcourt a ouvert la situation")

    write_feedback(people["sam"])
    people[MILA].reload()
    expect(people[MILA].locator("main")).not_to_contain_text("Nommer le silence zinzolin")
    assert platform.mails(MILA, "Un retour vous attend") == []
    half_an_hour_later(platform)
    published = platform.mail(MILA, "Un retour vous attend")
    people[MILA].goto(link_in(published))
    answer(people[MILA])
    answered = platform.mail(email_of("sam"), "Une réponse vous attend")
    people["sam"].goto("/")
    expect(people["sam"].locator(".work")).to_contain_text("Réponse\u00a0: Mila Roche")
    people["sam"].goto(link_in(answered))
    expect(people["sam"].locator("#reponse")).to_contain_text(ANSWER)
    say_a_word_and_close(people)
    platform.mail(MILA, "Un mot vous attend")

    sent = platform.mails()
    assert [mail["Subject"] for mail in sent if SECRET in str(mail) + text_of(mail)] == []
    assert len({mail["Message-ID"] for mail in sent}) == len(sent)


def test_a_late_feedback_is_reminded_once_at_each_stage(platform: Platform) -> None:
    """Two of Lee’s situations have waited, one for two days and one for three. The target is fourteen days."""
    assert reminders_to_noor(platform) == []
    restart_shifted(platform, days=11)
    platform.mail(email_of("noor"), REMINDER, 2)
    restart_shifted(platform, days=14)
    platform.mail(email_of("noor"), REMINDER, 3)
    days: dict[str, list[str]] = {}
    for mail in reminders_to_noor(platform):
        days.setdefault(link_in(mail), []).append(re.findall(r"depuis (\d+) jours", text_of(mail))[0])
    assert sorted(days.values()) == [["13", "16"], ["14"]]


def reminders_to_noor(platform: Platform) -> list[EmailMessage]:
    return platform.mails(email_of("noor"), REMINDER)
