"""What a shop does not need is on no screen that it meets: settings, cron lines, Markdown, Stars, blank buttons."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.requests import Admin
from bot.screens import drafts as screens_drafts
from bot.screens import home as screens_home
from bot.screens import lists as screens_lists
from bot.screens import options as screens_options
from bot.screens import preview as screens_preview
from bot.screens import recipients as screens_recipients
from bot.screens import recurrence as screens_recurrence
from bot.screens.preview import Findings
from bot.text.clock import Clock
from bot.ui.callback_data import AUDIENCES
from bot.ui.pagination import page_rows
from bot.ui.screen import BLANK, Screen, Style
from core.domain.audience import Chosen
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, Late, NewBroadcast, PreparedOrder
from core.domain.content.content import Content, Media
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.domain.page import Page
from core.domain.recipients import Recipient
from core.domain.team import Role
from core.services.reachability import OutsideWindow
from core.store.chat.drafts import Draft
from tests.support.every_screen import a_status

NOW = Clock(datetime(2026, 11, 23, 13, 20, tzinfo=UTC), ZoneInfo("Europe/Berlin"))
STATUS = replace(a_status(), messengers={}, scheduled=1, next_due=NOW.now, running=1)
RATES = dict.fromkeys(Messenger, 25.0)


def draft(messenger: Messenger, content: Content | None = None) -> Draft:
    person = Recipient(messenger=messenger, address="+12025550123", variables={"name": "Ann"})
    return Draft(
        id="A7KQ",
        revision=1,
        admin_id=100,
        chat_id=100,
        recipients=(person,),
        content=content or Content(text="Hi"),
    )


def a_page(number: int, pages: int) -> Page[Broadcast]:
    return Page(items=(), page=number, pages=pages, total=0)


def shown(screen: Screen) -> str:
    return "\n".join([screen.html, *(button.label for row in screen.rows for button in row)])


def labels(screen: Screen) -> list[str]:
    return [button.label for row in screen.rows for button in row]


def test_options_are_those_of_the_messengers_that_get_it() -> None:
    for messenger in (Messenger.WHATSAPP, Messenger.VIBER):
        options = shown(screens_options.options(draft(messenger), 25.0, Late.ASK))
        assert "Stars" not in options
        assert "TELEGRAM_RATE" not in options
        assert "Sound" not in options
        assert f"{messenger.traits.title} always shows it the usual way." in options
    usual = shown(screens_options.options(draft(Messenger.TELEGRAM), 25.0, Late.ASK))
    assert "Sound" in usual
    assert "Stars" not in usual
    assert "Stars" in shown(screens_options.options(draft(Messenger.TELEGRAM), 50.0, Late.ASK))


def test_options_that_are_many_take_a_second_screen_with_the_rare_ones() -> None:
    whatsapp = Recipient(messenger=Messenger.WHATSAPP, address="+12025550123")
    lists = (Chosen(id="A", title="Friends", counts={Messenger.TELEGRAM: 5}, further=2),)
    many = replace(
        draft(Messenger.TELEGRAM),
        recipients=(whatsapp,),
        audiences=lists,
        send_at=NOW.now + timedelta(days=1),
    )
    usual, rare = (labels(screens_options.options(many, 50.0, Late.ASK, more=more)) for more in (False, True))
    assert usual == ["🔔 Sound: on", "🔓 Forwarding: on", "⭐ Paid: off", "More", "« Back"]
    assert rare == ["🔁 Try again: off", "👤 One message each", "⏰ If late: ask me", "« Back"]
    assert labels(screens_options.options(replace(many, send_at=None), 25.0, Late.ASK)) == [
        "🔔 Sound: on",
        "🔓 Forwarding: on",
        "🔁 Try again: off",
        "👤 One message each",
        "« Back",
    ]


def test_a_text_too_long_for_one_of_the_messengers_can_be_split_or_leave_it_out() -> None:
    long = replace(draft(Messenger.TELEGRAM), content=Content(text="Doors open at seven. " * 300))
    on_two = replace(
        long, recipients=(*long.recipients, Recipient(messenger=Messenger.VIBER, address="Q2Fyb2w="))
    )
    refused = labels(screens_drafts.refused_order(on_two, ["Too long"]))
    assert refused[:2] == ["✂ Split it in two", "✖ Leave Telegram out"]
    assert len(refused) <= 6


def test_a_link_to_a_file_is_asked_for_only_where_a_messenger_needs_one() -> None:
    photo = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "AgAD"})
    content = Content(text="Doors open at seven. " * 60, media=(photo,))
    on_telegram = labels(screens_drafts.refused_order(draft(Messenger.TELEGRAM, content), ["Too long"]))
    assert on_telegram[0] == "✂ Split it in two"
    on_viber = labels(screens_drafts.refused_order(draft(Messenger.VIBER, content), ["Needs a link"]))
    assert on_viber[0] == "🔗 Add a link to the file"


def test_the_days_of_a_month_have_no_blank_buttons() -> None:
    assert BLANK not in labels(screens_recurrence.day_picker(draft(Messenger.TELEGRAM)))


def test_notes_of_a_preview_that_are_many_are_one_tap_away() -> None:
    order = NewBroadcast(
        content=Content(text="Hi"),
        recipients=draft(Messenger.TELEGRAM).recipients,
        duplicates=3,
        send_at=None,
        created_by=Actor("telegram:100"),
    )
    told = [f"Note {number}" for number in range(1, 5)]
    found = Findings(order=PreparedOrder(order), rates=RATES, clock=NOW, warnings=told)
    on_telegram = draft(Messenger.TELEGRAM)
    card = screens_preview.preview_card(on_telegram, found)
    notes = screens_preview.notes_card(on_telegram, found)
    assert card.html.splitlines()[-1] == "⚠ Note 3"
    assert "📋 2 more notes" in labels(card)
    assert notes.html.splitlines() == [*(f"⚠ {one}" for one in told), "3 duplicates removed"]
    assert "more note" not in shown(
        screens_preview.preview_card(on_telegram, replace(found, warnings=told[:2]))
    )


def test_home_names_no_setting_and_no_variable() -> None:
    for role in Role:
        home = screens_home.home_screen(Admin(1, "Ann", 1, role), STATUS, NOW, finished=2, failed_today=1)
        for screen in (home, screens_home.more_screen(), screens_home.welcome_question("Ann", NOW)):
            assert re.findall(r"[A-Z]+_[A-Z_]+|\{\w+\}", shown(screen)) == []


def test_the_choices_of_a_repeat_show_no_cron_line() -> None:
    assert "cron" not in shown(screens_recurrence.frequency_menu(draft(Messenger.TELEGRAM), NOW))
    assert "cron" in shown(screens_recurrence.typed_examples(draft(Messenger.TELEGRAM), NOW))


def test_the_question_for_a_text_teaches_no_markup() -> None:
    empty = replace(draft(Messenger.TELEGRAM), content=None)
    for screen in (
        screens_drafts.text_question(empty),
        screens_drafts.text_prompt(draft(Messenger.TELEGRAM)),
    ):
        assert re.findall(r"[*_`\[\]{}]", re.sub("<[^>]+>", "", shown(screen))) == []


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_single_page_has_no_number_and_no_page_a_blank_button(number: int) -> None:
    assert "1/1" not in screens_lists.finished_list(a_page(1, 1), "a", NOW).html
    assert page_rows(a_page(1, 1), lambda page: AUDIENCES.to("page", page)) == ()
    (row,) = page_rows(a_page(number, 3), lambda page: AUDIENCES.to("page", page))
    assert all(button.label.strip(BLANK) for button in row)


def test_an_order_that_needs_approval_is_not_called_sent() -> None:
    person = draft(Messenger.TELEGRAM).recipients
    order = NewBroadcast(
        content=Content(text="Hi"), recipients=person, send_at=None, created_by=Actor("telegram:100")
    )
    for needed, label in ((False, "✅ Send now"), (True, "✅ Ask for approval")):
        prepared = PreparedOrder(replace(order, needs_approval=needed))
        found = Findings(order=prepared, rates=RATES, clock=NOW)
        card = screens_preview.preview_card(draft(Messenger.TELEGRAM), found)
        assert card.rows[0][0].label == label


def test_the_line_with_the_recipients_fits_a_phone() -> None:
    """Names and counts of three messengers would wrap in the middle of a name."""
    there = (Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER)
    people = tuple(Recipient(messenger=one, address="x", variables={"name": "Ann"}) for one in there)
    order = NewBroadcast(
        content=Content(text="Hi"), recipients=people, send_at=None, created_by=Actor("telegram:100")
    )
    several = replace(draft(Messenger.TELEGRAM), recipients=people)
    found = Findings(order=PreparedOrder(order), rates=RATES, clock=NOW)
    card = screens_preview.preview_card(several, found)
    lines = re.sub("<[^>]+>", "", card.html).splitlines()
    assert lines[1:3] == ["To Ann, Ann and Ann · 3", "Telegram 1 · WhatsApp 1 · Viber 1"]


def test_people_are_never_asked_for_by_a_name_that_a_bot_cannot_write_to() -> None:
    assert "@" not in shown(screens_recipients.paste_help(draft(Messenger.TELEGRAM)))


def test_the_team_is_called_that_and_recipients_are_people() -> None:
    assert "👤 Team" in shown(screens_home.more_screen())
    who = screens_drafts.edit_menu(draft(Messenger.TELEGRAM))
    assert "Team" not in shown(who)
    assert "👥 People" in shown(who)


def test_where_nobody_would_get_it_the_template_comes_before_sending() -> None:
    to = draft(Messenger.WHATSAPP)
    order = NewBroadcast(
        content=Content(text="Hi"), recipients=to.recipients, send_at=None, created_by=Actor("telegram:100")
    )
    closed = OutsideWindow(
        messenger=Messenger.WHATSAPP, total=len(to.recipients), outside=tuple(to.recipients), missing=""
    )
    found = Findings(order=PreparedOrder(order), rates=RATES, clock=NOW, windows=(closed,))
    assert found.reaches_nobody
    rows = screens_preview.preview_card(to, found).rows
    assert [row[0].label for row in rows[:2]] == ["📄 Use a WhatsApp template", "✅ Send now"]
    assert rows[1][0].style is None
    more = (*to.recipients, Recipient(messenger=Messenger.TELEGRAM, address="1"))
    found = replace(found, order=PreparedOrder(replace(order, recipients=more)))
    rows = screens_preview.preview_card(to, found).rows
    assert (rows[0][0].label, rows[0][0].style) == ("✅ Send now", Style.SUCCESS)
