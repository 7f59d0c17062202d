"""The screens that an admin meets fit a phone and Telegram, and speak one language, in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from inspect import isfunction, signature
from pkgutil import iter_modules
from typing import Final
from unicodedata import east_asian_width
from zoneinfo import ZoneInfo

import pytest

import bot.screens
from bot.screens import audiences as screens_audiences
from bot.screens import broadcasts as screens_broadcasts
from bot.screens import confirmations as screens_confirmations
from bot.screens import date_picker as screens_date_picker
from bot.screens import deliveries as screens_deliveries
from bot.screens import drafts as screens_drafts
from bot.screens import ended as screens_ended
from bot.screens import home as screens_home
from bot.screens import invitations as screens_invitations
from bot.screens import kinds as screens_kinds
from bot.screens import lists as screens_lists
from bot.screens import members as screens_members
from bot.screens import options as screens_options
from bot.screens import preview as screens_preview
from bot.screens import purge as screens_purge
from bot.screens import recipients as screens_recipients
from bot.screens import segments as screens_segments
from bot.screens import series as screens_series
from bot.screens import team as screens_team
from bot.screens import time_zone as screens_time_zone
from bot.screens.preview import Findings
from bot.text.clock import Clock
from bot.text.translation import in_language
from bot.ui.callback_data import ChooseZone, ListPage, subject
from bot.ui.screen import BLANK, MOST_BUTTONS, Screen
from bot.ui.wall_clock import WallTime
from core.domain.audience import Audience, Chosen
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, BroadcastStatus, Late, NewBroadcast, PreparedOrder, Progress
from core.domain.content.content import Content, Media, Poll
from core.domain.content.limits import problems
from core.domain.content.misfits import misfit, told
from core.domain.delivery import Delivery, DeliveryId, DeliveryState
from core.domain.messengers.account_status import Hold
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.page import Page
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Contact, Headcount, Recipient
from core.domain.recurrence import Recurrence
from core.domain.segment import LAST, Condition, Rule
from core.domain.series import NewSeries, Repeat, Series, SeriesStatus
from core.domain.team import Invitation, Role
from core.parsing.quiet_hours import PendingQuietHours
from core.services.members import Member
from core.services.purge import PurgeKind, PurgeOffer
from core.services.reachability import OutsideWindow
from core.services.retries import Missed
from core.store.chat.drafts import Draft
from sandbox.telegram.markup import HtmlReader
from tests.support.every_screen import every_screen

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
PRESENT = Clock(NOW, BERLIN)
PERSON = Recipient(messenger=Messenger.WHATSAPP, address="+12025550123")
BACK = ListPage("s", 1, "a")


def broadcast(status: BroadcastStatus, **states: int) -> Broadcast:
    counts = {DeliveryState(name): count for name, count in states.items()}
    return Broadcast(
        id="A7KQ",
        status=status,
        content=Content(text="Скидки " * 40),
        created_by=Actor("telegram:100", "Аня"),
        accepted_at=NOW,
        send_at=NOW + timedelta(days=1),
        planned=True,
        started_at=None if status is BroadcastStatus.SCHEDULED else NOW,
        finished_at=NOW + timedelta(seconds=48),
        progress=Progress(
            counts={Messenger.TELEGRAM: counts},
            reasons={Messenger.TELEGRAM: {reason: 1 for reason in Reason if states.get("failed")}},
        ),
    )


def _kinds() -> Iterator[Screen]:
    poll = Media(kind=MediaKind.POLL, poll=Poll(question="Когда?", options=("Сегодня", "Завтра")))
    sticker = Media(kind=MediaKind.STICKER, ids={Messenger.TELEGRAM: "x"}, name="sticker.webp", emoji="👍")
    voice = Media(kind=MediaKind.VOICE, ids={Messenger.TELEGRAM: "x"})
    people = {Messenger.TELEGRAM: 123_456, Messenger.WHATSAPP: 23_456, Messenger.VIBER: 12_345}
    everybody = tuple(Recipient(messenger=one, address="1") for one in people)
    draft = Draft(id="A7KQ", revision=123, admin_id=100, chat_id=100, recipients=everybody)
    for content in (
        Content(text="", media=(poll,)),
        Content(text="Скидки", media=(poll,)),
        Content(text="", media=(sticker,)),
        Content(text="Скидки", media=(sticker,)),
        Content(text="", media=(sticker, sticker)),
        Content(text="", media=(voice, replace(sticker, emoji=""))),
    ):
        draft = replace(draft, content=content)
        wrong = {one: found for one in people if (found := misfit(content, one)) is not None}
        for found in wrong.values():
            unable = [one for one, other in wrong.items() if other == found]
            yield screens_kinds.kind_question(draft, told(found, unable), unable, people, found[0])
    photo = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "x"})
    covered = replace(draft, content=Content(text="Скидки", media=(photo,)))
    (problem,) = problems(covered.content or Content(text=""), [Messenger.VIBER])
    yield screens_kinds.kind_question(covered, problem, [Messenger.VIBER], people, None)


def screens() -> Iterator[Screen]:
    """The screens of a broadcast's way, with large numbers."""
    yield from _ordering()
    yield from _choosing()
    yield from _lists()
    yield from cards()
    yield from _kinds()
    yield from _sending()
    yield from _looking_back()


