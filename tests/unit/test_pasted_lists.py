"""Texts that are pasted where people are asked for: tables, address cards, or people as they are typed."""

from __future__ import annotations

import pytest

from core.files.pasted import is_pasted_list


@pytest.mark.parametrize(
    ("text", "pasted"),
    [
        ("Name\tPhone\nAnn\t+4915120000001", True),
        ("Name;Handy;Ort\nAnn;0151 20000001;Ulm", True),
        ("Ann\t+4915120000001\tUlm\nBob\t+4915120000002\tBonn", True),
        ("BEGIN:VCARD\nFN:Ann\nTEL:+4915120000001\nEND:VCARD", True),
        ("Name: Ann\nPhone: +4915120000001", True),
        ("Ann +4915120000001\nBob +4915120000002", False),
        ("Ann, +4915120000001\nBob, +4915120000002", False),
        (
            "+4915120000001, +4915120000002, +4915120000003\n+4915120000004, +4915120000005, +4915120000006",
            False,
        ),
        ("Dear parents, call my phone\n+4915120000001", False),
        ("Name, phone", False),
        ("vip, Friends\nAnn, +4915120000001", False),
        ("telegram:1001\nwhatsapp:+4915120000001", False),
    ],
)
def test_a_pasted_table_is_told_from_typed_people(text: str, pasted: bool) -> None:
    assert is_pasted_list(text) is pasted
