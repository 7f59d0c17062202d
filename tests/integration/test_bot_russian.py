"""An admin whose Telegram is Russian, on the whole way of a broadcast; and one who is told something unasked."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re

from tests.support.bot import World, labels, running_bot
from tests.support.sandbox_server import ADMIN

ENGLISH = re.compile(r"\b(?:the|and|of|is|are|you|to|for|with|sent|waiting|people|nothing)\b", re.IGNORECASE)
STRANGER = 200


async def speak_russian(world: World, person: int = ADMIN) -> None:
    await world.sandbox.call("POST", "language", {"person": person, "language": "ru"})


async def test_a_russian_admin_reads_nothing_but_russian_from_start_to_purge(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await speak_russian(world)
        await world.ask("/start", "Здравствуйте, Ann!")
        await world.ask("/help", "одной строкой")
        card = await world.ask("/send", "Что вы хотите сообщить?")
        assert labels(card) == [["Отмена"]]
        card = await world.ask("Скидки до пятницы", "Кому отправить?")
        card = await world.ask("tg:1001, tg:1002", "2: Telegram 2")
        preview = await world.tap_below(card, "✔", "Так это увидят ↑")
        asked = await world.tap_into(preview, "🕒", "Когда отправить?")
        calendar = await world.tap_into(asked, "🗓", "В какой день?")
        assert ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"] in labels(calendar)
        read_back = await world.ask("завтра 18:30", "Верно?")
        preview = await world.tap_below(read_back, "✅ Да", "Так это увидят ↑")
        assert "Кому 2: Telegram 2" in preview["text"]
        planned = await world.tap_into(preview, "✅ Запланировать", "Запланировано")
        assert "Europe" not in planned["text"]
        listed = await world.ask("/scheduled", "Запланировано · 1")
        item = await world.tap_into(listed, "1", "Кому 2: Telegram 2")
        await world.tap_into(item, "🚀", "Получат: 2 человека.")
        await world.ask("/send tg:1003 | сейчас | Сейчас", "Так это увидят ↑")
        await world.ask("/finished", "Отправлено · 0")
        await world.ask("/status", "Состояние")
        await world.ask("/purge", "Что удалить?")
        await world.ask("/purge все", "Что удалить?")
        said = [
            str(message.get("text"))
            for message in await world.sandbox.messages()
            if message["from"]["is_bot"]
        ]
        assert [text for text in said if ENGLISH.search(re.sub(r"/\w+", "", text))] == []
        commands = {one["command"]: one["description"] for one in (await world.sandbox.chat())["commands"]}
        assert commands["send"] == "Новое сообщение"
        assert await world.sandbox.complaints() == []


async def test_refusals_notices_and_commands_in_english_work_for_a_russian_admin(redis_url: str) -> None:
    """The grammar of orders is the same in every language; what is wrong is explained in theirs."""
    async with running_bot(redis_url) as world:
        await speak_russian(world)
        card = await world.ask("/send sms:1, tg:01 | tomorrow | Привет", "мессенджера «sms» нет")
        assert "ID чата не начинается с 0" in card["text"]
        assert "Черновик сохранён." in card["text"]
        await world.ask("/send все | Привет", "никто не подписался")
        await world.ask("/finished ZZZZ", "Ничего не найдено.")
        answer = await world.sandbox.forge("nonsense")
        await world.sandbox.eventually(lambda: _answered(world, "Этот экран устарел"))
        assert answer["query_id"]


async def _answered(world: World, text: str) -> bool:
    return text in {one["text"] for one in (await world.sandbox.chat())["answers"]}


async def test_the_live_card_and_the_summary_come_in_the_language_of_their_admin(redis_url: str) -> None:
    """They are drawn outside of any update, from what is remembered of the admin."""
    async with running_bot(redis_url) as world:
        await speak_russian(world)
        preview = await world.ask("/send tg:1001, tg:1003 | Скоро", "Так это увидят ↑")
        await world.tap_into(preview, "✅ Отправить", "Начинаю")
        await world.deliver()
        await world.sandbox.bot_says("Отправлено")
        assert (await world.core.readers.of(ADMIN)).language == "ru"


async def test_a_language_that_was_changed_holds_from_the_next_message_on(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.ask("/status", "Status")
        await speak_russian(world)
        await world.ask("/status", "Состояние")
        await world.sandbox.call("POST", "language", {"person": ADMIN, "language": "kk"})
        await world.ask("/status", "Status")


async def test_subscribers_are_answered_in_their_language(redis_url: str) -> None:
    async with running_bot(redis_url) as world:
        await world.sandbox.act("telegram", str(STRANGER), "start")
        await speak_russian(world, STRANGER)
        await world.ask("/stop", "Вы отписались.", person=STRANGER)
        await world.ask("Привет", "Здесь только рассылка новостей", person=STRANGER)
        menu = (await world.sandbox.chat(STRANGER))["commands"]
        assert next(one["description"] for one in menu) == "Подписаться"
