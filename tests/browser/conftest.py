"""The demo association, served by real processes, and one browser for all the tests here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from supervision import clock
from supervision.people import actions as people
from supervision.sign_in import actions as sign_in_actions
from supervision.sign_in.rules import link_token
from tests.browser.chromium import LOCALES, Watched, sign_in
from tests.browser.processes import SECRET, Platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Web only: what these tests look at needs no worker."""
    platform = Platform(tmp_path_factory.mktemp("platform"))
    platform.prepare()
    invite_nina(platform)
    receive_a_mail(platform)
    with platform.running("web"):
        yield platform


def invite_nina(platform: Platform) -> None:
    with platform.application():
        nina = people.add_person(
            actor=None,
            email="nina@rives.example",
            display_name="Nina Petit",
            language="fr",
            zone="Europe/Paris",
            now=clock.now(),
        )
        link = sign_in_actions.send_link(kind="invitation", person=nina, actor=None, now=clock.now())
        platform.invitation = "/invitation/" + link_token(link.id, SECRET)


def receive_a_mail(platform: Platform) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = "Un essai", "Prisme <non@prisme.example>", "sam@rives.example"
    mail["Date"], mail["Message-ID"] = clock.now(), f"<{'0123456789' * 5}@prisme.example>"
    mail.set_content(f"Bonjour Sam,\n\n{platform.url}/situations/{'0123456789' * 5}\n")
    mail.add_alternative("<p>Bonjour Sam,</p>", subtype="html")
    folder = platform.instance / "mailbox"
    folder.mkdir()
    (folder / "1.eml").write_bytes(bytes(mail))


@pytest.fixture
def empty_platform(tmp_path: Path) -> Iterator[Platform]:
    """A platform that nobody has opened yet."""
    platform = Platform(tmp_path)
    platform.prepare(demo=False)
    with platform.running("web"):
        yield platform


@pytest.fixture(scope="session")
def signed_in(browser: Browser, platform: Platform) -> Callable[[str], Any]:
    """The cookies of somebody who has signed in, once for all tests: signing in costs a password hash."""
    kept: dict[str, Any] = {}

    def cookies(who: str) -> Any:
        if who and who not in kept:
            context = browser.new_context(base_url=platform.url)
            sign_in(context.new_page(), who)
            kept[who] = context.storage_state()
            context.close()
        return kept.get(who)

    return cookies


@pytest.fixture
def visit(
    browser: Browser, platform: Platform, signed_in: Callable[[str], Any]
) -> Iterator[Callable[..., BrowserContext]]:
    """Open a browser of somebody: `visit("ana")`, or of a stranger: `visit()`. It may complain of nothing."""
    opened: list[tuple[BrowserContext, Watched]] = []

    def open_browser(who: str = "", language: str = "fr", width: int = 1280, **options: Any) -> BrowserContext:
        platform.speak(who, language)
        context = browser.new_context(
            base_url=platform.url,
            storage_state=signed_in(who),
            locale=LOCALES[language],
            reduced_motion="reduce",  # a colour on its way from one to another has no contrast to speak of
            viewport={"width": width, "height": 844},
            **options,
        )
        context.set_default_timeout(10_000)
        opened.append((context, Watched(context, platform.url)))
        return context

    yield open_browser
    complaints = [complaint for _, watched in opened for complaint in watched.complaints]
    for context, _ in opened:
        context.close()
    assert complaints == []


@pytest.fixture
def page(visit: Callable[..., BrowserContext]) -> Page:
    """A page of Ana's, wide and French."""
    return visit("ana").new_page()