CHOSEN = Chosen(id="ABCDEF", title="постоянные-гости", counts={Messenger.TELEGRAM: 123_456})
DRAFT = Draft(
    id="A7KQ",
    revision=123,
    admin_id=100,
    chat_id=100,
    content=Content(text="Скидки " * 40),
    recipients=(PERSON,),
    audiences=(CHOSEN,),
    duplicates=12,
)
AUDIENCE = Audience(
    id="ABCDEF",
    name="постоянные-гости",
    counts=CHOSEN.counts,
    created_by=Actor("telegram:100", "Аня"),
    created_at=NOW,
)
AUDIENCES = Page(items=(AUDIENCE,) * 6, page=2, pages=3, total=123_456)


def _ordering() -> Iterator[Screen]:
    on = subject(DRAFT)
    order = NewBroadcast(
        content=Content(text="Скидки " * 40),
        recipients=(PERSON,) * 1204,
        duplicates=12,
        send_at=None,
        created_by=Actor("telegram:100"),
    )
    yield screens_home.admin_help(PRESENT)
    for present in (PRESENT, Clock(NOW, ZoneInfo("America/Los_Angeles"))):
        yield screens_time_zone.zone_picker(
            ChooseZone("d", "A7KQ"), present, BERLIN, screens_home.new_button()
        )
    yield screens_drafts.message_card(DRAFT)
    yield screens_drafts.text_question(DRAFT)
    yield screens_drafts.edit_menu(DRAFT)
    yield screens_drafts.text_help(DRAFT, ["name", "ж" * 40])
    yield screens_drafts.greeting_choice(DRAFT, "Анна" * 30)
    yield screens_drafts.text_prompt(DRAFT)
    rates = dict.fromkeys(Messenger, 25.0)
    yield screens_preview.preview_card(
        DRAFT, Findings(order=PreparedOrder(order), rates=rates, clock=PRESENT)
    )
    yield screens_preview.send_question(DRAFT, 123_456, 234_567)
    yield screens_drafts.refused_order(DRAFT, list(problems(Content(text=""), list(Messenger))))
    yield screens_options.options(DRAFT, 25.0, Late.ASK)
    yield screens_date_picker.quick_choices(on, PRESENT)
    yield screens_date_picker.calendar(on, PRESENT)
    yield screens_date_picker.month_list(on, PRESENT, 2026)
    yield screens_date_picker.time_picker(WallTime(datetime(2027, 3, 3, 18, 30)), on, PRESENT)  # noqa: DTZ001 - a wall clock


def _choosing() -> Iterator[Screen]:
    people = tuple(
        screens_recipients.ChosenPerson(999_999 - place, "Длинное Имя" * 6, (PERSON,)) for place in range(6)
    )
    choices = screens_recipients.RecipientChoices(
        AUDIENCES, CHOSEN, people[:4], 123_456, Headcount(123_456, exact=False)
    )
    yield screens_recipients.chosen_people(DRAFT, Page(items=people, page=2, pages=3, total=123_456))
    known = [Contact(id="p999999999", name="Анна" * 30, addresses={Messenger.VIBER: "x" * 128})] * 8
    unclear = screens_recipients.Unclear(["ж" * 200] * 9, [CHOSEN], known, ["telegram:1001"], 7)
    yield screens_recipients.recipients_prompt(DRAFT, choices)
    yield screens_recipients.recipients_prompt(DRAFT, choices, unclear)
    yield screens_recipients.people_search(DRAFT, Headcount(123_456, exact=False), "ж" * 60, known)


