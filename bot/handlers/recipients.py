"""Choosing the recipients of a draft: buttons, typed people, and the search by name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from bot.context import BotContext, CallbackAnswer, Reply, Result
from bot.handlers import audiences, drafts, pieces, preview, typed_people
from bot.handlers.recipient_choices import PEOPLE_A_PAGE, chosen_page, count, recipient_choices
from bot.requests import ButtonPress, IncomingMessage
from bot.routes import DRAFT, ON_MESSENGER, PAGE, Argument, drawn
from bot.screens import recipients as screens_recipients
from bot.screens.audiences import name_prompt
from bot.screens.draft_questions import with_adding
from bot.screens.options import draft_order
from bot.screens.recipients import Unclear
from bot.text.message_parts import order_content
from bot.text.translation import _, translate
from bot.ui.callback_data import StaleScreen, subject
from bot.ui.screen import Screen
from core.domain.audience import EVERYBODY, nobody_in
from core.domain.errors import NotFound
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Contact, Recipient, people_in, put_first
from core.domain.team import Role
from core.parsing.recipients import ReadRecipients, read_recipient
from core.store.chat.drafts import Draft

NEW: Final = "number"
"""The prompt for the number of somebody new; followed by the name."""
SEARCH: Final = "people"
"""The prompt of the search by name; followed by what was searched."""
PROMPTS: Final = frozenset({drafts.WHO, SEARCH, NEW})
"""The prompts that ask for recipients of a draft."""
_FOUND: Final = 8
_MOST_NEW: Final = 2
"""Unknown names that are offered as new people."""


def _list_id(text: str) -> str:
    return text if text == EVERYBODY else text.upper()


_ID: Final = r"[a-z0-9]{3,12}"
_LIST: Final = Argument(_ID, _list_id)
_LISTS_PAGE: Final = Argument(r"(?:[1-9]\d{0,3})?", lambda text: int(text or 1))
_LIST_AND_PAGE: Final = Argument(
    rf"{_ID}:[1-9]\d{{0,3}}", lambda text: (_list_id(text.partition(":")[0]), int(text.partition(":")[2]))
)
_PLACE: Final = Argument(r"\d{1,7}", int)
_PERSON: Final = Argument(r"p[1-9]\d{0,9}", str)
_ENTRY: Final = Argument(r"[a-z]+:\S{1,40}", str)


async def _ask(context: BotContext, draft: Draft, page: int = 1) -> Screen:
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.WHO)
    return screens_recipients.recipients_prompt(draft, await recipient_choices(context, draft, page))


async def post(context: BotContext, draft: Draft, unclear: Unclear | None = None) -> None:
    """Post the screen again, below what was typed or shared."""
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.WHO)
    shown = await recipient_choices(context, draft)

    def draw(drawn: Draft) -> Screen:
        screen = screens_recipients.recipients_prompt(drawn, shown, unclear)
        # Words that name nobody may be a part of the message.
        perhaps_text = unclear is not None and not unclear.added and drawn.more is not None
        return with_adding(drawn, screen) if perhaps_text else screen

    await drafts.post(context, draft, draw)


async def _who(context: BotContext, _press: ButtonPress, draft: Draft, page: int) -> Screen:
    if draft.offered:
        draft = await drafts.save(context, replace(draft, offered=""))
    return await _ask(context, draft, page)


async def _names(context: BotContext, _press: ButtonPress, draft: Draft, page: int) -> Screen:
    return screens_recipients.chosen_people(draft, await chosen_page(context, draft, page))


async def _off(context: BotContext, _press: ButtonPress, draft: Draft, place: int) -> Reply:
    return Reply(
        await _ask(context, await _without_place(context, draft, place)), CallbackAnswer(_("Removed"))
    )


async def _remove(context: BotContext, _press: ButtonPress, draft: Draft, place: int) -> Reply:
    """As _off(), on the page with everybody."""
    kept = await _without_place(context, draft, place)
    if not kept.recipients:
        return Reply(await _ask(context, kept), CallbackAnswer(_("Removed")))
    page = await chosen_page(context, kept, place // PEOPLE_A_PAGE + 1)
    return Reply(screens_recipients.chosen_people(kept, page), CallbackAnswer(_("Removed")))


async def _without_place(context: BotContext, draft: Draft, place: int) -> Draft:
    """Remove the person at this place of those chosen one by one."""
    people = people_in(draft.recipients)
    if place >= len(people):
        raise StaleScreen
    left = tuple(one for number, person in enumerate(people) if number != place for one in person)
    return await drafts.save(context, replace(draft, recipients=left))


async def _clear(context: BotContext, _press: ButtonPress, draft: Draft) -> Reply:
    emptied = replace(draft, recipients=(), audiences=(), offered="", duplicates=0)
    screen = await _ask(context, await drafts.save(context, emptied))
    return Reply(screen, CallbackAnswer(_("No one is chosen now")))


async def _pick(context: BotContext, press: ButtonPress, draft: Draft, picked: tuple[str, int]) -> Result:
    """Add an audience, or remove it. The first choice for a written message leads straight to the preview."""
    list_id, page = picked
    left = tuple(one for one in draft.audiences if one.id != list_id)
    if len(left) < len(draft.audiences):
        changed, answer = replace(draft, audiences=left), CallbackAnswer(_("Removed"))
    else:
        changed, answer = await _added(context, draft, list_id)
    if changed.is_complete and not draft.names_somebody:
        await preview.show(context, press.admin, await drafts.save(context, changed))
        return answer
    return Reply(await _ask(context, await drafts.save(context, changed), page), answer)


async def _added(context: BotContext, draft: Draft, list_id: str) -> tuple[Draft, CallbackAnswer]:
    """Add an audience; a deleted or empty one changes nothing."""
    try:
        chosen = await context.core.audiences.choose(list_id)
    except NotFound as error:
        return draft, CallbackAnswer(translate(str(error)), alert=True)
    if not chosen.total:
        return draft, CallbackAnswer(translate(nobody_in(chosen)), alert=True)
    return drafts.with_audiences(draft, [chosen]), CallbackAnswer(_("Added"))


async def _near(context: BotContext, press: ButtonPress, draft: Draft, list_id: str) -> CallbackAnswer:
    changed, answer = await _added(context, replace(draft, offered=""), list_id)
    await preview.show(context, press.admin, await drafts.save(context, changed))
    return answer


async def _save(context: BotContext, press: ButtonPress, draft: Draft, list_id: str) -> Screen:
    audience = await context.core.audiences.get(list_id)
    await context.core.prompts.open(press.admin.id, draft.id, f"{audiences.SAVE}:{audience.id}")
    return name_prompt(subject(draft).to("who"), audience.title)


async def _search(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    await context.core.prompts.open(draft.admin_id, draft.id, SEARCH)
    return await _found(context, draft, "")


async def _found(context: BotContext, draft: Draft, query: str) -> Screen:
    contacts = context.core.contacts
    found = await (contacts.search(query, most=_FOUND) if query else contacts.latest(_FOUND))
    return screens_recipients.people_search(draft, await count(context, draft), query, found)


async def _person(context: BotContext, _press: ButtonPress, draft: Draft, person_id: str) -> Reply:
    """Add a known person, or remove them; the search that found them stays open."""
    found = await context.core.contacts.known([person_id])
    if not found:
        return Reply(
            await _ask(context, draft), CallbackAnswer(_("I no longer know this person"), alert=True)
        )
    changed, answer = with_person(draft, found[0]), CallbackAnswer(_("Added"))
    if any(one.person == person_id for one in draft.recipients):
        left = tuple(one for one in draft.recipients if one.person != person_id)
        changed, answer = replace(draft, recipients=left), CallbackAnswer(_("Removed"))
    kept = await drafts.save(context, changed)
    prompt = await context.core.prompts.current(draft.admin_id)
    if prompt is None or prompt.name != SEARCH:
        return Reply(await _ask(context, kept), answer)
    query = prompt.field.partition(":")[2]
    return Reply(await _found(context, kept, query), answer)


def with_person(draft: Draft, person: Contact) -> Draft:
    """Add a known person with all their addresses, of which one is used."""
    return drafts.with_more(
        replace(draft, recipients=_without(draft, person.recipients)), person.recipients, 0
    )


def _without(draft: Draft, recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    there = {one.key for one in recipients}
    return tuple(one for one in draft.recipients if one.key not in there)


async def _guess(context: BotContext, _press: ButtonPress, draft: Draft, entry: str) -> Reply:
    """Add an entry as it was offered."""
    try:
        meant = read_recipient(entry)
    except ValueError:
        raise StaleScreen from None
    kept = await drafts.save(context, drafts.with_more(draft, [meant], 0))
    return Reply(await _ask(context, kept), CallbackAnswer(_("Added")))


async def _new(context: BotContext, press: ButtonPress, draft: Draft, place: int) -> Screen:
    """Ask for the number of somebody whose name was typed."""
    if place >= len(draft.unknown):
        raise StaleScreen
    name = draft.unknown[place]
    await context.core.prompts.open(press.admin.id, draft.id, f"{NEW}:{name}")
    return screens_recipients.new_person(draft, name)


async def answer_new(context: BotContext, message: IncomingMessage, draft: Draft, field: str) -> None:
    """Add a new person with the typed number."""
    await context.core.prompts.open(message.admin.id, draft.id, drafts.WHO)
    text = f"{field.partition(':')[2]} {' '.join(message.text.split())}"
    await answer(context, replace(message, text=text), draft, drafts.WHO)


async def _each(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    """Write to people at all their addresses, or at one of them."""
    return draft_order(await drafts.save(context, replace(draft, everywhere=not draft.everywhere)))


async def _first(context: BotContext, _press: ButtonPress, draft: Draft, messenger: Messenger) -> Screen:
    """Prefer a messenger for this message."""
    order = put_first(messenger, draft.messenger_order)
    return draft_order(await drafts.save(context, replace(draft, messenger_order=order)))


async def _usual_order(context: BotContext, _press: ButtonPress, draft: Draft) -> Screen:
    return draft_order(await drafts.save(context, replace(draft, messenger_order=())))


async def answer(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    """Add typed people. What is unclear is asked; the others are added."""
    who = await typed_people.read(context, message)
    if who is not None:
        await take(context, message, draft, who)


async def take(context: BotContext, message: IncomingMessage, draft: Draft, who: ReadRecipients) -> None:
    """Add the people that were read of a message, and ask about the others."""
    if who.problems and pieces.may_continue(message):
        # The rest of a long list arrives in the next message, and is read with this one.
        who = replace(who, recipients=(), audiences=(), duplicates=0)
    grown = drafts.with_audiences(await drafts.with_offered(context, draft), who.audiences)
    grown = drafts.with_more(grown, who.recipients, who.duplicates)
    if who.problems and grown.content is not None:
        grown = replace(grown, more=order_content(message.whole))
    grown = await drafts.save(context, with_unknown(grown, who))
    await context.core.audiences.learn(who.recipients)
    if who.problems:
        added = len(people_in(who.recipients)) + len(who.audiences)
        await post(
            context, grown, Unclear(who.problems, who.near, (*who.like, *who.spelt_like), who.guesses, added)
        )
    elif grown.content is None:
        await preview.show(context, message.admin, grown)
    else:
        # Keep asking: a long list arrives in several messages.
        await post(context, grown)


def with_unknown(draft: Draft, who: ReadRecipients) -> Draft:
    """With the unknown names that were typed, which are offered as new people."""
    return replace(draft, unknown=who.unknown[:_MOST_NEW])


async def answer_search(context: BotContext, message: IncomingMessage, draft: Draft, _field: str) -> None:
    """Find people by a typed name; anything that is no known name is read as people."""
    query = " ".join(message.text.split())[:60]
    found = await context.core.contacts.search(query, most=_FOUND)
    if not found:
        await answer(context, message, draft, drafts.WHO)
        return
    await context.core.prompts.open(draft.admin_id, draft.id, f"{SEARCH}:{query}")
    total = await count(context, draft)
    await drafts.post(
        context, draft, lambda drawn: screens_recipients.people_search(drawn, total, query, found)
    )


async def _pickers(context: BotContext, press: ButtonPress, draft: Draft) -> CallbackAnswer:
    """Offer Telegram's own choice of people, which is a keyboard below the chat."""
    await context.core.prompts.open(draft.admin_id, draft.id, drafts.WHO)
    await context.chat.offer_people(press.admin.chat_id, *screens_recipients.pickers())
    return CallbackAnswer()


