"""Remedies for a halted account, by the messenger's own words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, sentence

_WHATSAPP_TOKEN: Final = sentence("Put a valid token in WHATSAPP_TOKEN and restart.")
_WHATSAPP_PERMISSION: Final = sentence(
    "In the Meta Business settings, give the token's system user this phone number and whatsapp_business_messaging."
)
_WHATSAPP_NUMBER: Final = sentence("Check WHATSAPP_PHONE_NUMBER_ID, and that the token may use that number.")
_WHATSAPP_REGISTER: Final = sentence("Register the phone number in WhatsApp Manager.")
_WHATSAPP_ACCOUNT: Final = sentence("Open the account in WhatsApp Manager. Meta tells you there what to do.")
_VIBER_TOKEN: Final = sentence("Copy VIBER_AUTH_TOKEN again from the Viber Admin Panel and restart.")
_VIBER_ACCOUNT: Final = sentence("Check the bot in the Viber Admin Panel, or contact Viber support.")
_VIBER_WEBHOOK: Final = sentence(
    "Run python -m workers.webhooks viber https://YOUR-ADDRESS, which sets the webhook again."
)
_VIBER_BALANCE: Final = sentence("Top up the account with Viber or your partner, or wait for next month.")

_BY_CODE: Final[Mapping[Messenger, Mapping[int, Sentence]]] = {
    Messenger.WHATSAPP: {
        **dict.fromkeys((0, 190), _WHATSAPP_TOKEN),
        **dict.fromkeys((3, 10, *range(200, 300), 131005), _WHATSAPP_PERMISSION),
        2635: sentence("Set a newer version in WHATSAPP_API_URL and restart."),
        **dict.fromkeys((33, 100), _WHATSAPP_NUMBER),
        **dict.fromkeys((131045, *range(133000, 133016)), _WHATSAPP_REGISTER),
        131037: sentence("Have the display name approved in WhatsApp Manager."),
        131042: sentence("Fix the payment method in the Meta Business settings."),
        131063: sentence("Turn on marketing messages in WhatsApp Manager."),
        131048: sentence(
            "Too many people complained. Wait a day, then message only people who agreed to it."
        ),
        **dict.fromkeys((368, 131031, 131064), _WHATSAPP_ACCOUNT),
        130497: sentence("Leave out numbers from that country, or ask Meta to allow them."),
    },
    Messenger.VIBER: {
        **dict.fromkeys((2, 8), _VIBER_TOKEN),
        **dict.fromkeys((7, 9, 15, 18), _VIBER_ACCOUNT),
        **dict.fromkeys(
            (1, 10),
            _VIBER_WEBHOOK,
        ),
        **dict.fromkeys((23, 24), _VIBER_BALANCE),
    },
}
_TELEGRAM: Final = (
    ("not enough stars", sentence("Top up the bot's Stars, or turn off the paid option.")),
    ("balance_too_low", sentence("Top up the bot's Stars, or turn off the paid option.")),
    (
        "logged out",
        sentence("Set TELEGRAM_API_URL to the server where the bot is logged in."),
    ),
    ("unauthorized", sentence("Copy TELEGRAM_BOT_TOKEN again from @BotFather and restart.")),
    ("not found", sentence("Copy TELEGRAM_BOT_TOKEN again from @BotFather and restart.")),
)
FOREIGN_ANSWER: Final = "HTTP "
"""Words that begin so tell of an answer that is not in the messenger's own form."""
_CODE: Final = re.compile(r"\d{1,6}(?=:)")


def remedy(messenger: Messenger, words: str) -> Sentence | None:
    """One sentence; None where nothing is known about these words."""
    if messenger is Messenger.TELEGRAM:
        said = words.lower()
        return next((what for part, what in _TELEGRAM if part in said), None)
    code = _CODE.match(words)
    return None if code is None else _BY_CODE.get(messenger, {}).get(int(code[0]))


def with_words(cause: str, messenger: Messenger, words: str) -> str:
    """A cause with the messenger's own words beside it, or with what answered in its place."""
    fields = {"cause": cause, "messenger": messenger.traits.title, "words": words}
    if words.startswith(FOREIGN_ANSWER):
        return sentence("{cause} ({words})", **fields)
    return sentence("{cause} ({messenger} says: {words})", **fields) if words else cause
