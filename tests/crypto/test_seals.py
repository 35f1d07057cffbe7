"""Seals: what was moved, altered or sealed with another key does not open; key files are written whole."""

from __future__ import annotations

import base64
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision import crypto
from supervision.crypto import Keyring, MasterKeyMissing, SealBroken, WrappedKey

KEY = bytes(range(32))
PLACE = "feedback|sealed|0190"


@given(st.binary(max_size=500), st.text(max_size=50))
def test_what_is_sealed_opens_again(plain: bytes, place: str) -> None:
    assert crypto.unseal(KEY, crypto.seal(KEY, plain, belongs_to=place), belongs_to=place) == plain


@given(st.dictionaries(st.text(), st.one_of(st.text(), st.booleans(), st.none())))
def test_fields_keep_their_values(fields: dict[str, Any]) -> None:
    assert crypto.unseal_fields(KEY, crypto.seal_fields(KEY, fields, belongs_to=PLACE), belongs_to=PLACE) == fields


def test_sealing_twice_never_gives_the_same_bytes() -> None:
    assert len({crypto.seal(KEY, b"same", belongs_to=PLACE) for _ in range(100)}) == 100


@given(st.integers(0, 40), st.integers(1, 255))
def test_one_changed_byte_anywhere_is_noticed(position: int, change: int) -> None:
    sealed = bytearray(crypto.seal(KEY, b"a text of some length", belongs_to=PLACE))
    sealed[position] ^= change
    with pytest.raises(SealBroken):
        crypto.unseal(KEY, bytes(sealed), belongs_to=PLACE)


@pytest.mark.parametrize("cut", [0, 1, 12, 13, 20, 28])
def test_a_truncated_value_is_noticed(cut: int) -> None:
    with pytest.raises(SealBroken):
        crypto.unseal(KEY, crypto.seal(KEY, b"text", belongs_to=PLACE)[:cut], belongs_to=PLACE)


@pytest.mark.parametrize("place", ["feedback|sealed|0191", "answer|sealed|0190", "feedback|sealed_title|0190", ""])
def test_a_value_that_was_moved_does_not_open(place: str) -> None:
    with pytest.raises(SealBroken):
        crypto.unseal(KEY, crypto.seal(KEY, b"text", belongs_to=PLACE), belongs_to=place)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        crypto.unseal(crypto.new_key(), crypto.seal(KEY, b"text", belongs_to=PLACE), belongs_to=PLACE)


def test_the_words_of_a_broken_seal_hold_none_of_the_text() -> None:
    with pytest.raises(SealBroken) as caught:
        crypto.unseal(KEY, b"\x01" + b"SECRET" * 10, belongs_to=PLACE)
    assert "SECRET" not in repr(caught.value)


# --- the key file -----------------------------------------------------------------------------------------------------


def keys(file: Path, *generations: int) -> Keyring:
    crypto.write_key_file(file, {generation: crypto.new_key() for generation in generations})
    return Keyring(file)


def test_only_its_owner_reads_the_key_file(tmp_path: Path) -> None:
    file = tmp_path / "new" / "master.keys"
    keys(file, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.chmod(0o644)
    keys(file, 1, 2)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_a_key_file_survives_writing_and_reading(tmp_path: Path) -> None:
    written = {generation: crypto.new_key() for generation in (1, 2, 10)}
    crypto.write_key_file(tmp_path / "k", written)
    assert crypto.read_key_file(tmp_path / "k") == written


@pytest.mark.parametrize(
    "content",
    [
        "",
        "\n\n",
        "nonsense",
        "1:",
        "1:AAAA",
        "x:" + base64.b64encode(KEY).decode(),
        "1:" + base64.b64encode(KEY).decode() + "\n2:half",
        "1:" + base64.b64encode(KEY + b"x").decode(),
    ],
)
def test_a_damaged_key_file_is_refused_without_showing_what_is_in_it(tmp_path: Path, content: str) -> None:
    file = tmp_path / "master.keys"
    file.write_text(content)
    with pytest.raises(MasterKeyMissing) as caught:
        crypto.read_key_file(file)
    assert base64.b64encode(KEY).decode() not in str(caught.value)


def test_a_binary_key_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "k").write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(MasterKeyMissing):
        crypto.read_key_file(tmp_path / "k")


def test_the_newest_generation_wraps_and_all_unwrap(tmp_path: Path) -> None:
    ring, key = keys(tmp_path / "k", 1, 2, 10), crypto.new_key()
    wrapped = ring.wrap(key, belongs_to="case_key|wrapped|1")
    assert (wrapped.generation, ring.unwrap(wrapped, belongs_to="case_key|wrapped|1")) == (10, key)


def test_a_wrapped_key_belongs_to_its_case_and_generation(tmp_path: Path) -> None:
    ring = keys(tmp_path / "k", 1)
    wrapped = ring.wrap(crypto.new_key(), belongs_to="case_key|wrapped|1")
    crypto.write_key_file(tmp_path / "k", {1: ring.master(1), 2: ring.master(1)})
    for moved, place in ((wrapped, "case_key|wrapped|2"), (WrappedKey(2, wrapped.sealed), "case_key|wrapped|1")):
        with pytest.raises(SealBroken):
            ring.unwrap(moved, belongs_to=place)


def test_a_running_process_meets_a_new_generation_in_the_file(tmp_path: Path) -> None:
    file = tmp_path / "k"
    old = keys(file, 1)
    assert old.current == 1
    crypto.write_key_file(file, {1: old.master(1), 2: crypto.new_key()})
    new = Keyring(file).wrap(KEY, belongs_to="p")
    assert (old.unwrap(new, belongs_to="p"), old.current) == (KEY, 2)


def test_a_change_of_the_file_while_it_is_read_is_seen_next_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "k"
    ring, read = keys(file, 1), crypto.read_key_file

    def read_then_rotate(path: Path) -> dict[int, bytes]:
        found = read(path)
        monkeypatch.setattr(crypto, "read_key_file", read)
        crypto.write_key_file(path, {**found, 2: crypto.new_key()})
        return found

    monkeypatch.setattr(crypto, "read_key_file", read_then_rotate)
    assert [ring.current, ring.current] == [1, 2]


def test_a_generation_that_is_nowhere_is_named(tmp_path: Path) -> None:
    ring = keys(tmp_path / "k", 2)
    with pytest.raises(MasterKeyMissing, match="generation 1 is not in k"):
        ring.master(1)
