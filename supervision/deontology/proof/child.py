"""The process that puts the seal on a PDF: pyHanko takes a second to load and is asked for rarely.

Run by `seal`, as a program: on standard input a line of JSON (the key file, the name, the reason) and then the PDF, on
standard output the sealed PDF.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

FIELD = "Seal"


def main() -> None:
    sys.path[:] = sys.argv[1].split(os.pathsep)
    head, _, pdf = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    sys.stdout.buffer.write(_sealed(pdf, Path(asked["file"]).read_bytes(), asked["name"], asked["reason"]))


def _sealed(pdf: bytes, pem: bytes, name: str, reason: str) -> bytes:
    """The same PDF with a signature appended: not one byte of it is written anew."""
    sign = importlib.import_module("pyhanko.sign")
    writer = importlib.import_module("pyhanko.pdf_utils.incremental_writer")
    fields = importlib.import_module("pyhanko.sign.fields")
    signature = sign.PdfSignatureMetadata(
        field_name=FIELD, name=name, reason=reason, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    made = sign.sign_pdf(writer.IncrementalPdfFileWriter(BytesIO(pdf)), signature, signer=_signer(sign, pem))
    return bytes(made.getbuffer())


def _signer(sign: Any, pem: bytes) -> Any:
    """With the certificates that stand behind the first one, so that a reader finds the way to one it trusts."""
    armour = importlib.import_module("asn1crypto.pem")
    certificates = importlib.import_module("asn1crypto.x509")
    keys = importlib.import_module("asn1crypto.keys")
    store = importlib.import_module("pyhanko_certvalidator.registry").SimpleCertificateStore()
    parts = [(kind, der) for kind, _, der in armour.unarmor(pem, multiple=True)]
    chain = [certificates.Certificate.load(der) for kind, der in parts if kind == "CERTIFICATE"]
    (key,) = (keys.PrivateKeyInfo.load(der) for kind, der in parts if kind == "PRIVATE KEY")
    store.register_multiple(chain[1:])
    return sign.SimpleSigner(signing_cert=chain[0], signing_key=key, cert_registry=store)


if __name__ == "__main__":
    main()
