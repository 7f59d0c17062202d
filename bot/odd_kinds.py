"""Messages of kinds that cannot be sent on: what they are called, and the one of them that names somebody."""

from __future__ import annotations

from telegram import Update

from bot.language import _


def phone_of(update: Update) -> str:
    """The number on a contact's card, as a list of recipients has it; "" for every other message."""
    message = update.effective_message
    if message is None or message.contact is None:
        return ""
    return "+" + message.contact.phone_number.lstrip("+")


def refusal(update: Update) -> str | None:
    """What an admin reads about it; None for what nobody wrote, such as "pinned a message"."""
    message = update.effective_message
    if message is None or message.effective_attachment is None:
        return None
    if message.contact is not None:
        return _(
            "A contact can be a recipient, not a text: send it where recipients are asked for, "
            "in /send or /audiences."
        )
    kinds = (
        (message.sticker, _("a sticker")),
        (message.voice, _("a voice message")),
        (message.video_note, _("a video message")),
        (message.animation, _("a GIF")),
        (message.audio, _("a piece of music")),
        (message.location or message.venue, _("a place on the map")),
        (message.poll, _("a poll")),
    )
    kind = next((name for there, name in kinds if there), _("this"))
    return _("I cannot send {kind} to people. What I can send: texts, photos, videos and documents.").format(
        kind=kind
    )