def _lists() -> Iterator[Screen]:
    columns = replace(AUDIENCE, variables=tuple(f"ж{number}" * 20 for number in range(12)))
    viber = Recipient(messenger=Messenger.VIBER, address="1" * 39, variables={"name": "Анна" * 30})
    both: tuple[Member, ...] = ((viber,), (viber,))
    members = Page(items=both, page=99_999, pages=99_999, total=123_456)
    rule = Rule(of="ABCDEFABCDEF", condition=Condition.MISSED, subject=LAST)
    yield screens_audiences.audience_list(AUDIENCES)
    yield screens_audiences.audience_card(AUDIENCE, "https://t.me/bot?start=a_ABCDEF")
    yield screens_audiences.link_card(replace(AUDIENCE, joinable=True), "https://t.me/bot?start=a_ABCDEF")
    yield screens_audiences.audience_card(replace(AUDIENCE, rule=rule, base="ж" * 32), "")
    yield screens_segments.choose_base(AUDIENCES, CHOSEN)
    yield screens_segments.choose_condition("ABCDEFABCDEF", "ж" * 32, columns.variables)
    yield screens_segments.choose_value("ABCDEFABCDEF", 7, "ж" * 40, ["ж" * 200] * 12)
    yield screens_segments.choose_message("ABCDEFABCDEF", Condition.UNREAD, [])
    yield screens_segments.segment_offer(columns, rule)
    yield screens_members.people_page(columns, members)
    yield screens_members.found_people(columns, "ж" * 60, both, 2)
    yield screens_members.member_card(columns, (viber,), 99_999)
    yield screens_members.details(columns, (viber,))
    yield screens_members.value_prompt(columns, (viber,), "name")
    yield screens_members.address_prompt(columns, (viber,), viber)
    yield screens_members.remove_question(columns, (viber,))


def _sending() -> Iterator[Screen]:
    planned = broadcast(BroadcastStatus.SCHEDULED, queued=123_456)
    running = broadcast(BroadcastStatus.SENDING, queued=123_456, sent=234_567, failed=12_345)
    yield screens_broadcasts.scheduled_card(planned, PRESENT, BACK)
    yield screens_broadcasts.planned_card(planned, PRESENT)
    yield screens_broadcasts.undo_card(planned, PRESENT)
    yield screens_broadcasts.live_card(running, None, PRESENT)
    yield from (
        screens_confirmations.send_now_question(planned),
        screens_confirmations.stop_question(running),
    )
    yield screens_confirmations.cancel_question(planned, PRESENT)
    yield screens_lists.scheduled_list(Page(items=(planned,) * 5, page=2, pages=3, total=12), PRESENT)


def _looking_back() -> Iterator[Screen]:
    ended = broadcast(BroadcastStatus.FINISHED, sent=234_567, failed=12_345, unknown=1234)
    yield screens_ended.result_card(ended, Missed((), 12_345), PRESENT, BACK)
    yield screens_ended.result_card(ended, Missed((), None), PRESENT, more=True)
    broadcasts = Page(items=(ended,) * 5, page=2, pages=3, total=123_456)
    yield screens_lists.finished_list(broadcasts, "a", PRESENT)
    delivery = Delivery(
        id=DeliveryId("A7KQ", Messenger.WHATSAPP, 0),
        recipient=PERSON,
        state=DeliveryState.FAILED,
        reason=Reason.OUTSIDE_WINDOW,
        attempts=1,
        at=NOW,
    )
    yield screens_deliveries.delivery_list(
        ended, Page(items=(delivery,) * 10, page=1, pages=2, total=20), "failed"
    )
    for kind in PurgeKind:
        offer = PurgeOffer(
            kind=kind,
            broadcasts=61,
            people=48_300,
            deliveries=48_300,
            oldest=NOW,
            newest=NOW,
            left_alone=4,
            series=2,
        )
        yield screens_purge.purge_question(offer, PRESENT)
        yield screens_purge.purge_menu([offer])


