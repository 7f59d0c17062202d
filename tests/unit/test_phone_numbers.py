"""Phone numbers as people write them: the number that is meant, a question, or the reason why it is none."""

from __future__ import annotations

import pytest

from core.parsing.phone_numbers import NoCountryCode, TwoNumbers, read_phone


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0049 (0)151 / 20 00 00 02", "+4915120000002"),
        ("+49 (0) 151-200-000-01", "+4915120000001"),
        ("+49 0151 20000001", "+4915120000001"),
        ("+44 (0)7911 123456", "+447911123456"),
        ("+7 (8)916 123-45-67", "+79161234567"),
        # Countries without a 0 to leave out, and people who write it all the same.
        ("+39 (0)347 1234567", "+393471234567"),
        ("+39 (0)6 1234567", "+39061234567"),
        ("+48 (0)601 234 567", "+48601234567"),
        ("+351 (0)912 345 678", "+351912345678"),
        ("+55 (011) 98765-4321", "+5511987654321"),
        ("+54 011 15-2345-6789", "+5491123456789"),
        ("+91 098765 43210", "+919876543210"),
        ("011 49 151 20000001", "+4915120000001"),
        ("+4915120000001;", "+4915120000001"),
        ("+49 151 20000001 (WhatsApp)", "+4915120000001"),
        ("📱 +49 151 20000001", "+4915120000001"),
        ("viber://chat?number=%2B4915120000001", "+4915120000001"),
    ],
)
def test_the_number_that_is_meant_is_read(text: str, number: str) -> None:
    assert read_phone(text) == number


@pytest.mark.parametrize(
    "text", ["+49 151 20000001/2", "+49 151 20000001 / 20000002", "+49 30 12345678 / +49 151 20000002"]
)
def test_a_slash_between_two_numbers_makes_no_single_one(text: str) -> None:
    with pytest.raises(TwoNumbers):
        read_phone(text)


@pytest.mark.parametrize(
    ("digits", "region", "number"),
    [
        ("15120000001", "DE", "+4915120000001"),
        ("3012345678", "DE", "+493012345678"),
        ("2025550123", "US", "+12025550123"),
        ("4915120000001", "DE", "+4915120000001"),
        ("9161234567", "RU", "+79161234567"),
    ],
)
def test_a_national_number_is_read_without_its_zero(digits: str, region: str, number: str) -> None:
    assert read_phone(digits, region) == number


@pytest.mark.parametrize("digits", ["7 916 123 45 67", "43 664 1234567", "33612345678", "447911123456"])
def test_a_number_with_a_foreign_code_is_no_landline_of_the_country_of_the_list(digits: str) -> None:
    with pytest.raises(ValueError, match="could be from any country"):
        read_phone(digits, "DE")


@pytest.mark.parametrize("text", ["1-202-555-0123", "8 (916) 123-45-67", "0151 / 2000 0001", "12025550123"])
def test_without_a_country_nothing_is_guessed(text: str) -> None:
    with pytest.raises(NoCountryCode):
        read_phone(text)
