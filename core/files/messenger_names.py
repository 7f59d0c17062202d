"""The names of messengers as people write them in lists."""

from __future__ import annotations

import re
from typing import Final

from core.domain.messengers.traits import BY_ALIAS, Messenger

_ALSO_CALLED: Final = {
    **dict.fromkeys(
        ("телеграм", "телеграмм", "телега", "тг", "telegramm", "telegramapp"), Messenger.TELEGRAM
    ),
    **dict.fromkeys(
        (
            "вотсап", "ватсап", "вацап", "вотсапп", "ватсапп", "whatsap", "whatsupp", "whatsup", "wapp",
            "whatsappbusiness",
        ),
        Messenger.WHATSAPP,
    ),
    **dict.fromkeys(("вайбер", "вибер"), Messenger.VIBER),
}  # fmt: skip
_NO_LETTER: Final = re.compile(r"[\W_]+")


def messenger_named(cell: str) -> Messenger | None:
    """The messenger that a cell names, "Whats App" too; None for anything else."""
    folded = _NO_LETTER.sub("", cell.casefold())
    return _ALSO_CALLED.get(folded) or BY_ALIAS.get(folded)
