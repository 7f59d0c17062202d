"""The parts of a content that each messenger carries, loses or refuses."""

from __future__ import annotations

import pytest

from core.domain.content.content import Button, Content, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.content.limits import EMPTY, problems
from core.domain.content.losses import losses
from core.domain.content.rendering import carried
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.traits import Messenger

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
ALL = [TELEGRAM, WHATSAPP, VIBER]
SHOP = Button("Shop", "https://example.com/shop")
FROM_CHAT = Media(kind=MediaKind.PHOTO, ids={TELEGRAM: "AgAD"})
PHOTO = Media(kind=MediaKind.PHOTO, ids={TELEGRAM: "AgAD"}, link="https://example.com/a.jpg", size=1_000_000)
FILE = Media(
    kind=MediaKind.DOCUMENT,
    ids={TELEGRAM: "BQAD"},
    link="https://example.com/a.pdf",
    name="a.pdf",
    size=10_000,
)
GREETINGS = Template(name="greetings", language="en_US", parameters=())


def linked(kind: MediaKind, link: str, size: int | None = 1000) -> Media:
    return Media(kind=kind, link=link, size=size)


def sent(kind: MediaKind, name: str, size: int = 1000) -> Media:
    """As it is once it was sent to the bot."""
    return Media(kind=kind, ids={TELEGRAM: "BQAD"}, name=name, size=size)


def formatted(style: Style, text: str = "words") -> Content:
    entity = Entity(style=style, offset=0, length=5, url="https://example.com" if style is Style.LINK else "")
    return Content(text=text, entities=(entity,))


@pytest.mark.parametrize(
    ("content", "messengers", "lost"),
    [
        (Content(text="Hi"), ALL, []),
        (formatted(Style.BOLD), ALL, []),
        (formatted(Style.SPOILER), ALL, ["WhatsApp, Viber: shown as plain text: hidden text."]),
        (formatted(Style.LINK), ALL, ["WhatsApp, Viber: links appear in full after their text."]),
        (
            Content(text="*Hi*"),
            ALL,
            [
                "WhatsApp, Viber: words between *, _, ~ or ``` signs are shown as bold, italic, struck through or code."
            ],
        ),
        (Content(text="Hi", buttons=((SHOP,),)), ALL, []),
        (Content(text="Hi", buttons=((SHOP, SHOP),)), ALL, ["WhatsApp: buttons come as links in the text."]),
        (
            Content(text="Hi", buttons=((SHOP,),), media=(PHOTO,)),
            ALL,
            ["WhatsApp: buttons come as links in the text."],
        ),
        (Content(text="", media=(FILE,)), ALL, []),
        (Content(text="Hi", media=(FILE,)), ALL, ["Viber: files come as links in the text."]),
        (
            Content(text="Hi", media=(PHOTO, PHOTO), buttons=((SHOP,),)),
            ALL,
            [
                "Telegram, WhatsApp: buttons come as links in the text.",
                "WhatsApp, Viber: files come as links in the text.",
            ],
        ),
        (
            Content(text="Hi", options=frozenset({Option.SILENT, Option.PROTECTED})),
            ALL,
            ["WhatsApp, Viber: no protection against forwarding, silent sending."],
        ),
        (
            Content(text="Hi", template=GREETINGS, buttons=((SHOP, SHOP),)),
            [TELEGRAM, WHATSAPP],
            ["WhatsApp: buttons come as links in the text."],
        ),
        (
            Content(text="x" * 4096, template=GREETINGS, buttons=((SHOP, SHOP),)),
            [TELEGRAM, WHATSAPP],
            ["WhatsApp: people get the template, not the text."],
        ),
        (
            Content(text="Hi", template=GREETINGS, media=(PHOTO,)),
            [TELEGRAM, WHATSAPP],
            ["WhatsApp: the template is sent without the photo."],
        ),
    ],
)
def test_what_cannot_be_carried_is_said(
    content: Content, messengers: list[Messenger], lost: list[str]
) -> None:
    assert sorted(losses(content, messengers)) == sorted(lost)
    assert problems(content, messengers) == []


