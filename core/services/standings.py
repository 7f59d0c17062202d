"""What the admins are told of our account's standing with the messengers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.domain.messengers import Messenger
from core.domain.sentences import Sentence, sentence
from core.domain.standing import Standing, Subject, Trouble

Standings = Mapping[Messenger, Sequence[Standing]]

PREFIX: Final = "standing "

_Words = Callable[[str, str], Sentence]
"""Out of the messenger's title and the name of what it speaks of."""

_SAID: Final[Mapping[tuple[Subject, Trouble], _Words]] = {
    (Subject.ACCOUNT, Trouble.BAN_AHEAD): lambda on, _: sentence(
        "{messenger} says that it will ban the account soon.", messenger=on
    ),
    (Subject.TEMPLATE, Trouble.PAUSED): lambda on, name: sentence(
        "{messenger} has paused the template {name}: it reaches nobody until it is back.",
        messenger=on,
        name=name,
    ),
    (Subject.TEMPLATE, Trouble.DISABLED): lambda on, name: sentence(
        "{messenger} has disabled the template {name}: it reaches nobody any more.", messenger=on, name=name
    ),
    (Subject.TEMPLATE, Trouble.REJECTED): lambda on, name: sentence(
        "{messenger} has rejected the template {name}: it reaches nobody.", messenger=on, name=name
    ),
    (Subject.TEMPLATE, Trouble.COMPLAINTS): lambda on, name: sentence(
        "{messenger} may soon pause the template {name}, as people complain about it.",
        messenger=on,
        name=name,
    ),
    (Subject.NUMBER, Trouble.COMPLAINTS): lambda on, name: sentence(
        "{messenger} may soon lower the limits of the number {name}, as people complain about its messages.",
        messenger=on,
        name=name,
    ),
    (Subject.NUMBER, Trouble.LOWERED): lambda on, name: sentence(
        "{messenger} lets the number {name} write to fewer people in a day from now on.",
        messenger=on,
        name=name,
    ),
}
_OVER: Final[Mapping[Subject, _Words]] = {
    Subject.ACCOUNT: lambda on, _: sentence(
        "{messenger} has nothing against the account any more.", messenger=on
    ),
    Subject.TEMPLATE: lambda on, name: sentence(
        "{messenger} has nothing against the template {name} any more.", messenger=on, name=name
    ),
    Subject.NUMBER: lambda on, name: sentence(
        "{messenger} has nothing against the number {name} any more.", messenger=on, name=name
    ),
}


def standings(found: Standings) -> dict[str, Sentence]:
    """What stands against us: a name for each, and its sentence. What halts a messenger is told by the halt."""
    return {
        _name(messenger, one): _SAID[one.subject, one.trouble](messenger.traits.title, one.name)
        for messenger, standing in found.items()
        for one in standing
        if one.trouble and (one.subject, one.trouble) in _SAID
    }


def over(name: str, found: Standings) -> Sentence | None:
    """That it has ended; None where something else has taken its place, or nobody has said so."""
    return next(
        (
            _OVER[one.subject](messenger.traits.title, one.name)
            for messenger, standing in found.items()
            for one in standing
            if one.trouble is None and name.startswith(_about(messenger, one))
        ),
        None,
    )


def _about(messenger: Messenger, standing: Standing) -> str:
    return f"{PREFIX}{messenger} {standing.subject} {standing.name}: "


def _name(messenger: Messenger, standing: Standing) -> str:
    return f"{_about(messenger, standing)}{standing.trouble}"
