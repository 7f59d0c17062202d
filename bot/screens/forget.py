"""The screens of /forget."""

from __future__ import annotations

from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import BOT, Action
from bot.ui.screen import Button, Screen, Style, plain, screen
from core.domain.recipients import Recipient
from core.services.erasure import KnownOfPerson

_MOST_NAMES = 3


def forget_prompt() -> Screen:
    return plain(
        _(
            "Who should I forget? Send a phone number with its country code, or an address like "
            "telegram:1001."
        ),
        Button(_("Cancel"), BOT.to("close")),
    )


def one_person_only() -> Screen:
    return plain(_("I can forget one person at a time. Send one address, not a list."))


def nothing_known(one: Recipient) -> Screen:
    return plain(_("I keep nothing about {address}.").format(address=formatting.address_text(one)))


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
