"""How a person comes to see a page: what the list of screens, and tests of one page, go through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

SAVE, REVIEW, SUBMIT, PUBLISH = (f"button[name=then][value={act}]" for act in ("save", "review", "submit", "publish"))
REREAD = "button[name=then][value=reread]"
SUBMITTER = "main form button[type=submit]"

# Situations of the demo, by what state they are in.
WAITING = "Des bénévoles et des salariés"
UNREAD = "Une fratrie et la maison des parents"
ANSWERED = "Une équipe de jour et une équipe de nuit"
RECEIVED = "/situations/recues?voir=toutes"
DRAFT = "Des chefs de service entre deux feux"
GROUP = "Groupe de supervision du soir"
SHARED = "Des habitants, de jeunes adultes et un hall d’immeuble"


@dataclass(frozen=True)
class Screen:
    name: str
    open: Callable[[Page], object]
    status: int = 200


def at(path: str) -> Callable[[Page], object]:
    return lambda page: page.goto(path)


def situation(title: str, then: str = "", desk: str = "/situations") -> Callable[[Page], object]:
    def open_it(page: Page) -> None:
        page.goto(desk)
        link = page.get_by_role("link", name=title)
        while not link.count():  # tests before this one may have begun a page of drafts
            with page.expect_navigation():  # or the next look would be at half a page
                page.click("a[rel=next]")
        with page.expect_navigation():
            link.click()
        if then:
            page.goto(page.url + then)

    return open_it


def sent_empty(path: str, button: str = SUBMITTER) -> Callable[[Page], object]:
    """The page of a form that was sent as it came."""

    def open_it(page: Page) -> None:
        page.goto(path)
        press(page, button)

    return open_it


def press(page: Page, button: str) -> None:
    with page.expect_navigation():
        page.locator(button).first.click()


def begun(page: Page) -> None:
    """A new, empty draft."""
    page.goto("/situations")
    press(page, SUBMITTER)


def written(page: Page, title: str) -> None:
    """Fill in everything without which a situation is not submitted."""
    texts = ("request", "common_goal", "frame", "motivation", "account", "critical_moment", "what_i_did")
    for name in (*texts, "reality_self", "fears_group", "question_1", "protection"):
        page.fill(f"#{name}", f"Texte de {name}")
    for name, value in (("kind_of_group", "team"), ("alone_or_pair", "alone")):
        page.check(f"[name={name}][value={value}]")
    for name in ("period", "step"):
        page.select_option(f"#{name}", index=1)
    for name in ("pseudonyms", "frame_allows", "nobody_questioned"):
        page.check(f"#{name}")
    page.fill("#title", title)


def incomplete(page: Page) -> None:
    begun(page)
    press(page, REVIEW)


def saved_elsewhere(page: Page) -> None:
    """Two tabs on one draft: the second one has saved, the first one asks to see both."""
    begun(page)
    other = page.context.new_page()
    other.goto(page.url)
    other.fill("#title", "Écrit dans l’autre onglet")
    other.locator("#save-state", has_text="à" if page.locator("html").get_attribute("lang") == "fr" else "at")
    with other.expect_response(lambda answer: answer.request.method == "POST"):
        other.locator("#title").press("Tab")
    page.fill("#account", "Écrit ici")
    with page.expect_response(lambda answer: answer.status == 409):
        page.locator("#account").press("Tab")
    press(page, SAVE)
    other.close()


TELLING = "Le directeur du collège de Roubaix est venu en mars. Karim a ri."  # three passages; each weighs a kilobyte


def files(page: Page) -> None:
    """The page of a draft's files, with what is said about them unfolded."""
    situation(DRAFT)(page)
    page.goto(page.url.replace("/brouillon", "/pieces"))
    page.locator("#pieces summary").last.click()


def file_refused(page: Page) -> None:
    files(page)
    page.set_input_files("#piece", {"name": "programme.pdf", "mimeType": "application/pdf", "buffer": b"MZ"})
    press(page, "#pieces form[enctype] button")


