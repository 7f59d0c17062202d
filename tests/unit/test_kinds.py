"""What is said of messages that a messenger cannot carry as they are, and what becomes of them in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.amendment import AmendmentKind
from core.domain.content.content import ContactCard, Content, Media, Place, Poll
from core.domain.content.formatting import Entity, Style, clipped
from core.domain.content.limits import problems, without_files
from core.domain.content.losses import losses
from core.domain.content.rendering import carried
from core.domain.content.splitting import split
from core.domain.content.variables import filled
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.parsing.content_footer import read_content
from core.services.duplicate_check import same_files
from core.store.serialization import pack_content, unpack_content

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
ALL = [TELEGRAM, WHATSAPP, VIBER]
HALL = Place(latitude=52.5, longitude=13.25, title="Town hall", address="Main Street 1")
PLACE = Media(kind=MediaKind.LOCATION, place=HALL)
ANNA = Media(kind=MediaKind.CONTACT, contact=ContactCard(phone_number="+4915112345678", first_name="Anna"))
LONG_NAME = replace(
    ANNA,
    contact=ContactCard(
        phone_number="+4915112345678", first_name="Anna-Maria Katharina", last_name="Leutheusser"
    ),
)
LUNCH = Media(kind=MediaKind.POLL, poll=Poll(question="Lunch?", options=("Pizza", "Pasta")))


def held(kind: MediaKind, name: str = "", emoji: str = "") -> Media:
    """As it is once it was sent to the bot."""
    return Media(kind=kind, ids={TELEGRAM: "X"}, name=name, size=1000, emoji=emoji)


VOICE = held(MediaKind.VOICE)
STICKER = held(MediaKind.STICKER, "sticker.webp", "👍")


@pytest.mark.parametrize(
    ("content", "messengers", "problem"),
    [
        (Content(text="", media=(LUNCH,)), ALL, ["WhatsApp can't send polls.", "Viber can't send polls."]),
        (Content(text="", media=(STICKER,)), ALL, ["Viber can't send stickers."]),
        (
            Content(text="", media=(held(MediaKind.STICKER, "sticker.tgs"),)),
            [TELEGRAM, WHATSAPP],
            ["WhatsApp can't send animated stickers."],
        ),
        (
            Content(text="Hi", media=(VOICE,)),
            [TELEGRAM, WHATSAPP],
            ["On WhatsApp, a voice message can't carry text with it."],
        ),
        (
            Content(text="Hi", media=(PLACE,)),
            [TELEGRAM],
            ["On Telegram, a place on the map can't carry text with it."],
        ),
        (
            Content(text="", media=(STICKER, STICKER)),
            [TELEGRAM],
            ["On Telegram, a sticker can only be sent on its own."],
        ),
        (
            Content(text="", media=(held(MediaKind.PHOTO), PLACE)),
            [TELEGRAM, WHATSAPP],
            [
                "On Telegram, a place on the map can only be sent on its own.",
                "On WhatsApp, a place on the map can only be sent on its own.",
            ],
        ),
        (
            Content(text="", media=(held(MediaKind.PHOTO), held(MediaKind.AUDIO, "a.mp3"))),
            [TELEGRAM],
            ["Telegram doesn't allow music files and photos in one album."],
        ),
    ],
)
def test_what_a_messenger_cannot_carry_is_one_plain_sentence(
    content: Content, messengers: list[Messenger], problem: list[str]
) -> None:
    assert problems(content, messengers) == problem


@pytest.mark.parametrize(
    ("media", "words"),
    [
        (PLACE, "Town hall, Main Street 1\nhttps://maps.google.com/?q=52.500000,13.250000"),
        (ANNA, "Anna +4915112345678"),
        (LUNCH, "Lunch?\n1. Pizza\n2. Pasta"),
        (STICKER, "👍"),
    ],
)
def test_people_can_get_it_in_words(media: Media, words: str) -> None:
    content = Content(text="", media=(media,), text_only=frozenset({VIBER}))
    assert problems(content, [VIBER]) == []
    assert carried(content, VIBER).text == words
    assert carried(content, TELEGRAM).media == (media,)


def test_words_come_behind_the_text_and_a_sticker_gives_way_to_it() -> None:
    content = Content(text="Hi", media=(LUNCH,), text_only=frozenset({VIBER}))
    assert carried(content, VIBER).text == "Hi\n\nLunch?\n1. Pizza\n2. Pasta"
    assert carried(replace(content, media=(STICKER,)), VIBER).text == "Hi"


def test_in_words_is_offered_only_where_it_helps() -> None:
    assert without_files(Content(text="", media=(LUNCH,)), VIBER) is not None
    assert without_files(Content(text="", media=(VOICE,)), VIBER) is None
    assert without_files(Content(text="", media=(PLACE,)), VIBER) is None


@pytest.mark.parametrize(
    ("media", "lost"),
    [
        (held(MediaKind.ANIMATION, "a.mp4"), ["WhatsApp: GIFs come as videos."]),
        (held(MediaKind.VIDEO_NOTE), ["WhatsApp: video messages come as videos."]),
        (replace(VOICE, link="https://example.com/a.ogg"), ["Viber: voice messages come as documents."]),
        (PLACE, ["Viber: the place comes without its name."]),
        (replace(PLACE, place=replace(HALL, title="")), []),
        (VOICE, []),
        (ANNA, []),
        (LONG_NAME, ["Viber: the name on the card is cut to “Anna-Maria Katharina Leutheu”."]),
    ],
)
def test_what_comes_in_another_form_is_said(media: Media, lost: list[str]) -> None:
    able = ALL if media.link or not media.is_file else [TELEGRAM, WHATSAPP]
    assert problems(Content(text="", media=(media,)), able) == []
    assert losses(Content(text="", media=(media,)), able) == lost


def test_a_cover_that_a_messenger_lacks_is_said() -> None:
    photo = Media(kind=MediaKind.PHOTO, ids={TELEGRAM: "X"}, link="https://example.com/a.jpg", size=1000)
    hidden = Content(text="Guess", media=(photo,), spoiler=True)
    assert losses(hidden, ALL) == ["WhatsApp, Viber: hidden pictures show right away."]
    assert losses(replace(hidden, media=()), ALL) == []


def test_two_that_cannot_be_together_go_out_one_after_the_other() -> None:
    first, rest = split(Content(text="Hi", media=(STICKER, held(MediaKind.PHOTO))), [TELEGRAM]) or (
        None,
        None,
    )
    assert first == Content(text="", media=(STICKER,))
    assert rest == Content(text="Hi", media=(held(MediaKind.PHOTO),))


@pytest.mark.parametrize("kind", list(MediaKind))
def test_only_what_has_room_for_text_can_be_edited(kind: MediaKind) -> None:
    media = {MediaKind.LOCATION: PLACE, MediaKind.CONTACT: ANNA, MediaKind.POLL: LUNCH}.get(kind, held(kind))
    content = Content(text="", media=(media,))
    captioned = TELEGRAM.traits.media[kind].captioned
    assert AmendmentKind.EDIT.is_possible_on(TELEGRAM, content) is captioned
    assert AmendmentKind.DELETE.is_possible_on(TELEGRAM, content)
    in_words = replace(content, text="Hi", text_only=frozenset({TELEGRAM}))
    assert AmendmentKind.EDIT.is_possible_on(TELEGRAM, in_words)


@pytest.mark.parametrize("media", [PLACE, ANNA, LUNCH, STICKER, VOICE])
def test_it_is_stored_and_read_again(media: Media) -> None:
    content = Content(text="", media=(media,))
    assert unpack_content("", pack_content(content)) == content


@pytest.mark.parametrize(
    ("media", "stored"),
    [
        (
            PLACE,
            '{"kind":"location","place":{"latitude":52.5,"longitude":13.25,"title":"Town hall",'
            '"address":"Main Street 1"}}',
        ),
        (ANNA, '{"kind":"contact","contact":{"phone_number":"+4915112345678","first_name":"Anna"}}'),
        (LUNCH, '{"kind":"poll","poll":{"question":"Lunch?","options":["Pizza","Pasta"]}}'),
        (
            STICKER,
            '{"kind":"sticker","ids":{"telegram":"X"},"name":"sticker.webp","size":1000,"emoji":"👍"}',
        ),
    ],
)
def test_the_stored_form_stays_the_same(media: Media, stored: str) -> None:
    """What a version has written, all later ones read; one from before ends as unreadable, and sends nothing else."""
    assert pack_content(Content(text="", media=(media,))) == f'{{"media":[{stored}]}}'


def test_the_same_thing_sent_twice_is_recognised() -> None:
    other = replace(LUNCH, poll=Poll(question="Lunch?", options=("Pizza", "Soup")))
    assert same_files(Content(text="", media=(LUNCH,)), Content(text="", media=(replace(LUNCH),)))
    assert not same_files(Content(text="", media=(LUNCH,)), Content(text="", media=(other,)))
    assert not same_files(Content(text="", media=(PLACE,)), Content(text="", media=(ANNA,)))


@pytest.mark.parametrize(
    ("line", "media"),
    [
        ("location: 52.5, 13.25 | Town hall | Main Street 1", PLACE),
        ("Location: 52.5,13.25", replace(PLACE, place=Place(latitude=52.5, longitude=13.25))),
        ("contact: Anna | +49 151 1234 5678", ANNA),
        ("poll: Lunch? | Pizza | Pasta", LUNCH),
        (
            "![](https://example.com/a.mp3)",
            Media(kind=MediaKind.AUDIO, link="https://example.com/a.mp3", name="a.mp3"),
        ),
        (
            "![](https://example.com/a.ogg)",
            Media(kind=MediaKind.VOICE, link="https://example.com/a.ogg", name="a.ogg"),
        ),
    ],
)
def test_the_last_line_of_a_text_can_say_it(line: str, media: Media) -> None:
    assert read_content(Content(text=line)) == Content(text="", media=(media,))


@pytest.mark.parametrize(
    "line",
    ["location: 95, 13.25", "location: Main Street", "poll: Lunch?", "poll: Lunch? | Pizza", "contact: me"],
)
def test_other_lines_stay_text(line: str) -> None:
    assert read_content(Content(text=line)) == Content(text=line)


def test_custom_emoji_and_dates_stay_whole_where_a_text_is_cut_or_filled() -> None:
    emoji = Entity(Style.CUSTOM_EMOJI, 0, 2, emoji_id="7")
    moment = Entity(Style.DATE_TIME, 10, 3, unix_time=1_750_000_000, date_format="t")
    content = filled(Content(text="🎁 {name} at 5", entities=(emoji, moment)), {"name": "Ann"})
    assert content.entities == (emoji, moment._replace(offset=7))
    assert clipped((emoji,), 0, 9) == (emoji,)


def test_the_documents_have_the_same_table() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "messengers.md").read_text(encoding="utf-8").splitlines()
    head = lines.index(f"| | {' | '.join(one.traits.title for one in Messenger)} |")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in lines[head + 2 :][: len(MediaKind)]
    ]
    assert rows == [[str(kind.words), *(_in_the_table(kind, one) for one in Messenger)] for kind in MediaKind]


def _in_the_table(kind: MediaKind, messenger: Messenger) -> str:
    limits = messenger.traits.media.get(kind)
    if limits is None:
        return "no"
    way = "yes" if limits.as_kind is None else f"as a {limits.as_kind.words}"
    return way if limits.captioned else f"{way}, without text"
