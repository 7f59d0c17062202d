"""Why something cannot be done with an audience."""

from __future__ import annotations

from core.domain.audience import EVERYBODY, Chosen
from core.domain.sentences import Sentence, sentence


def name_taken(name: str) -> Sentence:
    return sentence("There is an audience {name} already. Choose another name.", name=name)


def nobody_in(chosen: Chosen) -> Sentence:
    if chosen.id == EVERYBODY:
        return sentence(
            "“{all}”: nobody has subscribed yet. People do so by writing /start to the bot on Telegram.",
            all=EVERYBODY,
        )
    return sentence("Nobody is in the audience {name} yet.", name=chosen.title)
