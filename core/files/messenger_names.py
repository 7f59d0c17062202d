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
_ELSEWHERE: Final = frozenset({
    "sms", "mms", "signal", "email", "mail", "anruf", "call", "phonecall", "phone", "telefon", "post", "brief",
    "letter", "звонок", "почта", "смс", "appel", "courriel",
    "llamada", "correo", "chiamata", "telefonata", "ligação", "telefone",
})  # fmt: skip
"""Other ways to reach a person; social networks rather say where the person came from."""
_NO_LETTER: Final = re.compile(r"[\W_]+")


def messenger_named(cell: str) -> Messenger | None:
    """The messenger that a cell names, "Whats App" too; None for anything else."""
    folded = _NO_LETTER.sub("", cell.casefold())
    return _ALSO_CALLED.get(folded) or BY_ALIAS.get(folded)


def names_other_way(cell: str) -> bool:
    """True for "E-mail", "SMS" and "Anruf"."""
    return _NO_LETTER.sub("", cell.casefold()) in _ELSEWHERE
