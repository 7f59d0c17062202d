"""Names of people as they are shown: nothing hidden in them turns the line or makes them look like another one."""

from __future__ import annotations

import pytest

from core.domain.visible import plain_name


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Ann", "Ann"),
        ("Ann\u202ekcab", "Annkcab"),
        ("\u2066Ann\u2069\u200f", "Ann"),
        ("A\u200dn\u200bn\u00ad", "Ann"),
        ("An\x00n\x1b[31m", "Ann[31m"),
        ("Ann\nowner", "Ann owner"),
        ("Ann \u3164 \u2800", "Ann"),
        ("A\U000e0041\U000e0042nn", "Ann"),
        ("Z" + "\u0341" * 40, "Z\u0341\u0341"),
        ("\u202e", ""),
        ("José Ñandú", "José Ñandú"),
        ("\u0645\u06cc\u200c\u062e", "\u0645\u06cc\u200c\u062e"),
        ("👩\u200d💻 Kim", "👩\u200d💻 Kim"),
        ("N" * 100, "N" * 64),
    ],
)
def test_a_name_keeps_its_letters_and_loses_what_is_hidden(given: str, shown: str) -> None:
    assert plain_name(given) == shown