@pytest.mark.parametrize(
    ("content", "messengers", "problem"),
    [
        (Content(text=" \n"), ALL, EMPTY),
        (
            Content(text="", template=GREETINGS),
            [TELEGRAM, WHATSAPP, VIBER],
            "Telegram and Viber can't send templates.",
        ),
        (Content(text="half \ud83d"), ALL, "Character 6 is only half of an emoji"),
        (Content(text="a", buttons=((Button("\ud83d", "https://x.de"),),)), ALL, "A button, link, file or"),
        (
            Content(text="😀" * 2049),
            [TELEGRAM],
            "The text has 4,098 characters, but Telegram allows 4,096. Shorten it by 2,",
        ),
        (
            Content(text="x" * 1025, media=(PHOTO,)),
            [TELEGRAM],
            "Telegram allows 1,024 under a file. Shorten it by 1,",
        ),
        (
            Content(text="x" * 1025, media=(PHOTO,)),
            [TELEGRAM, WHATSAPP],
            "The text has 1,025 characters, but Telegram and WhatsApp allow 1,024 under a file. Shorten it by 1,",
        ),
        (Content(text="x" * 513, media=(PHOTO,)), [VIBER], "Viber allows 512 under a file"),
        (
            Content(
                text="x" * 4090, entities=(Entity(style=Style.LINK, offset=0, length=1, url="https://x.de"),)
            ),
            [WHATSAPP],
            "The text with links and formatting written out has 4,105 characters, but WhatsApp allows 4,096.",
        ),
        (Content(text="x", buttons=((Button("Go", "https://x.de/" + "y" * 28_000),),)), [VIBER], "bytes"),
        (Content(text="Hi", buttons=((Button(" ", "https://x.de"),),)), ALL, "has no label"),
        (
            Content(text="Hi", buttons=((Button("Go", "javascript:alert(1)"),),)),
            ALL,
            "The button “Go” should open",
        ),
        (
            Content(text="", media=(FROM_CHAT,)),
            [VIBER],
            "Viber needs a link to the photo, because a file sent to",
        ),
        (
            Content(text="", media=(sent(MediaKind.DOCUMENT, "song.mp3"),)),
            [WHATSAPP],
            "WhatsApp needs a link to song.mp3. Without one, the name of a document must end",
        ),
        (
            Content(text="", media=(sent(MediaKind.VIDEO, "clip.mp4", 16_500_000),)),
            [WHATSAPP],
            "WhatsApp accepts a video of up to 16 MB, but clip.mp4 is 16.5 MB.",
        ),
        (
            Content(text="", media=(sent(MediaKind.DOCUMENT, "list.pdf", 20_500_000),)),
            [WHATSAPP],
            "WhatsApp needs a link to list.pdf. It's 20.5 MB, and Telegram only hands over files of up to 20 MB.",
        ),
        (Content(text="a", media=(PHOTO, FROM_CHAT)), [WHATSAPP], "WhatsApp needs a link to the photo"),
        (
            Content(text="", media=(linked(MediaKind.PHOTO, "a.jpg"),)),
            ALL,
            "The link to the photo should look like",
        ),
        (
            Content(text="", media=(linked(MediaKind.PHOTO, "https://x.de/a.jpg", 5_000_001),)),
            [TELEGRAM],
            "Telegram accepts a photo of up to 5 MB, but the photo is 5 MB.",
        ),
        (
            Content(text="", media=(linked(MediaKind.DOCUMENT, "https://x.de/a.doc"),)),
            [TELEGRAM],
            "Telegram accepts a link to a document only if it ends in .pdf, .zip.",
        ),
        (
            Content(text="", media=(linked(MediaKind.DOCUMENT, "https://x.de/a.EXE?x"),)),
            [VIBER],
            "Viber takes no program files",
        ),
        (
            Content(text="", media=(linked(MediaKind.VIDEO, "https://x.de/a.mp4", None),)),
            [VIBER],
            "Viber needs the size of the video",
        ),
        (Content(text="", media=(PHOTO,) * 11), [TELEGRAM], "One message can hold 10 files, not 11."),
        (Content(text="", media=(PHOTO, FILE)), [TELEGRAM], "Telegram doesn't allow documents"),
        (
            Content(
                text="",
                template=Template(name="t", language="de", parameters=(Parameter("a"), Parameter("b", "n"))),
            ),
            [WHATSAPP],
            "Template t: name all of its values, or none of them.",
        ),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(
    content: Content, messengers: list[Messenger], problem: str
) -> None:
    found = problems(content, messengers)
    assert len(found) == 1
    assert problem in found[0]


@pytest.mark.parametrize("messenger", ALL)
def test_plain_text_is_carried_as_it_stands(messenger: Messenger) -> None:
    content = Content(text="*Hi* <b>you</b> {name}")
    assert carried(content, messenger) is content


def test_a_file_that_the_messenger_holds_may_be_of_any_size_and_name() -> None:
    held = Media(kind=MediaKind.DOCUMENT, ids={TELEGRAM: "BQAD"}, name="a.exe", size=10**9)
    assert problems(Content(text="", media=(held,)), [TELEGRAM]) == []


def test_the_snippet_of_a_content_without_text_names_what_is_there() -> None:
    assert Content(text="", media=(FILE,)).snippet == "a.pdf"
    assert Content(text="", media=(PHOTO, FILE)).snippet == "2 files"
    assert Content(text=" ", template=GREETINGS).snippet == "template greetings"


@pytest.mark.parametrize(
    "media",
    [
        FROM_CHAT,
        sent(MediaKind.PHOTO, "", 5_000_000),
        sent(MediaKind.VIDEO, "", 16_000_000),
        sent(MediaKind.DOCUMENT, "Preise.PDF", 20_000_000),
    ],
)
def test_a_file_that_was_sent_to_the_bot_goes_to_whatsapp_without_a_link(media: Media) -> None:
    assert problems(Content(text="Hi", media=(media,)), [TELEGRAM, WHATSAPP]) == []
