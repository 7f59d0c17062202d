"""A whole broadcast, and at every one of its screens every button: twice, from earlier screens, by others.

Before each press the store is put back to what it was when the screen was drawn, so that every button is pressed in the
state in which somebody could press it. Buttons are known by what they carry, not by what is written on them.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from redis.asyncio import Redis

from bot.ui.callback_data import subject
from core.domain.audit import AuditAction
from core.domain.broadcast import Broadcast, Verb
from core.domain.messengers.outcome import Reason
from core.domain.messengers.retry import Failed, Unknown
from core.domain.messengers.traits import Messenger
from tests.support.bot import Json, World, running_bot
from tests.support.sandbox_server import ADMIN, STRANGER

VIEWER: Final = 1002
FILES: Final = frozenset({AuditAction.EXPORTED, AuditAction.LOG_EXPORTED, AuditAction.LIST_EXPORTED})
THINGS: Final = re.compile(
    rb"ms:(?!tap:|awaiting:1002|search:1002|staff:names|languages|zones|audit|cards|alive|notices|text:|pace:|answer:)"
)
"""Keys of what must not change when somebody presses who may not, or only looks.

Alerts come with time, as no worker runs here.
"""
ACTS: Final = re.compile(
    r"d:.*:(go|sure):|b:.*:(set|sure|undo|cancelled|pause|resume|stopped|resent|erased|fixed|halt)(:|$)|p:\w+:\d+:yes|"
    r"h:panic|k:|u:\d+:\w+|m:|w:|s:"
)
"""Buttons whose answer to a question is a deed. Every other one may ask, show and write drafts."""
STAMPED: Final = re.compile(r"[db]:")
"""Buttons that name the state of the thing which they are about."""
WHO: Final = "telegram:1001, telegram:1002, telegram:1003, whatsapp:+12025550123, viber:alice"

MOST_SHOWN: Final = 6
"""Lines and buttons of a screen."""
ALIVE: Final = b"ms:alive"
DELETE_ALL_BUT: Final = """
for _, key in ipairs(redis.call('KEYS', '*')) do if key ~= KEYS[1] then redis.call('UNLINK', key) end end
"""
LISTS: Final = re.compile(
    r"(Who should get it|Which day|What time|On which days|When should it go out|Who missed|Everyone|Sent ·|Scheduled ·"
    r"|👥 Lists|📜|👤|🔧 Details|/send |Your time zone|What year|Which month|📄)"
)
"""Lists, the calendar, the help, and what the person who runs the programs reads."""

Saved = dict[bytes, tuple[int, bytes]]
Button = tuple[str, int]
"""A button's callback data, and the message it belongs to."""


def buttons(message: Json) -> list[Button]:
    """All that stand under a message."""
    return [
        (str(one["callback_data"]), int(message["message_id"]))
        for row in (message.get("reply_markup") or {"inline_keyboard": []})["inline_keyboard"]
        for one in row
        if "callback_data" in one
    ]


def kind(data: str) -> str:
    """The same for buttons that do the same to a thing in the same state: one of each is pressed."""
    said = re.sub(r"^d:\w+:\w+|^(b:)\w+(:[a-z])\w*", r"\1\2", data)
    return re.sub(r"(?<=:)[A-Z0-9]{4}(?=:)|\d+", "#", said)


