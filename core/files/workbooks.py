"""Workbooks: XLSX, XLS, ODS and XML files, with what is hidden in them and with their cells as the sheet shows them."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from pyexpat import ExpatError
from typing import Final

import xlrd

from core.domain.errors import ValidationError
from core.domain.translatable import sentence
from core.files.ods import is_flat_ods, read_flat_ods, read_ods
from core.files.sheets import Workbook
from core.files.xls import read_xls
from core.files.xlsx import read_xlsx
from core.files.xml_spreadsheet import is_xml_spreadsheet, read_xml_spreadsheet

_MOST_PARTS: Final = 2_000
_MOST_UNPACKED: Final = 150 * 1024 * 1024
_MOST_IN_MEMORY: Final = 40 * 1024 * 1024
"""All parts but the sheets themselves are read whole."""
_OLE: Final = b"\xd0\xcf\x11\xe0"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
_ODS: Final = b"application/vnd.oasis.opendocument.spreadsheet"
_UNREADABLE: Final = (
    zipfile.BadZipFile, ExpatError, xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error,
    KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError, OSError, NotImplementedError, zlib.error,
    AssertionError, UnicodeError, RuntimeError, OverflowError,
)  # fmt: skip
"""Errors that the readers raise for damaged files."""

PROTECTED: Final = sentence(
    "This file is protected with a password. Save it without one, then send it again."
)
UNREADABLE: Final = sentence(
    "I can't read this spreadsheet. Save the list as CSV or XLSX, then send it again."
)
_TOO_LARGE: Final = sentence(
    "This spreadsheet is too large for me to read. Save only the list as CSV, then send it again."
)


def is_workbook(data: bytes) -> bool:
    """True if the file is a workbook by its content."""
    return data.startswith((b"PK\x03\x04", _OLE)) or is_xml_spreadsheet(data) or is_flat_ods(data)


def read_workbook(data: bytes) -> Workbook:
    """Raises ValidationError."""
    try:
        if data.startswith(_OLE):
            if _ENCRYPTED in data:
                raise ValidationError([PROTECTED])
            return read_xls(data)
        if is_xml_spreadsheet(data):
            return read_xml_spreadsheet(data)
        if is_flat_ods(data):
            return read_flat_ods(data)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _weigh(archive)
            names = set(archive.namelist())
            if "mimetype" in names and archive.read("mimetype").startswith(_ODS):
                if b"encryption-data" in archive.read("META-INF/manifest.xml"):
                    raise ValidationError([PROTECTED])
                return read_ods(archive)
            if "xl/workbook.bin" in names:
                raise ValidationError(
                    [sentence("This is a binary workbook (XLSB). Save it as XLSX, then send it again.")]
                )
            return read_xlsx(archive)
    except _UNREADABLE as error:
        if "encrypted" in str(error).lower() or "password" in str(error).lower():
            raise ValidationError([PROTECTED]) from None
        raise ValidationError([UNREADABLE]) from None


def _weigh(archive: zipfile.ZipFile) -> None:
    """Refuse an archive by the sizes it names. The unpacker stops at them, whatever is inside."""
    parts = archive.infolist()
    sheets = sum(
        part.file_size
        for part in parts
        if part.filename.startswith("xl/worksheets/") or part.filename == "content.xml"
    )
    rest = sum(part.file_size for part in parts) - sheets
    if len(parts) > _MOST_PARTS or rest > _MOST_IN_MEMORY or sheets + rest > _MOST_UNPACKED:
        raise ValidationError([_TOO_LARGE])
