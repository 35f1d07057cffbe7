"""What people wrote stays what they wrote: no sign of theirs becomes a heading, a link or a command."""

from __future__ import annotations

import html
import re
import subprocess
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from supervision.cases.export.markdown import render
from supervision.forms import clean_text
from supervision.typesetting import press
from supervision.typesetting.document import Document, Paragraph, Run, byline, facts, formatted, heading, note, prose

HOSTILE = [
    "# Un titre",
    "Un titre\n=======",
    "Un titre\n---",
    "---",
    "***",
    "<script>alert(1)</script>",
    "<!-- caché -->",
    "[un lien](javascript:alert(1)) ![image](http://x.example/y.png)",
    "[ref]: http://x.example 'titre'",
    "```\ncode\n```",
    "    du code",
    "\tdu code",
    "- une\n- deux\n\n1. un\n2) deux\n+ trois",
    "> cité",
    "a\\\\b \\* \\",
    "&lt;b&gt; &amp; &#35;",
    "*gras* _it_ ~~non~~ `x` $x^2$ | a | b |\n|---|---|",
    '#strong[x] #import "@preview/x:1.0.0": * $ #sys.inputs \\u{1F600} @ref <label> // non /* non */',
    "fin\\",
    "a\n\n\n\nb",
    "1234567890. trop long",
    "émoji 🙂 et \u202etexte renversé",
    "- [ ] à faire",
    "term\n: définition",
]


def document(*blocks: object, title: str = "Titre") -> Document:
    return Document(title, "fr", "Confidentiel.", "Copie", "Ana", tuple(blocks))  # type: ignore[arg-type]


def parts(text: str) -> list[tuple[str, str]]:
    """What a reader of Markdown finds: the kind of each block, and its words."""
    tokens = MarkdownIt("commonmark").parse(text)
    found = []
    for opened, inline in pairwise(tokens):
        if inline.type == "inline":
            kinds = {child.type for child in inline.children or []}
            assert not kinds & {"link_open", "image", "html_inline", "code_inline"}, (text, kinds)
            words = "".join(child.content or "\n" * child.type.endswith("break") for child in inline.children or [])
            found.append((opened.tag or opened.type, words))
    assert not {token.type for token in tokens} & {"fence", "code_block", "html_block"}, text
    return found


def same(text: str) -> list[str]:
    """The words of each paragraph as they should be found again; blanks at an edge are nothing."""
    lines = [re.sub(r"\s+", " ", line).strip() for line in clean_text(text).split("\n")]
    return [line for line in lines if line]


def words_in(found: list[tuple[str, str]]) -> list[str]:
    return same("\n".join(words for _tag, words in found))


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_comes_back_as_it_was_written(text: str) -> None:
    found = parts(render(document(prose(text, "fr"))))
    assert [tag for tag, _words in found if tag != "p"] == ["h1"]
    assert words_in(found[2:-1]) == same(text)


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="aé1 \n\t\\`*_[]<>&#+-=.()!|~$^:>'\"", max_size=60))
def test_any_text_comes_back_as_it_was_written(text: str) -> None:
    found = parts(render(document(prose(text, "fr"))))
    assert [tag for tag, _words in found if tag != "p"] == ["h1"]
    assert words_in(found[2:-1]) == same(text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_title_a_label_and_a_quotation_are_no_way_in_either(text: str) -> None:
    made = document(heading(2, text), byline(text), facts([(text, text)]), note(1, text, text, "fr"), title=text)
    tags = [tag for tag, _words in parts(render(made))]
    assert [tag for tag in tags if tag != "p"] == ["h1", "h2"]


def test_formatted_text_keeps_what_the_screen_shows_of_it() -> None:
    text = (
        "- un **mot** et *un autre*\n- deux\n  1. dessous\n\n> cité\n\n<b>non</b> [lien](http://x.example) # non\nligne"
    )
    block = formatted(text, "fr")
    kinds = [(each.kind, each.depth, each.number, each.text) for each in block.paragraphs]
    assert kinds == [
        ("item", 0, 0, "un mot et un autre"),
        ("item", 0, 0, "deux"),
        ("numbered", 1, 1, "dessous"),
        ("quote", 0, 0, "cité"),
        ("p", 0, 0, "<b>non</b> lien # non\nligne"),
    ]
    assert block.paragraphs[0] == Paragraph(
        (Run("un "), Run("mot", strong=True), Run(" et "), Run("un autre", em=True)), "item"
    )
    made = MarkdownIt("commonmark").render(render(document(block)))
    assert "<strong>mot</strong>" in made
    assert "<em>un autre</em>" in made
    assert html.escape("<b>non</b>", quote=False) in made


# --- the PDF ----------------------------------------------------------------------------------------------------------


def words_of(pdf: bytes, folder: Path) -> str:
    file = folder / "made.pdf"
    file.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(file), "-"], capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


@pytest.mark.slow
def test_the_pdf_says_hostile_text_as_it_is_and_nothing_runs(tmp_path: Path) -> None:
    blocks = [prose(text, "fr") for text in HOSTILE] + [formatted(text, "fr") for text in HOSTILE]
    pdf = press.pdf(document(*blocks, note(1, "« cité »", "#panic()", "fr"), title="#panic() *x*"))
    said = words_of(pdf, tmp_path)
    for text in ("#panic() *x*", "<script>alert(1)</script>", '#import "@preview/x:1.0.0"', "Confidentiel.", "1 / "):
        assert text in said.replace("1/", "1 / "), text
    assert [mark in pdf for mark in (b"pdfaid:part", b"pdfuaid:part", b"/JavaScript")] == [True, True, False]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said", "lasts"),
    [
        ("Bravo 🙂🙂 et 👩‍👧", "Bravo [slightly smiling face][slightly smiling face] et [woman][girl]", True),
        ("Слово и λόγος", "Слово и λόγος", True),
        ("Un mot chinois : 中", "Un mot chinois :", False),
    ],
)
def test_what_the_fonts_cannot_show_is_named_or_left_blank(tmp_path: Path, text: str, said: str, lasts: bool) -> None:
    pdf = press.pdf(document(prose(text, "fr")))
    assert (said in words_of(pdf, tmp_path).replace("\u00a0", " "), b"pdfaid:part" in pdf) == (True, lasts)


@pytest.mark.slow
def test_a_situation_of_three_thousand_words_is_set_in_seconds(tmp_path: Path) -> None:
    blocks = [prose("Le groupe arrive en retard, et personne ne parle. " * 60, "fr")] * 30
    assert "retard" in words_of(press.pdf(document(*blocks)), tmp_path)


def test_what_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(press, "PATIENCE", 0.01)
    with pytest.raises(press.NotSet):
        press.pdf(document(prose("Long.", "fr")))


def test_a_document_is_plain_data() -> None:
    assert asdict(document(prose("a", "fr")))["blocks"][0]["paragraphs"][0]["runs"][0]["text"] == "a"
