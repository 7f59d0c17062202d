"""Numbers, dates and times as sheets show them."""

from __future__ import annotations

import pytest

from core.files.number_formats import Style, is_date, shower, style_of

GERMAN = style_of(["0.0 %", '#,##0.00 "€"', "DD.MM.YYYY"])
ENGLISH = style_of(["$#,##0.00", "m/d/yyyy"])


@pytest.mark.parametrize(
    ("value", "code", "style", "shown"),
    [
        (0.075, "0.0 %", GERMAN, "7,5 %"),
        (0.075, "0.0%", ENGLISH, "7.5%"),
        (1234.5, '#,##0.00 "€"', GERMAN, "1.234,50 €"),
        (1234.5, "$#,##0.00", ENGLISH, "$1,234.50"),
        (1234.5, "#,##0.00\\ [$€-407]", GERMAN, "1.234,50 €"),
        (-5.5, "0.00;[Red]-0.00", ENGLISH, "-5.50"),
        (0, '0.00;-0.00;"-"', ENGLISH, "-"),
        (12, '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-;_-@_-', GERMAN, "12,00 €"),
        (123, "00000", GERMAN, "00123"),
        (4915120005021, '"+"0', GERMAN, "+4915120005021"),
        (2025550123, "(000) 000-0000", ENGLISH, "(202) 555-0123"),
        (3.3000000000000003, "General", ENGLISH, "3.3"),
        (4915120005021.0, "General", ENGLISH, "4915120005021"),
        (46380, "DD.MM.YYYY", GERMAN, "24.12.2026"),
        (46380, "m/d/yyyy", ENGLISH, "12/24/2026"),
        (46380.770833333, "DD.MM.YYYY HH:MM", GERMAN, "24.12.2026 18:30"),
        (0.77083333333, "HH:MM", GERMAN, "18:30"),
        (0.5, "h:mm AM/PM", ENGLISH, "12:00 PM"),
        (1.5, "[h]:mm", ENGLISH, "36:00"),
        (46380, "[$-407]d. mmmm yyyy", GERMAN, "24. December 2026"),
    ],
)
def test_a_cell_is_shown_as_in_the_sheet(value: float, code: str, style: Style, shown: str) -> None:
    assert shower(code, style)(value) == shown


def test_dates_are_told_from_numbers() -> None:
    assert is_date("dd.mm.yyyy")
    assert is_date("[h]:mm")
    assert not is_date('0.00 "days"')
    assert not is_date("General")
