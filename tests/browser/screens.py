"""Every page of the path, and how a person comes to see it: the list that the tests of pages go through."""

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
    page.get_by_role("link", name=re.compile("^Situation purg")).first.click()
    page.wait_for_load_state()


COMMITMENTS = "/deontologie/engagements"


def commitment(page: Page) -> None:
    page.goto(COMMITMENTS)
    page.get_by_role("link", name="Zoé Lambert").click()
    page.wait_for_load_state()


def more_time_refused(page: Page) -> None:
    commitment(page)
    press(page, SUBMITTER)


def proof(page: Page) -> None:
    page.goto(f"{COMMITMENTS}/preuve?q=ana")
    page.get_by_role("link", name="Ana Ferreira").click()
    page.wait_for_load_state()


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


ANYONE = (
    Screen("sign-in", at("/connexion")),
    Screen("sign-in refused", sent_empty("/connexion"), 422),
    Screen("forgotten", at("/mot-de-passe-oublie")),
    Screen("link not usable", at("/invitation/abc"), 410),
    Screen("code", at("/deontologie")),
    Screen("replaced version of the code", at("/deontologie/version-1")),
    Screen("article", at("/deontologie/version-2/travail-a-distance")),
    Screen("article of a replaced version", at("/deontologie/version-1/honoraires")),
    Screen("versions", at("/deontologie/versions")),
    Screen("what changed", at("/deontologie/version-2/depuis-1")),
    Screen("verify", at("/verifier")),
    Screen("no such receipt", at("/verifier/2222222222222222"), 404),
    Screen("nothing there", at("/nulle-part"), 404),
    Screen("development mailbox", at("/dev/boite-mail")),
    Screen("mail", at("/dev/boite-mail/1.eml")),
)
ANA = (
    Screen("questions to the committee", at(REFERRALS)),
    Screen("a referral, by its author", referral()),
    Screen("asking the committee", at(f"{REFERRALS}/poser-une-question?version=1&article=confidentialite")),
    Screen("a referral, sent empty", sent_empty(f"{REFERRALS}/saisir-le-comite"), 422),
    Screen("home", at("/")),
    Screen("my situations", at("/situations")),
    Screen("draft", situation(DRAFT)),
    Screen("new draft", begun),
    Screen("incomplete", incomplete, 422),
    Screen("conflict", saved_elsewhere, 409),
    Screen("attachments", files),
    Screen("attachment refused", file_refused, 422),
    Screen("read over", read_over),
    Screen("read over, refused", read_over_refused, 422),
    Screen("read over, changed elsewhere", read_over_after_a_change_elsewhere, 409),
    Screen("submitted with kept passages", submitted_with_kept_passages),
    Screen("submitted", situation(WAITING)),
    Screen("feedback to read", unread_feedback),
    Screen("answer refused", answer_refused, 422),
    Screen("answered", situation(ANSWERED)),
    Screen("purged", purged),
    Screen("group sessions", at("/seances-collectives")),
    Screen("past group sessions, none", at("/seances-collectives?periode=passees")),
    Screen("group session", group_session()),
    Screen("visibility refused", visibility_refused, 422),
    Screen("find again", at("/situations/retrouver")),
    Screen("found again by a word", found_again("groupe silence")),
    Screen("nothing found", found_again("introuvable")),
    Screen("too much asked", found_again("mot " * 60), 422),
    Screen("my thread", at("/mon-fil")),
    Screen("account", at("/mon-compte")),
    Screen("sessions", at("/mes-sessions")),
    Screen("password", at("/mot-de-passe")),
    Screen("password refused", sent_empty("/mot-de-passe"), 422),
    Screen("proof for oneself", at(f"{COMMITMENTS}/preuve")),
    Screen("agreements", at("/contrats")),
    Screen("propose", at("/contrats/proposer")),
    Screen("signed code", at("/deontologie")),
    Screen("what changed since she signed", at("/deontologie/version-2/depuis-1")),
    Screen("texts", at("/textes")),
    Screen("minor version to take note of", at(SIGNING)),
    Screen("my commitments", at("/engagements")),
    Screen("my receipt", my_receipt),
    Screen("my receipt verified", verified),
    Screen("take a signature back", at("/deontologie/retirer")),
    Screen("taking back refused", sent_empty("/deontologie/retirer"), 422),
    Screen("not open to her", at("/situations/recues"), 403),
    Screen("nothing there", at("/nulle-part"), 404),
    Screen("expired", expired, 400),
)
SAM = (
    Screen("home", at("/")),
    Screen("received", at("/situations/recues")),
    Screen("my situations, none", at("/situations")),
    Screen("to answer", situation(WAITING, desk="/situations/recues")),
    Screen("feedback", situation(WAITING, "/retour", desk="/situations/recues")),
    Screen("feedback refused", feedback_refused, 422),
    Screen("feedback previewed", previewed),
    Screen("margin note refused", note_refused, 422),
    Screen("answered", situation(ANSWERED, desk=RECEIVED)),
    Screen("received, everything", at(RECEIVED)),
    Screen("received, nothing to read", at("/situations/recues?voir=envoyes")),
    Screen("found again by a word", found_again("peur", "/situations/recues/retrouver")),
    Screen("group sessions", at("/seances-collectives")),
    Screen("group session", group_session()),
    Screen("participant refused", participant_refused, 422),
    Screen("change a group session", group_session("/modifier")),
    Screen("plan a group session", at("/seances-collectives/nouvelle")),
    Screen("plan refused", sent_empty("/seances-collectives/nouvelle"), 422),
)
LEE = (
    Screen("group session", group_session()),
    Screen("situation of the session", situation_of_the_session),
)
ZOE = (
    Screen("home", at("/")),
    Screen("my commitments, none", at("/engagements")),
    Screen("code to sign", at(SIGNING)),
    Screen("article to sign", at(f"{SIGNING}/responsabilite")),
    Screen("answer open", read_through),
    Screen("signature refused", signature_refused, 422),
)
ADA = (
    Screen("home", at("/")),
    Screen("people", at("/personnes")),
    Screen("nobody found", searched),
    Screen("person", person),
    Screen("invite", at("/personnes/inviter")),
    Screen("invitation refused", sent_empty("/personnes/inviter"), 422),
    Screen("mails", at("/courriels")),
    Screen("failed mails, none", at("/courriels?etat=echec")),
    Screen("record", at("/journal")),
    Screen("settings", at("/reglages")),
)
INES = (
    Screen("agreements of all", at("/contrats")),
    Screen("propose for others", at("/contrats/proposer")),
    Screen("loads", at("/situations/charge")),
    Screen("another person", proposal),
    Screen("form", at(FORM)),
    Screen("form as it will be seen", at(f"{FORM}/apercu")),
    Screen("earlier form", at(f"{FORM}/version-1")),
    Screen("field with a scale", at(f"{FORM}/champ?cle=authority")),
    Screen("field refused", field_refused, 422),
    Screen("section", at(f"{FORM}/partie?cle=lecture")),
    Screen("new field", at(f"{FORM}/nouveau-champ?partie=cadre")),
    Screen("new section refused", sent_empty(f"{FORM}/nouvelle-partie"), 422),
    Screen("next form", next_form),
)
PAUL = (
    Screen("brought to the committee", at(f"{REFERRALS}/comite")),
    Screen("a referral, by the committee", referral(f"{REFERRALS}/comite")),
    Screen("a step refused", step_refused, 422),
    Screen("commitments", at(COMMITMENTS)),
    Screen("commitments, narrowed to nobody", at(f"{COMMITMENTS}?q=personne")),
    Screen("commitments, a day that is none", at(f"{COMMITMENTS}?au=demain"), 422),
    Screen("commitment of one person", commitment),
    Screen("more time refused", more_time_refused, 422),
    Screen("proof to search for", at(f"{COMMITMENTS}/preuve?q=a")),
    Screen("proof", proof),
    Screen("liftings, none", at("/deontologie/levees")),
    Screen("lifting to ask", at("/deontologie/levees/demander")),
    Screen("lifting refused", sent_empty("/deontologie/levees/demander"), 422),
    Screen("texts to accept", at("/deontologie/textes")),
    Screen("text refused", sent_empty("/deontologie/textes", "main form[action$=textes] button[type=submit]"), 422),
    Screen("code in review", at(WORKSHOP)),
    Screen("remark refused", remark_refused, 422),
    Screen("next version as it will be read", at(f"{WORKSHOP}/apercu")),
    Screen("what the next version changes", at(f"{WORKSHOP}/changements")),
    Screen("article in both languages", at(f"{WORKSHOP}/article?cle=honoraires")),
    Screen("article previewed", article_previewed),
    Screen("article changed elsewhere", article_changed_elsewhere, 409),
    Screen("new article refused", article_refused, 422),
    Screen("title and preamble", at(f"{WORKSHOP}/texte")),
    Screen("terms of the next version", at(f"{WORKSHOP}/publication")),
    Screen("unfinished text", at(UNFINISHED)),
    Screen("unfinished article", at(f"{UNFINISHED}/article?cle=si-je-reconnais-quelqu-un&reprendre=1")),
)
SCREENS = {"": ANYONE, "ana": ANA, "sam": SAM, "lee": LEE, "zoe": ZOE, "ada": ADA, "ines": INES, "paul": PAUL}
