"""A hostile file name comes out calm, whatever it was."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.attachments.names import LONGEST, display_name

RLO, ZWSP, CYRILLIC_J = "\u202e", "\u200b", "\u0458"


@pytest.mark.parametrize(
    ("given_name", "extension", "expected"),
    [
        ("Plan de la salle.pdf", "pdf", "Plan de la salle.pdf"),
        ("séance 3, le cercle.JPEG", "jpg", "séance 3, le cercle.jpg"),
        ("../../etc/passwd", "png", "passwd.png"),
        ("C:\\Documents\\Ana\\dessin.png", "png", "dessin.png"),
        (f"facture{RLO}fdp.exe", "pdf", "facturefdp.pdf"),
        (f"dessin{ZWSP}.p\x00n\x1fg", "png", "dessin.png"),
        ("x" * 300 + ".pdf", "pdf", "x" * 76 + ".pdf"),
        ("CON", "pdf", "pièce.pdf"),
        ("con.png", "png", "pièce.png"),
        ("LPT1.pdf.pdf", "pdf", "LPT1-pdf.pdf"),
        ("..htaccess", "jpg", "htaccess.jpg"),
        (".env", "jpg", "pièce.jpg"),
        (f"photo.{CYRILLIC_J}pg", "png", "photo.png"),
        ("programme.exe", "pdf", "programme.pdf"),
        ("programme.exe.pdf", "pdf", "programme-exe.pdf"),
        ('a<b>c:d"e|f?g*h.pdf', "pdf", "a-b-c-d-e-f-g-h.pdf"),
        ("a\r\nContent-Type: text-html.pdf", "pdf", "aContent-Type- text-html.pdf"),
        ("z" + "\u0301" * 500 + "ut.pdf", "pdf", "ź\u0301\u0301ut.pdf"),
        ("   .pdf", "pdf", "pièce.pdf"),
        ("", "pdf", "pièce.pdf"),
        ("\ud800.pdf", "pdf", "pièce.pdf"),
        ("ordinateur 🖥.png", "png", "ordinateur 🖥.png"),
    ],
)
def test_a_name_keeps_its_words_and_takes_the_extension_of_its_content(
    given_name: str, extension: str, expected: str
) -> None:
    assert display_name(given_name, extension, unnamed="pièce") == expected


@pytest.mark.parametrize(
    ("given_name", "expected"),
    [
        ("IMG_20261122_183000.jpg", "IMG.jpg"),
        ("PXL_20261122_183000123.jpg", "PXL.jpg"),
        ("2026-11-22 18.30.00.jpg", "pièce.jpg"),
        ("WhatsApp Image 2026-11-22 at 18.30.45.jpeg", "WhatsApp Image at.jpg"),
        ("Capture d’écran du 2026-11-22 18-30-45.png", "Capture d’écran du.jpg"),
        ("tableau 12-11-2026.png", "tableau.jpg"),
        ("cercle 18h30.png", "cercle.jpg"),
        ("IMG_4711.HEIC", "IMG_4711.jpg"),
        ("séance 2 sur 10.png", "séance 2 sur 10.jpg"),
    ],
)
def test_the_day_and_hour_that_a_telephone_writes_into_a_name_are_left_out(given_name: str, expected: str) -> None:
    assert display_name(given_name, "jpg", unnamed="pièce") == expected


@given(st.text(st.characters(), max_size=400), st.sampled_from(["jpg", "png", "pdf"]))
def test_no_name_hides_or_reorders_anything_nor_leaves_its_folder(given_name: str, extension: str) -> None:
    name = display_name(given_name, extension, unnamed="pièce")
    stem, _, end = name.rpartition(".")
    assert (end, len(name) <= LONGEST, len(name.encode()) <= 255) == (extension, True, True)
    assert stem == stem.strip(" .-_~")
    assert stem
    assert not re.search(r'[<>:"|?*./\\]', stem)
    assert {unicodedata.category(character)[0] for character in name}.isdisjoint({"C"})
    assert display_name(name, extension, unnamed="pièce").rpartition(".")[2] == extension
