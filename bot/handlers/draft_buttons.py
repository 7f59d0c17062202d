"""Buttons on the cards of a draft."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result, already, old
from bot.handlers import date_picker, drafts, preparation, preview, recurrence, typed_people
from bot.handlers.date_picker import MOMENT, Draw, Picking
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import DRAFT, PLACE, Argument, drawn
from bot.screens.draft_questions import closed_message, discard_question, discarded_message
from bot.screens.drafts import (
    edit_menu,
    greeting_choice,
    greetings,
    may_greet,
    messengers_of,
    problems_text,
    text_help,
    text_prompt,
)
from bot.text.message_parts import order_content
from bot.text.translation import _
from bot.ui.callback_data import StaleScreen, SubjectAction, subject
from bot.ui.screen import Screen
from bot.ui.wall_clock import open_moment
from core.domain.broadcast import USUAL_TRY_AGAIN_DAYS
from core.domain.content.content import Content
from core.domain.content.formatting import behind
from core.domain.content.limits import without_files
from core.domain.content.splitting import split
from core.domain.errors import NotFound
from core.domain.messengers.capabilities import Option
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.team import Role
from core.parsing.recipients import ReadRecipients
from core.store.chat.drafts import Draft

_ON: Final = Argument(
    f"[{''.join(BY_CODE)}]{{1,{len(BY_CODE)}}}", lambda codes: frozenset(BY_CODE[code] for code in codes)
)
"""One messenger or several, by their codes."""
Messengers = frozenset[Messenger]
_DOUBLE_TAP: Final = 2
"""The most revisions that one tap adds."""
_OPTION: Final = Argument(f"(?:{'|'.join(Option)})?", lambda text: Option(text) if text else None)


async def open_draft(
    context: BotContext,
    press: ButtonPress,
    action: SubjectAction,
    carry_out: Callable[[Draft], Awaitable[Result]],
) -> Result:
    """Carry out a button on its draft, or answer one whose card is out of date."""
    draft = await drafts.load_own(context, press.admin, action.subject.id)
    if draft is None:
        return await _gone(context, press, action.subject.id)
    stamp = action.subject.stamp
    if stamp == str(draft.revision + 1):
        # Stopped after posting, before the message id was saved: this card is current.
        draft = await drafts.save(context, replace(draft, card_message_id=press.message_id, shown=""))
    if stamp == str(draft.revision):
        return await carry_out(draft)
    if press.message_id == draft.card_message_id:
        screen = await _home(context, press, draft)
        return Reply(screen, already()) if isinstance(screen, Screen) else already()
    await context.chat.strip(press.admin.chat_id, press.message_id)
    if 0 < draft.revision - int(stamp) <= _DOUBLE_TAP:
        return already()
    await preview.show(context, press.admin, draft)
    return old()


async def _gone(context: BotContext, press: ButtonPress, draft_id: str) -> CallbackAnswer:
    """Answer for a draft that was accepted, discarded or has expired."""
    try:
        await context.core.broadcasts.get(draft_id)
    except NotFound:
        if await drafts.is_series(context, draft_id):
            return already()
        await context.chat.strip(press.admin.chat_id, press.message_id)
        return old()
    if not await context.live.is_card(draft_id, press.admin.chat_id, press.message_id):
        await context.chat.strip(press.admin.chat_id, press.message_id)
    return already()


async def _home(context: BotContext, press: ButtonPress, draft: Draft) -> Screen | CallbackAnswer:
    return await preview.home(context, press.admin, draft)


async def _text(context: BotContext, press: ButtonPress, draft: Draft) -> Screen:
    await context.core.prompts.open(press.admin.id, draft.id, drafts.TEXT)
    return text_prompt(draft)


async def _how(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    return text_help(draft, await drafts.columns(context, draft))


async def _greet(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    people = await preparation.gathered(context, draft)
    return greeting_choice(draft, next((name for one in people.recipients if (name := one.name)), ""))


async def _greeted(context: BotContext, press: ButtonPress, draft: Draft, place: int) -> Result:
    """Begin the text with each person's name."""
    if not may_greet(draft) or draft.content is None or place >= len(greetings()):
        raise StaleScreen
    first = greetings()[place].format(name="{name}") + "\n"
    entities = behind(first, draft.content.entities)
    content = replace(draft.content, text=first + draft.content.text, entities=entities)
    kept = await drafts.save(context, replace(draft, content=content, joined=True))
    await context.chat.strip(press.admin.chat_id, press.message_id)
    await preview.show(context, press.admin, kept)
    return CallbackAnswer(_("Added"))


async def _bare(context: BotContext, press: ButtonPress, draft: Draft) -> Screen:
    """Remove everything beside the text, and ask for another text."""
    return await _text(context, press, await _without_files(context, draft))