def read_over(page: Page) -> None:
    """A draft whose passages wait for an answer."""
    begun(page)
    written(page, "Relue avant de partir")
    page.fill("#account", TELLING)
    press(page, REREAD)
    page.locator(".finding summary").first.click()


def read_over_refused(page: Page) -> None:
    read_over(page)
    page.locator(".finding input").first.evaluate("field => { field.value = 'x'.repeat(201) }")
    press(page, "main .section button[value=save]")


def read_over_after_a_change_elsewhere(page: Page) -> None:
    read_over(page)
    page.locator("[name=revision]").evaluate("field => { field.value = 1 }")
    press(page, "main .section button[value=save]")


def submitted_with_kept_passages(page: Page) -> None:
    read_over(page)
    page.locator(".finding select").first.select_option("changed")
    press(page, SUBMIT)
    page.locator("#gardes summary").click()


def unread_feedback(page: Page) -> None:
    situation(UNREAD)(page)


def answer_refused(page: Page) -> None:
    situation(UNREAD)(page)
    press(page, "#repondre button[type=submit]")


def feedback_refused(page: Page) -> None:
    situation(WAITING, "/retour", desk="/situations/recues")(page)
    press(page, PUBLISH)


def group_session(then: str = "") -> Callable[[Page], object]:
    return situation(GROUP, then, desk="/seances-collectives")


def situation_of_the_session(page: Page) -> None:
    """Somebody else's, read because it is opened to a session in which one has a seat."""
    group_session()(page)
    with page.expect_navigation():
        page.get_by_role("link", name=SHARED).click()


def visibility_refused(page: Page) -> None:
    """The session that was chosen is not offered any more."""
    situation(SHARED)(page)
    page.locator("#lecteurs summary").click()
    page.locator("#lecteurs input[type=radio]").last.evaluate("choice => { choice.value = 'gone' }")
    page.locator("#lecteurs input[type=radio]").last.check()
    press(page, "#lecteurs button[type=submit]")


def participant_refused(page: Page) -> None:
    group_session()(page)
    page.locator("#person").evaluate("field => { field.selectedOptions[0].value = 'nobody' }")
    press(page, "form[action$=participants] button[type=submit]")


def previewed(page: Page) -> None:
    """A feedback with a margin note, as its addressee would see it."""
    situation(WAITING, "/retour", desk="/situations/recues")(page)
    page.fill("#heard", "Vous demandez ce qui vous retient.")
    page.locator("#situation .annotate").nth(2).click()
    page.locator("#note-list textarea[name$=text]").last.fill("Et **vous** ?")
    press(page, "button[name=then][value=preview]")


def note_refused(page: Page) -> None:
    """A note on a passage that does not exist, without the help of the script."""
    situation(WAITING, "/retour", desk="/situations/recues")(page)
    page.locator(".by-hand summary").click()
    page.locator(".by-hand textarea[name$=quote]").fill("Un passage qui n’y est pas")
    page.locator(".by-hand textarea[name$=text]").fill("Une note")
    press(page, PUBLISH)


def expired(page: Page) -> None:
    """A form whose token is of an earlier session: what was typed can be sent again."""
    page.goto("/mon-compte")
    page.locator("main [name=csrf_token]").first.evaluate("field => { field.value = 'stale' }")
    press(page, SUBMITTER)


def searched(page: Page) -> None:
    page.goto("/personnes")
    page.fill("#q", "zzz")
    press(page, ".filters button")


def person(page: Page) -> None:
    page.goto("/personnes")
    with page.expect_navigation():
        page.get_by_role("link", name="Zoé Lambert").click()


def found_again(words: str, door: str = "/situations/retrouver") -> Callable[[Page], object]:
    def open_it(page: Page) -> None:
        page.goto(door)
        page.fill("#words", words)
        press(page, "main form[role=search] button")

    return open_it