BUTTONS = (
    DRAFT.button("who", Role.EDITOR, _who, _LISTS_PAGE),
    DRAFT.button("names", Role.EDITOR, _names, PAGE),
    DRAFT.button("off", Role.EDITOR, _off, _PLACE),
    DRAFT.button("remove", Role.EDITOR, _remove, _PLACE),
    DRAFT.button("clear", Role.EDITOR, _clear),
    DRAFT.button("pick", Role.EDITOR, _pick, _LIST_AND_PAGE),
    DRAFT.button("near", Role.EDITOR, _near, _LIST),
    DRAFT.button("save", Role.EDITOR, _save, _LIST),
    DRAFT.button("people", Role.EDITOR, _search),
    DRAFT.button("person", Role.EDITOR, _person, _PERSON),
    DRAFT.button("guess", Role.EDITOR, _guess, _ENTRY),
    DRAFT.button("new", Role.EDITOR, _new, _PLACE),
    DRAFT.button("each", Role.EDITOR, _each),
    DRAFT.button("order", Role.EDITOR, drawn(draft_order)),
    DRAFT.button("order0", Role.EDITOR, _usual_order),
    DRAFT.button("first", Role.EDITOR, _first, ON_MESSENGER),
    DRAFT.button("pickers", Role.EDITOR, _pickers),
    DRAFT.button("paste", Role.EDITOR, drawn(screens_recipients.paste_help)),
    DRAFT.button("file", Role.EDITOR, drawn(screens_recipients.file_help)),
)
