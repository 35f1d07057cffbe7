"""The workshop of the form: officers word the next version, two at a time if need be, and publish it."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select

from supervision.cases.form import actions, editing, queries
from supervision.cases.form.actions import default_definition
from supervision.cases.form.models import FormDraft, FormVersion
from supervision.cases.form.rules import StaleForm
from supervision.db import db
from tests import desk
from tests.client import FreshClient
from tests.facts import acts, rows

HERE = "/reglages/formulaire"
QUESTION = {"label_fr": "Le lieu, en un mot", "label_en": "The place, in a word"}


@pytest.fixture
def ines(as_: Callable[[Any], FreshClient], cast: SimpleNamespace) -> FreshClient:
    """Who coordinates the training."""
    return as_(cast.ines)


@pytest.fixture(autouse=True)
def in_force(app: Any, now: Any) -> None:
    actions.ensure(now)
    db.session.commit()


def drafts() -> list[Any]:
    return rows(select(FormDraft.revision, FormDraft.definition))


def press(client: FreshClient, name: str, key: str, revision: int) -> Any:
    return client.post(f"{HERE}/changer", data={name: key, "revision": revision})


def edit(client: FreshClient, key: str, **changes: Any) -> Any:
    """Send the page of a field as it came, with changes."""
    page = client.get(f"{HERE}/champ?cle={key}").text
    return client.post(f"{HERE}/champ", data={**fields_in(page), **changes})


def fields_in(page: str) -> dict[str, Any]:
    """What the form of the page holds."""
    form = re.findall(r'<form method="post" action="[^"]*" novalidate.*?</form>', page, re.DOTALL)[0]
    inputs = re.findall(r"<input ([^>]*)>", form)
    values = {}
    for attributes in (dict(re.findall(r'([\w-]+)="([^"]*)"', found)) | _flags(found) for found in inputs):
        if attributes.get("type") != "checkbox" or "checked" in attributes:
            values[attributes["name"]] = attributes.get("value", "")
    values |= dict(re.findall(r'<textarea[^>]*name="(\w+)"[^>]*>\s*(.*?)</textarea>', form, re.DOTALL))
    values.pop("csrf_token", None)
    return values


def _flags(found: str) -> dict[str, str]:
    return {"checked": "y"} if re.search(r"(^| )checked( |$)", found) else {}


def publish(client: FreshClient, number: int, revision: int) -> Any:
    return client.post(f"{HERE}/publier", data={"number": number, "revision": revision})


# --- who --------------------------------------------------------------------------------------------------------------

DOORS = ("", "/champ?cle=account", "/partie?cle=recit", "/nouveau-champ?partie=recit", "/nouvelle-partie", "/apercu")


@pytest.mark.parametrize("door", [*DOORS, "/version-1"])
def test_for_everybody_else_there_is_no_workshop(as_: Any, cast: SimpleNamespace, door: str) -> None:
    statuses = {
        who: as_(getattr(cast, who)).get(HERE + door).status_code for who in ("ana", "sam", "paul", "ada", "ines")
    }
    assert statuses == {"ana": 404, "sam": 404, "paul": 404, "ada": 200, "ines": 200}


@pytest.mark.parametrize("path", ["/champ?cle=nothing", "/champ?cle=%00", "/partie", "/nouveau-champ", "/version-99"])
def test_what_does_not_exist_is_nowhere(ines: FreshClient, path: str) -> None:
    assert ines.get(HERE + path).status_code == 404


# --- the list ---------------------------------------------------------------------------------------------------------


def test_looking_begins_no_draft_and_the_first_change_does(ines: FreshClient) -> None:
    assert "Voici la version en vigueur." in ines.get(HERE).text
    assert drafts() == []
    assert press(ines, "field-up", "audience", 0).location == f"{HERE}#ligne-audience"
    assert drafts() == [(1, editing.moved_field(default_definition(), "audience", -1))]
    page = ines.get(HERE).text
    assert "Qui était là\u00a0: déplacé" in page
    assert "Modifiée par Inès Caron" in page


def test_a_field_is_retired_and_asked_for_again(ines: FreshClient) -> None:
    press(ines, "retire", "effects", 0)
    assert "Les effets observés\u00a0: retiré" in ines.get(HERE).text
    press(ines, "ask", "effects", 1)
    assert "Rien ne la distingue encore de la version en vigueur." in ines.get(HERE).text


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"retire": "account"}, 403),
        ({"retire": "nothing"}, 404),
        ({"section-up": "account"}, 404),  # a field is no section
        ({}, 400),
        ({"retire": "effects", "ask": "effects"}, 400),
        ({"explode": "effects"}, 400),
    ],
)
def test_a_button_that_is_not_there_changes_nothing(ines: FreshClient, sent: dict[str, str], status: int) -> None:
    assert ines.post(f"{HERE}/changer", data={"revision": 0, **sent}).status_code == status
    assert drafts() == []


@pytest.mark.parametrize("revision", ["1", "", "-1", "x", "99999999999999999999"])
def test_a_button_of_an_older_page_changes_nothing_and_says_so(ines: FreshClient, revision: str) -> None:
    answer = ines.post(f"{HERE}/changer", data={"retire": "effects", "revision": revision}, follow_redirects=True)
    assert "Quelqu’un d’autre a modifié le formulaire entre-temps." in answer.text
    assert drafts() == []


# --- words ------------------------------------------------------------------------------------------------------------


def test_the_page_of_a_field_sent_as_it_came_changes_nothing(ines: FreshClient) -> None:
    for field in ("account", "step", "authority", "urgency", "defences", "pseudonyms"):
        assert edit(ines, field).status_code == 302
    (_revision, definition) = drafts()[0]
    assert "Rien ne la distingue encore" in ines.get(HERE).text
    assert editing.keys_in(definition) == editing.keys_in(default_definition())


def test_a_question_is_worded_anew_in_both_languages(ines: FreshClient) -> None:
    assert edit(ines, "effects", **QUESTION, required="y").location == f"{HERE}#ligne-effects"
    field = editing.field_of(drafts()[0][1], "effects")
    assert (field["label"], field["required"]) == ({"fr": QUESTION["label_fr"], "en": QUESTION["label_en"]}, True)
    assert "Le lieu, en un mot" in ines.get(f"{HERE}/apercu").text


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"label_fr": ""}, "label_fr"),
        ({"label_en": " \u200b "}, "label_en"),
        ({"help_en": ""}, "help_en"),
        ({"label_fr": "x" * 301}, "label_fr"),
        ({"option_0_en": ""}, "option_0_en"),
        ({"option_0_fr": "", "option_0_en": ""}, "option_0_fr"),
        ({"option_6_fr": "Nouvelle"}, "option_6_en"),
        ({"option_0_place": "0"}, "option_0_place"),
    ],
)
def test_words_that_are_missing_in_one_language_are_named_at_their_field(
    ines: FreshClient, changes: dict[str, str], named: str
) -> None:
    edit(ines, "step", help_fr="Une aide", help_en="Some help")
    page = edit(ines, "step", **changes)
    assert (page.status_code, f'id="{named}-error"' in page.text) == (422, True)
    assert drafts()[0][0] == 1


def test_options_are_worded_ordered_added_and_retired(ines: FreshClient) -> None:
    edit(
        ines,
        "step",
        option_6_fr="Entre deux séances",
        option_6_en="Between two sessions",
        option_6_place="4",
        option_5_retired="y",
    )
    options = editing.field_of(drafts()[0][1], "step")["options"]
    assert [(option["key"], option["retired"]) for option in options] == [
        ("request", False),
        ("preparing", False),
        ("first", False),
        ("under-way", False),
        ("q_entre_deux_seances", False),
        ("last", False),
        ("afterwards", True),
    ]
    page = ines.get(f"{HERE}/apercu").text
    assert "Entre deux séances" in page
    assert "Bilan, ou après coup" not in page


def test_an_option_with_a_key_of_somewhere_else_gets_one_of_its_own(ines: FreshClient) -> None:
    words = {"option_6_fr": "Autre", "option_6_en": "Other", "option_6_key": "../../etc/passwd"}
    edit(ines, "step", **words)
    assert editing.field_of(drafts()[0][1], "step")["options"][-1]["key"] == "q_autre"


def test_a_section_is_worded_and_says_how_many_competences_it_asks_for(ines: FreshClient) -> None:
    page = ines.get(f"{HERE}/partie?cle=lecture").text
    sent = {**fields_in(page), "title_fr": "Lire la situation", "title_en": "Reading it", "at_least": "3"}
    assert ines.post(f"{HERE}/partie", data=sent).status_code == 302
    section = editing.section_of(drafts()[0][1], "lecture")
    assert (section["title"]["fr"], section["at_least"]) == ("Lire la situation", {"kind": "competence", "count": 3})
    assert ines.post(f"{HERE}/partie", data={**sent, "at_least": "7"}).status_code == 422
    assert ines.post(f"{HERE}/partie", data={**sent, "revision": 1, "at_least": "0"}).status_code == 302
    assert editing.section_of(drafts()[0][1], "lecture")["at_least"] is None


# --- something new ----------------------------------------------------------------------------------------------------


def test_a_field_is_added_to_a_section(ines: FreshClient) -> None:
    new = {"key": "recit", "revision": 0, "rows": 6, "kind": "choice", **QUESTION}
    options = {"option_0_fr": "Salle", "option_0_en": "Room", "option_1_fr": "Jardin", "option_1_en": "Garden"}
    added = ines.post(f"{HERE}/nouveau-champ", data={**new, **options})
    assert added.location == f"{HERE}#ligne-q_le_lieu_en_un_mot"
    field = editing.field_of(drafts()[0][1], "q_le_lieu_en_un_mot")
    assert [option["key"] for option in field["options"]] == ["q_salle", "q_jardin"]
    again = ines.post(f"{HERE}/nouveau-champ", data={**new, "kind": "line", "revision": 1})
    assert again.location == f"{HERE}#ligne-q_le_lieu_en_un_mot_2"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"label_fr": ""}, 422),
        ({"kind": "competence"}, 422),  # there are six
        ({"kind": "person"}, 422),
        ({"kind": ""}, 422),
        ({"key": "nowhere"}, 404),
        ({"rows": "99999999"}, 302),
        ({"rows": "²"}, 302),
    ],
)
def test_what_cannot_be_added_is_refused(ines: FreshClient, changes: dict[str, str], status: int) -> None:
    new = {"key": "recit", "revision": 0, "kind": "line", **QUESTION, **changes}
    assert ines.post(f"{HERE}/nouveau-champ", data=new).status_code == status
    assert len(drafts()) == (status == 302)


def test_a_section_is_added_and_shows_once_it_has_a_field(ines: FreshClient) -> None:
    words = {"title_fr": "Suites", "title_en": "What follows"}
    added = ines.post(f"{HERE}/nouvelle-partie", data={**words, "revision": 0})
    assert added.location == f"{HERE}#ligne-q_suites"
    assert "Suites" not in ines.get(f"{HERE}/apercu").text
    ines.post(f"{HERE}/nouveau-champ", data={"key": "q_suites", "kind": "line", **QUESTION})
    assert "<h2>Suites</h2>" in ines.get(f"{HERE}/apercu").text


# --- publishing -------------------------------------------------------------------------------------------------------


def test_publishing_makes_the_next_version_and_is_recorded(ines: FreshClient, cast: SimpleNamespace) -> None:
    press(ines, "retire", "effects", 0)
    assert "Publier la version 2" in ines.get(HERE).text
    assert publish(ines, 2, 1).status_code == 302
    assert rows(select(FormVersion.number, FormVersion.published_by).where(FormVersion.number > 1)) == [
        (2, cast.ines.id)
    ]
    assert drafts() == []
    assert acts("form-published") == [("form-published", cast.ines.id, "form/2")]
    page = ines.get(HERE).text
    assert "La version 2 du formulaire est publiée" in page
    for number, shown in ((1, True), (2, False)):
        assert ("Les effets observés" in ines.get(f"{HERE}/version-{number}").text) is shown


def test_publishing_twice_publishes_once(ines: FreshClient) -> None:
    press(ines, "retire", "effects", 0)
    first, second = publish(ines, 2, 1), publish(ines, 2, 1)
    assert (first.status_code, second.status_code) == (302, 302)
    assert "Quelqu’un d’autre a modifié le formulaire entre-temps." in ines.get(HERE).text
    assert len(rows(select(FormVersion.id).where(FormVersion.number > 0))) == 2


@pytest.mark.parametrize(("number", "revision"), [(3, 1), (1, 1), (2, 2), (2, 0), ("", ""), ("x", "y")])
def test_a_confirmation_that_names_another_number_or_an_older_draft_publishes_nothing(
    ines: FreshClient, number: Any, revision: Any
) -> None:
    press(ines, "retire", "effects", 0)
    publish(ines, number, revision)
    assert (len(rows(select(FormVersion.id).where(FormVersion.number > 1))), len(drafts())) == (0, 1)


def test_a_form_with_a_problem_is_not_published_and_the_problem_stands_beside_its_field(
    ines: FreshClient, cast: SimpleNamespace, now: Any
) -> None:
    broken = editing.with_changes(default_definition(), "effects", {"label": {"fr": "Effets", "en": ""}})
    actions.save_draft(actor=cast.ines, definition=broken, revision=0, now=now)
    db.session.commit()
    assert "Publier la version" not in ines.get(HERE).text
    page = publish(ines, 2, 1)
    assert page.status_code == 422
    line = page.text.split('id="ligne-effects"')[1].split("</li>")[0]
    assert "Il manque des mots dans l’une des deux langues." in line
    assert len(drafts()) == 1


def test_throwing_the_next_version_away_leaves_the_one_in_force(ines: FreshClient) -> None:
    press(ines, "retire", "effects", 0)
    ines.post(f"{HERE}/abandonner", data={"revision": 7})
    assert len(drafts()) == 1
    ines.post(f"{HERE}/abandonner", data={"revision": 1})
    assert drafts() == []
    current = queries.current()
    assert current is not None
    assert current.number == 1


def test_a_published_form_never_changes(ines: FreshClient) -> None:
    press(ines, "retire", "effects", 0)
    publish(ines, 2, 1)
    press(ines, "retire", "audience", 0)
    in_two = queries.by_number(2)
    assert in_two is not None
    assert editing.field_of(in_two.definition, "audience")["retired"] is False


# --- two officers -----------------------------------------------------------------------------------------------------


def test_the_second_officer_is_shown_both_wordings_and_may_then_choose(as_: Any, cast: SimpleNamespace) -> None:
    ines, ada = as_(cast.ines), as_(cast.ada)
    opened = fields_in(ada.get(f"{HERE}/champ?cle=effects").text)
    edit(ines, "effects", label_fr="De Inès", label_en="By Inès")
    mine = {**opened, "label_fr": "De Ada", "label_en": "By Ada"}
    page = ada.post(f"{HERE}/champ", data=mine)
    assert page.status_code == 409
    assert '<div class="prose text">De Inès</div>' in page.text
    assert re.search(r'name="label_fr"[^>]*value="De Ada"', page.text)
    assert editing.field_of(drafts()[0][1], "effects")["label"]["fr"] == "De Inès"
    again = {**mine, "revision": fields_in(page.text)["revision"]}
    assert ada.post(f"{HERE}/champ", data=again).status_code == 302
    assert editing.field_of(drafts()[0][1], "effects")["label"]["fr"] == "De Ada"


def test_what_the_other_officer_published_meanwhile_is_not_overwritten(as_: Any, cast: SimpleNamespace) -> None:
    ines, ada = as_(cast.ines), as_(cast.ada)
    press(ines, "retire", "effects", 0)
    opened = fields_in(ada.get(f"{HERE}/champ?cle=audience").text)
    publish(ines, 2, 1)
    assert ada.post(f"{HERE}/champ", data={**opened, **QUESTION}).status_code == 409
    assert drafts() == []


def test_two_begin_the_next_version_and_one_is_told(cast: SimpleNamespace, now: Any) -> None:
    actions.save_draft(actor=cast.ines, definition=default_definition(), revision=0, now=now)
    with pytest.raises(StaleForm):
        actions.save_draft(actor=cast.ada, definition=default_definition(), revision=0, now=now)


def test_the_list_costs_the_same_with_many_versions(
    ines: FreshClient, cast: SimpleNamespace, now: Any, statements: Any
) -> None:
    press(ines, "retire", "effects", 0)
    ines.get(HERE)
    statements()
    ines.get(HERE)
    few = len(statements())
    for number in range(2, 22):
        db.session.add(FormVersion(number=number, definition=default_definition(), published_at=now))
    db.session.commit()
    statements()
    ines.get(HERE)
    assert len(statements()) == few


def test_before_the_first_situation_the_form_that_comes_with_prisme_is_in_hand(as_: Any, cast: SimpleNamespace) -> None:
    ana, ines = as_(cast.ana), as_(cast.ines)
    desk.begin(ana)
    assert "Version 1" in ines.get(HERE).text
    assert "fournie avec Prisme" in ines.get(HERE).text
