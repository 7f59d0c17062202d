"""Files read in a process of their own, with a limit on its memory and its time."""

from __future__ import annotations

from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import Workbook

from core.domain.errors import ValidationError
from core.files import file_reader
from core.files.file_reader import FileReader
from core.files.questions import NeedsAnswer
from core.files.recipient_list import read_list

LIST = "phone;name\n+4915120000001;Jürgen\n+4915120000002;NULL\n+1202;x\n+4915120000001;Ann\n".encode()


async def test_a_list_comes_back_as_it_was_read() -> None:
    assert await FileReader().read(LIST) == read_list(LIST)


async def test_a_question_comes_back_with_its_answers() -> None:
    data = b"name,phone\nAnn,0151 20005003\n"
    with pytest.raises(NeedsAnswer) as asked:
        await FileReader().read(data, {}, ["AT"])
    question = asked.value.question
    assert question.key == "country"
    assert question.choices[0].key == "AT"
    read = await FileReader().read(data, {"country": "DE"})
    assert [one.label for one in read.recipients] == ["whatsapp:+4915120005003"]


async def test_a_refusal_comes_back_in_its_words() -> None:
    with pytest.raises(ValidationError, match="This file has no people"):
        await FileReader().read(b"phone,name\n")


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/sharedStrings.xml"])
async def test_a_spreadsheet_with_entities_that_multiply_is_refused(part: str) -> None:
    """A few kilobytes that would fill gigabytes."""
    with pytest.raises(ValidationError, match="can't read this spreadsheet"):
        await FileReader().read(entity_bomb(part))


def entity_bomb(part: str) -> bytes:
    """A workbook with ten entities in one of its parts, each ten times the one before."""
    book, written, made = Workbook(), BytesIO(), BytesIO()
    for row in (("phone", "name"), ("+4915120000001", "Ann")):
        book.active.append(row)
    book.save(written)
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 11))
    document_type = f'<!DOCTYPE x [<!ENTITY e0 "{"0" * 40}">{entities}]>'
    with ZipFile(written) as before, ZipFile(made, "w") as after:
        parts = {name: before.read(name).decode() for name in before.namelist()}
        text = parts.get(part, "<sst><si><t>Ann</t></si></sst>")
        parts[part] = document_type + text.rpartition("?>")[2].replace("Ann", "&e10;")
        for name, content in parts.items():
            after.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(("limit", "value"), [("_MOST_MEMORY", 32 * 1024 * 1024), ("_SECONDS", 0.01)])
async def test_a_file_that_takes_too_much_is_refused(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: float
) -> None:
    monkeypatch.setattr(file_reader, limit, value)
    rows = "".join(f"+4915120{number:06};Name {number}\n" for number in range(50_000))
    with pytest.raises(ValidationError, match="couldn't read this file in time"):
        await FileReader().read(f"phone;name\n{rows}".encode())
