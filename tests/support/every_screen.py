# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic
"""Draws every screen of the chat with the data that people have: a shop, a school, a club."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.requests import Admin
from bot.screens import (
    amendments,
    approvals,
    audiences,
    audit_log,
    auto_texts,
    broadcasts,
    confirmations,
    date_picker,
    deliveries,
    draft_questions,
    drafts,
    ended,
    forget,
    gaps,
    home,
    inbound,
    invitations,
    kinds,
    lists,
    members,
    options,
    overdue,
    panic,
    preview,
    purge,
    quiet_hours,
    recipient_file,
    recipients,
    recurrence,
    retries,
    search,
    segments,
    series,
    status,
    subscribers,
    team,
    templates,
    time_zone,
)
from bot.text.clock import Clock
from bot.text.translation import translate
from bot.ui.callback_data import (
    BOT,
    HELP,
    SCHEDULED_LIST,
    ChooseZone,
    InboundPage,
    ListPage,
    LogPage,
    Subject,
    subject,
)
from bot.ui.screen import Screen
from bot.ui.wall_clock import WallTime
from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus, Scope
from core.domain.audience import EVERYBODY, Audience, Chosen
from core.domain.audit import Actor, AuditAction, AuditEntry, Channel, LastAction
from core.domain.auto_text import AutoText
from core.domain.broadcast import (
    Asked,
    Broadcast,
    BroadcastStatus,
    Late,
    NewBroadcast,
    PreparedOrder,
    Progress,
)
from core.domain.content.content import Content, Media, Parameter, Template
from core.domain.content.limits import problems
from core.domain.content.misfits import Misfit
from core.domain.content.templates import APPROVED, ListedButton, ListedTemplate, TemplateGap, TemplateList
from core.domain.delivery import Delivery, DeliveryId, DeliveryState
from core.domain.inbound import Inbound, InboundKind, InboundMessage
from core.domain.messengers.account_status import Hold
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.events import LeftOut, ReceiptCounts
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.page import Cursor, Page
from core.domain.panic import PanicStop
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Contact, Headcount, Recipient
from core.domain.recurrence import Recurrence
from core.domain.segment import LAST, Condition, Rule
from core.domain.series import NewSeries, Repeat, Series, SeriesStatus
from core.domain.team import Invitation, Role, TeamMember
from core.domain.translatable import sentence
from core.files.questions import Choice, Question
from core.files.results import ReadList, Refused
from core.parsing.dates import AmbiguousTime
from core.parsing.quiet_hours import PendingQuietHours
from core.services.erasure import KnownOfPerson
from core.services.gap_values import GapSummary
from core.services.list_update import ListChange
from core.services.list_uses import ListUses
from core.services.members import Member
from core.services.purge import PurgeKind, PurgeOffer
from core.services.reachability import OutsideWindow
from core.services.retries import Missed
from core.services.search import Found
from core.services.status import MessengerStatus, Status
from core.store.chat.drafts import Draft

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
BERLIN: Final = ZoneInfo("Europe/Berlin")
NOW: Final = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
PRESENT: Final = Clock(NOW, BERLIN)
TOMORROW: Final = NOW + timedelta(days=1)
ANN, BEN = Actor("telegram:100", "Аня"), Actor("telegram:200", "Борис")
LINK: Final = "https://t.me/shop_bot?start=a_ABCDEF"
Drawn = tuple[str, Screen]


def _recipient(messenger: Messenger, address: str, name: str = "") -> Recipient:
    return Recipient(messenger=messenger, address=address, variables={"name": name} if name else {})


ALICE = _recipient(TELEGRAM, "1001", "Алиса Шмидт")
BOB = _recipient(WHATSAPP, "+12025550124", "Боб")
CAROL = _recipient(VIBER, "carol", "Карина")
NAMELESS = _recipient(WHATSAPP, "+12025550123")
PEOPLE: Final = (ALICE, BOB, CAROL, NAMELESS)
TEXT: Final = Content(text="Завтра в 10:00 дни открытых дверей. Приходите с друзьями!")
PHOTO: Final = Media(kind=MediaKind.PHOTO, ids={TELEGRAM: "x"})
A_PROBLEM: Final = problems(Content(text=""), [TELEGRAM])[0]


def draw(screen: Callable[..., Screen | None], *args: Any, **kwargs: Any) -> Iterator[Drawn]:  # noqa: ANN401 - of any screen
    """The screen with its name, if there is anything to show."""
    drawn = screen(*args, **kwargs)
    if drawn is not None:
        yield f"{screen.__module__.rpartition('.')[2]}.{screen.__name__}", drawn


def every_screen() -> Iterator[Drawn]:
    yield from _front()
    yield from _auto_texts()
    yield from _audit_log()
    yield from _subscribers()
    yield from _forgetting()
    yield from _drafts()
    yield from _recipients()
    yield from _times()
    yield from _previews()
    yield from _templates()
    yield from _under_way()
    yield from _after()
    yield from _series()
    yield from _approvals()
    yield from _panic_and_status()
    yield from _lists()
    yield from _people_of_lists()
    yield from _files()
    yield from _inbound()
    yield from _team()


def a_broadcast(status: BroadcastStatus, content: Content = TEXT, **states: int) -> Broadcast:
    """To people on Telegram and WhatsApp."""
    counts = {DeliveryState(name): count for name, count in states.items()}
    final = {DeliveryState.DELIVERED: DeliveryState.SENT, DeliveryState.READ: DeliveryState.SENT}
    on_telegram: Counter[DeliveryState] = Counter()
    for state, count in counts.items():
        on_telegram[final.get(state, state)] += count
    failed = counts.get(DeliveryState.FAILED, 0)
    return Broadcast(
        id="A7KQ",
        status=status,
        content=content,
        created_by=ANN,
        accepted_at=NOW,
        send_at=TOMORROW if status is BroadcastStatus.SCHEDULED else NOW,
        planned=True,
        started_at=None if status is BroadcastStatus.SCHEDULED else NOW,
        finished_at=NOW + timedelta(seconds=48),
        progress=Progress(
            counts={TELEGRAM: on_telegram, WHATSAPP: counts},
            reasons={WHATSAPP: {Reason.NOT_FOUND: failed}, TELEGRAM: {Reason.BLOCKED: failed}}
            if failed
            else {},
        ),
        last_actions={
            AuditAction.SCHEDULED: LastAction("Аня", NOW),
            AuditAction.MOVED: LastAction("Борис", NOW),
        },
    )


SCHEDULED = a_broadcast(BroadcastStatus.SCHEDULED, queued=20)
SENDING = a_broadcast(BroadcastStatus.SENDING, queued=20, sent=17, failed=1, unknown=1)
FINISHED = a_broadcast(BroadcastStatus.FINISHED, sent=2, delivered=20, read=12, failed=2, unknown=1)
DRAFT = Draft(id="A7KQ", revision=12, admin_id=100, chat_id=100, content=TEXT, recipients=PEOPLE)
EMPTY = Draft(id="A7KQ", revision=1, admin_id=100, chat_id=100)
CHANGE = replace(DRAFT, changes="ABCDEF", send_at=TOMORROW)
ON = subject(DRAFT)
PARENTS = Chosen(id="ABCDEF", title="Родители 3Б", counts={TELEGRAM: 20, WHATSAPP: 4})
EVERYONE = Chosen(id=EVERYBODY, title="", counts={TELEGRAM: 1204})
AUDIENCE = Audience(
    id="ABCDEF",
    name="Родители 3Б",
    counts=PARENTS.counts,
    variables=("name", "класс", "баланс"),
    created_by=ANN,
    created_at=NOW,
    source="родители.xlsx",
)
SEGMENT = replace(
    AUDIENCE, rule=Rule(of="ABCDEF", condition=Condition.MISSED, subject=LAST), base="Родители 3Б"
)
AUDIENCES = Page(items=(AUDIENCE,) * 6, page=2, pages=3, total=17)
REPEAT = Repeat(rule=Recurrence.at(9, 0, weekdays=frozenset({0, 3})), zone="Europe/Berlin", times=10)
KNOWN = [
    Contact(id=f"p{number}", name=name, addresses={TELEGRAM: str(number)})
    for number, name in enumerate(("Алиса Шмидт", "Алина", "Александр"), start=1001)
]


def a_delivery(recipient: Recipient, reason: Reason | None) -> Delivery:
    return Delivery(
        id=DeliveryId("A7KQ", recipient.messenger, 0),
        recipient=recipient,
        state=DeliveryState.FAILED if reason else DeliveryState.READ,
        reason=reason,
        attempts=1,
        at=NOW,
    )


def _front() -> Iterator[Drawn]:
    calm, busy = a_status(), replace(a_status(), running=2, stop=A_STOP)
    yield from draw(home.welcome_question, "Аня", PRESENT)
    yield from draw(home.invite, LINK)
    for role in Role:
        yield from draw(home.home_screen, Admin(1, "Аня", 1, role), calm, PRESENT, finished=3, failed_today=2)
        yield from draw(home.admin_help, PRESENT, role)
    owner, a_draft, waiting = (
        Admin(1, "Аня", 1, Role.OWNER),
        draft_questions.open_draft_rows(DRAFT),
        approvals.waiting_rows(2),
    )
    for rows in ((), a_draft, waiting, (*waiting, *a_draft)):
        yield from draw(home.home_screen, owner, busy, PRESENT, finished=3, failed_today=2, urgent=rows)
    yield from draw(home.more_screen)
    tap, back = ChooseZone(HELP), home.new_button()
    yield from draw(time_zone.zone_set, PRESENT)
    yield from draw(time_zone.zone_picker, tap, PRESENT, ZoneInfo("UTC"), back)
    problem = A_PROBLEM
    for near in ((), ("Europe/Berlin", "Atlantic/Bermuda")):
        yield from draw(time_zone.unknown_zone, problem, near, tap, PRESENT, back)


def _auto_texts() -> Iterator[Drawn]:
    texts = {
        (one, which): "Спасибо! Ответим в рабочее время." for one in auto_texts.ANSWERED for which in AutoText
    }
    yield from draw(auto_texts.auto_texts_screen, texts)
    for messenger in auto_texts.ANSWERED:
        for which in AutoText:
            yield from draw(auto_texts.auto_text_prompt, messenger, which, "Спасибо!")


def _audit_log() -> Iterator[Drawn]:
    entries = [
        AuditEntry(
            at=NOW, actor=ANN, channel=Channel.CHAT, action=action, broadcast_id="A7KQ", details=_DETAILS
        )
        for action in AuditAction
    ]
    for items in (entries[:10], entries[10:20], entries[20:30], entries[30:40], entries[40:], []):
        page = Page(items=tuple(items), page=2, pages=3, total=45)
        for here in (LogPage(2), LogPage(2, important=True), LogPage(2, person=100)):
            yield from draw(audit_log.log_page, page, here, "Аня" if here.person else "", PRESENT)


def _subscribers() -> Iterator[Drawn]:
    yield from draw(subscribers.subscribed_message, NOW, PRESENT, None)
    yield from draw(subscribers.subscribed_message, NOW - timedelta(days=9), PRESENT, None)
    for was_subscribed in (True, False):
        yield from draw(subscribers.unsubscribed_message, was_subscribed=was_subscribed)
    yield from draw(subscribers.subscriber_help)


def _forgetting() -> Iterator[Drawn]:
    person = KnownOfPerson(
        accounts=set(),
        addresses={(TELEGRAM, "1001"), (WHATSAPP, "+12025550123")},
        names=["Алиса Шмидт"],
        subscribed=True,
        lists=2,
        messages=14,
        kept_out=True,
    )
    yield from draw(forget.forget_prompt)
    yield from draw(forget.one_person_only)
    yield from draw(forget.unclear_person, [A_PROBLEM], KNOWN, ["Алис"])
    yield from draw(forget.nothing_known, ALICE)
    yield from draw(forget.forget_question, person, BOT.to("close"))
    yield from draw(forget.forgotten_message, person)


_DETAILS: Final[dict[str, str | int]] = {
    "people": 5310,
    "messenger": "telegram",
    "what": "everything",
    "name": "Борис",
    "before": "3Б",
    "role": "editor",
    "quiet": "22:00-08:00 Берлин",
    "broadcasts": 4,
}


def _drafts() -> Iterator[Drawn]:
    full = replace(DRAFT, content=replace(TEXT, media=(PHOTO,)), audiences=(PARENTS,))
    card = Media(kind=MediaKind.CONTACT, contact=None, ids={TELEGRAM: "x"})
    for draft in (EMPTY, replace(EMPTY, audiences=(PARENTS,)), replace(DRAFT, content=None)):
        yield from draw(drafts.text_question, draft)
    for draft in (DRAFT, full, replace(EMPTY, content=TEXT)):
        yield from draw(drafts.message_card, draft)
        yield from draw(drafts.edit_menu, draft)
        yield from draw(drafts.text_prompt, draft)
    yield from draw(drafts.edit_menu, CHANGE)
    yield from draw(drafts.text_help, DRAFT, ["name", "баланс"])
    yield from draw(drafts.greeting_choice, DRAFT, "Алиса")
    yield from draw(drafts.refused_order, DRAFT, list(problems(Content(text=""), [TELEGRAM])))
    yield from draw(
        drafts.refused_order,
        replace(DRAFT, content=Content(text="Скидки " * 900)),
        list(problems(Content(text="Скидки " * 900), list(Messenger))),
    )
    for draft in (EMPTY, DRAFT, CHANGE, full):
        yield from draw(draft_questions.discard_question, draft)
        yield from draw(draft_questions.discarded_message, draft)
        yield from draw(draft_questions.closed_message, draft)
        yield from draw(draft_questions.send_offer, draft)
    problem = A_PROBLEM
    yield from draw(draft_questions.changed_meanwhile, CHANGE, problem)
    for more in (
        Content(text="А в пятницу закрыто"),
        Content(text="А\nБ", media=(PHOTO,)),
        replace(TEXT, media=(card,)),
    ):
        yield from draw(draft_questions.more_question, DRAFT, more)
    yield from draw(draft_questions.with_adding, DRAFT, recipients.new_person(DRAFT, "Алиса"))
    yield from draw(draft_questions.with_people, DRAFT, draft_questions.more_question(DRAFT, TEXT))
    for everybody in (True, False):
        yield from draw(gaps.missing_values, DRAFT, 0, "баланс", PEOPLE, everybody=everybody)
    yield from draw(gaps.default_prompt, DRAFT, "name", PEOPLE)
    yield from draw(gaps.fill_prompt, DRAFT, "баланс", PEOPLE)
    people = {TELEGRAM: 20, WHATSAPP: 4, VIBER: 1}
    photo = replace(DRAFT, content=replace(TEXT, media=(PHOTO,)))
    (wrong,) = problems(photo.content or TEXT, [VIBER])
    yield from draw(kinds.kind_question, photo, wrong, [VIBER], people, None)
    yield from draw(kinds.kind_question, photo, wrong, [VIBER], {VIBER: 4}, Misfit.TEXT)


def _recipients() -> Iterator[Drawn]:
    people = [recipients.ChosenPerson(place, one.name, (one,)) for place, one in enumerate(PEOPLE)]
    choices = recipients.RecipientChoices(
        replace(AUDIENCES, items=(AUDIENCE, SEGMENT), page=1, pages=1, total=2),
        EVERYONE,
        people,
        30,
        Headcount(54),
    )
    nobody = replace(choices, people=(), one_by_one=0, total=Headcount(0))
    unclear = recipients.Unclear([A_PROBLEM], [PARENTS], KNOWN, ["telegram:1001"], 2)
    yield from draw(recipients.recipients_prompt, replace(EMPTY, content=TEXT), nobody)
    yield from draw(recipients.recipients_prompt, DRAFT, choices)
    many = replace(choices, total=Headcount(3_000_000, exact=False))
    yield from draw(recipients.recipients_prompt, DRAFT, many)
    yield from draw(recipients.recipients_prompt, replace(DRAFT, unknown=("Алис",)), choices, unclear)
    page = Page(items=tuple(people), page=1, pages=3, total=30)
    yield from draw(recipients.chosen_people, DRAFT, page)
    for query, found in (("", KNOWN), ("", []), ("ал", KNOWN)):
        yield from draw(recipients.people_search, DRAFT, Headcount(54), query, found)
    yield from draw(recipients.new_person, DRAFT, "Алиса")
    yield from draw(recipients.paste_help, DRAFT)
    yield from draw(recipients.file_help, DRAFT)


def _times() -> Iterator[Drawn]:
    planned = subject(SCHEDULED)
    fold = AmbiguousTime(
        datetime(2026, 10, 25, 2, 30),  # noqa: DTZ001 - a wall clock
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    )
    for on in (ON, planned):
        yield from draw(date_picker.quick_choices, on, PRESENT)
        yield from draw(date_picker.calendar, on, PRESENT, marked=TOMORROW, busy=[date(2026, 11, 26)])
        yield from draw(date_picker.month_list, on, PRESENT, 2026)
        yield from draw(date_picker.year_list, on, PRESENT)
        yield from draw(date_picker.time_picker, WallTime(datetime(2026, 11, 26, 18, 30)), on, PRESENT)  # noqa: DTZ001
        yield from draw(date_picker.moment_question, TOMORROW, on, PRESENT)
        for choices in ((), (TOMORROW,), (TOMORROW, TOMORROW + timedelta(days=1))):
            problem = A_PROBLEM
            yield from draw(date_picker.moment_error, problem, choices, on, PRESENT)
        yield from draw(date_picker.fold_question, fold, on, PRESENT)
    for draft in (DRAFT, replace(DRAFT, repeat=REPEAT, series_id="ABCDEF")):
        yield from draw(recurrence.frequency_menu, draft, PRESENT)
        yield from draw(recurrence.typed_examples, draft, PRESENT)
        yield from draw(recurrence.weekday_picker, draft, "14")
        yield from draw(recurrence.day_picker, draft)
        yield from draw(recurrence.time_picker, draft, "w14:0900", PRESENT)
        yield from draw(recurrence.repeat_card, draft, REPEAT, PRESENT)
        yield from draw(recurrence.repeat_card, draft, replace(REPEAT, zone="Asia/Tokyo"), PRESENT)
        problem = translate(A_PROBLEM)
        yield from draw(recurrence.repeat_error, draft, problem)


def _previews() -> Iterator[Drawn]:
    order = PreparedOrder(
        NewBroadcast(content=TEXT, recipients=PEOPLE, duplicates=1, send_at=None, created_by=ANN)
    )
    hours = QuietHours.parse("22:00-08:00@Europe/Berlin")
    found = preview.Findings(order=order, rates=dict.fromkeys(Messenger, 25.0), clock=PRESENT)
    full = replace(
        found,
        warnings=[A_PROBLEM] * 2,
        asleep=[PendingQuietHours(hours=hours, until=NOW, count=2)],
        gaps={"[имя]": "name"},
        windows=[OutsideWindow(messenger=WHATSAPP, total=2, outside=(BOB, NAMELESS))],
    )
    silent = replace(DRAFT, content=replace(TEXT, options=frozenset(Option)), everywhere=True)
    weekly = replace(DRAFT, repeat=REPEAT, audiences=(PARENTS,))
    for draft in (
        DRAFT,
        CHANGE,
        silent,
        weekly,
        replace(DRAFT, send_at=TOMORROW, without=frozenset({VIBER})),
    ):
        for findings in (found, full):
            yield from draw(preview.preview_card, draft, findings)
            yield from draw(preview.notes_card, draft, findings)
        for more in (False, True):
            yield from draw(options.options, draft, 50.0, Late.ASK, more=more)
    yield from draw(preview.send_question, DRAFT, 1204, 1310)
    for draft in (DRAFT, replace(DRAFT, everywhere=True), replace(DRAFT, messenger_order=(VIBER, WHATSAPP))):
        yield from draw(options.draft_order, draft)
    yield from draw(
        options.order_screen, [TELEGRAM, WHATSAPP], lambda one: ON.to("first", one.traits.code), ON.to("opt")
    )


def _templates() -> Iterator[Drawn]:
    button = ListedButton("url", "Подробнее", "https://example.com/{{1}}")
    listed = [
        ListedTemplate(
            name=name,
            language="ru",
            status=state,
            category="MARKETING",
            body="Здравствуйте, {{1}}! Ждём вас {{2}}.",
            buttons=(button,),
            header_file=MediaKind.PHOTO,
        )
        for name, state in (("visit_reminder", APPROVED), ("new_year", "PENDING"), ("sale", "REJECTED"))
    ]
    for found in (TemplateList(at=NOW, templates=(*listed, *listed, *listed)), TemplateList(at=NOW)):
        yield from draw(templates.picker, DRAFT, found, 1)
    for problem in ("", "(#200)"):
        yield from draw(templates.unavailable, DRAFT, WHATSAPP, problem)
    for one in listed:
        yield from draw(templates.template_card, DRAFT, one)
    template = Template(
        name="visit_reminder",
        language="ru",
        parameters=(Parameter("", "1"), Parameter("", "2")),
        header_file=MediaKind.PHOTO,
        text="Здравствуйте, {{1}}! Ждём вас {{2}}.",
    )
    content = Content(text="", template=template)
    for place in (TemplateGap("body", 0, "1"), TemplateGap("file")):
        yield from draw(templates.gap_question, DRAFT, content, place, ["name", "класс"])


def _under_way() -> Iterator[Drawn]:
    calm = a_status()
    stopped = replace(calm, stop=A_STOP)
    undo = replace(SCHEDULED, can_be_undone=True, send_at=NOW + timedelta(seconds=8))
    due = replace(SCHEDULED, send_at=NOW)
    for more in (False, True):
        yield from draw(broadcasts.scheduled_card, SCHEDULED, PRESENT, SCHEDULED_LIST, more=more)
        yield from draw(broadcasts.planned_card, SCHEDULED, PRESENT, more=more)
        yield from draw(broadcasts.unstarted_card, SCHEDULED, calm, PRESENT, more=more)
    yield from draw(broadcasts.undo_card, undo, PRESENT)
    for state in (calm, stopped, replace(calm, workers=0), None):
        yield from draw(broadcasts.starting_card, due, state, PRESENT)
        yield from draw(broadcasts.live_card, SENDING, state, PRESENT)
        yield from draw(broadcasts.live_card, replace(SENDING, status=BroadcastStatus.PAUSED), state, PRESENT)
    hours = QuietHours.parse("12:00-22:00@Europe/Berlin")
    held = {one: Hold(Reason.TEMPLATE, "(#132001)") for one in (TELEGRAM, WHATSAPP)}
    for running in (
        replace(SENDING, quiet_waits={hours: 12}),
        replace(SENDING, quiet_waits={hours: 40}),
        replace(SENDING, holds=held),
        replace(SENDING, try_again_days=3, again_waits={WHATSAPP: {Reason.CAPPED: 3}}),
    ):
        yield from draw(broadcasts.live_card, running, calm, PRESENT)
    yield from draw(confirmations.send_now_question, SCHEDULED)
    yield from draw(confirmations.cancel_question, SCHEDULED, PRESENT)
    yield from draw(confirmations.stop_question, SENDING)
    yield from draw(confirmations.leave_out_question, SENDING, WHATSAPP)
    late = replace(SCHEDULED, late_since=NOW, send_at=NOW - timedelta(hours=2))
    for back in (None, SCHEDULED_LIST):
        yield from draw(overdue.overdue_card, late, PRESENT, back)
    yield from draw(overdue.decided_card, late, PRESENT)
    yield from draw(overdue.overdue_pointer, late)
    yield from draw(overdue.missed_message, late, PRESENT)
    for items in ((SCHEDULED, THE_SERIES, replace(THE_SERIES, status=SeriesStatus.PAUSED)), ()):
        page = Page(items=items, page=1, pages=1, total=len(items))
        yield from draw(lists.scheduled_list, page, PRESENT)
    for some in ([SENDING] * 3, []):
        yield from draw(lists.running_list, some)


def _after() -> Iterator[Drawn]:
    first = tuple(a_delivery(one, Reason.NOT_FOUND) for one in (BOB, NAMELESS))
    few = a_broadcast(BroadcastStatus.FINISHED, read=3, failed=1)
    cancelled = replace(FINISHED, status=BroadcastStatus.CANCELLED, started_at=None)
    left_out = replace(FINISHED, left_out={TELEGRAM: {Reason.UNSUBSCRIBED: 2}, VIBER: {Reason.NOT_SET_UP: 1}})
    for broadcast in (FINISHED, few, cancelled, replace(few, missed=True), left_out):
        for missed in (Missed(first, 2), Missed((), None)):
            for more in (False, True):
                yield from draw(ended.result_card, broadcast, missed, PRESENT, ListPage("f", 1), more=more)
    for one in (SCHEDULED, SENDING, FINISHED):
        yield from draw(ended.broadcast_card, one, a_status(), PRESENT, SCHEDULED_LIST)
    yield from draw(ended.list_caption, FINISHED, 1, 2)
    yield from draw(ended.chart_caption, FINISHED)
    for found in ([few], [few, FINISHED]):
        yield from draw(ended.late_refusals, found, Missed(first, 2))
    yield from _who_got_it()
    yield from _amendments()
    yield from _purge()


def _who_got_it() -> Iterator[Drawn]:
    rows = tuple(
        a_delivery(one, reason)
        for one, reason in zip(PEOPLE, (None, Reason.NOT_FOUND, Reason.BLOCKED, Reason.CUT_OFF), strict=True)
    )
    for verb in ("failed", "got"):
        for items in (rows, ()):
            page = Page(items=items, page=1, pages=2 if items else 1, total=14 if items else 0)
            yield from draw(deliveries.delivery_list, FINISHED, page, verb)
    for first in ((), PEOPLE):
        yield from draw(retries.resend_question, FINISHED, first)
    finished = Page(items=(FINISHED,) * 5, page=2, pages=3, total=14)
    for listed in (finished, replace(finished, items=(), page=1, pages=1, total=0)):
        for shown in "af":
            yield from draw(lists.finished_list, listed, shown, PRESENT)
        yield from draw(lists.answer_list, listed, ["Алиса"] * len(listed.items), PRESENT)
    here = ListPage("q0a1b2c", 2)
    for found in (
        Found(items=(FINISHED,) * 5, looked_at=200, older=Cursor(id="A7KQ", at=1)),
        Found(items=(), looked_at=200, older=None),
    ):
        yield from draw(search.search_results, "скидки", here, found, PRESENT)
    yield from draw(search.search_prompt)
    yield from draw(search.expired_search)


def _purge() -> Iterator[Drawn]:
    offers = [
        PurgeOffer(
            kind=kind,
            broadcasts=61,
            people=4830,
            deliveries=4830,
            oldest=NOW - timedelta(days=90),
            newest=NOW,
            left_alone=4,
            series=2,
        )
        for kind in PurgeKind
    ]
    for some in (offers, []):
        yield from draw(purge.purge_menu, some)
    for offer in offers:
        yield from draw(purge.purge_question, offer, PRESENT)
        yield from draw(purge.purge_result, offer, 61)


def _amendments() -> Iterator[Drawn]:
    scope, none = Scope(reached=37, kept={WHATSAPP: 2, VIBER: 1}), Scope(reached=0, kept={})
    amendment = Amendment(
        broadcast_id="A7KQ",
        serial=1,
        kind=AmendmentKind.DELETE,
        status=AmendmentStatus.RUNNING,
        by="Аня",
        asked_at=NOW,
        ended_at=None,
        total=37,
        done=12,
        reasons={Reason.TOO_OLD: 3, Reason.DELETED_THERE: 1},
        content=None,
    )
    changes = [
        replace(amendment, kind=kind, status=status, ended_at=NOW)
        for kind in AmendmentKind
        for status in AmendmentStatus
    ]
    for latest in (None, *changes):
        yield from draw(amendments.overview, FINISHED, scope, scope, latest, PRESENT)
    yield from draw(amendments.overview, FINISHED, none, none, None, PRESENT)
    for change in changes:
        yield from draw(amendments.card, FINISHED, change, PRESENT)
        yield from draw(amendments.result, FINISHED, change, PRESENT)
    for broadcast in (SENDING, FINISHED):
        yield from draw(amendments.delete_question, broadcast, scope, 1)
        yield from draw(amendments.edit_question, broadcast, scope, 1)
    yield from draw(amendments.text_prompt, FINISHED)


THE_SERIES = Series(
    id="ABCDEF",
    order=NewSeries(content=TEXT, audiences=(PARENTS,), repeat=REPEAT, late=Late.SKIP, created_by=ANN),
    status=SeriesStatus.ACTIVE,
    next_at=datetime(2026, 11, 26, 8, 0, tzinfo=UTC),
    next_id="B2CD",
    made=3,
    made_ids=("A7KQ",),
    revision=7,
    created_at=NOW,
)


def _series() -> Iterator[Drawn]:
    skipped = replace(THE_SERIES, next_at=datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
    trouble = replace(THE_SERIES, trouble=(A_PROBLEM,))
    elsewhere = replace(
        THE_SERIES,
        order=replace(THE_SERIES.order, repeat=replace(REPEAT, zone="Asia/Tokyo"), audiences=(EVERYONE,)),
    )
    others = [replace(THE_SERIES, status=one, next_at=None) for one in SeriesStatus]
    for one in (THE_SERIES, skipped, trouble, elsewhere, *others):
        for made in ([FINISHED], []):
            yield from draw(series.series_card, one, made, PRESENT, SCHEDULED_LIST)
    yield from draw(series.series_card, THE_SERIES, [], PRESENT, SCHEDULED_LIST, ["Родители 3Б"])
    yield from draw(series.newer_card, "ABCDEF")
    yield from draw(series.edit_menu, THE_SERIES)
    yield from draw(series.stop_question, THE_SERIES)
    yield from draw(series.skip_last_question, THE_SERIES)
    yield from draw(series.trouble_message, trouble, PRESENT)
    for reason in (Reason.KIND, Reason.NO_VALUE, Reason.NOT_SET_UP):
        left_out = replace(FINISHED, left_out={VIBER: {reason: 2}}, series_id="ABCDEF")
        yield from draw(series.left_out_message, left_out)


def _approvals() -> Iterator[Drawn]:
    asked = Asked(number=1, by=ANN, at=NOW, until=TOMORROW, words_by=ANN, recipients_by=BEN)
    waiting = replace(SCHEDULED, status=BroadcastStatus.UNAPPROVED, asked=asked)
    by_program = replace(asked, recipients_by=Actor("api:shop"))
    nameless = replace(waiting, asked=replace(by_program, by=Actor("api:shop"), words_by=Actor("api:shop")))
    at_once = replace(waiting, planned=False)
    lapsed = replace(waiting, asked=replace(asked, until=NOW))
    gap = GapSummary(
        name="name",
        count=37,
        shortest="Ия",
        longest="Александр",
        samples=("Алиса", "Боб"),
        suspicious=("www.example.com",),
    )
    for one, found in ((waiting, ()), (at_once, (gap,)), (waiting, (gap,) * 6)):
        yield from draw(approvals.approval_request, one, asked, found, PRESENT)
    yield from draw(approvals.approval_request, waiting, by_program, (), PRESENT)
    yield from draw(approvals.refusal_question, waiting)
    for one in (waiting, lapsed, replace(waiting, asked=by_program), nameless):
        for back in (None, SCHEDULED_LIST):
            yield from draw(approvals.unapproved_card, one, PRESENT, back)
    approved = replace(SCHEDULED, last_actions={AuditAction.APPROVED: LastAction("Борис", NOW)})
    refused = replace(
        SCHEDULED,
        status=BroadcastStatus.CANCELLED,
        last_actions={AuditAction.REFUSED: LastAction("Борис", NOW)},
    )
    for one in (approved, refused, SCHEDULED):
        yield from draw(approvals.decided_request, one, PRESENT)
        yield from draw(approvals.decision_message, one)
    yield from draw(approvals.superseded_request, waiting)
    yield from draw(approvals.expired_request, waiting)
    yield from draw(approvals.stuck_request, waiting, 50)
    yield from draw(approvals.with_waiting_rows, home.more_screen(), 0)
    yield from draw(
        approvals.with_waiting_rows,
        lists.scheduled_list(Page(items=(), page=1, pages=1, total=0), PRESENT),
        2,
    )
    for some in ([waiting, at_once], []):
        yield from draw(approvals.waiting_list, some, PRESENT)


A_STOP = PanicStop(at=NOW - timedelta(minutes=5), by=ANN)


def a_status() -> Status:
    """Of Telegram, WhatsApp and Viber set up, with all well."""
    messengers = {
        one: MessengerStatus(
            waiting=12,
            sending=0,
            halted=False,
            halted_until=None,
            halt_reason="",
            halt_words="",
            rate=25.0,
            throughput=0.0,
            missing=(),
            problem="",
            receipts=ReceiptCounts(),
        )
        for one in Messenger
    }
    return Status(
        messengers=messengers,
        workers=1,
        schedulers=1,
        scheduled=3,
        next_due=TOMORROW,
        running=0,
        waits_since=None,
        speeds={},
        memory_used=43 * 1024 * 1024,
        memory_limit=None,
        store_outage=None,
        store_warnings=(),
        clock_ahead=0,
        versions=("1.0",),
        refused_jobs=0,
        failed_logins=0,
        quarantined=0,
        stop=None,
        holds=(),
        account_events={},
    )


def _panic_and_status() -> Iterator[Drawn]:
    calm = a_status()
    running = [replace(SENDING, id=f"A{number}KQ") for number in range(2, 9)]
    copied = replace(A_STOP, since=NOW - timedelta(days=3))
    partly = replace(
        A_STOP, released_messengers=frozenset({TELEGRAM}), released_broadcasts=frozenset({"A2KQ"})
    )
    yield from draw(panic.stop_message, A_STOP)
    for stop in (A_STOP, copied, replace(copied, lost=True), partly):
        for some in (running, []):
            yield from draw(panic.resume_question, stop, calm, some, PRESENT)
        yield from draw(panic.resume_one_question, stop, running)
    for left in (None, partly):
        yield from draw(panic.resumed_message, "Аня", "Telegram", left)
    yield from draw(panic.nothing_stopped)
    for found in _statuses():
        yield from draw(status.status_screen, found, PRESENT)
        yield from draw(status.details_screen, found, PRESENT)


def _statuses() -> Iterator[Status]:
    calm = a_status()
    ill = {
        one: replace(state, halted=True, halt_reason=Reason.CONFIGURATION.sentence, halt_words="")
        for one, state in calm.messengers.items()
    }
    waits = {one: replace(state, halted_until=NOW + timedelta(seconds=20)) for one, state in ill.items()}
    missing = {one: replace(state, missing=("VIBER_AUTH_TOKEN",)) for one, state in calm.messengers.items()}
    yield calm
    yield replace(calm, running=2, stop=A_STOP)
    yield replace(calm, messengers=ill)
    yield replace(
        calm, messengers=waits, workers=0, schedulers=0, clock_ahead=90, failed_logins=3, refused_jobs=2
    )
    yield replace(calm, messengers=missing, scheduled=0, next_due=None, memory_limit=512 * 1024 * 1024)


def _lists() -> Iterator[Drawn]:
    joinable = replace(AUDIENCE, joinable=True)
    both = replace(AUDIENCE, further=2)
    empty = replace(AUDIENCE, counts={}, variables=())
    hours = QuietHours.parse("22:00-08:00@Europe/Berlin")
    for page in (AUDIENCES, replace(AUDIENCES, items=(), page=1, pages=1, total=0)):
        yield from draw(audiences.audience_list, page)
    for one in (AUDIENCE, joinable, both, empty, SEGMENT):
        yield from draw(audiences.audience_card, one, LINK, "Добавлено: 2", "", "14:20")
        yield from draw(audiences.more_card, one, PRESENT)
        yield from draw(audiences.settings_card, one, "")
    yield from draw(audiences.order_card, both)
    for one in (AUDIENCE, joinable):
        yield from draw(audiences.link_card, one, LINK)
    yield from draw(audiences.update_prompt, AUDIENCE)
    for leaving in (True, False):
        for found in (None, recipients.Unclear([A_PROBLEM], [PARENTS], KNOWN)):
            yield from draw(audiences.people_prompt, AUDIENCE, leaving=leaving, unclear=found)
    for title in ("", "родители.xlsx"):
        yield from draw(audiences.name_prompt, Subject("a", "ABCDEF").to("view"), title)
    for scheduled in ((), (SCHEDULED,), (SCHEDULED,) * 9):
        uses = ListUses(scheduled=scheduled, series=len(scheduled), segments=len(scheduled))
        yield from draw(audiences.delete_question, AUDIENCE, uses)
        yield from draw(audiences.with_uses, members.remove_question(AUDIENCE, (ALICE,)), AUDIENCE.id, uses)
        yield from draw(audiences.renewal_question, AUDIENCE, uses, PRESENT)
    yield from draw(audiences.not_found, "Список удалён.")
    yield from draw(audiences.deleted_message, AUDIENCE)
    for own in (AUDIENCE, replace(AUDIENCE, quiet_hours=hours)):
        for everybody in (None, hours):
            yield from draw(quiet_hours.quiet_hours_prompt, own, everybody)
    yield from _segments()


def _segments() -> Iterator[Drawn]:
    yield from draw(segments.choose_base, AUDIENCES, EVERYONE)
    for base in ("ABCDEF", EVERYBODY):
        for offered in (True, False):
            yield from draw(
                segments.choose_condition, base, "Родители 3Б", ["класс", "баланс"], offered=offered
            )
    yield from draw(segments.choose_value, "ABCDEF", 0, "класс", ["3А", "3Б", "3В"])
    for sent in ([FINISHED] * 3, []):
        yield from draw(segments.choose_message, "ABCDEF", Condition.MISSED, sent)
    rule = SEGMENT.rule
    assert rule is not None
    for one in (SEGMENT, replace(SEGMENT, counts={})):
        yield from draw(segments.segment_offer, one, rule)


def _people_of_lists() -> Iterator[Drawn]:
    alice = (ALICE, replace(BOB, variables=ALICE.variables))
    people: tuple[Member, ...] = (alice, (BOB,), (NAMELESS,))
    for items in (people, ()):
        page = Page(items=items, page=1, pages=1, total=len(items))
        for one in (AUDIENCE, SEGMENT):
            yield from draw(members.people_page, one, page)
    for found in (people, people[:1], ()):
        yield from draw(members.found_people, AUDIENCE, "али", found, 10)
    for member in people:
        yield from draw(members.member_card, AUDIENCE, member, 1, "")
        yield from draw(members.details, AUDIENCE, member)
        yield from draw(members.remove_question, AUDIENCE, member)
        for name in ("name", "баланс"):
            yield from draw(members.value_prompt, AUDIENCE, member, name)
        yield from draw(members.address_prompt, AUDIENCE, member, member[0])
        yield from draw(members.elsewhere_question, AUDIENCE, member, member[0], [AUDIENCE] * 3, "0a1b2c3d")
    left_out = [LeftOut(recipient=BOB, reason=Reason.OPTED_OUT)]
    yield from draw(members.member_card, AUDIENCE, alice, 1, "", left_out)


def _files() -> Iterator[Drawn]:
    refused = (
        Refused(row=4, entry="0049", reason=A_PROBLEM),
        Refused(row=9, entry="Аня", reason=A_PROBLEM),
    )
    simple = ReadList(recipients=PEOPLE, form=sentence("CSV"), variables=("name", "класс"), has_columns=True)
    odd = replace(simple, refused=refused, doubles=refused[:1], notes=(A_PROBLEM,))
    staged = [
        recipient_file.StagedList(
            kept=kept, read=read, pending_id="ABCDEFGH", step=1, unreachable=unreachable
        )
        for kept, read, unreachable in (
            (AUDIENCE, simple, 0),
            (AUDIENCE, odd, 2),
            (replace(AUDIENCE, counts={}), odd, 0),
        )
    ]
    question = Question(
        key="messenger",
        text=A_PROBLEM,
        samples=("+49 151 2345678", "+1 202 555 0123"),
        choices=(Choice(key="w", label="WhatsApp"), Choice(key="v", label="Viber")),
    )
    for perhaps_text in (True, False):
        yield from draw(
            recipient_file.list_question, "ABCDEFGH", 1, "родители.xlsx", question, perhaps_text=perhaps_text
        )
    for people in (0, 143):
        yield from draw(recipient_file.kind_question, "ABCDEFGH", "родители.xlsx", people)
    change = ListChange(added=PEOPLE, changed=PEOPLE[:2], gone=PEOPLE[2:], missing=2, same=20)
    for one in staged:
        for draft in (EMPTY, DRAFT):
            yield from draw(recipient_file.list_for_draft, one, draft)
        for saved in (True, False):
            yield from draw(recipient_file.unasked_list, one, saved=saved)
        for found in (change, None):
            yield from draw(recipient_file.list_for_audience, one, AUDIENCE, found)
        yield from draw(recipient_file.notes_card, one)
    yield from draw(recipient_file.choose_list, AUDIENCE, [AUDIENCE] * 4)
    for found in (change, ListChange(added=(), changed=(), gone=(), missing=0, same=24)):
        yield from draw(recipient_file.comparison, AUDIENCE, AUDIENCE, found)


def _inbound() -> Iterator[Drawn]:
    written = InboundMessage(
        address="+12025550124", at=NOW, message_id="7", name="Боб", text="А во сколько начало?"
    )
    one = Inbound(number=7, messenger=WHATSAPP, message=written, broadcast_id="A7KQ")
    yield from draw(draft_questions.send_offer, DRAFT, asked_by=one)
    old = replace(one, message=replace(written, at=NOW - timedelta(days=2)))
    picture = replace(
        one, messenger=TELEGRAM, message=replace(written, kind=InboundKind.PHOTO, answers="3", quote="Скидки")
    )
    for found in (one, old, picture):
        yield from draw(inbound.message_screen, found, PRESENT, "Завтра в 10:00")
    yield from draw(inbound.storm_card, [one, old, picture], InboundPage(1, 12, 1))
    yield from draw(inbound.doubt_card, 3, 9)
    for state in DeliveryState:
        for waits in (False, True):
            reason = Reason.BLOCKED if state is DeliveryState.FAILED else None
            yield from draw(inbound.outcome_line, one, state, reason, waits=waits)
    for words in ("", "Словами"):
        yield from draw(inbound.refused_answer, one, "Viber не умеет опросы.", words)
    yield from draw(inbound.window_closed, old)
    yield from draw(inbound.message_screen, one, PRESENT, "", "Борис")
    yield from draw(inbound.answered_before, one, "Борис")
    yield from draw(inbound.out_of_reach, one, Reason.OPTED_OUT)
    yield from draw(inbound.which_message)


def _team() -> Iterator[Drawn]:
    found = [
        TeamMember(100, "Аня", Role.OWNER),
        TeamMember(200, "Борис", Role.EDITOR),
        TeamMember(300, "", Role.VIEWER),
    ]
    open_one = Invitation(id="0123456789ab", role=Role.EDITOR, by=100, until=TOMORROW)
    asked = replace(open_one, person=200, name="Борис", username="boris")
    for some in ((), (open_one, asked)):
        yield from draw(team.team_list, found, some)
    for role in (None, *Role):
        yield from draw(team.member_card, 200, "Борис", role)
        yield from draw(team.change_message, "Аня", "Борис", role)
        yield from draw(team.role_message, "Аня", role)
    yield from draw(team.member_card, 200, "Борис", Role.OWNER, fixed=True)
    for problem in ("", "Это не номер."):
        yield from draw(team.member_prompt, problem)
    yield from draw(team.remove_question, found[1])
    yield from draw(invitations.role_choice)
    yield from draw(invitations.link_card, open_one, LINK, PRESENT)
    for invitation in (open_one, asked):
        yield from draw(invitations.invitation_card, invitation, PRESENT)
    yield from draw(invitations.question, asked, PRESENT)
    yield from draw(invitations.used_card, asked)
    yield from draw(invitations.admitted_message, asked)
    yield from draw(invitations.declined_message, asked)
    yield from draw(invitations.ended)
    yield from draw(invitations.revoked_message)
    yield from draw(invitations.asked_message, "Борис")
    yield from draw(invitations.over_message)
    yield from draw(invitations.refusal_message)
    for role in Role:
        yield from draw(invitations.own_link_message, role)
