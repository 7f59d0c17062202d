"""Each kind of message on each messenger: what the table says is what the strict sandbox takes and shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final

import pytest
from telegram import Message

from bot.telegram.incoming import content_of
from core.domain.content.content import ContactCard, Content, Media, Place, Poll
from core.domain.content.limits import problems
from core.domain.content.misfits import Misfit, misfit
from core.domain.content.rendering import carried, holder, sent_as
from core.domain.content.splitting import split
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.outcome import Outcome
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.integration.test_bot_contents import picture
from tests.support.sandbox_server import Sandbox
from workers.messengers import build_messengers
from workers.messengers.port import File, HandOutPort, MessengerPort, UploadPort
from workers.messengers.transport import Transport, open_session

Json = dict[str, Any]
TELEGRAM, WHATSAPP, VIBER, OWN = Messenger
PHONES: Final = {
    TELEGRAM: "1001",
    WHATSAPP: "+12025550123",
    VIBER: "alice",
    OWN: "customer-42",
}
FILES: Final[Mapping[MediaKind, tuple[str, bytes]]] = {
    MediaKind.PHOTO: ("a.png", picture()),
    MediaKind.VIDEO: ("a.mp4", b"film"),
    MediaKind.DOCUMENT: ("a.pdf", b"words"),
    MediaKind.AUDIO: ("song.mp3", b"music"),
}
PLACE: Final = Place(
    latitude=52.516181, longitude=13.376935, title="Club house", address="Pariser Platz 1, Berlin"
)
CARD: Final = ContactCard(phone_number="+4915123456789", first_name="Anna", last_name="Schmidt")
POLL: Final = Poll(
    question="Which day suits you best?", options=("Friday evening", "Saturday morning", "Sunday")
)
LINK: Final = "https://example.com/files"
MIXED: Final = [{"type": "audio", "media": f"{LINK}/a.mp3"}, {"type": "photo", "media": f"{LINK}/a.jpg"}]

Ports = Mapping[Messenger, MessengerPort]


@pytest.fixture
async def ports(sandbox: Sandbox) -> AsyncIterator[Ports]:
    settings = load_settings(sandbox.environment(), env_file=None)
    async with open_session(4) as session:
        yield build_messengers(settings, Transport(session))


async def written(sandbox: Sandbox, kind: MediaKind) -> Content:
    """A message of this kind, as the bot reads it from an admin's chat."""
    if kind in FILES:
        name, data = FILES[kind]
        type_of = "image/png" if kind is MediaKind.PHOTO else "text/plain"
        said = await sandbox.send_file(name, data, kind=kind.value, content_type=type_of)
    elif kind is MediaKind.CONTACT:
        card = {"phone_number": "4915123456789", "first_name": "Anna", "last_name": "Schmidt"}
        said = await sandbox.call("POST", "say", {"person": 100, "other": {"contact": card}})
    else:
        said = await sandbox.call("POST", "say-sample", {"person": 100, "kind": kind.value})
    content = content_of(Message.de_json(said, None))
    assert content is not None
    return content


async def ready(media: Media, messenger: Messenger, ports: Ports) -> Media:
    """With what a worker needs: the file at an address, or uploaded to the messenger."""
    if not media.is_file or messenger is TELEGRAM:
        return media
    giver = holder(media, messenger)
    if giver is None:
        suffix = "png" if media.kind is MediaKind.PHOTO else "mp4"
        return replace(media, ids={}, link=f"{LINK}/a.{suffix}", size=media.size or 1)
    source, target = ports[giver], ports[messenger]
    assert isinstance(source, HandOutPort)
    assert isinstance(target, UploadPort)
    file = await source.fetch(media.ids[giver], 10**6)
    assert isinstance(file, File)
    name = media.name or file.name
    type_of = messenger.traits.media[media.kind].uploads[PurePosixPath(name).suffix]
    held_as = await target.upload(replace(file, name=name, type=type_of))
    assert isinstance(held_as, str), held_as
    return replace(media, ids={**media.ids, messenger: held_as})


async def newest(sandbox: Sandbox, messenger: Messenger) -> Json:
    state = await sandbox.call("GET", "state")
    phone = next(
        one
        for one in state["phones"]
        if (one["messenger"], one["id"]) == (messenger.value, PHONES[messenger])
    )
    message: Json = phone["messages"][-1]
    return message


def kind_on(message: Json) -> str:
    """The kind that a phone shows."""
    for name in ("poll", "contact", "location", "place"):
        if name in message:
            return "location" if name == "place" else name
    if "media" in message:
        return str(message["media"]["kind"])
    # An animation is a document too.
    kinds = [kind.value for kind in MediaKind if kind is not MediaKind.DOCUMENT and kind.value in message]
    return kinds[0] if kinds else "document"


@pytest.mark.parametrize("messenger", list(Messenger))
@pytest.mark.parametrize("kind", list(MediaKind))
async def test_every_kind_arrives_on_every_messenger_as_the_table_says(
    sandbox: Sandbox, ports: Ports, kind: MediaKind, messenger: Messenger
) -> None:
    content = await written(sandbox, kind)
    if kind not in messenger.traits.media:
        assert misfit(content, messenger) == (Misfit.KIND, content.media[0])
        assert len(problems(content, [messenger])) == 1
        return
    (media,) = content.media
    content = replace(content, media=(await ready(media, messenger, ports),))
    assert problems(content, [messenger]) == []
    answer = await ports[messenger].send(PHONES[messenger], carried(content, messenger), "d-A7KQ-0")
    assert answer.outcome is Outcome.SENT, answer
    assert kind_on(await newest(sandbox, messenger)) == sent_as(content.media[0], messenger)