def cards() -> Iterator[Screen]:
    """The screens with most to show and to tap, lists, pickers and the calendar apart."""
    yield from _draft_cards()
    yield from _broadcast_cards()
    yield from _people_cards()
    yield screens_home.more_screen()


SHORT = Chosen(id="A", title="ж", counts={})


def _draft_cards() -> Iterator[Screen]:
    recipients = tuple(replace(PERSON, address=f"+1202555012{n}") for n in range(3))
    draft = Draft(
        id="A7KQ",
        revision=9,
        admin_id=100,
        chat_id=100,
        content=Content(text="[name] " * 900),
        recipients=(PERSON, Recipient(messenger=Messenger.VIBER, address="x")),
        audiences=(SHORT._replace(further=1),),
        send_at=NOW + timedelta(days=1),
        without=frozenset({Messenger.VIBER}),
    )
    order = PreparedOrder(
        NewBroadcast(
            content=Content(text="Привет"),
            recipients=recipients,
            send_at=None,
            created_by=Actor("telegram:100"),
        )
    )
    outside = [OutsideWindow(messenger=Messenger.WHATSAPP, total=3, outside=recipients[:2])]
    hours = QuietHours.parse("22:00-08:00@Europe/Berlin")
    asleep = [PendingQuietHours(hours=hours, until=NOW, count=2)]
    found = Findings(
        order=order,
        rates=dict.fromkeys(Messenger, 25.0),
        clock=PRESENT,
        asleep=asleep,
        gaps={"[name]": "name"},
        windows=outside,
    )
    yield screens_preview.preview_card(draft, found)
    yield screens_preview.preview_card(draft, replace(found, warnings=["ж"] * 9))
    change = replace(draft, changes="A7KQ")
    yield screens_preview.preview_card(change, replace(found, warnings=["ж"] * 9))
    yield screens_drafts.refused_order(draft, ["ж"] * 12, [SHORT] * 3)
    yield screens_drafts.edit_menu(draft)
    yield screens_drafts.text_prompt(draft)
    for more in (False, True):
        yield screens_options.options(draft, 50.0, Late.ASK, more=more)
    yield screens_options.draft_order(replace(draft, messenger_order=(Messenger.VIBER, Messenger.WHATSAPP)))


def _broadcast_cards() -> Iterator[Screen]:
    planned = broadcast(BroadcastStatus.SCHEDULED, queued=5)
    yield screens_broadcasts.scheduled_card(planned, PRESENT, BACK)
    ended = broadcast(BroadcastStatus.FINISHED, sent=2, failed=3, unknown=1)
    for more in (False, True):
        yield screens_broadcasts.scheduled_card(planned, PRESENT, BACK, more=more)
        yield screens_broadcasts.planned_card(planned, PRESENT, more=more)
        yield screens_ended.result_card(ended, Missed((), 3), PRESENT, BACK, more=more)
    running = broadcast(BroadcastStatus.SENDING, queued=6, sent=7, failed=5)
    yield screens_broadcasts.live_card(running, None, PRESENT)
    held = {messenger: Hold(Reason.TEMPLATE, "") for messenger in Messenger}
    yield screens_broadcasts.live_card(replace(running, holds=held), None, PRESENT)
    repeat = Repeat(rule=Recurrence.at(9, 0), zone="Europe/Berlin")
    new = NewSeries(
        content=Content(text="Привет"),
        audiences=(SHORT,),
        repeat=repeat,
        created_by=Actor("telegram:100", "Аня"),
    )
    series = Series(
        id="A7KQ",
        order=new,
        status=SeriesStatus.ACTIVE,
        next_at=NOW,
        next_id="B",
        made=3,
        revision=7,
        created_at=NOW,
    )
    yield screens_series.series_card(series, [ended], PRESENT, BACK)
    yield screens_series.edit_menu(series)


