"""Sentences for admins about our accounts, templates and numbers, from the messengers' reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from core.domain.messengers.account_status import AccountEvent, Issue, Subject
from core.domain.messengers.traits import Messenger
from core.domain.translatable import Sentence, sentence

AccountEvents = Mapping[Messenger, Sequence[AccountEvent]]

OF_ACCOUNT: Final = "standing "
"""The beginning of the names of these problems."""

_Words = Callable[[str, str], Sentence]
"""From the messenger's title and the name of its template or number."""

_SAID: Final[Mapping[tuple[Subject, Issue], _Words]] = {
    (Subject.PERSON, Issue.MOVED): lambda on, name: _moved(on, name),
    (Subject.ACCOUNT, Issue.BAN_AHEAD): lambda on, _: sentence(
        "{messenger} warns that it will ban the account soon.", messenger=on
    ),
    (Subject.TEMPLATE, Issue.PAUSED): lambda on, name: sentence(
        "{messenger} paused the template {name}. It can't be sent until it's back.",
        messenger=on,
        name=name,
    ),
    (Subject.TEMPLATE, Issue.DISABLED): lambda on, name: sentence(
        "{messenger} disabled the template {name}. It can't be sent now.", messenger=on, name=name
    ),
    (Subject.TEMPLATE, Issue.REJECTED): lambda on, name: sentence(
        "{messenger} rejected the template {name}. It can't be sent.", messenger=on, name=name
    ),
    (Subject.TEMPLATE, Issue.COMPLAINTS): lambda on, name: sentence(
        "People complain about the template {name}. {messenger} may soon pause it.",
        messenger=on,
        name=name,
    ),
    (Subject.NUMBER, Issue.LOWERED): lambda on, name: sentence(
        "{messenger} lowered the daily limit of people for {name}.",
        messenger=on,
        name=name,
    ),
}


def _moved(on: str, name: str) -> Sentence:
    """`name`: the old and the new address."""
    fields = {"messenger": on, "name": name}
    if " → +" not in name:
        return sentence(
            "Someone has a new ID on {messenger}: {name}. Their lists, subscription and opt-out moved with it.",
            **fields,
        )
    return sentence(
        "Someone has a new number on {messenger}: {name}. Their lists, subscription and opt-out moved with it.",
        **fields,
    )


_WITHDRAWN: Final[Mapping[Subject, _Words]] = {
    Subject.ACCOUNT: lambda on, _: sentence(
        "{messenger} has no more complaints about the account.", messenger=on
    ),
    Subject.TEMPLATE: lambda on, name: sentence(
        "{messenger} accepts the template {name} again.", messenger=on, name=name
    ),
    Subject.NUMBER: lambda on, name: sentence(
        "{messenger} accepts the number {name} again.", messenger=on, name=name
    ),
}


def account_problems(events: AccountEvents) -> dict[str, Sentence]:
    """Sentences by name of the problem. Those that halt a messenger are told with the halt."""
    return {
        f"{_about(messenger, one)}{one.issue}": _SAID[one.subject, one.issue](
            messenger.traits.title, one.name
        )
        for messenger, found in events.items()
        for one in found
        if one.issue and not one.halts and (one.subject, one.issue) in _SAID
    }


def account_problem_over(name: str, events: AccountEvents) -> Sentence | None:
    """The sentence that a problem is over; None if another replaced it, or the messenger did not say so."""
    return next(
        (
            _WITHDRAWN[one.subject](messenger.traits.title, one.name)
            for messenger, found in events.items()
            for one in found
            if one.issue is None and name.startswith(_about(messenger, one))
        ),
        None,
    )


def _about(messenger: Messenger, event: AccountEvent) -> str:
    return f"{OF_ACCOUNT}{messenger} {event.subject} {event.name}: "
