"""Set the welcome and away texts."""

from __future__ import annotations

from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result
from bot.requests import ButtonPress, IncomingMessage, Request
from bot.routes import MESSENGER, Argument, button
from bot.screens.auto_texts import ANSWERED, auto_text_prompt, auto_texts_screen
from bot.screens.subscribers import auto_text
from bot.text.translation import _
from bot.ui.callback_data import BOT
from bot.ui.screen import Button, Screen, plain
from core.domain.auto_text import AutoText
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.team import Role

PROMPT: Final = "auto-text"
_WHICH: Final = Argument(r"welcome|away", AutoText)
_LONGEST: Final = 1000


async def text_of(context: BotContext, messenger: Messenger, which: AutoText) -> str:
    """The text that people get; empty for none."""
    return auto_text(messenger, which, await context.core.auto_texts.get(messenger, which))


async def overview(context: BotContext, _request: Request) -> Screen:
    return auto_texts_screen(
        {(one, which): await text_of(context, one, which) for one in ANSWERED for which in AutoText}
    )


async def _ask(context: BotContext, _press: ButtonPress, messenger: Messenger, which: AutoText) -> Reply:
    screen = auto_text_prompt(messenger, which, await text_of(context, messenger, which))
    return Reply(screen, asks=(messenger.traits.code, f"{PROMPT}:{which}"))


async def handle_text(context: BotContext, message: IncomingMessage, code: str, field: str) -> Result:
    """Take the typed text."""
    if not message.is_text or len(message.text) > _LONGEST:
        problem = _("Send me a text of up to 1,000 characters, without a file.")
        return plain(problem, Button(_("« Back"), BOT.to("auto")))
    which = AutoText(field.partition(":")[2])
    await context.core.auto_texts.set(BY_CODE[code], which, message.text)
    return Reply(await overview(context, message), settles=True)


async def _off(context: BotContext, press: ButtonPress, messenger: Messenger, which: AutoText) -> Reply:
    await context.core.auto_texts.set(messenger, which, "")
    return Reply(await overview(context, press), CallbackAnswer(_("Turned off")))


async def _standard(context: BotContext, press: ButtonPress, messenger: Messenger, which: AutoText) -> Reply:
    await context.core.auto_texts.set(messenger, which, None)
    return Reply(await overview(context, press), CallbackAnswer(_("Done")))


BUTTONS = (
    button(BOT.to("auto"), Role.EDITOR, overview),
    MESSENGER.button("auto", Role.EDITOR, _ask, _WHICH),
    MESSENGER.button("autooff", Role.EDITOR, _off, _WHICH),
    MESSENGER.button("autostd", Role.EDITOR, _standard, _WHICH),
)
