"""Audiences written as files for spreadsheet programs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Final

from core.domain.audience import Audience
from core.domain.recipients import Recipient
from core.domain.sentences import sentence
from core.services.list_columns import heading_of
from core.services.list_csv import as_file, csv_rows, guarded

MOST_ROWS_A_FILE: Final = 300_000
"""Files of a bot may have 50 MB."""
_COLUMN: Final = sentence("recipient")


async def files_of(
    audience: Audience, recipients: AsyncIterator[Recipient], say: Callable[[str], str]
) -> AsyncIterator[bytes]:
    """One after the other; a column for the addresses, and one for each variable."""
    names = audience.variables
    header = csv_rows([[say(_COLUMN), *map(heading_of, names)]])
    parts, count = [header], 0
    async for one in recipients:
        values = (guarded(one.variables.get(name, "")) for name in names)
        parts.append(csv_rows([[one.label, *values]]))
        count += 1
        if count % MOST_ROWS_A_FILE == 0:
            yield as_file("".join(parts))
            parts = [header]
    if len(parts) > 1 or not count:
        yield as_file("".join(parts))
