"""The seal of the association on a PDF: whoever has the certificate finds every byte that was changed since.

The key is made when it is first needed, in the instance folder, readable by its owner alone; backups leave it out, as
they leave out the master keys. A self-signed certificate proves that the file is untouched and came from here, no more;
docs/running.md says how a bought one takes its place.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

FILE = "seal.pem"  # in the instance folder: the private key, then the certificate and what it needs
YEARS = timedelta(days=365 * 20)
PATIENCE = 25  # seconds
_CHILD = Path(__file__).with_name("child.py")
log = structlog.get_logger("proof")


class NotSealed(Exception):
    """The seal could not be put; the document must say so."""


def certificate(folder: Path, *, name: str, now: datetime) -> bytes:
    """The public part, as PEM; the key is made if there is none."""
    _ensure(folder, name=name, now=now)
    text = (folder / FILE).read_text()
    return text[text.index("-----BEGIN CERTIFICATE-----") :].encode()


def sealed(pdf: bytes, folder: Path, *, name: str, reason: str, now: datetime) -> bytes:
    """The same PDF with the seal of the association.

    Raises:
        NotSealed: the key cannot be used, or it took too long.
    """
    try:
        _ensure(folder, name=name, now=now)
        head = json.dumps({"file": str(folder / FILE), "name": name, "reason": reason})
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-I", str(_CHILD), os.pathsep.join(path for path in sys.path if path)],
            input=head.encode() + b"\n" + pdf,
            capture_output=True,
            env={name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ},
            timeout=PATIENCE,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise NotSealed from error
    if done.returncode != 0 or not done.stdout.startswith(b"%PDF-"):
        log.error("sealing-ended", code=done.returncode)
        raise NotSealed
    return done.stdout


def _ensure(folder: Path, *, name: str, now: datetime) -> None:
    """Make the key and its certificate, whole or not at all; of two processes that do so at once one wins."""
    file = folder / FILE
    if file.exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    own = _self_signed(key, name, now).public_bytes(serialization.Encoding.PEM)
    folder.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{FILE}.{secrets.token_hex(8)}.new")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.write(private + own)
        stream.flush()
        os.fsync(stream.fileno())
    with contextlib.suppress(FileExistsError):
        os.link(temporary, file)
    temporary.unlink()


def _self_signed(key: ec.EllipticCurvePrivateKey, name: str, now: datetime) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])  # X.520: 64 characters at most
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    begins = now.astimezone(UTC) - timedelta(days=1)
    made = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(begins + YEARS)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return made.add_extension(usage, critical=True).sign(key, hashes.SHA256())
