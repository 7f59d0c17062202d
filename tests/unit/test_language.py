"""Each person is spoken to in their language, with its plural forms, its names of days and its separators."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot import (
    screens_audience,
    screens_broadcast,
    screens_draft,
    screens_ended,
    screens_home,
    screens_lists,
    screens_options,
    screens_people,
    screens_preview,
    screens_purge,
    screens_questions,
    screens_when,
    screens_who,
    screens_zone,
    words,
)
from bot.language import _, amount, language_of, ngettext, speaking, spoken, told
from bot.pick import Pick, Present
from bot.screen import MOST_BUTTONS, Screen
from bot.wire import ListTap, Subject
from bot.wire_zone import ZoneTap
from core.domain.audience import Audience, Chosen
from core.domain.broadcast import Broadcast, BroadcastStatus, Late, Progress
from core.domain.content import Content
from core.domain.delivery import Delivery, DeliveryId, DeliveryState
from core.domain.errors import NotFound, ValidationError
from core.domain.fit import problems
from core.domain.messengers import Messenger
from core.domain.outcome import Reason
from core.domain.receipts import Screened
from core.domain.recipients import Recipient
from core.domain.sentences import Day, Sentence, all_of, one_of, sentence, sentences
from core.services import dates, orders, repeat_words
from core.services.dates import WrongMoment, read_moment
from core.services.pages import Page
from core.services.purge import PurgeKind, PurgeOffer
from core.store.drafts import Draft
from sandbox.telegram.markup import HtmlReader

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
PRESENT = Present(NOW, BERLIN)
PERSON = Recipient(messenger=Messenger.WHATSAPP, address="+12025550123")
BACK = ListTap("s", 1, "a")


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("ru-RU", "ru"), ("RU_ru", "ru"), ("en", "en"), ("uk", "en"), ("rus", "en"), (None, "en")],
)
def test_people_whose_app_is_russian_are_spoken_to_in_russian(code: str | None, language: str) -> None:
    assert language_of(code) == language


def test_a_language_holds_for_its_block_only() -> None:
    assert spoken() == "en"
    with speaking("ru"):
        assert _("« Back") == "« Назад"
        with speaking("kk"):
            assert _("« Back") == "« Back"
        assert spoken() == "ru"
    assert _("« Back") == "« Back"


@pytest.mark.parametrize(
    ("count", "russian", "english"),
    [
        (0, "0 человек", "0 people"),
        (1, "1 человек", "1 person"),
        (2, "2 человека", "2 people"),
        (5, "5 человек", "5 people"),
        (11, "11 человек", "11 people"),
        (21, "21 человек", "21 people"),
        (22, "22 человека", "22 people"),
        (1204, "1\u00a0204 человека", "1,204 people"),
    ],
)
def test_counted_things_have_the_form_of_their_number(count: int, russian: str, english: str) -> None:
    assert words.people(count) == english
    with speaking("ru"):
        assert words.people(count) == russian


def test_moments_spans_and_numbers_are_written_as_the_language_does() -> None:
    at = NOW + timedelta(days=1, hours=4, minutes=10)
    assert words.moment(at, now=NOW, zone=BERLIN) == "Tue 24 Nov 2026, 18:30 Berlin (in 1 d 4 h)"
    with speaking("ru"):
        moment = words.moment(at, now=NOW, zone=BERLIN)
        assert moment == "вт 24 нояб. 2026, 18:30 Берлин (через 1 д 4 ч)"
        assert (amount(2.5), amount(120_000)) == ("2,5", "120\u00a0000")
        assert words.since(NOW, NOW) == "меньше 1 с"
        assert words.place(ZoneInfo("UTC")) == "UTC"


def test_the_calendar_has_the_names_of_the_language() -> None:
    on = Subject("d", "A7KQ", "3")
    with speaking("ru"):
        rows = [[button.label for button in row] for row in screens_when.days(on, "A7KQ", PRESENT).rows]
        assert ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"] in rows
        assert any("Нояб. 2026 ▾" in row for row in rows)
        assert rows[0] == ["Через 1 ч · 15:20", "Сегодня 19:00"]


def test_a_sentence_of_core_is_english_everywhere_and_translated_in_the_chat() -> None:
    """With the sentences, days and numbers that are its fields, through an exception and a copy."""
    day = Day(date(2026, 11, 24), year=True)
    passed = sentence("{day} has passed. Today is {today}.", day=day, today=Day(date(2026, 11, 25)))
    assert passed == "Tue 24 Nov 2026 has passed. Today is Wed 25 Nov."
    error = NotFound(deepcopy(passed))
    assert isinstance(str(error), Sentence)
    with speaking("ru"):
        assert told(str(error)) == "Сегодня ср 25 нояб., а вт 24 нояб. 2026 уже прошло."


def test_fields_that_are_sentences_lists_and_numbers_are_translated_with_theirs() -> None:
    inner = sentence("the address is missing")
    outer = sentence('"{entry}" (entry {number}): {problem}', entry="x", number=1204, problem=inner)
    assert outer == '"x" (entry 1,204): the address is missing'
    files = sentences("{count} file", "{count} files", 3)
    names = all_of((files, "a", one_of(("b", "c"))))
    assert str(names) == "3 files, a and b or c"
    with speaking("ru"):
        assert told(outer) == "«x» (запись 1\u00a0204): нет адреса"
        assert told(str(names)) == "3 файла, a и b или c"


def test_what_people_wrote_themselves_is_never_translated() -> None:
    with speaking("ru"):
        assert told("Sending") == "Sending"
        assert _("Sending") == "Отправляю"


def test_a_text_that_no_catalogue_has_is_said_in_english() -> None:
    with speaking("ru"):
        assert _("nobody ever said this") == "nobody ever said this"
        assert ngettext("{count} such thing", "{count} such things", 2) == "{count} such things"


@pytest.mark.parametrize("typed", ["завтра", "tomorrow", "32.13 9:00", "вчера 9:00", "28.03.2027 02:30"])
def test_refused_moments_are_explained_in_russian(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read_moment(typed, now=NOW, zone=BERLIN)
    with speaking("ru"):
        said = told(caught.value.problems[0])
    assert re.search("[а-я]{3}", said)
    assert not re.search("[a-z]{2}", said.replace(typed, ""))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_examples_that_are_shown_are_understood(language: str) -> None:
    with speaking(language):
        for moment in told(dates.EXAMPLES).split(" · "):
            assert read_moment(moment, now=NOW, zone=BERLIN) > NOW
        for repeat in told(repeat_words.EXAMPLES).split(" · "):
            assert repeat_words.read_repeat(repeat, now=NOW, zone=BERLIN).following(NOW, made=0) is not None
        line = orders.read_line(told(orders.EXAMPLE))
    assert read_moment(str(line.when), now=NOW, zone=BERLIN) > NOW


def test_a_refusal_that_offers_another_time_names_both() -> None:
    with pytest.raises(WrongMoment) as caught:
        read_moment("9:00", now=NOW, zone=BERLIN)
    with speaking("ru"):
        assert told(caught.value.problems[0]) == "Сегодня 09:00 уже прошло (сейчас 14:20). Завтра в 09:00?"


def test_too_long_a_text_is_refused_in_russian() -> None:
    (problem,) = problems(Content(text="x" * 5000), [Messenger.TELEGRAM])
    with speaking("ru"):
        assert told(problem).startswith("В тексте 5\u00a0000 знаков; Telegram принимает 4\u00a0096.")


def broadcast(status: BroadcastStatus, **states: int) -> Broadcast:
    counts = {DeliveryState(name): count for name, count in states.items()}
    return Broadcast(
        id="A7KQ",
        status=status,
        content=Content(text="Скидки " * 40),
        created_by="telegram:100",
        creator_name="Аня",
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


def screens() -> Iterator[Screen]:
    """What an admin meets on the way of a broadcast, with large numbers."""
    chosen = Chosen(id="ABCDEF", title="постоянные-гости", counts={Messenger.TELEGRAM: 123_456})
    draft = Draft(
        id="A7KQ",
        revision=123,
        admin_id=100,
        chat_id=100,
        content=Content(text="Скидки " * 40),
        recipients=(PERSON,),
        audiences=(chosen,),
        duplicates=12,
    )
    on, screened = screens_draft.subject(draft), Screened(recipients=(PERSON,) * 1204)
    rates = dict.fromkeys(Messenger, 25.0)
    yield screens_home.admin_help(PRESENT)
    for present in (PRESENT, Present(NOW, ZoneInfo("America/Los_Angeles"))):
        yield screens_zone.choice(ZoneTap("d", "A7KQ"), present, BERLIN, screens_home.new_button())
    yield screens_draft.slots(draft, "text", PRESENT)
    yield screens_draft.ask_text(draft)
    yield screens_preview.preview(draft, screened, rates, PRESENT)
    yield screens_preview.sure(draft, 123_456)
    yield screens_draft.refused(draft, list(problems(Content(text=""), list(Messenger))))
    audience = Audience(
        id="ABCDEF", name="постоянные-гости", counts=chosen.counts, creator_name="Аня", created_at=NOW
    )
    page = Page(items=(audience,) * 6, page=2, pages=3, total=123_456)
    yield screens_who.ask(draft, screens_who.Shelf(page, chosen))
    yield screens_audience.overview(page)
    yield screens_audience.card(audience, "https://t.me/bot?start=a_ABCDEF", PRESENT)
    yield screens_options.options(draft, 25.0, Late.ASK)
    yield screens_when.days(on, "A7KQ", PRESENT)
    yield screens_when.months(on, "A7KQ", PRESENT, 2026)
    yield screens_when.clock(Pick(datetime(2027, 3, 3, 18, 30)), on, PRESENT)  # noqa: DTZ001 - a wall clock
    planned = broadcast(BroadcastStatus.SCHEDULED, queued=123_456)
    running = broadcast(BroadcastStatus.SENDING, queued=123_456, sent=234_567, failed=12_345)
    ended = broadcast(BroadcastStatus.FINISHED, sent=234_567, failed=12_345, unknown=1234)
    yield screens_broadcast.waiting(planned, PRESENT, BACK)
    yield screens_broadcast.planned(planned, PRESENT)
    yield screens_broadcast.held(planned, PRESENT)
    yield screens_broadcast.live(running, None, PRESENT)
    yield screens_ended.ended(ended, PRESENT, BACK)
    yield screens_ended.summary(ended)
    yield from (screens_questions.send_now(planned), screens_questions.stop(running))
    yield screens_questions.cancel(planned, PRESENT)
    broadcasts = Page(items=(ended,) * 5, page=2, pages=3, total=123_456)
    yield screens_lists.scheduled(Page(items=(planned,) * 5, page=2, pages=3, total=12), PRESENT)
    yield screens_lists.finished(broadcasts, "a", PRESENT)
    delivery = Delivery(
        id=DeliveryId("A7KQ", Messenger.WHATSAPP, 0),
        recipient=PERSON,
        state=DeliveryState.FAILED,
        reason=Reason.OUTSIDE_WINDOW,
        attempts=1,
        at=NOW,
    )
    yield screens_people.people(ended, Page(items=(delivery,) * 10, page=1, pages=2, total=20), "failed")
    for kind in PurgeKind:
        offer = PurgeOffer(
            kind=kind, broadcasts=61, deliveries=48_300, oldest=NOW, newest=NOW, left_alone=4, series=2
        )
        yield screens_purge.question(offer, PRESENT)
        yield screens_purge.choices([offer])


LONGEST_LABEL = {1: 40, 2: 20, 3: 15}
"""By the number of buttons in a row; phones cut longer ones. Rows of more hold digits and names of days."""
NAMES = re.compile(
    r"Message Sender|Telegram|WhatsApp|Viber|Webhook|[A-Z]\w+/\w+|CSV|XLSX|TXT|TELEGRAM_RATE|telegram|whatsapp|viber|"
    r"template: visit_reminder en_US|name|https?://\S+|/\w+|[a-z]+:\S+|ABCDEF|A7KQ|ID\b|Stars|t\.me|bot\b"
)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_screen_of_the_way_fits_a_phone_and_telegram(language: str) -> None:
    with speaking(language):
        for screen in screens():
            text, _entities = HtmlReader(screen.html).read()
            assert 0 < len(text.encode("utf-16-le")) // 2 <= 4096
            assert sum(map(len, screen.rows)) <= MOST_BUTTONS
            for row in screen.rows:
                most = LONGEST_LABEL.get(len(row), 8)
                long = [button.label for button in row if len(button.label) > most]
                # What people call their audiences is cut to fit by itself.
                assert [label for label in long if "постоянные" not in label] == []


def test_no_screen_of_the_way_speaks_english_to_russians() -> None:
    with speaking("ru"):
        for screen in screens():
            text, _entities = HtmlReader(screen.html).read()
            shown = [text, *(button.label for row in screen.rows for button in row)]
            english = [found for part in shown if (found := re.findall("[A-Za-z]{2,}", NAMES.sub("", part)))]
            assert english == []