async def _wordy(context: BotContext, press: ButtonPress, draft: Draft) -> Screen | CallbackAnswer:
    """Remove everything beside the text."""
    return await _home(context, press, await _without_files(context, draft))


async def _without_files(context: BotContext, draft: Draft) -> Draft:
    content = draft.content or Content(text="")
    bare = Content(text=content.text, entities=content.entities, options=content.options)
    return await drafts.save(context, replace(draft, content=bare if bare.text else None, album=""))


async def _choose(context: BotContext, press: ButtonPress, draft: Draft, draw: Draw) -> Result:
    if draft.series_id:
        # A series has a recurrence, not a moment.
        return await recurrence.begin(context, press, draft)
    await context.core.prompts.open(press.admin.id, draft.id, drafts.WHEN)
    return await draw(Picking(subject(draft), draft.send_at))


async def _set(
    context: BotContext, press: ButtonPress, draft: Draft, moment: datetime
) -> Screen | CallbackAnswer:
    moment = open_moment(moment, context.clock())
    return await _home(
        context, press, await drafts.save(context, replace(draft, send_at=moment, repeat=None))
    )


async def _now(context: BotContext, press: ButtonPress, draft: Draft) -> Screen | CallbackAnswer:
    return await _home(context, press, await drafts.save(context, replace(draft, send_at=None, repeat=None)))


