"""Time and memory of reading lists of 200,000 people: `python -m bench.lists`.

Each file is read in the process that the bot starts for it, and what the preview needs of it is computed.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import resource
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.results import Row, save
from core.files.file_reader import FileReader
from core.services.odd_values import odd_values

PEOPLE: Final = 200_000
_NAMES: Final = "urn:oasis:names:tc:opendocument:xmlns"


def people(count: int) -> Iterator[tuple[str, str, str]]:
    for number in range(count):
        yield f"+4915120{number:06}", f"Name {number}", f"{number % 100}.50"


def as_csv(count: int) -> bytes:
    return ("phone,name,sum\n" + "".join(f"{','.join(row)}\n" for row in people(count))).encode()


def as_quoted_cp1251(count: int) -> bytes:
    rows = (f'"{phone}";"Имя, {name}";"{total}"\n' for phone, name, total in people(count))
    return ("Телефон;Имя;Сумма\n" + "".join(rows)).encode("cp1251")


def as_xlsx(count: int) -> bytes:
    """Written by hand, as fast as it is read."""
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>{phone}</t></is></c>'
        f'<c r="B{row}" t="inlineStr"><is><t>{name}</t></is></c><c r="C{row}"><v>{total}</v></c></row>'
        for row, (phone, name, total) in enumerate([("phone", "name", "0"), *people(count)], start=1)
    )
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    ties = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return _packed(
        {
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{ties}"><sheets>'
            '<sheet name="People" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/>'
            "</Relationships>",
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
        }
    )


def as_ods(count: int) -> bytes:
    rows = "".join(
        "<table:table-row>"
        + "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in row)
        + "</table:table-row>"
        for row in [("phone", "name", "sum"), *people(count)]
    )
    return _packed(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": "<manifest/>",
            "content.xml": f'<office:document-content xmlns:office="{_NAMES}:office:1.0" '
            f'xmlns:text="{_NAMES}:text:1.0" xmlns:table="{_NAMES}:table:1.0"><table:table table:name="People">'
            f"{rows}</table:table></office:document-content>",
        }
    )


def _packed(parts: dict[str, str]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


FILES: Final[dict[str, Callable[[int], bytes]]] = {
    "CSV": as_csv,
    "CSV, quoted, Windows-1251": as_quoted_cp1251,
    "XLSX": as_xlsx,
    "ODS": as_ods,
}


def write(kind: str, count: int, file: str) -> None:
    Path(file).write_bytes(FILES[kind](count))


def measured(kind: str, count: int, file: str) -> Row:
    """Read one file in a process that has done nothing else: a reader's peak counts what it was started from."""
    data = Path(file).read_bytes()
    begun = time.monotonic()
    read = asyncio.run(FileReader().read(data))
    done = time.monotonic()
    odd_values(read.recipients, read.variables)
    reader = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert len(read.recipients) == count
    return {
        "file": kind,
        "people": count,
        "read and judged, s": done - begun,
        "odd values, s": time.monotonic() - done,
        "CPU of the reader, s": reader.ru_utime + reader.ru_stime,
        "memory of the reader, MB": reader.ru_maxrss / 1024,
    }


def _main(count: int) -> None:
    rows = []
    spawn = multiprocessing.get_context("spawn")
    with (
        TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=spawn, max_tasks_per_child=1) as pool,
    ):
        for place, kind in enumerate(FILES):
            file = f"{folder}/{place}"
            pool.submit(write, kind, count, file).result()
            rows.append(pool.submit(measured, kind, count, file).result())
    save("lists", rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    _main(parser.parse_args().people)
