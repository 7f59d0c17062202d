"""Audiences and recipient files in the chat."""

from __future__ import annotations

from typing import Any

from core.domain.audit import Actor
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.bot import World

Json = dict[str, Any]
NAME = '<b>&"😀'
"""A person's name with special characters: nothing in it is markup."""


async def audience(world: World, name: str, *addresses: str) -> str:
    """Create an audience on Telegram by another admin; return its id."""
    made = await world.core.audiences.create(name, created_by=Actor("telegram:7", NAME))
    recipients = [Recipient(messenger=Messenger.TELEGRAM, address=one) for one in addresses]
    await world.core.audiences.add(made.id, recipients)
    return made.id


async def upload(world: World, name: str, data: bytes, expected: str) -> Json:
    sent = await world.sandbox.send_file(name, data)
    return await world.below(int(sent["message_id"]), expected)


async def save_list(world: World, data: bytes, name: str, saved: str) -> Json:
    """Upload a CSV file and save its people as a list; wait for a card that says `saved`."""
    card = await upload(world, "people.csv", data, "in people.csv")
    await world.tap_into(card, "💾", "be called?")
    return await world.ask(name, saved)


async def addresses_of(world: World, name: str) -> set[str]:
    found = await world.core.audiences.named(name)
    return {one.label async for one in world.core.recipients.of(found.id)}


async def document(world: World, name: str) -> str:
    """The text of a file that the bot has sent."""

    def sent(messages: list[Json]) -> list[Json]:
        return [m for m in messages if m["from"]["is_bot"] and m.get("document", {}).get("file_name") == name]

    message = sent(await world.sandbox.until(lambda messages: bool(sent(messages))))[-1]
    _, answer = await world.sandbox.telegram("getFile", file_id=message["document"]["file_id"])
    token = world.core.settings.telegram_bot_token
    assert token is not None
    path = f"file/bot{token.get_secret_value()}/{answer['result']['file_path']}"
    async with world.sandbox.http.get(f"{world.sandbox.telegram_url}/{path}") as response:
        return (await response.read()).decode("utf-8-sig")