async def _view(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    await preview.show(context, press.admin, draft)
    return CallbackAnswer()


async def _add(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    return await _with_more(context, press, draft, drafts.with_addition)


async def _replace(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    return await _with_more(context, press, draft, drafts.with_content)


async def _apart(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Begin another message with what was sent last; this draft stays as it was."""
    if draft.more is None:
        return already()
    kept = await drafts.save(context, replace(draft, more=None))
    await context.chat.show(press.admin.chat_id, press.message_id, closed_message(kept))
    begun = replace(drafts.blank(press.admin), content=draft.more)
    await preview.show(context, press.admin, await drafts.create(context, begun))
    return CallbackAnswer()


async def _with_more(
    context: BotContext, press: ButtonPress, draft: Draft, change: Callable[[Draft, Content], Draft]
) -> CallbackAnswer:
    """Change the content by what was sent last; by what the question replies to on a card of an older version."""
    more = draft.more or (order_content(press.replied) if press.replied else None)
    if more is None:
        return CallbackAnswer(_("I can't see that message. Please send it again."), alert=True)
    await preview.show(context, press.admin, await drafts.save(context, change(draft, more)))
    return CallbackAnswer()


async def _keep(context: BotContext, press: ButtonPress, draft: Draft) -> Screen | CallbackAnswer:
    return await _home(context, press, await drafts.save(context, replace(draft, more=None)))


async def _people(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Read the last message as recipients; ask for the content again if it was the whole content."""
    more = draft.more
    if more is None:
        return already()
    who: ReadRecipients | None = await typed_people.read_content(context, more)
    content = None if draft.content == more else draft.content
    if who is not None and who.without_code and typed_people.lacks_codes_only(who):
        draft = await drafts.save(context, replace(draft, content=content, more=None))
        await context.core.prompts.open(draft.admin_id, draft.id, drafts.WHO)
        text = typed_people.with_crossed(more.text, more.entities)
        place = draft.text_from or press.message_id
        who = await typed_people.read_or_ask(
            context, IncomingMessage(admin=press.admin, text=text, message_id=place)
        )
    if who is None:
        await context.chat.strip(press.admin.chat_id, press.message_id)
        return CallbackAnswer()
    if who.problems:
        return CallbackAnswer(problems_text(who.problems), alert=True)
    named = drafts.with_more(drafts.with_audiences(draft, who.audiences), who.recipients, who.duplicates)
    kept = await drafts.save(context, replace(named, content=content, more=None))
    await preview.show(context, press.admin, kept)
    return CallbackAnswer()


async def _options(context: BotContext, _press: ButtonPress, draft: Draft, option: Option | None) -> Screen:
    """Show the options; toggle one if given."""
    if option is not None:
        content = draft.content or Content(text="")
        options = content.options ^ {option}
        draft = await drafts.save(context, replace(draft, content=replace(content, options=options)))
    return await recurrence.options_screen(context, draft)


async def _more_options(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    return await recurrence.options_screen(context, draft, more=True)


async def _tries(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    """Switch between one try for each person and a few days of them."""
    days = 0 if draft.try_again_days else USUAL_TRY_AGAIN_DAYS
    kept = await drafts.save(context, replace(draft, try_again_days=days))
    return await recurrence.options_screen(context, kept, more=True)


async def _drop(context: BotContext, press: ButtonPress, draft: Draft) -> Result:
    """Ask first if the draft is not empty."""
    if draft.content is not None or draft.names_somebody:
        return discard_question(draft)
    return await _dropped(context, press, draft)


async def _dropped(context: BotContext, _press: ButtonPress, draft: Draft) -> Reply:
    await drafts.end(context, draft)
    return Reply(discarded_message(draft))


async def _split(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Split a long text into two drafts; the second is saved first, so that no text is lost."""
    parts = draft.content and split(draft.content, messengers_of(draft))
    if not parts:
        return CallbackAnswer(_("It fits into one message."))
    first, rest = parts
    second = replace(
        drafts.blank(press.admin),
        content=rest,
        recipients=draft.recipients,
        audiences=draft.audiences,
        duplicates=draft.duplicates,
        send_at=draft.send_at,
        repeat=draft.repeat,
    )
    second = await drafts.create(context, second)
    try:
        kept = await drafts.save(context, replace(draft, content=first, album="", text_from=None))
    except StaleScreen:
        await drafts.end(context, second)
        raise
    await preview.show(context, press.admin, second)
    await preview.show(context, press.admin, kept)
    told = _("Now you have two messages. The first one is at the bottom: send it first.")
    return CallbackAnswer(told, alert=True)


async def _text_only(context: BotContext, press: ButtonPress, draft: Draft, on: Messengers) -> Result:
    """People there get the text without the files."""
    content = draft.content
    for messenger in sorted(on):
        content = (without_files(content, messenger) if content else None) or content
    kept = draft if content == draft.content else await drafts.save(context, replace(draft, content=content))
    return await _home(context, press, kept)


async def _wordless(context: BotContext, press: ButtonPress, draft: Draft) -> Result:
    """Only the files: the text and the buttons go."""
    content = draft.content or Content(text="")
    bare = replace(content, text="", entities=(), buttons=())
    kept = await drafts.save(context, replace(draft, content=bare, text_from=None)) if bare.media else draft
    return await _home(context, press, kept)


async def _without(context: BotContext, press: ButtonPress, draft: Draft, on: Messengers) -> Result:
    kept = await drafts.save(context, replace(draft, without=draft.without | on))
    return await _home(context, press, kept)


async def _within(context: BotContext, press: ButtonPress, draft: Draft, on: Messengers) -> Result:
    kept = await drafts.save(context, replace(draft, without=draft.without - on))
    return await _home(context, press, kept)


async def _card(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Send a contact card to people, and not a message to the person on it."""
    more = draft.more or Content(text="")
    card = next((one.contact for one in more.media if one.contact), None)
    if card is None:
        return already()
    own = {card.phone_number, str(card.user_id)}
    others = tuple(one for one in draft.recipients if one.address not in own)
    changed = drafts.with_content(replace(draft, recipients=others), more)
    await preview.show(context, press.admin, await drafts.save(context, changed))
    return CallbackAnswer()


BUTTONS = (
    *date_picker.routes(DRAFT, _choose),
    DRAFT.button("set", Role.EDITOR, _set, MOMENT),
    DRAFT.button("home", Role.EDITOR, _home),
    DRAFT.button("text", Role.EDITOR, _text),
    DRAFT.button("now", Role.EDITOR, _now),
    DRAFT.button("view", Role.EDITOR, _view),
    DRAFT.button("opt", Role.EDITOR, _options, _OPTION),
    DRAFT.button("optmore", Role.EDITOR, _more_options),
    DRAFT.button("tries", Role.EDITOR, _tries),
    DRAFT.button("replace", Role.EDITOR, _replace),
    DRAFT.button("split", Role.EDITOR, _split),
    DRAFT.button("textonly", Role.EDITOR, _text_only, _ON),
    DRAFT.button("without", Role.EDITOR, _without, _ON),
    DRAFT.button("within", Role.EDITOR, _within, _ON),
    DRAFT.button("add", Role.EDITOR, _add),
    DRAFT.button("keep", Role.EDITOR, _keep),
    DRAFT.button("apart", Role.EDITOR, _apart),
    DRAFT.button("aspeople", Role.EDITOR, _people),
    DRAFT.button("edit", Role.EDITOR, drawn(edit_menu)),
    DRAFT.button("bare", Role.EDITOR, _bare),
    DRAFT.button("card", Role.EDITOR, _card),
    DRAFT.button("wordy", Role.EDITOR, _wordy),
    DRAFT.button("wordless", Role.EDITOR, _wordless),
    DRAFT.button("how", Role.EDITOR, _how),
    DRAFT.button("greet", Role.EDITOR, _greet),
    DRAFT.button("greeted", Role.EDITOR, _greeted, PLACE),
    DRAFT.button("drop", Role.EDITOR, _drop),
    DRAFT.button("dropped", Role.EDITOR, _dropped),
)
