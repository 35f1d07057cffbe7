"""The seal on a PDF: pyHanko finds it whole, finds a flipped byte, and the key lies where only its owner reads it."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from supervision.deontology.proof import seal
from supervision.typesetting import press
from supervision.typesetting.document import Document, byline
from tests.facts import together

NAME = "Association Rives et Passages"


@pytest.fixture(scope="module")
def pdf() -> bytes:
    return press.pdf(Document("Preuve", "fr", "", "Preuve", NAME, (byline("Le 1er mars 2026."),)))


def found(made: bytes, folder: Path) -> tuple[bool, bool]:
    """What pyHanko says, trusting the certificate that the association hands out: (intact, valid)."""
    _, _, der = pem.unarmor((folder / seal.FILE).read_bytes().partition(b"-----END PRIVATE KEY-----")[2].lstrip())
    trusted = ValidationContext(trust_roots=[asn1_x509.Certificate.load(der)])
    signature = PdfFileReader(BytesIO(made)).embedded_signatures[0]
    with ThreadPoolExecutor(1) as apart:  # it runs a loop of its own, where a browser of the tests may have one
        status = apart.submit(validate_pdf_signature, signature, trusted).result()
    return status.intact, status.bottom_line


def test_the_seal_is_whole(pdf: bytes, tmp_path: Path, now_: datetime) -> None:
    made = seal.sealed(pdf, tmp_path, name=NAME, reason="Preuve", now=now_)
    assert made.startswith(pdf)
    assert found(made, tmp_path) == (True, True)
    assert b"pdfaid:part" in made or b"pdfaid" in made


@pytest.mark.parametrize("place", [0.2, 0.5, 0.8])
def test_a_flipped_byte_is_found(pdf: bytes, tmp_path: Path, now_: datetime, place: float) -> None:
    made = bytearray(seal.sealed(pdf, tmp_path, name=NAME, reason="Preuve", now=now_))
    stream = pdf.index(b"stream", int(len(pdf) * place) - 400) + 20  # in a compressed stream: the file still opens
    made[stream] ^= 1
    assert found(bytes(made), tmp_path) == (False, False)


def test_the_key_is_read_by_its_owner_alone_and_made_once(pdf: bytes, tmp_path: Path, now_: datetime) -> None:
    made = together(4, lambda: seal.certificate(tmp_path, name=NAME, now=now_))
    assert len(set(made)) == 1
    assert b"PRIVATE" not in made[0]
    assert stat.S_IMODE((tmp_path / seal.FILE).stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == [seal.FILE]


@pytest.fixture
def now_() -> datetime:
    return datetime.now().astimezone()
