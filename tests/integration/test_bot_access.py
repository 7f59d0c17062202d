"""Access to the bot: admins in private chats, subscribers with their three commands, nobody else."""

from __future__ import annotations

import pytest

from core.domain.errors import Denied
from core.domain.team import Role
from tests.support.bot import World, data_of, running_bot
from tests.support.sandbox_server import ADMIN, STRANGER

ADMIN_WORDS = ("broadcast", "/send", "/scheduled", "/finished", "/purge", "/status", "admin", "draft")


async def heard(world: World) -> str:
    """All that the stranger has ever been told, menu included."""
    chat = await world.sandbox.chat(STRANGER)
    told = [str(m.get("text")) for m in chat["messages"] if m["from"]["is_bot"]]
    return " ".join([*told, *(command["command"] for command in chat["commands"])])


async def test_a_stranger_subscribes_asks_and_leaves(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You'll get our news here", STRANGER)
        assert await world.core.subscribers.since(STRANGER) is not None
        await world.ask("/help", "/stop", person=STRANGER)
        await world.ask("/stop", "You're unsubscribed", person=STRANGER)
        assert await world.core.subscribers.since(STRANGER) is None
        await world.ask("/stop", "You aren't subscribed", person=STRANGER)


async def test_the_link_that_led_a_subscriber_here_is_kept_as_a_tag(redis_url: str) -> None:
    """It fills {tag}; a later /start without one leaves it, one with another replaces it."""

    async def tag(said: str) -> str | None:
        await world.ask(said, "our news", person=STRANGER)
        everybody = await world.core.recipients.gather([await world.core.recipients.everybody()], ())
        return everybody.recipients[0].variables.get("tag")

    async with running_bot(redis_url) as world:
        assert await tag("/start") is None
        assert await tag("/start flyer-2026") == "flyer-2026"
        assert await tag("/start") == "flyer-2026"
        assert await tag("/start <b>") == "flyer-2026"
        assert await tag("/start shop") == "shop"


async def test_a_stranger_never_learns_what_admins_can_do(redis_url: str) -> None:
    """Every admin command, and any other word, gets the one friendly line and has no effect."""
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You'll get our news here", STRANGER)
        for words in (
            "/send tg:1001 | Hello", "/SEND x | y", "/scheduled", "/finished", "/purge", "/status", "/cancel", "hello",
        ):  # fmt: skip
            await world.ask(words, "Thanks! This account only sends updates", person=STRANGER)
        told = await heard(world)
        assert not [word for word in ADMIN_WORDS if word in told]
        assert await world.core.broadcasts.running() == []
        assert (await world.core.broadcasts.scheduled()).total == 0


async def test_a_stranger_with_an_admins_button_gets_an_empty_answer(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        card = await world.ask("/send tg:1001 | Hello", "Preview ↑")
        data = data_of(card, "✅")
        answer = await world.sandbox.forge(data, card["message_id"], STRANGER, chat=ADMIN, wait=True)
        assert (answer["text"], answer["alert"]) == ("", False)
        assert (await world.core.broadcasts.scheduled()).total == 0
        await world.tap(card, "✅")


async def test_an_admin_cannot_use_another_admins_draft(redis_url: str) -> None:
    async with running_bot(redis_url, ADMIN_IDS=f"{ADMIN},1001") as world:
        card = await world.ask("/send tg:1002 | Hello", "Preview ↑")
        other = await world.ask("/help", "/send WHO", person=1001)
        answer = await world.sandbox.forge(data_of(card, "✅"), other["message_id"], 1001, wait=True)
        assert answer["text"] == "This screen is out of date"
        assert (await world.core.broadcasts.scheduled()).total == 0


async def test_an_admins_commands_are_refused_in_a_group(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        group = -500
        await world.sandbox.call(
            "POST", "groups", {"id": group, "title": "Shop", "members": [ADMIN, STRANGER]}
        )
        await world.sandbox.say("/start@another_bot", ADMIN, chat=group)
        await world.sandbox.say("/send tg:1001 | Hello", ADMIN, chat=group)
        await world.sandbox.bot_says("in our private chat", group)
        await world.sandbox.say("/start", STRANGER, chat=group)
        await world.ask("/help", "/send WHO")
        messages = await world.sandbox.messages(group)
        assert len([m for m in messages if m["from"]["is_bot"]]) == 1
        assert await world.core.subscribers.since(group) is None


async def test_who_blocks_the_bot_is_subscribed_no_longer(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You'll get our news here", STRANGER)
        await world.sandbox.act("telegram", str(STRANGER), "block")

        async def gone() -> bool:
            return await world.core.subscribers.since(STRANGER) is None

        await world.sandbox.eventually(gone)


@pytest.mark.parametrize(("person", "there"), [(ADMIN, "send"), (STRANGER, "stop")])
async def test_the_menu_of_commands_is_for_whom_it_concerns(redis_url: str, person: int, there: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")

        async def listed() -> bool:
            return there in [command["command"] for command in (await world.sandbox.chat(person))["commands"]]

        await world.sandbox.eventually(listed)
        names = [command["command"] for command in (await world.sandbox.chat(person))["commands"]]
        assert ("send" in names) is (person == ADMIN)


async def test_an_incident_is_told_by_a_code_and_never_by_a_trace(redis_url: str) -> None:
    """When Telegram refuses an answer for no known reason, the admin reads a code and that nothing was lost."""
    async with running_bot(redis_url) as world:
        await world.sandbox.fault(
            "telegram", "error", method="sendMessage", times=1, status=400, code=400, description="odd"
        )
        answer = await world.ask("/status", "Something went wrong (E-")
        assert "Nothing was lost" in answer["text"]
        assert "Traceback" not in answer["text"]
        await world.ask("/status", "⚙ Status")


@pytest.mark.parametrize("words", ["/start a_names", "/admins", "/log", "/send tg:1001 | Hello", "hello"])
async def test_a_stranger_whose_answer_fails_reaches_no_handler_of_admins(redis_url: str, words: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await world.sandbox.bot_says("You'll get our news here", STRANGER)
        await world.sandbox.fault(
            "telegram", "error", method="sendMessage", times=1, status=400, code=400, description="odd"
        )
        before = len(await world.sandbox.messages(STRANGER))
        await world.sandbox.say(words, STRANGER)
        await world.ask("/help", "/stop", person=STRANGER)
        answers = [m for m in (await world.sandbox.messages(STRANGER))[before:] if m["from"]["is_bot"]]
        assert len(answers) == 1, answers
        assert (await world.core.broadcasts.scheduled()).total == 0


@pytest.mark.parametrize("words", ["/panic", "/log"])
async def test_an_admins_command_in_a_group_is_not_carried_out_when_its_refusal_fails(
    redis_url: str, words: str
) -> None:
    async with running_bot(redis_url) as world:
        group = -500
        await world.sandbox.call("POST", "groups", {"id": group, "title": "Shop", "members": [ADMIN]})
        await world.sandbox.fault(
            "telegram", "error", method="sendMessage", times=1, status=400, code=400, description="odd"
        )
        await world.sandbox.say(words, ADMIN, chat=group)
        await world.ask("/help", "/send WHO")
        assert not [m["text"] for m in await world.sandbox.messages(group) if m["from"]["is_bot"]]
        assert await world.core.panic.current() is None


async def test_an_edit_by_somebody_who_may_only_look_by_now_changes_nothing(redis_url: str) -> None:
    async with running_bot(redis_url, EDITOR_IDS="1001") as world:
        await world.sandbox.act("telegram", "1001", "start")
        said = await world.sandbox.say("/send tg:1002 | Hello", 1001)
        await world.below(int(said["message_id"]), "Preview ↑", 1001)
        await world.core.team.give(ADMIN, 1001, Role.VIEWER)
        body = {"person": 1001, "message_id": said["message_id"], "text": "/send tg:1002 | Bye"}
        await world.sandbox.call("POST", "edit", body)
        refused = await world.below(int(said["message_id"]), "Only editors and owners", 1001)
        assert "Preview ↑" not in refused["text"]


async def test_a_refusal_names_nobody_to_somebody_without_a_role(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        for role in Role:
            with pytest.raises(Denied) as refused:
                await world.core.team.demand(STRANGER, role)
            assert str(refused.value) == "You aren't on the team."


async def test_a_name_that_turns_the_line_around_is_kept_and_shown_without_its_marks(redis_url: str) -> None:
    """Also of somebody who writes without having pressed Start."""
    async with running_bot(redis_url) as world:
        await world.ask("/start", "Hi, ")
        name = {"id": STRANGER, "is_bot": False, "first_name": "E\u202eve\u2066"}
        await world.sandbox.say("", STRANGER, other={"text": "When do you open?", "from": name})
        shown = await world.sandbox.bot_says("When do you open?")
        assert "Eve" in shown["text"]
        assert "\u202e" not in shown["text"]

        async def known() -> bool:
            return await world.core.subscribers.name_of(STRANGER) is not None

        await world.sandbox.eventually(known)
        assert await world.core.subscribers.name_of(STRANGER) == "Eve"
