"""A setting that makes no sense is complained about by its name."""

from __future__ import annotations

import pytest

import config


@pytest.mark.parametrize("nonsense", ["one", "-1", "1.5", "²", "1 2"])
def test_a_number_of_proxies_that_is_none_is_a_complaint(nonsense: str) -> None:
    with pytest.raises(config.Misconfigured) as error:
        config.from_environment({"TRUSTED_PROXIES": nonsense})
    assert str(error.value) == f"TRUSTED_PROXIES is {nonsense!r}: give a number, 0 or more."


def test_production_lists_it_among_everything_else() -> None:
    with pytest.raises(config.Misconfigured) as error:
        config.from_environment({"APP_ENV": "production", "TRUSTED_PROXIES": "many"})
    complaints = str(error.value).splitlines()
    assert complaints[:2] == ["TRUSTED_PROXIES is 'many': give a number, 0 or more.", "DATABASE_URL is not set."]


@pytest.mark.parametrize(("text", "number"), [("", 0), ("0", 0), ("2", 2)])
def test_a_number_is_taken(text: str, number: int) -> None:
    assert config.from_environment({"TRUSTED_PROXIES": text}).trusted_proxies == number
