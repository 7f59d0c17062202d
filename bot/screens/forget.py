"""The screens of /forget."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.drafts import problems_text
from bot.screens.recipients import contact_labels
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import BOT, Action
from bot.ui.screen import Button, Row, Screen, Style, grid, plain, screen
from core.domain.recipients import Contact, Recipient
from core.services.erasure import KnownOfPerson

_MOST_NAMES = 3


_MOST_MEANT = 4


def forget_prompt() -> Screen:
    return plain(
        _("Who should I forget? Type their name or phone number, or send me the contact with 📎."), _cancel()
    )


def _cancel() -> Row:
    return (Button(_("Cancel"), BOT.to("close")),)


def one_person_only() -> Screen:
    return plain(_("I can forget one person at a time. Who should it be?"), _cancel())


def unclear_person(problems: Sequence[str], like: Sequence[Contact], unknown: Sequence[str]) -> Screen:
    """For a name of nobody known, or of several. `like`: people who may be meant."""
    meant = [
        Button(f"👤 {label}", BOT.to("forgetwho", one.id))
        for one, label in zip(like[:_MOST_MEANT], contact_labels(like), strict=False)
    ]
    text = problems_text(problems)
    if meant:
        text = _("Who do you mean?")
    elif unknown:
        text = _("I don't know anyone called “{name}”. Type another name, or their phone number.").format(
            name=formatting.clip(unknown[0], 40)
        )
    return screen(escaped(text), *grid(meant, 2), _cancel())


def nothing_known(one: Recipient) -> Screen:
    text = _("I keep nothing about {address}. Is there another name or number?")
    return plain(text.format(address=formatting.address_text(one)), _cancel())


def forget_question(person: KnownOfPerson, yes: Action) -> Screen:
    addresses = [
        formatting.address_text(Recipient(messenger=messenger, address=address))
        for messenger, address in sorted(person.addresses)
    ]
    name = formatting.join_names([formatting.clip(one, 40) for one in person.names[:_MOST_NAMES]])
    return screen(
        [
            formatting.bold(_("Forget {name}?").format(name=name or addresses[0])),
            escaped(" · ".join(addresses)),
            escaped(_places(person)),
            _("I'll remove them everywhere. You can't undo this."),
            _("They'll never be messaged again. I keep a code for that, but no address.")
            if person.kept_out
            else "",
        ],
        Button(_("🗑 Forget this person"), yes, Style.DANGER),
        Button(_("Cancel"), BOT.to("close")),
    )


def forgotten_message(person: KnownOfPerson) -> Screen:
    return plain(
        _(
            "Done. I removed: {places}. Messages on their phone stay there. Please delete your own "
            "files and backups."
        ).format(places=_places(person))
    )


def _places(person: KnownOfPerson) -> str:
    """For example "on 2 lists · in 14 messages"."""
    parts = [
        _("subscription") if person.subscribed else "",
        plural("{count} contact", "{count} contacts", person.contact_count) if person.contacts else "",
        plural("{count} list", "{count} lists", person.lists) if person.lists else "",
        plural("{count} draft", "{count} drafts", person.drafts) if person.drafts else "",
        plural("{count} message from them", "{count} messages from them", person.written)
        if person.written
        else "",
        plural("{count} message", "{count} messages", person.messages) if person.messages else "",
    ]
    return " · ".join(part for part in parts if part) or amount(0)