class Walk:
    """An admin's way through the screens, and what was pressed on it."""

    def __init__(self, world: World, store: Redis) -> None:
        self.world = world
        self._store = store
        self.here: list[Button] = []
        self._earlier: dict[str, Button] = {}
        self.problems: list[str] = []

    async def say(self, text: str, shown: str) -> None:
        """Types; waits for a screen with a button that carries `shown`."""
        said = await self.world.sandbox.say(text)
        await self._drawn([], shown, below=int(said["message_id"]))

    async def tap(self, carries: str, shown: str) -> None:
        """Taps a button of this screen; waits for one with a button that carries `shown`."""
        before = await self._messages()
        tapped = await self.press(carries)
        # The one that was tapped may have shown just that before.
        await self._drawn([one for one in before if one["message_id"] != tapped], shown)

    async def press(self, carries: str) -> int:
        """Taps a button of this screen, and returns the message it belongs to."""
        data, message_id = next(one for one in self.here if re.search(carries, one[0]))
        await self._press(data, message_id)
        return message_id

    async def _messages(self) -> list[Json]:
        return await self.world.sandbox.messages()

    async def _drawn(self, before: list[Json], pattern: str, *, below: int = 0) -> None:
        """Until a message that is new or was redrawn since has such a button: that screen is looked at next."""

        def found(messages: list[Json]) -> list[list[Button]]:
            later = [message for message in messages if message["message_id"] > below]
            fresh = [buttons(message) for message in later if message not in before]
            return [one for one in fresh if any(re.search(pattern, data) for data, _ in one)]

        self.here = found(await self.world.sandbox.until(lambda messages: bool(found(messages))))[-1]

    async def look(self, *, and_back: bool = False) -> None:
        """Presses every button here, twice, and, where it is said, on all screens before this one."""
        shown = {kind(one[0]): one for one in self.here}
        saved = await self._save()
        if and_back:
            await self._from_earlier([one for name, one in self._earlier.items() if name not in shown], saved)
        for name, one in shown.items():
            if name not in self._earlier:
                await self._twice(one, saved)
        self._earlier |= shown

    async def _from_earlier(self, found: list[Button], saved: Saved) -> None:
        """They may show something and say that they are old; what is planned or runs stays as it is."""
        before, now = await self._ledger(), tuple(f"{subject(one)}:" for one in await self._broadcasts())
        late = [one for one in found if not ACTS.match(one[0]) or STAMPED.match(one[0])]
        # An answer to a question that could be asked again just so is no late one.
        late = [one for one in late if not (ACTS.match(one[0]) and one[0].startswith(now))]
        await asyncio.gather(*(self._press(*one) for one in late))
        if await self._ledger() != before:
            self.problems.append(f"one of these did something on a later screen: {late}")
        await self._rewind(saved)

    async def _twice(self, button: Button, saved: Saved) -> None:
        """At once, as a nervous finger does; it has its effect once, and none if it only shows or asks."""
        before, deeds = await self._ledger(), await self._audit_entries()
        await asyncio.gather(self._press(*button), self._press(*button))
        self.problems += [f"{button} shows {one}" for one in map(too_much, await self._messages()) if one]
        done = await self._audit_entries() - deeds
        if any(count > 1 for count in done.values()):
            self.problems.append(f"{button} did something twice: {done}")
        if not ACTS.match(button[0]) and await self._ledger() != before:
            self.problems.append(f"{button} did something without being asked to")
        await self._rewind(saved)

    async def press_all_by_others(self) -> None:
        """A stranger hears nothing, a viewer changes nothing; an export is logged with its actor."""
        saved = await self._save()
        found = [one for one in self._earlier.values() if not one[0].endswith(":csv")]
        for person in (STRANGER, VIEWER):
            answers = await asyncio.gather(*(self._press(*button, person) for button in found))
            if person == STRANGER:
                self.problems += [f"told a stranger: {answer}" for answer in answers if answer["text"]]
            now, before = things(await self._save()), things(saved)
            changed = [key for key in now.keys() | before.keys() if now.get(key) != before.get(key)]
            self.problems += [f"{person} changed {key!r}" for key in changed]

    async def _press(self, data: str, message_id: int, person: int = ADMIN) -> Json:
        answer = await self.world.sandbox.forge(data, message_id, person, chat=ADMIN, wait=True)
        if not answer["answered"] or "went wrong" in (answer["text"] or ""):
            self.problems.append(f"{data} by {person}: {answer}")
        return answer

    async def _broadcasts(self) -> list[Broadcast]:
        """All that is planned, runs or has ended."""
        core = self.world.core.broadcasts
        planned = [one async for one in core.each_scheduled()]
        return [*planned, *await core.running(), *(await core.finished(size=100)).items]

    async def _ledger(self) -> dict[str, object]:
        found = await self._broadcasts()
        return {
            one.id: (one.status, one.send_at, one.edition, one.can_be_undone, one.content.text)
            for one in found
        }

    async def _audit_entries(self) -> Counter[tuple[AuditAction, str]]:
        lines = (await self.world.core.audit_log.page(size=1000)).items
        return Counter((line.action, line.broadcast_id) for line in lines if line.action not in FILES)

    async def _save(self) -> Saved:
        keys = [key async for key in self._store.scan_iter(count=1000)]
        pipe = self._store.pipeline(transaction=False)
        for key in keys:
            pipe.pttl(key)
            pipe.dump(key)
        found = await pipe.execute()
        lives, packed = found[::2], found[1::2]
        return {key: (max(0, life), one) for key, life, one in zip(keys, lives, packed, strict=True) if one}

    async def _rewind(self, saved: Saved) -> None:
        """All but the signs of life: a bot that misses its own takes the store for an older copy, and stops."""
        pipe = self._store.pipeline(transaction=True)
        pipe.eval(DELETE_ALL_BUT, 1, ALIVE)
        for key, (life, packed) in saved.items():
            if key != ALIVE:
                pipe.restore(key, life, packed)
        await pipe.execute()