def _people_cards() -> Iterator[Screen]:
    audience = Audience(
        id="ABCDEF",
        name="ж",
        counts={Messenger.TELEGRAM: 5},
        further=1,
        variables=tuple(f"ж{number}" for number in range(12)),
        joinable=True,
        created_by=Actor("telegram:100", "Аня"),
        created_at=NOW,
    )
    yield screens_audiences.audience_card(audience, "https://t.me/bot?start=a_ABCDEF", "заметка", "тихо")
    yield screens_audiences.more_card(audience, PRESENT)
    yield screens_audiences.settings_card(audience, "тихо")
    rule = Rule(of="ABCDEFABCDEF", condition=Condition.MISSED, subject=LAST)
    yield screens_segments.segment_offer(replace(audience, rule=rule), rule)
    member = tuple(Recipient(messenger=one, address="1") for one in Messenger)
    yield screens_members.member_card(audience, member, 3, "заметка")
    for role in (None, *Role):
        yield screens_team.member_card(200, "Сэм", role)
    invitation = Invitation(id="0123456789ab", role=Role.EDITOR, by=100, until=NOW, person=200)
    yield screens_invitations.role_choice()
    yield screens_invitations.link_card(invitation, "https://t.me/bot?start=i_" + "x" * 32, PRESENT)
    yield screens_invitations.question(invitation, PRESENT)


MOST: Final = 6


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_screen_has_six_buttons_and_six_lines_at_most(language: str) -> None:
    with in_language(language):
        for screen in cards():
            text, _entities = HtmlReader(screen.html).read()
            assert sum(map(len, screen.rows)) <= MOST, (text, screen.rows)
            assert len(text.splitlines()) <= MOST, text


LONGEST_LABEL = {1: 40, 2: 19, 3: 13}
"""By the number of buttons in a row; phones cut longer ones. Rows of more hold digits and names of days."""
NAMES = re.compile(
    rf"{'|'.join(one.traits.title for one in Messenger)}|Message Sender|[A-Z]+_IDS|\.env|"
    r"[A-Z]\w+/\w+|CSV|XLSX|TXT|TELEGRAM_RATE|telegram|whatsapp|viber|"
    r"Excel|template: visit_reminder en_US|name|https?://\S+|/\w+|[a-z]+:\S+|ABCDEF|A\dKQ|ID\b|Stars|t\.me|bot\b|…x+|"
    r"[A-Z]+(?:_[A-Z]+)+|@\w+|[\w.]+\.(?:com|xlsx)|visit_reminder|new_year|sale|ru\b|Manager|UTC|API|RQ|cron"
)


def width(label: str) -> int:
    """Letters that take as much room."""
    return sum(2 if east_asian_width(sign) == "W" else 1 for sign in label)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_screen_of_the_way_fits_a_phone_and_telegram(language: str) -> None:
    with in_language(language):
        for screen in screens():
            text, _entities = HtmlReader(screen.html).read()
            assert 0 < len(text.encode("utf-16-le")) // 2 <= 4096
            assert sum(map(len, screen.rows)) <= MOST_BUTTONS
            for row in screen.rows:
                most = LONGEST_LABEL.get(len(row), 8)
                long = [button.label for button in row if width(button.label) > most]
                # Names are cut to fit by themselves, and the digits of a time are narrow.
                assert [label for label in long if not re.search(r"постоянные|…|\d\d:\d\d", label)] == []


LISTS: Final = frozenset(
    {
        "approvals.approval_request",
        "approvals.waiting_list",
        "audiences.audience_list",
        "audit_log.log_page",
        "auto_texts.auto_texts_screen",
        "date_picker.calendar",
        "date_picker.month_list",
        "date_picker.time_picker",
        "deliveries.delivery_list",
        "home.admin_help",
        "inbound.storm_card",
        "lists.answer_list",
        "lists.finished_list",
        "lists.running_list",
        "lists.scheduled_list",
        "members.details",
        "members.people_page",
        "panic.resume_one_question",
        "preview.notes_card",
        "recipient_file.notes_card",
        "recipients.chosen_people",
        "recipients.people_search",
        "recipients.recipients_prompt",
        "recurrence.day_picker",
        "recurrence.time_picker",
        "recurrence.weekday_picker",
        "search.search_results",
        "segments.choose_base",
        "segments.choose_condition",
        "segments.choose_message",
        "segments.choose_value",
        "status.details_screen",
        "team.team_list",
        "templates.picker",
        "time_zone.unknown_zone",
        "time_zone.zone_picker",
    }
)
"""Lists, pickers and references, which may be longer."""


