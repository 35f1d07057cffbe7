"""Reading a draft over: whose door it is, what stays decided, and that it never blocks."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.agreements import actions as agreements
from supervision.agreements.models import Agreement
from supervision.cases import texts
from supervision.cases.reidentification import decisions
from supervision.crypto import Keyring
from supervision.db import db
from tests import desk
from tests.client import FreshClient

ACCOUNT = "Nous étions à Roubaix. Selon Karim, rien ne va. Puis Karim a quitté la salle avec Mme Lefèvre."


def look(client: FreshClient, case_id: UUID) -> str:
    answer = client.get(f"/situations/{case_id}/relecture")
    assert answer.status_code == 200, answer.location
    return answer.text


def findings(page: str) -> dict[str, str]:
    """Passages on the page that can be decided, with the names of their choices."""
    items = re.findall(r'<li class="finding.*?</li>', page, re.S)
    found = {}
    for item in items:
        words = re.search(r"<bdi>(.*?)</bdi>", item)
        name = re.search(r'name="because-([0-9a-f]{12})"', item)
        assert words
        found[words[1]] = name[1] if name else ""
    return found


def revision_in(page: str) -> int:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return int(found[1])


def written(client: FreshClient, cast: SimpleNamespace, **changes: Any) -> UUID:
    case_id = desk.id_in(desk.begin(client))
    desk.save(client, case_id, desk.situation_form(cast.sam, 1, **{"account": ACCOUNT, **changes}))
    return case_id


def choose(client: FreshClient, case_id: UUID, then: str = "save", **because: str) -> Any:
    """Choices by the words of their passages, with _ for blanks."""
    page = look(client, case_id)
    found = findings(page)
    chosen = {f"because-{found[words.replace('_', ' ')]}": reason for words, reason in because.items()}
    return client.post(f"/situations/{case_id}/relecture", data={"revision": revision_in(page), "then": then, **chosen})


def test_the_draft_is_shown_as_it_will_be_read_with_its_passages_marked(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    page = look(ana, written(ana, cast))
    assert list(findings(page)) == ["Roubaix", "Karim", "Mme Lefèvre"]
    plain = re.sub(r"<[^>]+>", "", page[page.index('id="texte-account"') :])
    assert ACCOUNT in plain
    assert "3 passages pourraient dire de qui il s’agit." in page
    assert "Soumettre à Sam Delcourt" in page


def test_a_text_in_which_nothing_is_found_says_that_this_proves_nothing(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    page = look(ana, written(ana, cast, account="Le groupe arrive en retard."))
    assert findings(page) == {}
    assert "Le récit lui-même peut suffire à reconnaître quelqu’un" in page


def test_an_empty_draft_has_nothing_to_read_and_cannot_be_submitted_from_here(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    page = look(ana, case_id)
    assert "Ce brouillon est encore vide." in page
    assert 'value="submit"' not in page
    assert f'href="/situations/{case_id}/brouillon#account"' in page


# --- whose door it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["sam", "noor", "lee", "ada"])
def test_somebody_else_s_draft_does_not_exist(as_: Any, cast: SimpleNamespace, who: str) -> None:
    case_id = written(as_(cast.ana), cast)
    other, door = as_(getattr(cast, who)), f"/situations/{case_id}/relecture"
    assert (other.get(door).status_code, other.post(door).status_code) == (404, 404)


def test_once_submitted_there_is_nothing_to_decide(as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    door, there = f"/situations/{case_id}/relecture", f"/situations/{case_id}"
    ana, sam = as_(cast.ana), as_(cast.sam)
    assert (ana.get(door).location, ana.post(door).location) == (there, there)
    assert (sam.get(door).status_code, sam.post(door).status_code) == (403, 403)


# --- the way there ----------------------------------------------------------------------------------------------------


def test_the_editor_leads_here_when_nothing_is_missing(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    form = desk.situation_form(cast.sam, 1, account=ACCOUNT)
    answer = desk.save(ana, case_id, {**form, "then": "review"})
    assert (answer.status_code, answer.location) == (302, f"/situations/{case_id}/relecture")
    assert "Karim" in look(ana, case_id)
    assert desk.opened(case_id).version is None


def test_the_editor_says_first_what_is_missing(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    answer = desk.save(ana, case_id, desk.situation_form(cast.sam, 1, account="", then="review"))
    assert answer.status_code == 422
    assert 'id="account-error"' in answer.text


def test_an_unfinished_text_can_be_read_over_at_any_time(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = desk.id_in(desk.begin(ana))
    answer = desk.save(ana, case_id, {"revision": 1, "account": ACCOUNT, "then": "reread"})
    assert answer.location == f"/situations/{case_id}/relecture"
    page = look(ana, case_id)
    assert "Roubaix" in findings(page)
    assert "Avant de soumettre, il reste à remplir" in page


def test_modifying_keeps_the_choices_and_goes_back_to_the_field(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    answer = choose(ana, case_id, then="edit:account", Roubaix="public-place")
    assert answer.location == f"/situations/{case_id}/brouillon#account"
    assert [made.because for made in kept(case_id, keyring)] == ["public-place"]


@pytest.mark.parametrize("then", ["edit:nowhere", "edit:", "edit://evil.example", "else", ""])
def test_an_unknown_step_keeps_the_choices_and_stays(as_: Any, cast: SimpleNamespace, then: str) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    assert choose(ana, case_id, then=then, Roubaix="public-place").location == f"/situations/{case_id}/relecture"


# --- what is decided --------------------------------------------------------------------------------------------------


def kept(case_id: UUID, keyring: Keyring) -> list[decisions.Decision]:
    return list(decisions.read(texts.draft(desk.opened(case_id), keyring)).values())


def test_choices_are_kept_shown_again_and_can_be_taken_back(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    assert choose(ana, case_id, Roubaix="public-place", Karim="invented").status_code == 302
    page = look(ana, case_id)
    assert "Un passage pourrait dire de qui il s’agit." in page
    assert '<option selected value="public-place">' in page
    choose(ana, case_id, Roubaix="", Karim="")
    assert kept(case_id, keyring) == []
    assert decisions.KEPT not in texts.draft(desk.opened(case_id), keyring)


def test_an_invented_name_is_settled_everywhere_and_what_is_not_on_the_page_stays(
    as_: Any, cast: SimpleNamespace
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast, critical_moment="M. Karim se tait.")
    choose(ana, case_id, Karim="invented")
    page = look(ana, case_id)
    assert "Réglé\u00a0: vous avez dit que c’est un nom inventé." in page
    assert findings(page)["M. Karim"] == ""


def test_the_text_goes_on_being_saved_without_losing_a_decision(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    choose(ana, case_id, Roubaix="public-place")
    form = desk.situation_form(cast.sam, 3, account=f"{ACCOUNT} Et après ?")
    assert desk.save(ana, case_id, form, partial=True).status_code == 200
    assert [made.because for made in kept(case_id, keyring)] == ["public-place"]
    assert texts.draft(desk.opened(case_id), keyring)["account"].endswith("Et après ?")


def test_a_reason_that_is_not_offered_and_too_many_words_are_refused_at_their_field(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    page = look(ana, case_id)
    town, karim = findings(page)["Roubaix"], findings(page)["Karim"]
    sent = {f"because-{town}": "whatever", f"words-{karim}": "mot " * 60, "revision": revision_in(page)}
    answer = ana.post(f"/situations/{case_id}/relecture", data={**sent, "then": "submit"})
    assert answer.status_code == 422
    assert [f'id="{name}-error"' in answer.text for name in (f"because-{town}", f"words-{karim}")] == [True, True]
    assert "mot mot mot" in answer.text
    assert kept(case_id, keyring) == []
    assert desk.opened(case_id).version is None


def test_choices_about_passages_of_no_text_are_ignored(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    sent = {f"because-{'0' * 12}": "other", "because-x": "other", "_kept": "x", "revision": "2"}
    assert ana.post(f"/situations/{case_id}/relecture", data=sent).status_code == 302
    assert kept(case_id, keyring) == []


# --- submitting -------------------------------------------------------------------------------------------------------


def test_submitting_with_undecided_passages_is_possible_and_said(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    assert "3 passages restent sans réponse\u202f; vous pouvez soumettre ainsi." in look(ana, case_id)
    answer = choose(ana, case_id, then="submit")
    assert (answer.status_code, answer.location) == (302, f"/situations/{case_id}")
    assert texts.situation(desk.opened(case_id), keyring) == desk.situation_fields(cast.sam, account=ACCOUNT)


def test_decisions_go_along_with_the_version_are_shown_to_both_sides_and_come_back_with_the_next(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana, sam = as_(cast.ana), as_(cast.sam)
    case_id = written(ana, cast)
    page = look(ana, case_id)
    town = findings(page)["Roubaix"]
    choose(ana, case_id, Karim="invented")
    sent = {f"because-{town}": "other", f"words-{town}": "La <ville> des trois quarts", "then": "submit"}
    ana.post(f"/situations/{case_id}/relecture", data={**sent, "revision": 3})
    version = desk.opened(case_id).version
    assert version is not None
    fields = texts.version(desk.opened(case_id), version, keyring)
    assert [(told.text, told.because, told.words) for told in decisions.told(fields)] == [
        ("Roubaix", "other", "La <ville> des trois quarts"),
        ("Karim", "invented", ""),
    ]
    for side in (ana, sam):
        shown = side.get(f"/situations/{case_id}").text
        assert "Passages gardés, et pourquoi" in shown
        assert "La &lt;ville&gt; des trois quarts" in shown
    ana.post(f"/situations/{case_id}/reviser")
    assert sorted(made.because for made in kept(case_id, keyring)) == ["invented", "other"]
    assert "Un passage pourrait dire de qui il s’agit." in look(ana, case_id)
    choose(ana, case_id, Roubaix="", Karim="")
    assert kept(case_id, keyring) == []
    assert texts.version(desk.opened(case_id), version, keyring) == fields


def test_what_no_text_speaks_of_any_more_is_not_sent_along(as_: Any, cast: SimpleNamespace, keyring: Keyring) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    choose(ana, case_id, Roubaix="changed", Karim="invented")
    form = desk.situation_form(cast.sam, 3, account="Nous étions à Roubaix.")
    desk.submit(ana, case_id, form)
    version = desk.opened(case_id).version
    assert version is not None
    fields = texts.version(desk.opened(case_id), version, keyring)
    assert [told.text for told in decisions.told(fields)] == ["Roubaix"]
    assert "Karim" not in str(fields)


def test_a_version_without_decisions_has_no_such_line(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any
) -> None:
    case_id = desk.bring(cast.ana, cast.sam, keyring, now)
    db.session.commit()
    assert "Passages gardés" not in as_(cast.sam).get(f"/situations/{case_id}").text


def test_another_tab_that_changed_the_text_leads_back_here_with_the_new_text_and_the_choices(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    page = look(ana, case_id)
    town = findings(page)["Roubaix"]
    desk.save(ana, case_id, desk.situation_form(cast.sam, 2, account=f"{ACCOUNT} Sonia rit."))
    sent = {f"because-{town}": "changed", "then": "submit", "revision": revision_in(page)}
    answer = ana.post(f"/situations/{case_id}/relecture", data=sent)
    assert answer.status_code == 409
    assert "Ce texte a été modifié ailleurs depuis que vous avez ouvert cette page." in answer.text
    assert "Sonia" in findings(answer.text)
    assert '<option selected value="changed">' in answer.text
    assert desk.opened(case_id).version is None
    assert kept(case_id, keyring) == []
    again = {**sent, "revision": revision_in(answer.text)}
    assert ana.post(f"/situations/{case_id}/relecture", data=again).location == f"/situations/{case_id}"


def test_a_second_press_arrives_where_the_first_one_did(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    sent = {"then": "submit", "revision": 2}
    first, second = (ana.post(f"/situations/{case_id}/relecture", data=sent) for _ in range(2))
    assert first.location == second.location == f"/situations/{case_id}"
    version = desk.opened(case_id).version
    assert version is not None
    assert version.number == 1


def test_nobody_submits_before_signing_the_code_and_the_choices_are_kept(
    as_: Any, cast: SimpleNamespace, keyring: Keyring
) -> None:
    lee = as_(cast.lee)  # has not signed
    case_id = desk.id_in(desk.begin(lee))
    form = desk.situation_form(cast.noor, 1, account=ACCOUNT, then="review")
    assert desk.save(lee, case_id, form).location == f"/situations/{case_id}/relecture"
    assert 'href="/deontologie/signer"' in look(lee, case_id)
    assert choose(lee, case_id, then="submit", Roubaix="changed").status_code == 403
    assert desk.opened(case_id).version is None
    assert [made.because for made in kept(case_id, keyring)] == ["changed"]


def test_an_agreement_that_ended_in_between_is_said_and_nothing_is_lost(
    as_: Any, cast: SimpleNamespace, keyring: Keyring, now: Any
) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast)
    page = look(ana, case_id)
    agreement = db.session.scalars(select(Agreement).where(Agreement.supervisee_id == cast.ana.id)).one()
    agreements.end(actor=cast.ana, agreement=agreement, now=now)
    db.session.commit()
    answer = ana.post(
        f"/situations/{case_id}/relecture",
        data={f"because-{findings(page)['Roubaix']}": "changed", "then": "submit", "revision": 2},
    )
    assert answer.status_code == 422
    assert f'<a href="/situations/{case_id}/brouillon#supervisor">' in answer.text
    assert desk.opened(case_id).version is None
    assert [made.because for made in kept(case_id, keyring)] == ["changed"]


def test_a_text_that_lacks_something_is_not_submitted_from_here(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast, question_1="")
    answer = choose(ana, case_id, then="submit")
    assert answer.status_code == 422
    assert f'<a href="/situations/{case_id}/brouillon#question_1">' in answer.text
    assert desk.opened(case_id).version is None


# --- two languages, cost, silence -------------------------------------------------------------------------------------


def test_the_page_speaks_the_reader_s_language_and_each_text_its_own(as_: Any, cast: SimpleNamespace) -> None:
    ana = as_(cast.ana)
    case_id = written(
        ana,
        cast,
        account="In May the group was late and I did not know what to say. So did I.",
        critical_moment="La directrice du quartier est partie, et le groupe s’est tu dans la salle de Roubaix.",
    )
    assert "May" not in findings(look(ana, case_id))
    ana.post("/langue", data={"language": "en"})
    page = look(ana, case_id)
    assert "Read over before submitting" in page
    assert '<div class="prose text" id="texte-account" data-key="account" lang="en"' in page
    assert '<div class="prose text" id="texte-critical_moment" data-key="critical_moment" lang="fr"' in page


def test_reading_over_costs_the_same_with_one_three_and_ninety_passages(
    as_: Any, cast: SimpleNamespace, statements: desk.Count
) -> None:
    ana, costs = as_(cast.ana), []
    for count in (1, 3, 90):
        names = [f"selon A{chr(97 + n // 26)}{chr(97 + n % 26)}x" for n in range(count)]
        case_id = written(ana, cast, account=" puis ".join(names))
        statements()
        page = look(ana, case_id)
        costs.append(len(statements()))
        assert len(findings(page)) == count
    assert costs[0] == costs[1] == costs[2] <= 10, costs


def test_nothing_of_a_passage_is_logged(as_: Any, cast: SimpleNamespace, capfd: Any, caplog: Any) -> None:
    ana = as_(cast.ana)
    case_id = written(ana, cast, account="Selon Zorbaximandre, rien.")
    with caplog.at_level("DEBUG"):
        assert "Zorbaximandre" in findings(look(ana, case_id))
        choose(ana, case_id, Zorbaximandre="other")
        ana.post(f"/situations/{case_id}/relecture", data={"because-x": "Zorbaximandre", "revision": "Zorbaximandre"})
    out = capfd.readouterr()
    assert "relecture" in out.err + out.out + caplog.text
    assert "zorbaximandre" not in (out.err + out.out + caplog.text).lower()
