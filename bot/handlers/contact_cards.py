"""People shared in the chat: contact cards, and Telegram's own choice of people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.context import BotContext, Reply, Result
from bot.handlers import audiences, drafts, forget, members, offers, preview, recipients
from bot.requests import IncomingMessage
from bot.screens import recipients as screens_recipients
from bot.ui.screen import plain
from core.domain.audience import Gathered
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact


async def share(context: BotContext, message: IncomingMessage) -> Result:
    """Remember these people, and add them where recipients are asked for."""
    prompt = await context.core.prompts.current(message.admin.id)
    if prompt is not None and prompt.field == forget.PROMPT and message.shared[0].recipients:
        return await forget.about(context, message.admin, message.shared[0].recipients[0])
    if prompt is not None and prompt.name == members.ADDRESS and message.shared[0].recipients:
        return await members.take_contact(context, message, prompt.about, prompt.field)
    ids = await context.core.contacts.learn(message.shared)
    people = await context.core.contacts.known(ids)
    if prompt is not None and prompt.field in audiences.PEOPLE:
        audience = await context.core.audiences.get(prompt.about)
        addresses = tuple(one for person in people for one in person.recipients)
        named = Gathered(recipients=addresses, duplicates=0)
        return await audiences.change_by(context, audience, prompt.field, named)
    opened = await drafts.current(context, message.admin)
    if opened and opened.prompt.field == drafts.OFFERED and _is_card(opened.draft.content):
        # One card after another: each is remembered, the last one is offered.
        await drafts.drop(context, opened.draft)
        opened = None
    if opened is None or opened.prompt.field == drafts.CLOSED:
        if not _is_card(message.content):
            return Reply(plain(screens_recipients.shared_text(people)), quotes=True)
        await offers.make(context, message, screens_recipients.shared_text(people))
    else:
        await _add(context, message, opened, people)
    return None


async def _add(
    context: BotContext, message: IncomingMessage, opened: drafts.OpenDraft, people: Sequence[Contact]
) -> None:
    draft, prompt = opened
    if prompt.field == drafts.TEXT:
        # The question for the text offers to send the card itself.
        draft = replace(draft, more=message.content)
    for one in people:
        draft = recipients.with_person(draft, await _reachable(context, one))
    await context.chat.end_offer(message.admin.chat_id, screens_recipients.added_text(people))
    kept = await drafts.save(context, draft)
    if prompt.name in recipients.PROMPTS:
        await recipients.post(context, kept)
    else:
        await preview.show(context, message.admin, kept)


def _is_card(content: Content | None) -> bool:
    return content is not None and any(media.contact for media in content.media)


async def _reachable(context: BotContext, person: Contact) -> Contact:
    """Without the Telegram id if they have not pressed Start and have another address."""
    chat_id = person.addresses.get(Messenger.TELEGRAM)
    if chat_id is None or len(person.addresses) == 1:
        return person
    if await context.core.subscribers.since(int(chat_id)) is not None:
        return person
    return replace(
        person,
        addresses={key: one for key, one in person.addresses.items() if key is not Messenger.TELEGRAM},
    )
