"""Previews a content in an admin's chat as recipients get it on each messenger."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.telegram.client import Chat
from bot.text import formatting
from bot.text.translation import _, translate
from bot.ui.screen import Screen, plain
from core.domain.content.content import Content, Media
from core.domain.content.formatting import clipped, utf16_length
from core.domain.content.limits import problems
from core.domain.content.rendering import carried
from core.domain.content.templates import template_text
from core.domain.content.variables import filled, placeholders
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient, name_in

Examples = Mapping[Messenger, Recipient]
"""The person on each messenger whose message is shown."""
_MOST: Final = Messenger.TELEGRAM.traits.max_text


def with_template_text(content: Content) -> Content:
    """For a content of only a template, what people read as the text."""
    if content.template is None or content.text:
        return content
    return replace(content, text=template_text(content.template))


def examples(content: Content, recipients: Sequence[Recipient]) -> Examples:
    """With variables, the first person by name: a list is read in no order that people know."""
    there: dict[Messenger, list[Recipient]] = {}
    for one in recipients:
        there.setdefault(one.messenger, []).append(one)
    if not placeholders(content):
        return {messenger: some[0] for messenger, some in there.items()}
    return {messenger: min(some, key=_by_name) for messenger, some in there.items()}


def shown_first(people: Examples) -> Recipient:
    """The example whose message is shown as it is: on Telegram, if somebody is there."""
    return people.get(Messenger.TELEGRAM) or next(iter(people.values()))


def _by_name(one: Recipient) -> tuple[bool, str]:
    name = name_in(one.variables)
    return not name, name.casefold()


def _content_for(content: Content, person: Recipient) -> Content:
    """The content for this person, in a form that Telegram can show."""
    content = with_template_text(content)
    whole = filled(content, person.variables)
    if person.messenger is not Messenger.TELEGRAM:
        return telegram_content(whole)
    return carried(whole, Messenger.TELEGRAM)


def telegram_content(content: Content) -> Content:
    """In a form that Telegram can show: other files by name and link, a long text cut."""
    if not problems(content, [Messenger.TELEGRAM]):
        return carried(content, Messenger.TELEGRAM)
    files = [_named(media) for media in content.media]
    plain = carried(replace(content, media=()), Messenger.TELEGRAM)
    text = _short("\n\n".join(part for part in (plain.text, "\n".join(files)) if part))
    return replace(plain, text=text, entities=clipped(plain.entities, 0, utf16_length(text)))


def _named(media: Media) -> str:
    return f"📎 {translate(media.title)} {media.link}".rstrip() if media.is_file else media.in_words


def _short(text: str) -> str:
    while utf16_length(text) > _MOST:
        text = text[: min(_MOST, len(text) - 2)] + "…"
    return text


async def send_previews(chat: Chat, chat_id: int, content: Content, people: Examples) -> str | None:
    """Post the content as the example on each messenger gets it. Return None, or Telegram's refusal."""
    on_telegram = Messenger.TELEGRAM in people
    shown = _content_for(content, shown_first(people))
    # A text too long for Telegram is shown in parts below.
    if on_telegram or utf16_length(content.text) <= _MOST:
        refusal = await chat.send_content(chat_id, shown)
        if refusal is not None:
            return refusal
    looks = _("On {messengers} it looks like this:")
    for titles, text in _elsewhere(content, people):
        for screen in _as_text(looks.format(messengers=titles), text):
            await chat.send(chat_id, screen)
    for screen in _outside_window(content, people):
        await chat.send(chat_id, screen)
    return None


def _elsewhere(content: Content, people: Examples) -> Iterator[tuple[str, str]]:
    """Titles of the other messengers with a text that differs; equal texts together."""
    found: dict[str, list[str]] = {}
    for messenger in Messenger:
        person = people.get(messenger)
        if person is None or messenger is Messenger.TELEGRAM:
            continue
        text = with_template_text(carried(filled(content, person.variables), messenger)).text
        ours = _content_for(content, person).text
        if text and text != ours:
            found.setdefault(text, []).append(messenger.traits.title)
    return ((formatting.join_names(titles), text) for text, titles in found.items())


def _outside_window(content: Content, people: Examples) -> list[Screen]:
    """For a content with a text and a template: the template's text, for people outside the service window."""
    if content.template is None or not content.text:
        return []
    found = [one for messenger, one in people.items() if messenger.traits.templates]
    head = _("Without a message from them in {hours} hours, people on {messenger} get this:")
    return [
        screen
        for one in found
        for screen in _as_text(
            head.format(hours=one.messenger.traits.window_hours, messenger=one.messenger.traits.title),
            template_text(filled(content, one.variables).template or content.template),
        )
    ]


def _as_text(head: str, text: str) -> list[Screen]:
    """As many messages as it takes."""
    head = formatting.bold(head)
    first, *rest = formatting.split_text(text, _MOST - utf16_length(head) - 1)
    return [Screen(f"{head}\n{formatting.escaped(first)}"), *map(plain, rest)]