def proposal(page: Page) -> None:
    page.goto("/situations/charge")
    page.get_by_role("link", name="Proposer une autre personne").or_(
        page.get_by_role("link", name="Suggest someone else")
    ).first.click()
    page.wait_for_load_state()


def link_sent(page: Page) -> None:
    page.goto("/mot-de-passe-oublie")
    page.fill("#email", "personne@rives.example")
    press(page, SUBMITTER)


FORM = "/reglages/formulaire"


def field_refused(page: Page) -> None:
    page.goto(f"{FORM}/champ?cle=step")
    page.fill("#label_en", "")
    press(page, SUBMITTER)


def next_form(page: Page) -> None:
    """The next version of the form, begun by whoever looked first: a field retired, or asked for again."""
    page.goto(FORM)
    if not page.locator("#prochaine").count():
        press(page, "button[name=retire][value=effects]")


def purged(page: Page) -> None:
    page.goto("/situations")
    link = page.get_by_role("link", name=re.compile("^Situation purg")).first
    while not link.count():  # tests before this one may have begun a page of drafts
        with page.expect_navigation():
            page.click("a[rel=next]")
    with page.expect_navigation():
        link.click()


COMMITMENTS = "/deontologie/engagements"


def commitment(page: Page) -> None:
    page.goto(COMMITMENTS)
    with page.expect_navigation():
        page.get_by_role("link", name="Zoé Lambert").click()


def more_time_refused(page: Page) -> None:
    commitment(page)
    press(page, "form[action$='#delais'] button[type=submit]")


def proof(page: Page) -> None:
    page.goto(f"{COMMITMENTS}/preuve?q=ana")
    with page.expect_navigation():
        page.get_by_role("link", name="Ana Ferreira").click()


WORKSHOP = "/deontologie/atelier"
UNFINISHED = "/textes/confidentialite-du-groupe/atelier"


def article_refused(page: Page) -> None:
    page.goto(f"{WORKSHOP}/nouvel-article")
    press(page, SUBMITTER)


def article_previewed(page: Page) -> None:
    page.goto(f"{WORKSHOP}/article?cle=honoraires")
    press(page, "main button[name=preview]")


def article_changed_elsewhere(page: Page) -> None:
    """Somebody saved the same article meanwhile: both texts are shown."""
    page.goto(f"{WORKSHOP}/article?cle=honoraires")
    page.locator("[name=seen]").evaluate("field => { field.value = 'x' }")
    page.fill("#body_fr", "Mes honoraires sont dits avant de commencer.")
    press(page, "main .submit button.primary")


def remark_refused(page: Page) -> None:
    page.goto(WORKSHOP)
    page.locator("#etat summary").first.click()
    press(page, "form[action$=renvoyer] button[type=submit]")


SIGNING = "/deontologie/signer"


def read_through(page: Page) -> None:
    """Article by article to the last one; the answer is open then."""
    page.goto(SIGNING)
    way = page.locator(f"main a[href^='{SIGNING}/']").first
    if way.count():
        with page.expect_navigation():
            way.click()
    while page.locator(f"form[action^='{SIGNING}/']").count():
        press(page, f"form[action^='{SIGNING}/'] button")


def signature_refused(page: Page) -> None:
    read_through(page)
    press(page, SUBMITTER)


def my_receipt(page: Page) -> None:
    page.goto("/engagements")
    with page.expect_navigation():
        page.locator("a.work-title").last.click()


def verified(page: Page) -> None:
    my_receipt(page)
    with page.expect_navigation():
        page.locator("a.long-link").click()


REFERRALS = "/deontologie/saisines"


def referral(desk: str = REFERRALS) -> Callable[[Page], object]:
    def open_it(page: Page) -> None:
        page.goto(desk)
        with page.expect_navigation():
            page.get_by_role("link", name="Des paroles d’un groupe").click()

    return open_it


def step_refused(page: Page) -> None:
    """A step of a referral without its day."""
    referral(f"{REFERRALS}/comite")(page)
    page.click("#etape summary")
    page.fill("#step-held_on", "")
    press(page, "#etape button[type=submit]")