def test_every_screen_is_drawn() -> None:
    modules = [import_module(f"bot.screens.{one.name}") for one in iter_modules(bot.screens.__path__)]
    known = {
        f"{module.__name__.rpartition('.')[2]}.{name}"
        for module in modules
        for name, found in vars(module).items()
        if isfunction(found) and found.__module__ == module.__name__ and not name.startswith("_")
        if signature(found).return_annotation in ("Screen", "Screen | None")
    }
    assert {name for name, _screen in every_screen()} == known
    assert known >= LISTS


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_screen_fits_a_phone(language: str) -> None:
    with in_language(language):
        for name, screen in every_screen():
            text, _entities = HtmlReader(screen.html).read()
            assert 0 < len(text.encode("utf-16-le")) // 2 <= 4096
            # A name or a number that is missing leaves a hole.
            assert re.search(r"\(\)|  | [.,:)](?!\w)|\( ", text) is None, (name, text)
            if name not in LISTS:
                assert len(text.splitlines()) <= MOST, (name, text)
                assert sum(map(len, screen.rows)) <= MOST, (name, screen.rows)
            for row in screen.rows:
                most = LONGEST_LABEL.get(len(row), 8)
                long = [button.label for button in row if width(button.label) > most]
                assert [label for label in long if not re.search(r"\d\d:\d\d", label)] == [], name


WITHOUT_WAY_BACK: Final = frozenset(
    {
        # The cards that are gone back to, and what leads there.
        "broadcasts.live_card",
        "broadcasts.planned_card",
        "broadcasts.starting_card",
        "broadcasts.undo_card",
        "broadcasts.unstarted_card",
        "draft_questions.closed_message",
        "draft_questions.discarded_message",
        "drafts.message_card",
        "drafts.refused_order",
        "ended.broadcast_card",
        "gaps.missing_values",
        "home.home_screen",
        "home.invite",
        "home.welcome_question",
        "kinds.kind_question",
        "preview.preview_card",
        "recipient_file.unasked_list",
        "recurrence.repeat_card",
        "series.newer_card",
        "time_zone.unknown_zone",
        "time_zone.zone_picker",
        # Messages that came unasked.
        "amendments.card",
        "amendments.result",
        "approvals.approval_request",
        "approvals.decision_message",
        "approvals.stuck_request",
        "approvals.unapproved_card",
        "ended.late_refusals",
        "inbound.doubt_card",
        "inbound.message_screen",
        "inbound.outcome_line",
        "inbound.refused_answer",
        "inbound.storm_card",
        "inbound.window_closed",
        "overdue.missed_message",
        "overdue.overdue_card",
        "panic.resumed_message",
        "panic.stop_message",
        "series.left_out_message",
        "series.trouble_message",
        "team.role_message",
    }
)


def test_every_other_screen_has_a_way_back() -> None:
    """A screen that replaces another one, and a question, can be left without an answer."""
    stuck = {
        name
        for name, screen in every_screen()
        if screen.rows
        and not any(re.match("«|Cancel|No$|Keep", one.label) for row in screen.rows for one in row)
    }
    assert stuck - WITHOUT_WAY_BACK == set()


def test_every_label_says_what_it_does() -> None:
    """A sign alone says it only where it turns a page or belongs to a day."""
    for screen in (*screens(), *(screen for _name, screen in every_screen())):
        labels = {button.label for row in screen.rows for button in row}
        assert {one for one in labels if one != one.strip() and one != BLANK} == set()
        assert {one for one in labels if not re.search(r"\w", one)} <= {"‹", "›", BLANK}  # noqa: RUF001


def test_no_screen_of_the_way_speaks_english_to_russians() -> None:
    with in_language("ru"):
        for screen in (*screens(), *(screen for _name, screen in every_screen())):
            text, _entities = HtmlReader(screen.html).read()
            shown = [text, *(button.label for row in screen.rows for button in row)]
            english = [found for part in shown if (found := re.findall("[A-Za-z]{2,}", NAMES.sub("", part)))]
            assert english == []
