"""Screens and texts: correct for every number and name, and safe with any user input."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.screens import broadcasts as screens_broadcasts
from bot.screens import confirmations as screens_confirmations
from bot.screens import deliveries as screens_deliveries
from bot.screens import draft_questions as screens_draft_questions
from bot.screens import drafts as screens_drafts
from bot.screens import ended as screens_ended
from bot.screens import home as screens_home
from bot.screens import lists as screens_lists
from bot.screens import preview as screens_preview
from bot.screens import subscribers as screens_subscribers
from bot.screens.preview import Findings
from bot.text import formatting
from bot.text.clock import Clock
from bot.ui.callback_data import ListPage
from bot.ui.screen import Screen, plain
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, NewBroadcast, PreparedOrder, Progress
from core.domain.content.content import Content
from core.domain.delivery import Delivery, DeliveryId, DeliveryState
from core.domain.messengers.billing import Bill
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.page import Page
from core.domain.recipients import Recipient
from core.domain.series import Series
from core.services.retries import Missed
from core.store.chat.drafts import Draft
from sandbox.telegram.markup import HtmlReader
from tests.support.every_screen import A_STOP, SENDING, a_status

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
PRESENT = Clock(NOW, BERLIN)
HOSTILE = '<b>&"😀</i> שלום &lt; <script'
BACK = ListPage("s", 1, "a")


def shown(screen: Screen) -> str:
    """The screen as Telegram shows it; refuses what Telegram refuses."""
    text, _ = HtmlReader(screen.html).read()
    assert 0 < len(text.encode("utf-16-le")) // 2 <= 4096
    return text


def broadcast(status: BroadcastStatus, *, text: str = HOSTILE, **states: int) -> Broadcast:
    counts = {DeliveryState(name): count for name, count in states.items()}
    reasons = {Messenger.TELEGRAM: {Reason.BLOCKED: states.get("failed", 0)}}
    return Broadcast(
        id="A7KQ",
        status=status,
        content=Content(text=text),
        created_by=Actor("telegram:100", HOSTILE),
        accepted_at=NOW,
        send_at=NOW + timedelta(days=1),
        planned=True,
        started_at=None if status is BroadcastStatus.SCHEDULED else NOW,
        finished_at=NOW + timedelta(seconds=48),
        progress=Progress(counts={Messenger.TELEGRAM: counts}, reasons=reasons),
    )


def draft(**fields: object) -> Draft:
    return Draft(**{"id": "A7KQ", "revision": 3, "admin_id": 100, "chat_id": 100, **fields})  # type: ignore[arg-type]  # any field


def test_every_screen_shows_names_and_texts_exactly_as_they_are() -> None:
    running = broadcast(BroadcastStatus.SENDING, queued=5)
    ended = broadcast(BroadcastStatus.FINISHED, sent=5, failed=1)
    person = Recipient(messenger=Messenger.VIBER, address=HOSTILE)
    delivery = Delivery(
        id=DeliveryId("A7KQ", Messenger.VIBER, 0),
        recipient=person,
        state=DeliveryState.SENT,
        attempts=1,
        at=NOW,
    )
    page = Page(items=(ended,), page=1, pages=1, total=1)
    listed: Page[Broadcast | Series] = Page(items=(ended,), page=1, pages=1, total=1)
    screens = [
        screens_broadcasts.scheduled_card(broadcast(BroadcastStatus.SCHEDULED, queued=5), PRESENT, BACK),
        screens_broadcasts.planned_card(broadcast(BroadcastStatus.SCHEDULED, queued=5), PRESENT),
        screens_broadcasts.live_card(running, None, PRESENT),
        screens_ended.result_card(ended, Missed(), PRESENT, BACK),
        screens_ended.result_card(ended, Missed(), PRESENT, more=True),
        screens_deliveries.delivery_list(ended, Page(items=(delivery,), page=1, pages=1, total=1), "got"),
        screens_lists.finished_list(page, "a", PRESENT),
        screens_lists.scheduled_list(listed, PRESENT),
        screens_lists.running_list([running]),
        screens_confirmations.cancel_question(running, PRESENT),
        screens_confirmations.stop_question(running),
        screens_drafts.message_card(draft(content=Content(text=HOSTILE), recipients=(person,))),
        screens_drafts.refused_order(draft(), [HOSTILE]),
        screens_draft_questions.send_offer(draft(), HOSTILE),
        plain(HOSTILE),
    ]
    for screen in screens:
        assert HOSTILE[:20] in shown(screen), screen


def test_people_of_a_result_have_names_and_addresses_only_where_two_have_the_same() -> None:
    names = ("Ann", "Ben", "Ben", "")
    items = tuple(
        Delivery(
            id=DeliveryId("A7KQ", Messenger.WHATSAPP, number),
            recipient=Recipient(
                messenger=Messenger.WHATSAPP,
                address=f"+1202555010{number}",
                variables={"name": name} if name else {},
            ),
            state=DeliveryState.SENT,
            attempts=1,
            at=NOW,
        )
        for number, name in enumerate(names)
    )
    page = Page(items=items, page=1, pages=1, total=len(items))
    listed = screens_deliveries.delivery_list(broadcast(BroadcastStatus.FINISHED, sent=4), page, "got")
    assert [line.split(" ", 2)[2] for line in shown(listed).splitlines()[1:5]] == [
        "Ann (WhatsApp): sent",
        "Ben, WhatsApp +1202···01: sent",
        "Ben, WhatsApp +1202···02: sent",
        "WhatsApp +1202···03: sent",
    ]


def test_the_worst_order_still_fits_one_message() -> None:
    problems = [f"{number} " + "<" * 5000 for number in range(100)]
    assert shown(screens_drafts.refused_order(draft(content=Content(text="x")), problems)).count("…") == 4
    assert "and 96 more" in shown(screens_drafts.refused_order(draft(), problems))


def test_what_is_lost_with_a_draft_is_what_is_there() -> None:
    person = Recipient(messenger=Messenger.VIBER, address="alice")
    filled = draft(content=Content(text="x"), recipients=(person,), send_at=NOW)
    asked = screens_draft_questions.discard_question
    assert "Delete this draft? You'll lose the text and 1 person." in shown(asked(filled))
    assert "Delete this draft? You'll lose the text." in shown(asked(draft(content=Content(text="x"))))
    assert shown(asked(draft())) == "Delete this draft?"


def test_a_cancelled_one_names_who_ordered_it_as_that() -> None:
    card = shown(result(BroadcastStatus.CANCELLED, cancelled=5))
    assert f"23 Nov 14:20 Berlin\nCreated by {HOSTILE}" in card


def result(status: BroadcastStatus, **states: int) -> Screen:
    ended = broadcast(status, text=HOSTILE, **states)
    return screens_ended.result_card(ended, Missed(), PRESENT)


@pytest.mark.parametrize(
    ("status", "states", "head"),
    [
        (
            "finished",
            {"sent": 7, "delivered": 8, "read": 22, "failed": 3},
            "⚠ Sent to 37 of 40",
        ),
        ("finished", {"sent": 1200}, "✔ Sent to 1,200 people"),
        ("finished", {"read": 1}, "✔ Sent to 1 person"),
        ("finished", {"failed": 5, "unknown": 1}, "✖ Sent to 0 of 6"),
        ("finished", {"sent": 5, "unknown": 1}, "⚠ Sent to 5 of 6"),
        ("cancelled", {"sent": 2, "cancelled": 3}, "⏹ Stopped. Sent to 2 of 5"),
    ],
)
def test_the_result_says_how_many_got_it_and_never_that_all_is_well_where_some_missed_it(
    status: str, states: dict[str, int], head: str
) -> None:
    assert shown(result(BroadcastStatus(status), **states)).splitlines()[0] == head


@pytest.mark.parametrize(
    ("states", "label"),
    [
        ({"failed": 10}, "📋 10 failed"),
        ({"failed": 10, "unknown": 12}, "📋 10 failed · 12 not confirmed"),
        ({"unknown": 2}, "📋 2 not confirmed"),
    ],
)
def test_the_button_to_those_who_missed_it_counts_as_the_card_does(
    states: dict[str, int], label: str
) -> None:
    labels = [one.label for row in result(BroadcastStatus.FINISHED, sent=30, **states).rows for one in row]
    assert labels == [label, "♻ Send again", "More"]


def test_a_few_who_missed_it_are_named_with_the_reason() -> None:
    anna = Recipient(messenger=Messenger.TELEGRAM, address="1003", variables={"name": "Anna"})
    delivery = Delivery(
        id=DeliveryId("A7KQ", Messenger.TELEGRAM, 0),
        recipient=anna,
        state=DeliveryState.FAILED,
        attempts=1,
        at=NOW,
        reason=Reason.BLOCKED,
    )
    ended = broadcast(BroadcastStatus.FINISHED, sent=4, failed=1)
    card = screens_ended.result_card(ended, Missed((delivery,), 1), PRESENT)
    assert "Anna (Telegram): blocked the bot" in shown(card)
    assert card.rows[0][0].label == "↻ Send to the one who missed it"


def test_two_who_missed_it_for_one_reason_share_a_line() -> None:
    anna, ben = (
        Recipient(messenger=Messenger.WHATSAPP, address=f"+120255501{n}", variables={"name": name})
        for n, name in ((23, "Anna"), (24, "Ben"))
    )
    missed = [
        Delivery(
            id=DeliveryId("A7KQ", one.messenger, 0),
            recipient=one,
            state=DeliveryState.FAILED,
            attempts=1,
            at=NOW,
            reason=reason,
        )
        for one, reason in ((anna, Reason.NOT_FOUND), (ben, Reason.NOT_FOUND))
    ]
    ended = broadcast(BroadcastStatus.FINISHED, sent=4, failed=2)
    card = shown(screens_ended.result_card(ended, Missed(tuple(missed), 0), PRESENT))
    assert "Anna and Ben: not on WhatsApp" in card
    assert card.count("not on") + card.count("not found") == 1
    ben = replace(ben, messenger=Messenger.VIBER)
    card = shown(
        screens_ended.result_card(ended, Missed((missed[0], replace(missed[1], recipient=ben)), 0), PRESENT)
    )
    assert "Anna (WhatsApp) and Ben (Viber): not on this messenger" in card


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        (
            {Messenger.TELEGRAM: {"sent": 1}, Messenger.WHATSAPP: {"delivered": 1, "read": 1}},
            "WhatsApp: 2 of 2 delivered · 1 read",
        ),
        (
            {Messenger.WHATSAPP: {"sent": 1, "read": 1}, Messenger.VIBER: {"delivered": 1}},
            "2 of 3 delivered · 1 read",
        ),
        ({Messenger.TELEGRAM: {"sent": 1}, Messenger.WHATSAPP: {"sent": 2}}, ""),
    ],
)
def test_receipts_are_counted_where_the_messenger_reports_them(
    counts: dict[Messenger, dict[str, int]], line: str
) -> None:
    states = {
        on: {DeliveryState(name): count for name, count in found.items()} for on, found in counts.items()
    }
    assert screens_ended.receipts_line(Progress(counts=states)) == line


def test_times_of_today_are_hours_and_minutes() -> None:
    assert formatting.near_moment(NOW, now=NOW, zone=BERLIN) == "14:20"
    assert formatting.near_moment(NOW - timedelta(days=1), now=NOW, zone=BERLIN) == "22 Nov 14:20"
    assert formatting.end_of_wait(NOW + timedelta(seconds=5), now=NOW, zone=BERLIN) == "14:21"


def test_a_live_card_draws_the_share_and_what_is_left() -> None:
    card = shown(
        screens_broadcasts.live_card(
            broadcast(BroadcastStatus.SENDING, sent=690, failed=5, queued=506), None, PRESENT
        )
    )
    assert "▓▓▓▓▓▓░░░░░░ 57 % · 695 of 1,201" in card
    assert "✔ 690 sent · ✖ 5 failed · ⏳ 506 waiting" in card


def test_a_live_card_that_a_panic_stop_holds_says_so_in_its_head() -> None:
    stopped = replace(a_status(), stop=A_STOP)
    assert shown(screens_broadcasts.live_card(SENDING, stopped, PRESENT)).startswith("🛑 Stopped")
    partly = replace(stopped, stop=replace(A_STOP, released_messengers=frozenset({Messenger.TELEGRAM})))
    assert shown(screens_broadcasts.live_card(SENDING, partly, PRESENT)).startswith("▶ Sending")


def test_receipts_are_counted_within_what_was_sent() -> None:
    progress = broadcast(BroadcastStatus.SENDING, sent=1, delivered=2, read=3).progress
    assert screens_broadcasts.progress_line(progress) == "✔ 6 sent (5 delivered, 3 read)"


def test_the_preview_says_how_long_it_takes_at_the_slowest_messenger() -> None:
    people = tuple(Recipient(messenger=Messenger.TELEGRAM, address=str(number)) for number in range(1900))
    order = NewBroadcast(
        content=Content(text="x"),
        recipients=people,
        duplicates=3,
        left_out={Messenger.TELEGRAM: {Reason.BLOCKED: 12}},
        send_at=None,
        created_by=Actor("telegram:100"),
    )
    card = shown(
        screens_preview.preview_card(
            draft(content=order.content),
            Findings(order=PreparedOrder(order), rates={Messenger.TELEGRAM: 25.0}, clock=PRESENT),
        )
    )
    assert "To 1,900: Telegram 1,900" in card
    assert "Sending takes about 1 min 16 s, until 14:21 (Telegram: 25 a second)." in card
    assert "3 duplicates removed\nLeft out: 12 blocked the bot (Telegram)" in card


@pytest.mark.parametrize(
    ("messenger", "reason", "count", "expected"),
    [
        (Messenger.WHATSAPP, Reason.NOT_FOUND, 1, "1 not on WhatsApp"),
        (Messenger.WHATSAPP, Reason.NOT_FOUND, 1200, "1,200 not on WhatsApp"),
        (Messenger.TELEGRAM, Reason.NOT_STARTED, 1, "1 never pressed Start in the bot (Telegram)"),
        (Messenger.VIBER, Reason.UNSUBSCRIBED, 2, "2 not subscribed (Viber)"),
        (Messenger.VIBER, Reason.BUSY, 3, "3 failed while Viber was busy"),
    ],
)
def test_a_reason_behind_a_count_reads_right(
    messenger: Messenger, reason: Reason, count: int, expected: str
) -> None:
    assert formatting.reason_lines({messenger: {reason: count}}) == [expected]


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_form_for_counts_that_names_the_messenger_once(reason: Reason) -> None:
    assert reason.counted("Viber").count("Viber") == 1
    assert "{" not in reason.counted()


def test_a_phone_is_masked_and_an_id_is_not() -> None:
    phone = Recipient(messenger=Messenger.WHATSAPP, address="+4915112345678")
    assert formatting.address_text(phone) == "WhatsApp +4915···78"
    assert formatting.address_text(Recipient(messenger=Messenger.TELEGRAM, address="1003")) == "Telegram 1003"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (36, "36 s"),
        (200, "3 min 20 s"),
        (3600, "1 h"),
        (100_800, "1 d 4 h"),
        (90_000, "1 d 1 h"),
        (86_460, "1 d"),
    ],
)
def test_a_span_in_its_two_largest_units(seconds: int, expected: str) -> None:
    assert formatting.span(seconds) == expected


def test_a_moment_is_written_with_weekday_zone_and_distance() -> None:
    moment = datetime(2026, 11, 24, 17, 30, tzinfo=UTC)
    assert formatting.moment(moment, now=NOW, zone=BERLIN) == "Tue 24 Nov 2026, 18:30 Berlin (tomorrow)"
    assert formatting.distance(NOW + timedelta(seconds=20), now=NOW, zone=BERLIN) == "now"


@pytest.mark.parametrize(
    ("away", "expected"),
    [
        (timedelta(minutes=-2), "2 minutes ago"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=89), "in 89 minutes"),
        (timedelta(minutes=90), "in 2 hours"),
        (timedelta(hours=9), "in 9 hours"),
        (timedelta(hours=9, minutes=39), "in 10 hours"),
        (timedelta(hours=9, minutes=40), "tomorrow"),
        (timedelta(hours=33, minutes=39), "tomorrow"),
        (timedelta(hours=33, minutes=40), "in 2 days"),
        (timedelta(hours=-15), "yesterday"),
        (timedelta(days=6, hours=9), "in 6 days"),
        (timedelta(days=6, hours=10), "in 7 days"),
        (timedelta(days=24, hours=-8), "in 24 days"),
    ],
)
def test_a_distance_is_said_in_one_unit(away: timedelta, expected: str) -> None:
    assert formatting.distance(NOW + away, now=NOW, zone=BERLIN) == expected


def test_a_moment_in_the_doubled_hour_says_which() -> None:
    first = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)
    assert formatting.full_moment(first, BERLIN) == "Sun 31 Oct 2027, 02:30 summer time Berlin"
    assert (
        formatting.full_moment(first + timedelta(hours=1), BERLIN)
        == "Sun 31 Oct 2027, 02:30 winter time Berlin"
    )


def test_a_subscriber_who_comes_back_reads_since_when() -> None:
    since = screens_subscribers.subscribed_message(NOW - timedelta(days=204), PRESENT, None)
    assert since.html == "You've been subscribed since 3 May 2026. To unsubscribe, send /stop."


@settings(deadline=None)
@given(text=st.text(min_size=1, max_size=200))
def test_any_text_survives_being_shown_in_a_list(text: str) -> None:
    snippet = formatting.snippet(Content(text=text))
    listed = screens_lists.running_list([broadcast(BroadcastStatus.SENDING, text=text, queued=1)])
    assert snippet.replace("\0", "") in shown(listed)


def test_the_help_separates_commands_examples_and_zone() -> None:
    sections = screens_home.admin_help(PRESENT).html.split("\n\n")
    assert [section.partition(" ")[0] for section in sections] == ["/send", "In", "Your"]


def test_more_under_a_result_counts_what_the_messengers_charge_for() -> None:
    bills = {
        Messenger.WHATSAPP: {
            Bill(True, "marketing", "PMP"): 800,
            Bill(True, "utility", "PMP"): 200,
            Bill(False, "service", "PMP"): 30,
        },
        Messenger.VIBER: {Bill(False, "session", "2"): 5},
    }
    ended = replace(broadcast(BroadcastStatus.FINISHED, sent=3), bills=bills)
    more = screens_ended.result_card(ended, Missed(), PRESENT, more=True).html
    assert "💰 WhatsApp: 1,000 billable (marketing 800, utility 200), 30 free" in more
    assert "💰 Viber: 5 free" in more
    assert "💰" not in screens_ended.result_card(ended, Missed(), PRESENT).html


def test_more_under_a_result_leaves_out_what_the_result_has_said() -> None:
    ended = broadcast(BroadcastStatus.FINISHED, sent=3, failed=1)
    ended = replace(
        ended, progress=replace(ended.progress, reasons={Messenger.TELEGRAM: {Reason.BLOCKED: 1}})
    )
    assert "blocked" in screens_ended.result_card(ended, Missed(), PRESENT).html
    assert "blocked" not in screens_ended.result_card(ended, Missed(), PRESENT, more=True).html
