"""WhatsApp's events on the account, its templates and numbers: read, stored, obeyed, reported to the admins."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.messengers.account_status import AccountEvent, Issue, Subject
from core.domain.messengers.events import Report, Unreadable
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.services.alerts import LOOKS_BEFORE_ALERT, Alert, AlertTracker
from workers.messengers import REPORT_PARSERS

WHATSAPP: Final = Messenger.WHATSAPP
ACCOUNT, TEMPLATE, NUMBER = Subject.ACCOUNT, Subject.TEMPLATE, Subject.NUMBER
NOW: Final = datetime.now(UTC).replace(microsecond=0)


def account(event: str, **more: object) -> dict[str, Any]:
    return {"field": "account_update", "value": {"event": event, **more}}


def ban(state: str) -> dict[str, Any]:
    return account("DISABLED_UPDATE", ban_info={"waba_ban_state": state, "waba_ban_date": "April 17, 2026"})


def restriction(*kinds: str) -> dict[str, Any]:
    return account("ACCOUNT_RESTRICTION", restriction_info=[{"restriction_type": kind} for kind in kinds])


def template(event: str, name: str = "greeting") -> dict[str, Any]:
    about = {"message_template_name": name, "message_template_language": "en_US", "message_template_id": 7}
    return {"field": "message_template_status_update", "value": {"event": event, "reason": "NONE", **about}}


def number(event: str) -> dict[str, Any]:
    value = {"event": event, "display_phone_number": "16505551111", "current_limit": "TIER_10K"}
    return {"field": "phone_number_quality_update", "value": value}


def body(*changes: dict[str, Any], at: datetime | None = NOW) -> str:
    entry = {"id": "100", "changes": list(changes), **({"time": int(at.timestamp())} if at else {})}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]})


def read(text: str) -> list[Report]:
    return list(REPORT_PARSERS[WHATSAPP](text))


async def told(core: Core, change: dict[str, Any], at: datetime = NOW) -> None:
    """As a worker applies it."""
    await core.receipt_inbox.apply(WHATSAPP, read(body(change, at=at)))


async def looks(tracker: AlertTracker, core: Core) -> list[Alert]:
    return [
        alert for _ in range(LOOKS_BEFORE_ALERT) for alert in await tracker.look(await core.status.read())
    ]


@pytest.mark.parametrize(
    ("change", "subject", "name", "trouble"),
    [
        (ban("DISABLE"), ACCOUNT, "", Issue.BARRED),
        (ban("SCHEDULE_FOR_DISABLE"), ACCOUNT, "", Issue.BAN_AHEAD),
        (ban("REINSTATE"), ACCOUNT, "", None),
        (
            account("ACCOUNT_VIOLATION", violation_info={"violation_type": "ADULT"}),
            ACCOUNT,
            "",
            Issue.BARRED,
        ),
        (account("ACCOUNT_DELETED"), ACCOUNT, "", Issue.BARRED),
        (restriction("RESTRICTED_BIZ_INITIATED_MESSAGING"), ACCOUNT, "", Issue.BARRED),
        (restriction(), ACCOUNT, "", Issue.BARRED),
        (template("PAUSED"), TEMPLATE, "greeting en_US", Issue.PAUSED),
        (template("DISABLED"), TEMPLATE, "greeting en_US", Issue.DISABLED),
        (template("REJECTED"), TEMPLATE, "greeting en_US", Issue.REJECTED),
        (template("FLAGGED"), TEMPLATE, "greeting en_US", Issue.COMPLAINTS),
        (template("APPROVED"), TEMPLATE, "greeting en_US", None),
        (template("REINSTATED"), TEMPLATE, "greeting en_US", None),
        (number("FLAGGED"), NUMBER, "16505551111", Issue.COMPLAINTS),
        (number("DOWNGRADE"), NUMBER, "16505551111", Issue.LOWERED),
        (number("UNFLAGGED"), NUMBER, "16505551111", None),
        (number("UPGRADE"), NUMBER, "16505551111", None),
    ],
)
def test_each_event_is_one_piece_of_news(
    change: dict[str, Any], subject: Subject, name: str, trouble: Issue | None
) -> None:
    assert read(body(change)) == [AccountEvent(subject=subject, name=name, issue=trouble, at=NOW)]


@pytest.mark.parametrize(
    "change",
    [
        account("PARTNER_ADDED"),
        account("SOMETHING_NEW"),
        ban("SOMETHING_NEW"),
        restriction("RESTRICTED_ADD_PHONE_NUMBER_ACTION"),
        template("IN_APPEAL"),
        number("ONBOARDING"),
        {"field": "business_capability_update", "value": {"max_phone_numbers_per_business": 2}},
        {"field": "security", "value": {"event": "PIN_CHANGED"}},
    ],
)
def test_events_that_change_nothing_here_mean_nothing(change: dict[str, Any]) -> None:
    assert read(body(change)) == []


@pytest.mark.parametrize(
    "text",
    [
        body(template("PAUSED"), at=None),
        body(template("PAUSED", name="")),
        body(template("PAUSED", name="x" * 600)),
        body({"field": "account_update", "value": {"event": ["DISABLED_UPDATE"]}}),
    ],
)
def test_what_is_not_in_whatsapps_own_form_is_unreadable_and_spoils_nothing_beside_it(text: str) -> None:
    frame = json.loads(text)
    frame["entry"] += json.loads(body(number("FLAGGED")))["entry"]
    first, second = read(json.dumps(frame))
    assert isinstance(first, Unreadable)
    assert isinstance(second, AccountEvent)


@pytest.mark.parametrize("change", [ban("DISABLE"), restriction("RESTRICTED_BIZ_INITIATED_MESSAGING")])
async def test_a_banned_or_restricted_account_halts_whatsapp_until_it_is_resumed(
    core: Core, change: dict[str, Any]
) -> None:
    await core.deliveries.halt(WHATSAPP, 5, "slow down")
    await told(core, change)
    halt = await core.health.halt(WHATSAPP)
    assert halt is not None
    assert (halt.until, halt.reason) == (None, Reason.RESTRICTED.sentence)
    (alert,) = await looks(AlertTracker(core.alerts), core)
    assert alert.text == (
        "WhatsApp is paused: the messenger has restricted or banned the account. Messages are waiting "
        "until you resume it."
    )


async def test_a_ban_that_is_told_again_after_it_was_resumed_halts_nothing_and_a_new_one_does(
    core: Core,
) -> None:
    await told(core, ban("DISABLE"))
    await core.status.resume_messenger(WHATSAPP)
    await told(core, ban("DISABLE"))
    await told(core, account("ACCOUNT_VIOLATION"), NOW - timedelta(hours=1))
    assert await core.health.halt(WHATSAPP) is None
    await told(core, ban("DISABLE"), NOW + timedelta(seconds=1))
    assert await core.health.halt(WHATSAPP) is not None


async def test_a_ban_that_lies_ahead_is_told_and_halts_nothing(core: Core) -> None:
    tracker = AlertTracker(core.alerts)
    await told(core, ban("SCHEDULE_FOR_DISABLE"))
    assert [one.text for one in await looks(tracker, core)] == [
        "WhatsApp warns that it will ban the account soon."
    ]
    assert await core.health.halt(WHATSAPP) is None
    await told(core, ban("REINSTATE"), NOW + timedelta(seconds=1))
    assert await looks(tracker, core) == [
        Alert("WhatsApp has no more complaints about the account.", over=True)
    ]


async def test_the_admins_hear_once_of_a_template_that_is_paused_and_of_what_becomes_of_it(
    core: Core,
) -> None:
    tracker = AlertTracker(core.alerts)
    await told(core, template("PAUSED"))
    (paused,) = await looks(tracker, core)
    assert paused.text == ("WhatsApp paused the template greeting en_US. It can't be sent until it's back.")
    assert await looks(AlertTracker(core.alerts), core) == []
    await told(core, template("DISABLED"), NOW + timedelta(seconds=1))
    assert [(one.text, one.over) for one in await looks(tracker, core)] == [
        ("WhatsApp disabled the template greeting en_US. It can't be sent now.", False)
    ]
    await told(core, template("PAUSED"), NOW)
    assert await looks(tracker, core) == []
    await told(core, template("APPROVED"), NOW + timedelta(seconds=2))
    assert await looks(tracker, core) == [
        Alert("WhatsApp accepts the template greeting en_US again.", over=True)
    ]


async def test_a_number_that_people_complain_about_halts_whatsapp_and_is_told_once(core: Core) -> None:
    await told(core, number("FLAGGED"))
    (alert,) = await looks(AlertTracker(core.alerts), core)
    assert "WhatsApp is paused: " in str(alert.text)
    assert "number 16505551111: complaints" in str(alert.text)


async def test_news_of_last_week_are_told_no_more_and_not_as_over(core: Core, store: Redis) -> None:
    tracker = AlertTracker(core.alerts)
    await told(core, template("REJECTED"))
    assert len(await looks(tracker, core)) == 1
    last_week = datetime.now(UTC) - timedelta(days=8)
    await store.hset(
        "ms:standing:w", "template greeting en_US", f"{last_week.timestamp() * 1000:.0f}|rejected"
    )
    await told(core, template("REJECTED", name="other"), last_week)
    assert await looks(tracker, core) == []
    assert (await core.status.read()).account_events[WHATSAPP] == ()