@pytest.mark.parametrize("messenger", list(Messenger))
@pytest.mark.parametrize("kind", list(MediaKind))
async def test_text_with_a_kind_arrives_or_is_asked_about(
    sandbox: Sandbox, ports: Ports, kind: MediaKind, messenger: Messenger
) -> None:
    """No text is lost: it arrives with the file, or the two can go out as two messages."""
    limits = messenger.traits.media.get(kind)
    if limits is None:
        return
    (media,) = (await written(sandbox, kind)).media
    content = Content(text="Look", media=(await ready(media, messenger, ports),))
    if limits.captioned or (content.media[0].link and messenger is VIBER):
        assert problems(content, [messenger]) == []
        answer = await ports[messenger].send(PHONES[messenger], carried(content, messenger), "d-A7KQ-0")
        assert answer.outcome is Outcome.SENT, answer
        shown = await newest(sandbox, messenger)
        assert "Look" in (shown.get("caption") or shown["text"])
        return
    assert misfit(content, messenger) == (Misfit.TEXT, content.media[0])
    parts = split(content, [messenger])
    assert parts is not None
    assert [problems(one, [messenger]) for one in parts] == [[], []]
    assert (parts[0].media, parts[1].text) == (content.media, "Look")


async def test_a_poll_a_place_and_a_card_arrive_whole(sandbox: Sandbox, ports: Ports) -> None:
    quiz = replace(POLL, correct_options=(1,), explanation="Ask Anna", is_anonymous=False)
    parts = {
        MediaKind.POLL: Media(kind=MediaKind.POLL, poll=quiz),
        MediaKind.LOCATION: Media(kind=MediaKind.LOCATION, place=PLACE),
        MediaKind.CONTACT: Media(kind=MediaKind.CONTACT, contact=CARD),
    }
    shown: dict[tuple[Messenger, MediaKind], Json] = {}
    for messenger in Messenger:
        for kind, media in parts.items():
            if kind in messenger.traits.media:
                content = carried(Content(text="", media=(media,)), messenger)
                answer = await ports[messenger].send(PHONES[messenger], content, "d-A7KQ-0")
                assert answer.outcome is Outcome.SENT, answer
                shown[messenger, kind] = await newest(sandbox, messenger)
    poll = shown[TELEGRAM, MediaKind.POLL]["poll"]
    assert (poll["question"], [one["text"] for one in poll["options"]]) == (quiz.question, [*quiz.options])
    assert (poll["type"], poll["correct_option_ids"], poll["explanation"]) == ("quiz", [1], "Ask Anna")
    assert poll["is_anonymous"] is False
    venue = shown[TELEGRAM, MediaKind.LOCATION]["venue"]
    assert (venue["title"], venue["address"]) == (PLACE.title, PLACE.address)
    place = {"latitude": PLACE.latitude, "longitude": PLACE.longitude}
    assert venue["location"] == place
    assert shown[WHATSAPP, MediaKind.LOCATION]["place"] == {
        **place,
        "name": PLACE.title,
        "address": PLACE.address,
    }
    assert shown[VIBER, MediaKind.LOCATION]["place"] == place
    for messenger in (WHATSAPP, VIBER, OWN):
        card = shown[messenger, MediaKind.CONTACT]["contact"]
        assert (card["name"], card["phone_number"]) == ("Anna Schmidt", CARD.phone_number)


async def test_a_sticker_that_moves_has_no_form_on_whatsapp(sandbox: Sandbox) -> None:
    said = await sandbox.send_file("sticker.tgs", b"moves", kind="sticker")
    content = content_of(Message.de_json(said, None))
    assert content is not None
    assert misfit(content, WHATSAPP) == (Misfit.MOVES, content.media[0])
    assert misfit(content, TELEGRAM) is None


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("sendPoll", {"question": "", "options": [{"text": "a"}, {"text": "b"}]}, "question is empty"),
        ("sendPoll", {"question": "?", "options": [{"text": "a"}]}, "from 2 to 12 options"),
        ("sendPoll", {"question": "?", "options": [{"text": "a"}, {"text": ""}]}, "options must be non-empty"),
        ("sendLocation", {"latitude": 91, "longitude": 0}, "wrong latitude"),
        ("sendVenue", {"latitude": 1, "longitude": 0, "title": "Hall"}, "address is empty"),
        ("sendContact", {"phone_number": "+1"}, "first_name is empty"),
        ("sendVideoNote", {"video_note": "https://example.com/a.mp4"}, "wrong type of the web page"),
        ("sendSticker", {"sticker": "https://example.com/a.webp", "caption": "Hi"}, "there is no caption"),
        ("sendMediaGroup", {"media": MIXED}, "can't be mixed"),
    ],
)  # fmt: skip
async def test_the_fake_telegram_refuses_what_telegram_refuses(
    sandbox: Sandbox, method: str, params: Json, words: str
) -> None:
    status, answer = await sandbox.telegram(method, chat_id=1001, **params)
    assert status == 400
    assert words in answer["description"]