def too_much(message: Json) -> str:
    """The beginning of a screen with more than six lines or buttons; empty for another one. Lists may have more."""
    text, count = str(message.get("text") or ""), len(buttons(message))
    if not message["from"]["is_bot"] or not count or LISTS.match(text):
        return ""
    many = len(text.splitlines()) > MOST_SHOWN or count > MOST_SHOWN
    return f"{len(text.splitlines())} lines, {count} buttons: {text[:40]}" if many else ""


def things(saved: Saved) -> dict[bytes, bytes]:
    return {key: packed for key, (_, packed) in saved.items() if THINGS.match(key)}


@asynccontextmanager
async def walking(redis_url: str) -> AsyncIterator[Walk]:
    """Ann owns, Bob looks, Sam is a stranger."""
    async with (
        running_bot(redis_url, VIEWER_IDS=str(VIEWER), UNDO_SECONDS="300") as world,
        Redis.from_url(redis_url) as store,
    ):
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.ask("/start", "Hi, ", person=VIEWER)
        yield Walk(world, store)


async def test_every_button_on_a_broadcasts_way_does_what_it_says_once_and_nothing_else(
    redis_url: str,
) -> None:
    """From the first word to the results; a late tap, a second one or somebody else's never sends anything."""
    async with walking(redis_url) as walk:
        await _write(walk)
        name = await _plan(walk)
        await _send(walk, name)
        await _look_back(walk, name)
        await walk.press_all_by_others()
        assert walk.problems == []
        kinds = {str(one["kind"]) for one in await walk.world.sandbox.complaints()}
        # How quick the answers were says more of this machine than of the bot.
        assert {one for one in kinds if "callback" in one} <= {"late callback answer"}


async def _write(walk: Walk) -> None:
    await walk.say("/start", "h:new")
    await walk.look()
    await walk.say("/send", ":drop$")
    await walk.say("Sale", ":drop$")
    await walk.look()
    await walk.say(WHO, ":home$")
    await walk.look()
    await walk.tap(":home$", ":edit$")
    await walk.look()
    await walk.tap(":edit$", ":test$")
    await walk.look()
    await walk.tap(":home$", ":when$")
    await walk.tap(":when$", ":days$")
    await walk.look()
    await walk.tap(":days$", ":day:")
    await walk.look()
    await walk.tap(":day:", ":set:")
    await walk.look()
    await walk.tap(":set:", ":go:")


async def _plan(walk: Walk) -> str:
    await walk.look(and_back=True)
    await walk.press(":go:5")
    (planned,) = [one async for one in walk.world.core.broadcasts.each_scheduled()]
    await walk.say("/scheduled", ":view:s1a")
    await walk.look()
    await walk.tap(":view:s1a", ":send$")
    await walk.look(and_back=True)
    await walk.tap(":cancel$", ":cancelled$")
    await walk.look()
    await walk.say(f"/scheduled {planned.id}", ":send$")
    await walk.tap(":send$", ":sure:")
    await walk.look()
    await walk.press(":sure:")
    await walk.say(f"/scheduled {planned.id}", ":undo")
    await walk.look(and_back=True)
    return planned.id


async def _send(walk: Walk, name: str) -> None:
    world = walk.world
    # It may be held for the time of its undo.
    await world.core.ledger.steer(name, Verb.RESCHEDULE, await world.core.ledger.now())
    await world.core.ledger.start(name)
    await world.deliver_some(Messenger.TELEGRAM, 1)
    await walk.say(f"/scheduled {name}", ":pause$")
    await walk.look(and_back=True)
    await walk.press(":pause$")
    await walk.say(f"/scheduled {name}", ":resume$")
    await walk.look()
    await walk.press(":resume$")
    await walk.say(f"/scheduled {name}", ":stop$")
    await walk.tap(":stop$", ":stopped$")
    await walk.look()
    await world.deliver({"1002": Failed(Reason.UNREACHABLE), "1003": Unknown(Reason.CUT_OFF)})


async def _look_back(walk: Walk, name: str) -> None:
    await walk.say("/finished", ":view:f1a")
    await walk.look()
    await walk.tap(":view:f1a", ":more:")
    await walk.look(and_back=True)
    await walk.tap(":more:", ":resend$")
    await walk.look()
    for question in (":retry$", ":resend$", ":phones$", ":failed:1$"):
        behind_more = question in (":resend$", ":phones$")
        await walk.say(f"/finished {name}", ":more:" if behind_more else question)
        if behind_more:
            await walk.tap(":more:", question)
        await walk.tap(question, "")
        await walk.look()
    for command in ("/purge", "/status", "/audiences", "/log", "/admins"):
        await walk.say(command, "")
        await walk.look()
