"""Links to files, for messengers that cannot take them from the chat."""

from __future__ import annotations

from dataclasses import replace
from html import escape

from bot.context import BotContext, CallbackAnswer, Result
from bot.handlers import drafts
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import DRAFT
from bot.text.formatting import clip
from bot.text.translation import _, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Screen
from core.domain.content.content import Content, Media
from core.domain.team import Role
from core.parsing.content_footer import read_place
from core.store.chat.drafts import Draft

PROMPT = "link"


async def _ask(context: BotContext, press: ButtonPress, draft: Draft) -> Result:
    if draft.content is None or draft.content.unplaced is None:
        return CallbackAnswer(_("Every file has a link."))
    await context.core.prompts.open(press.admin.id, draft.id, PROMPT)
    return _screen(draft, draft.content.unplaced)


async def handle_text(context: BotContext, message: IncomingMessage, draft: Draft) -> Draft | None:
    """Save a typed link or media id; None, after an error message, for anything else."""
    content, place = draft.content or Content(text=""), read_place(message.text.strip())
    file = content.unplaced
    if file is None:
        return draft
    if place is None:
        await drafts.post(context, draft, lambda drawn: _screen(drawn, file, message.text))
        return None
    placed = replace(file, link=place.link, ids={**file.ids, **place.ids})
    media = tuple(placed if one is file else one for one in content.media)
    return await drafts.save(context, replace(draft, content=replace(content, media=media)))


def _screen(draft: Draft, file: Media, unread: str = "") -> Screen:
    """`unread`: typed text that is neither a link nor an id."""
    lines = [
        _("Where can people find {file} online?").format(file=translate(file.title)),
        _("Send me a link that anyone can open, like https://example.com/photo.jpg"),
        _("For WhatsApp, a file ID works too: whatsapp:1376223850470843"),
    ]
    if unread:
        lines.insert(0, _("“{words}” isn't a link.").format(words=clip(unread, 60)))
    back = Button(_("« Back"), subject(draft).to("home"))
    return Screen(escape("\n".join(lines), quote=False), ((back,),))


BUTTONS = (DRAFT.button("link", Role.EDITOR, _ask),)
