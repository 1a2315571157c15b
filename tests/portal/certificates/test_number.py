"""Certificate numbers: what the check character finds, and how people may type them."""

import itertools
import random

import pytest

from portal.certificates.number import CertificateNumber, NumberError, check_character, is_valid, pattern


def test_check_character_agrees_with_published_iso_7064_mod_11_2_examples() -> None:
    # ORCID's documentation: 0000-0002-1825-0097 and 0000-0002-1694-233X; ISO 7064 example 0794 gives 0.
    assert check_character("000000021825009") == "7"
    assert check_character("000000021694233") == "X"
    assert check_character("0794") == "0"


def numbers(count: int) -> list[str]:
    draw = random.Random(7)
    return [str(CertificateNumber("TAI", draw.randint(2020, 2099), draw.randint(1, 999999))) for _ in range(count)]


@pytest.mark.parametrize("number", numbers(60))
def test_every_single_wrong_digit_and_every_exchange_of_neighbours_is_found(number: str) -> None:
    places = [i for i, c in enumerate(number) if c.isdigit() or (c == "X" and i == len(number) - 1)]
    for i in places:
        for other in "0123456789X":
            if other != number[i]:
                assert not is_valid(number[:i] + other + number[i + 1 :])
    for i, j in itertools.pairwise(places):
        if number[i] != number[j]:
            swapped = list(number)
            swapped[i], swapped[j] = swapped[j], swapped[i]
            assert not is_valid("".join(swapped))


@pytest.mark.parametrize(
    "typed", ["tai-2026-000123-6", " TAI–2026–000123–6 ", "ＴＡＩ－２０２６－０００１２３－６", "TAI 2026"]
)
def test_a_number_is_read_as_people_type_it_or_refused(typed: str) -> None:
    if typed == "TAI 2026":
        with pytest.raises(NumberError):
            CertificateNumber.parse(typed)
    else:
        assert str(CertificateNumber.parse(typed)) == "TAI-2026-000123-6"


def test_a_superfluous_leading_zero_is_refused() -> None:
    assert is_valid("TAI-2026-000123-6")
    assert not is_valid("TAI-2026-0000123-4")


def test_more_than_a_million_a_year_are_possible() -> None:
    number = CertificateNumber("TAI", 2026, 1234567)
    assert CertificateNumber.parse(str(number)) == number


def test_the_pattern_finds_numbers_of_known_schemes_only() -> None:
    import re

    text = "x TAI-2026-000123-6, ABC-2026-000123-4; TAI-26-1"
    assert re.findall(pattern(["TAI"]), text) == ["TAI-2026-000123-6"]
