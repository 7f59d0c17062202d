"""Each person is spoken to in their language, with its plural forms, its names of days and its separators."""
# ruff: noqa: RUF001 - Russian words are meant to be in Cyrillic

from __future__ import annotations

import re
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from gettext import GNUTranslations
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from babel.messages.mofile import write_mo

from bot.screens import date_picker as screens_date_picker
from bot.text import formatting
from bot.text.catalogue import Catalogue
from bot.text.clock import Clock
from bot.text.translation import _, amount, in_language, language, language_of, ngettext, translate
from bot.ui.callback_data import ListPage, Subject
from core.domain.content.content import Content
from core.domain.content.limits import problems
from core.domain.errors import NotFound, ValidationError
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.translatable import Day, Sentence, all_of, one_of, sentence, sentences
from core.parsing import dates, order_line, recurrence
from core.parsing.dates import WrongMoment, read_moment
from tools.catalogue import path, translated

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 23, 13, 20, tzinfo=UTC)
PRESENT = Clock(NOW, BERLIN)
PERSON = Recipient(messenger=Messenger.WHATSAPP, address="+12025550123")
BACK = ListPage("s", 1, "a")


@pytest.mark.parametrize(
    ("code", "language"),
    [("ru", "ru"), ("ru-RU", "ru"), ("RU_ru", "ru"), ("en", "en"), ("uk", "en"), ("rus", "en"), (None, "en")],
)
def test_people_whose_app_is_russian_are_spoken_to_in_russian(code: str | None, language: str) -> None:
    assert language_of(code) == language


def test_a_language_holds_for_its_block_only() -> None:
    assert language() == "en"
    with in_language("ru"):
        assert _("« Back") == "« Назад"
        with in_language("kk"):
            assert _("« Back") == "« Back"
        assert language() == "ru"
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
    assert formatting.people(count) == english
    with in_language("ru"):
        assert formatting.people(count) == russian


def test_moments_spans_and_numbers_are_written_as_the_language_does() -> None:
    at = NOW + timedelta(days=1, hours=4, minutes=10)
    assert formatting.moment(at, now=NOW, zone=BERLIN) == "Tue 24 Nov 2026, 18:30 Berlin (tomorrow)"
    with in_language("ru"):
        moment = formatting.moment(at, now=NOW, zone=BERLIN)
        assert moment == "вт 24 нояб. 2026, 18:30 Берлин (завтра)"
        assert (amount(2.5), amount(120_000)) == ("2,5", "120\u00a0000")
        assert formatting.city(ZoneInfo("UTC")) == "UTC"


def test_the_calendar_has_the_names_of_the_language() -> None:
    on = Subject("d", "A7KQ", "3")
    with in_language("ru"):
        rows = [[button.label for button in row] for row in screens_date_picker.calendar(on, PRESENT).rows]
        assert ["Пн", "Вт", "Ср", "Чт", "Пт", "Сб", "Вс"] in rows
        assert any("Нояб. 2026 ▾" in row for row in rows)
        choices = screens_date_picker.quick_choices(on, PRESENT).rows[0]
        assert [button.label for button in choices] == ["⚡ Сейчас", "Сегодня 18:00"]


def test_a_sentence_of_core_is_english_everywhere_and_translated_in_the_chat() -> None:
    """With the sentences, days and numbers that are its fields, through an exception and a copy."""
    day = Day(date(2026, 11, 24), year=True)
    passed = sentence("{day} has passed. Today is {today}.", day=day, today=Day(date(2026, 11, 25)))
    assert passed == "Tue 24 Nov 2026 has passed. Today is Wed 25 Nov."
    error = NotFound(deepcopy(passed))
    assert isinstance(str(error), Sentence)
    with in_language("ru"):
        assert translate(str(error)) == "Сегодня ср 25 нояб., а вт 24 нояб. 2026 уже прошло."


def test_fields_that_are_sentences_lists_and_numbers_are_translated_with_theirs() -> None:
    inner = sentence("the address is missing")
    outer = sentence("“{entry}” (entry {number}): {problem}", entry="x", number=1204, problem=inner)
    assert outer == "“x” (entry 1,204): the address is missing"
    files = sentences("{count} file", "{count} files", 3)
    names = all_of((files, "a", one_of(("b", "c"))))
    assert str(names) == "3 files, a and b or c"
    with in_language("ru"):
        assert translate(outer) == "«x» (запись 1\u00a0204): нет адреса"
        assert translate(str(names)) == "3 файла, a и b или c"


def test_texts_of_people_are_never_translated() -> None:
    with in_language("ru"):
        assert translate("Sending") == "Sending"
        assert _("Sending") == "Отправляю"


def test_a_text_that_no_catalogue_has_is_said_in_english() -> None:
    with in_language("ru"):
        assert _("nobody ever said this") == "nobody ever said this"
        assert ngettext("{count} such thing", "{count} such things", 2) == "{count} such things"


@pytest.mark.parametrize("typed", ["завтра", "tomorrow", "32.13 9:00", "вчера 9:00", "28.03.2027 02:30"])
def test_refused_moments_are_explained_in_russian(typed: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read_moment(typed, now=NOW, zone=BERLIN)
    with in_language("ru"):
        said = translate(caught.value.problems[0])
    assert re.search("[а-я]{3}", said)
    assert not re.search("[a-z]{2}", said.replace(typed, ""))


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_examples_that_are_shown_are_understood(language: str) -> None:
    with in_language(language):
        for moment in translate(dates.EXAMPLES).split(" · "):
            assert read_moment(moment, now=NOW, zone=BERLIN) > NOW
        for repeat in translate(recurrence.EXAMPLES).split(" · "):
            assert recurrence.read_repeat(repeat, now=NOW, zone=BERLIN).following(NOW, made=0) is not None
        line = order_line.read_line(translate(order_line.EXAMPLE))
    assert read_moment(str(line.when), now=NOW, zone=BERLIN) > NOW


def test_a_refusal_that_offers_another_time_names_what_has_passed() -> None:
    with pytest.raises(WrongMoment) as caught:
        read_moment("9:00", now=NOW, zone=BERLIN)
    with in_language("ru"):
        assert (
            translate(caught.value.problems[0]) == "Сегодня 09:00 уже прошло (сейчас 14:20). Может быть, так?"
        )


def test_too_long_a_text_is_refused_in_russian() -> None:
    (problem,) = problems(Content(text="x" * 5000), [Messenger.TELEGRAM])
    with in_language("ru"):
        assert translate(problem).startswith(
            "В тексте 5\u00a0000 символов, но в Telegram помещается 4\u00a0096."
        )


def test_the_catalogue_reads_as_babel_reads_it() -> None:
    ours, theirs = Catalogue(path("ru")), BytesIO()
    write_mo(theirs, translated("ru"))
    theirs.seek(0)
    reference = GNUTranslations(theirs)
    for message in translated("ru"):
        if not message.id:
            continue
        if isinstance(message.id, str):
            assert ours.gettext(message.id) == reference.gettext(message.id)
        else:
            for count in (0, 1, 2, 4, 5, 11, 12, 21, 25, 101, 111, 1_000_002):
                one, many = message.id
                assert ours.ngettext(one, many, count) == reference.ngettext(one, many, count)
    assert ours.gettext("Nobody translated this") == "Nobody translated this"
    assert ours.ngettext("One unknown", "Unknown ones", 2) == "Unknown ones"
