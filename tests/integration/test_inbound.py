"""Messages of people on the three messengers, in the chats of the admins, and the answers on their phones."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from bot.tasks.inbound import SINGLE_IN_A_MINUTE
from core.app import Core
from core.domain.audience import EVERYBODY
from core.domain.content.content import Content
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.settings import load_settings
from tests.support.api_server import running_api
from tests.support.bot import Json, World, labels, serving, variables
from tests.support.core import accept, keys, order, store_at, until
from tests.support.processes import worker
from tests.support.sandbox_server import ADMIN, STRANGER, Sandbox, running_sandbox, sandbox_process
from tests.support.webhooks import processor

OTHER_ADMIN = 101
ALICE = "+12025550123"
SECRETS = {"WHATSAPP_APP_SECRET": "sandbox-app-secret", "WHATSAPP_VERIFY_TOKEN": "sandbox-verify"}


@dataclass(frozen=True)
class Shop:
    """The sandbox, the bot, a worker and the API that the messengers report to."""

    world: World

    @property
    def sandbox(self) -> Sandbox:
        return self.world.sandbox

    @property
    def core(self) -> Core:
        return self.world.core

    async def write(self, messenger: str, address: str, text: str, reply_to: str = "") -> None:
        said = {"text": text, "reply_to": reply_to}
        await self.sandbox.call("POST", f"people/{messenger}/{address}/write", said)

    async def _messages(self, messenger: str, address: str) -> list[Json]:
        phones = (await self.sandbox.call("GET", "state"))["phones"]
        (found,) = (one for one in phones if (one["messenger"], one["id"]) == (messenger, address))
        return [one for one in found["messages"] if not one.get("own")]

    async def phone(self, messenger: str, address: str) -> list[str]:
        """Texts that the person got."""
        return [str(one["text"]) for one in await self._messages(messenger, address)]

    async def last_id(self, messenger: str, address: str) -> str:
        """Of the last message that the person got."""
        return str((await self._messages(messenger, address))[-1]["id"])

    async def gets(self, messenger: str, address: str, text: str) -> None:
        async def there() -> bool:
            return text in await self.phone(messenger, address)

        await until(there)


@pytest.fixture
async def shop(redis_url: str) -> AsyncIterator[Shop]:
    async with running_sandbox() as sandbox:
        changes = {
            **SECRETS,
            "ADMIN_IDS": f"{ADMIN},{OTHER_ADMIN}",
            "WHATSAPP_RATE": "1000",
            "VIBER_RATE": "1000",
        }
        names = variables(sandbox, redis_url, **changes)
        settings = load_settings(names, env_file=None)
        async with running_api(redis_url, **{**sandbox.environment(), **SECRETS}) as api, serving(settings):
            hooks = {one: f"{api.url}/receipts/{one}" for one in ("whatsapp", "viber")}
            await sandbox.call("POST", "webhooks", hooks)
            for admin in (ADMIN, OTHER_ADMIN):
                await sandbox.act("telegram", str(admin), "start")
            async with worker(names):
                yield Shop(World(sandbox, api.core))


async def test_a_checklist_and_a_story_of_a_subscriber_reach_the_admins(shop: Shop) -> None:
    await shop.sandbox.act("telegram", str(STRANGER), "start")
    tasks = [{"id": 1, "text": "Tent"}, {"id": 2, "text": "Lamp", "completion_date": 1_790_000_000}]
    await shop.sandbox.say("", STRANGER, other={"checklist": {"title": "I bring", "tasks": tasks}})
    await shop.world.below(0, "I bring\n☐ Tent\n☑ Lamp")
    channel = {"id": -100, "type": "channel", "title": "News"}
    before = len(await shop.sandbox.messages())
    await shop.sandbox.say("", STRANGER, other={"story": {"chat": channel, "id": 1}})
    await shop.sandbox.until(lambda messages: len(messages) > before)


async def test_people_on_three_messengers_are_read_and_answered_in_the_chat(shop: Shop) -> None:
    world = shop.world
    everyone = (("whatsapp", ALICE), ("viber", "alice"))
    recipients = [Recipient(messenger=Messenger(one), address=address) for one, address in everyone]
    sent = await accept(shop.core, replace(order(recipients), content=Content(text="Doors open at 7")))
    for messenger, address in everyone:
        title = Messenger(messenger).traits.title
        await shop.gets(messenger, address, "Doors open at 7")
        text, answer = f"Is there parking, {messenger}?", f"Yes, {messenger}"
        await shop.write(messenger, address, text, reply_to=await shop.last_id(messenger, address))
        for admin in (ADMIN, OTHER_ADMIN):
            shown = await world.below(0, text, admin)
            verb = "answered" if messenger == "whatsapp" else "wrote after"
            assert shown["text"].startswith(f"💬 Alice ({title}) {verb} #{sent.id} “Doors open at 7”")
        asked = await world.below(0, text)
        said = await world.sandbox.say(answer, ADMIN, reply_to=asked["message_id"])
        await shop.gets(messenger, address, answer)
        await world.below(int(said["message_id"]), f"✓✓ Delivered to Alice ({title})")

    await shop.sandbox.act("telegram", str(STRANGER), "start")
    await shop.sandbox.say("May I bring my dog?", STRANGER)
    asked = await world.below(0, "May I bring my dog?")
    assert asked["text"].startswith("💬 Sam (Telegram)")
    await world.sandbox.say("Of course", ADMIN, reply_to=asked["message_id"])
    await world.below(0, "Of course", STRANGER)
    await world.below(int(asked["message_id"]), "✓ Sent to Sam (Telegram)")

    # Answers have a place of their own, apart from the messages to many.
    listed = await world.ask("/sent", "Sent · 1")
    assert "Of course" not in listed["text"]
    answers = await world.tap_into(listed, "💬 Answers", "Answers and automatic texts · 3")
    assert "✔ Sam (Telegram) · “Of course”" in answers["text"].splitlines()[1]
    card = await world.tap_into(answers, "1", "Sent to 1 person")
    answers = await world.tap_into(card, "« List", "Answers and automatic texts · 3")
    await world.tap_into(answers, "« Sent", "Sent · 1")
    await world.ask("/sent course", "Of course")
    question = await world.ask("/purge all", "Delete 4 sent messages with 5 results")
    await world.tap_into(question, "🗑 Yes, delete 4", "Deleted 4.")
    listed = await world.ask("/sent", "Sent · 0")
    await world.tap_into(listed, "💬 Answers", "Nothing here.")


async def test_who_writes_is_subscribed_and_known_by_name_until_they_leave(shop: Shop) -> None:
    world, contacts, subscribers = shop.world, shop.core.contacts, shop.core.subscribers
    await shop.write("whatsapp", ALICE, "Hello")
    await shop.write("viber", "carol", "Hello too")
    await shop.sandbox.act("telegram", str(STRANGER), "start")
    await shop.sandbox.say("Hello from me", STRANGER)

    async def counts(expected: dict[Messenger, int]) -> None:
        async def there() -> bool:
            return {**await subscribers.count()} == expected

        await until(there)

    await counts({Messenger.TELEGRAM: 1, Messenger.WHATSAPP: 1, Messenger.VIBER: 1})
    known = await contacts.at([(Messenger.WHATSAPP, ALICE), (Messenger.VIBER, "carol")])
    assert [one.name for one in known.values()] == ["Alice", "Frank"]
    everybody = [one async for one in shop.core.recipients.of(EVERYBODY)]
    assert {(one.label, one.variables["name"]) for one in everybody} >= {
        (f"whatsapp:{ALICE}", "Alice"),
        ("viber:carol", "Frank"),
        (f"telegram:{STRANGER}", "Sam"),
    }
    await shop.sandbox.act("whatsapp", ALICE, "stop")
    await shop.sandbox.act("viber", "carol", "block")
    await counts({Messenger.TELEGRAM: 1})
    await shop.write("whatsapp", ALICE, "But when do you open?")
    await world.below(0, "But when do you open?")
    await counts({Messenger.TELEGRAM: 1})

    async def is_back() -> bool:
        # WhatsApp tells seconds: within the same one the opt-out counts.
        await shop.write("whatsapp", ALICE, "Start")
        return Messenger.WHATSAPP in await subscribers.count()

    await until(is_back)


async def test_an_answer_that_fails_says_why_and_offers_a_way_on(shop: Shop) -> None:
    world = shop.world
    await shop.write("viber", "bob", "Hello?")
    asked = await world.below(0, "Hello?")
    await shop.sandbox.fault("viber", "blocked", recipient="bob")
    said = await world.sandbox.say("Hello Bob", ADMIN, reply_to=asked["message_id"])
    failed = await world.below(int(said["message_id"]), "✖ Not sent to Bob (Viber)")
    assert labels(failed) == [["Write to Bob"]]


async def test_an_answer_of_a_kind_that_the_messenger_lacks_offers_the_text_or_another_message(
    shop: Shop,
) -> None:
    world = shop.world
    await shop.write("viber", "bob", "Where are you?")
    asked = await world.below(0, "Where are you?")

    async def answer(kind: str, problem: str) -> Json:
        sample = {"person": ADMIN, "kind": kind, "reply_to": asked["message_id"]}
        said = await world.sandbox.call("POST", "say-sample", sample)
        return await world.below(int(said["message_id"]), problem)

    refused = await answer("voice", "Viber needs a link to the voice message")
    assert labels(refused) == [["Write to Bob"]]
    refused = await answer("poll", "Viber can't send polls.")
    assert labels(refused) == [["📝 Viber: in words"], ["Write to Bob"]]
    await world.tap(refused, "📝 Viber: in words")
    await world.below(int(refused["message_id"]) - 1, "✓✓ Delivered to Bob (Viber)")
    (got,) = await shop.phone("viber", "bob")
    assert "Friday evening" in got


async def test_words_of_opting_out_are_not_shown_as_questions(shop: Shop) -> None:
    await shop.sandbox.act("telegram", str(STRANGER), "start")
    await shop.sandbox.say("Stop, thank you", STRANGER)
    await shop.sandbox.act("whatsapp", ALICE, "stop")
    await shop.write("viber", "alice", "stop")
    await shop.write("viber", "bob", "Is anybody there?")
    await shop.world.below(0, "Is anybody there?")
    assert (await shop.core.inbound.look(ADMIN)).last == 1


async def test_a_storm_is_gathered_into_one_card_with_pages_that_can_be_opened_and_answered(
    shop: Shop,
) -> None:
    world = shop.world
    for number in range(30):
        await shop.write("whatsapp", ALICE, f"question {number:02}")

    async def counted() -> bool:
        seen = await world.core.inbound.look(ADMIN)
        return seen.done == 30 and (not seen.card or seen.drawn == 30)

    await until(counted)
    messages = await world.sandbox.messages()
    singles = [one for one in messages if str(one.get("text")).startswith("💬 Alice")]
    cards = [one for one in messages if "new messages" in str(one.get("text"))]
    (card,) = cards
    count = int(card["text"].removeprefix("💬 ").split()[0])
    assert len(singles) + count == 30
    assert len(singles) <= SINGLE_IN_A_MINUTE
    assert f"{count}. Alice (WhatsApp): question 29" in card["text"]
    first = await world.turned(card, "question 29")
    for _ in range(-(-count // 5) - 1):
        (turning,) = (row for row in labels(first) if "‹" in row)  # noqa: RUF001
        await world.tap(first, turning[0])
        page = int(turning[1].split("/")[0]) - 1
        first = await world.turned(card, f"{5 * page}. ")
    said = await world.sandbox.say("To whom?", ADMIN, reply_to=first["message_id"])
    await world.below(int(said["message_id"]), "Which message do you want to answer?")
    opened = await world.tap_below(first, "1", "💬 Alice")
    assert f"question {len(singles):02}" in opened["text"]
    await world.sandbox.say("An answer", ADMIN, reply_to=opened["message_id"])
    await shop.gets("whatsapp", ALICE, "An answer")
    await shop.write("viber", "bob", "One more")
    await world.below(opened["message_id"], "One more")


async def test_two_admins_who_answer_the_same_message(shop: Shop) -> None:
    """The second one is told, and decides. A reply to the answer goes to the person too."""
    world = shop.world
    await shop.write("viber", "bob", "Are you open?")
    asked = await world.below(0, "Are you open?")
    theirs = await world.below(0, "Are you open?", OTHER_ADMIN)
    said = await world.sandbox.say("Yes", ADMIN, reply_to=asked["message_id"])
    await shop.gets("viber", "bob", "Yes")
    marked = await world.below(0, "✓ Ann answered this.", OTHER_ADMIN)
    assert marked["message_id"] == theirs["message_id"]
    line = await world.below(int(said["message_id"]), "✓✓ Delivered to Bob")
    await world.sandbox.say("Until six", ADMIN, reply_to=line["message_id"])
    await shop.gets("viber", "bob", "Until six")
    for answer, tapped in (("Until eight", "Cancel"), ("Come by", "Send it too")):
        said = await world.sandbox.say(answer, OTHER_ADMIN, reply_to=theirs["message_id"])
        told = await world.below(
            int(said["message_id"]), "Ann has already answered Bob. Send yours too?", OTHER_ADMIN
        )
        await world.tap(told, tapped, person=OTHER_ADMIN)
    await shop.gets("viber", "bob", "Come by")
    assert "Until eight" not in await shop.phone("viber", "bob")


async def test_an_answer_written_without_a_reply_goes_to_whoever_asked_by_a_button(shop: Shop) -> None:
    """Offered to many as any message is; gone once the question is answered."""
    world = shop.world
    await shop.write("viber", "bob", "Are you open?")
    asked = await world.below(0, "Are you open?")
    said = await world.sandbox.say("Until six")
    offer = await world.below(int(said["message_id"]), "Send this to people?")
    assert labels(offer) == [["↩ Answer Bob"], ["Choose who gets it"], ["No"]]
    await world.tap(offer, "↩ Answer Bob")
    await shop.gets("viber", "bob", "Until six")
    await world.below(int(asked["message_id"]), "✓✓ Delivered to Bob")
    said = await world.sandbox.say("Closed tomorrow")
    offer = await world.below(int(said["message_id"]), "Send this to people?")
    assert labels(offer) == [["Choose who gets it"], ["No"]]


async def test_the_first_picture_of_several_is_not_offered_as_an_answer(shop: Shop) -> None:
    """The button would send that picture alone."""
    world = shop.world
    await shop.write("viber", "bob", "What is on offer?")
    await world.below(0, "What is on offer?")
    sent = await world.sandbox.send_file("a.png", b"\x89PNG\r\n\x1a\nA picture", album="offers")
    offer = await world.below(int(sent["message_id"]), "Send this to people?")
    assert labels(offer) == [["Choose who gets it"], ["No"]]


async def test_who_has_left_is_not_answered_and_the_admin_reads_why(shop: Shop) -> None:
    world = shop.world
    await shop.write("whatsapp", ALICE, "Stop")
    await shop.write("whatsapp", ALICE, "Wait, when do you open?")
    asked = await world.below(0, "when do you open?")
    said = await world.sandbox.say("At nine", ADMIN, reply_to=asked["message_id"])
    told = await world.below(int(said["message_id"]), "I can't send this to Alice (WhatsApp): opted out.")
    assert told["text"].endswith("You can answer again once they write “start”.")
    assert labels(told) == []


async def test_after_the_window_a_reply_is_kept_and_the_way_on_offered(shop: Shop, redis_url: str) -> None:
    world = shop.world
    await shop.write("whatsapp", ALICE, "Is there parking?")
    asked = await world.below(0, "Is there parking?")
    assert "Reply to this message to answer, until" in asked["text"]
    async with store_at(redis_url) as store:
        await store.delete(*await keys(store, "ms:wrote:*"))
    said = await world.sandbox.say("Yes, behind the house", ADMIN, reply_to=asked["message_id"])
    closed = await world.below(int(said["message_id"]), "answer within 24 hours")
    draft = await world.tap_below(closed, "Write to Alice", "Yes, behind the house")
    assert draft
    assert await shop.phone("whatsapp", ALICE) == []


async def _are_kept(core: Core, messages: int) -> bool:
    for messenger in (Messenger.WHATSAPP, Messenger.VIBER):
        await processor(core).apply_some(messenger)
    return (await core.inbound.look(ADMIN)).last == messages


async def test_what_people_write_after_the_sandbox_started_again_is_new(
    redis_url: str, tmp_path: Path
) -> None:
    for expected in (2, 4):
        async with (
            sandbox_process(tmp_path / "sandbox.json") as sandbox,
            running_api(redis_url, **{**sandbox.environment(), **SECRETS}) as api,
        ):
            hooks = {one: f"{api.url}/receipts/{one}" for one in ("whatsapp", "viber")}
            await sandbox.call("POST", "webhooks", hooks)
            for person in (f"whatsapp/{ALICE}", "viber/bob"):
                await sandbox.call("POST", f"people/{person}/write", {"text": "Are you open?"})
            await until(partial(_are_kept, api.core, expected))


async def test_welcome_and_away_texts_in_the_admins_words(shop: Shop) -> None:
    world = shop.world
    card = await world.ask("/help", "/send")
    for label, text in (
        ("WhatsApp: welcome", "Welcome to the shop"),
        ("WhatsApp: away", "We answer tomorrow"),
        ("Telegram: away", "Back soon"),
    ):
        overview = await world.tap_into(card, "💬 Welcome", "Automatic messages")
        await world.tap_into(overview, label, "Send me the new text")
        await world.ask(text, text)
        card = await world.ask("/help", "/send")
    for number in range(3):
        await shop.write("whatsapp", ALICE, f"Hello {number}")
        await world.below(0, f"Hello {number}")
    await shop.gets("whatsapp", ALICE, "We answer tomorrow")
    assert sorted(await shop.phone("whatsapp", ALICE)) == ["We answer tomorrow", "Welcome to the shop"]
    await shop.sandbox.act("telegram", str(STRANGER), "start")
    for number in range(3):
        await shop.sandbox.say(f"Hi {number}", STRANGER)
    await world.below(0, "Back soon", STRANGER)
    await world.ask("/stop", "You're unsubscribed", person=STRANGER)
    texts = [one["text"] for one in await shop.sandbox.messages(STRANGER) if one["from"]["is_bot"]]
    assert texts.count("Back soon") == 1
    overview = await world.tap_into(card, "💬 Welcome", "Automatic messages")
    asked = await world.tap_into(overview, "WhatsApp: away", "at most once every 12 hours")
    await world.tap_into(asked, "Turn off", "away text: none")


async def test_a_message_whose_showing_was_cut_off_is_offered_and_not_shown_again(shop: Shop) -> None:
    world = shop.world
    await shop.sandbox.fault("telegram", "drop_after", method="sendMessage", text="Is it open?", times=2)
    await shop.write("viber", "alice", "Is it open?")
    for admin in (ADMIN, OTHER_ADMIN):
        offer = await world.below(0, "I was interrupted while showing you 1 message", admin)
        texts = [one.get("text", "") for one in await world.sandbox.messages(admin)]
        assert sum("Is it open?" in text for text in texts) == 1
    offer = await world.below(0, "I was interrupted")
    opened = await world.tap_into(offer, "Show", "1. Alice (Viber): Is it open?")
    shown = await world.tap_below(opened, "1", "Is it open?")
    await world.sandbox.say("Yes", ADMIN, reply_to=shown["message_id"])
    await shop.gets("viber", "alice", "Yes")
