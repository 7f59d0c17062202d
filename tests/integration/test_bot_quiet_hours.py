"""Quiet hours in the chat: said in the preview, waived by a tap, told on the live card, set for an audience."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from core.domain.audit import Actor
from core.domain.broadcast import BroadcastStatus
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Recipient
from tests.support.bot import ZONE, World, labels, running_bot

HOUR = timedelta(hours=1)


def now_quiet(zone: str = ZONE) -> QuietHours:
    """Hours of that zone's clock that last now, for an hour or two still."""
    local = datetime.now(ZoneInfo(zone))
    start, end = (
        (local + shift).time().replace(minute=0, second=0, microsecond=0) for shift in (-HOUR, 2 * HOUR)
    )
    return QuietHours(start, end, zone)


async def audience(world: World, name: str, *addresses: str) -> str:
    made = await world.core.audiences.create(name, created_by=Actor("test", "Test"))
    people = [Recipient(messenger=Messenger.TELEGRAM, address=address) for address in addresses]
    await world.core.audiences.add(made.id, people)
    return made.id


async def test_people_in_quiet_hours_are_counted_in_the_preview_and_on_the_live_card(redis_url: str) -> None:
    hours = now_quiet()
    async with running_bot(redis_url) as world:
        list_id = await audience(world, "night", "1001", "1002")
        await world.core.audiences.set_quiet(list_id, hours)
        preview = await world.ask("/send night, tg:1003 | Sale", "Preview ↑")
        said = f"🌙 It's quiet hours for 2 people. They'll get it at {hours.end:%H:%M} (Berlin)."
        assert said in preview["text"]
        await world.tap(preview, "✅ Send now")
        (broadcast,) = [
            *await world.core.broadcasts.running(),
            *(await world.core.broadcasts.scheduled()).items,
        ]
        await world.deliver_some(Messenger.TELEGRAM, 10)
        card = await world.turned(preview, f"🌙 Waiting until {hours.end:%H:%M} Berlin #{broadcast.id}")
        assert f"It's quiet hours for 2 people. They'll get it at {hours.end:%H:%M} Berlin." in card["text"]
        assert "✔ 1 sent" in card["text"]
        now = await world.core.broadcasts.get(broadcast.id)
        assert (now.status, now.progress.open) == (BroadcastStatus.SENDING, 2)


async def test_one_tap_sends_it_all_the_same_and_another_keeps_the_hours(redis_url: str) -> None:
    async with running_bot(redis_url, QUIET_HOURS=now_quiet().span) as world:
        preview = await world.ask("/send tg:1001 | Sale", "It's quiet hours for 1 person.")
        preview = await world.tap_into(preview, "🌙 Send anyway", "You chose to send in quiet hours too.")
        preview = await world.tap_into(preview, "🌙 Keep quiet hours", "It's quiet hours for 1 person.")
        preview = await world.tap_into(preview, "🌙 Send anyway", "You chose to send in quiet hours too.")
        await world.tap(preview, "✅ Send now")
        await world.deliver()
        await world.turned(preview, "Sent to")


async def test_a_planned_one_is_looked_at_for_its_own_time(redis_url: str) -> None:
    """In the middle of the night is asked for, and it is day now; and the other way round."""
    noon = datetime.now(ZoneInfo(ZONE)) + timedelta(days=2)
    async with running_bot(redis_url, QUIET_HOURS="22:00-08:00") as world:
        asleep = await world.ask(f"/send tg:1001 | {noon:%Y-%m-%d} 03:00 | Sale", "Preview ↑")
        assert "It's quiet hours for 1 person. They'll get it at 08:00 (Berlin)." in asleep["text"]
        awake = await world.ask(f"/send tg:1001 | {noon:%Y-%m-%d} 12:00 | Other", "Preview ↑")
        assert "quiet hours" not in awake["text"]
        assert not any("🌙" in label for row in labels(awake) for label in row)


async def test_an_audience_gets_hours_and_a_zone_of_its_own(redis_url: str) -> None:
    async with running_bot(redis_url, QUIET_HOURS="22:00-08:00") as world:
        list_id = await audience(world, "vip", "1001")
        card = await world.ask("/audiences vip", "Quiet hours: 22:00-08:00 Berlin, same as everyone")
        more = await world.list_settings(card)
        ask = await world.tap_into(more, "🌙 Quiet hours", "Quiet hours of vip")
        assert labels(ask)[0] == ["Same as everyone ✔", "None"]
        await world.ask("at night", "I can't read “at night” as hours.")
        await world.ask("22:00-08:00 Atlantis", "I don't know the time zone “Atlantis”")
        card = await world.ask("21-7:30 New York", "Quiet hours: 21:00-07:30 New York")
        hours = (await world.core.audiences.get(list_id)).quiet_hours
        assert str(hours) == "21:00-07:30@America/New_York"
        more = await world.list_settings(card)
        ask = await world.tap_into(more, "🌙 Quiet hours", "Quiet hours of vip")
        card = await world.tap_into(ask, "None", "Quiet hours: none, at any hour")
        more = await world.list_settings(card)
        ask = await world.tap_into(more, "🌙 Quiet hours", "Quiet hours of vip")
        card = await world.tap_into(ask, "Same as everyone", "same as everyone")
        assert (await world.core.audiences.get(list_id)).quiet_hours is None
