"""The footer of a text: buttons, files, templates."""

from __future__ import annotations

import pytest

from core.domain.content.content import Button, Content, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.messengers.capabilities import MediaKind
from core.domain.messengers.traits import Messenger
from core.parsing.content_footer import read_content

SHOP = Button("Shop", "https://example.com/shop")
MAP = Button("Our map", "https://example.com/map?c={code}")
PDF = "https://example.com/list.pdf"
PHOTO = Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "AgAD"}, size=10)


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Hi\n[Shop](https://example.com/shop)", Content(text="Hi", buttons=((SHOP,),))),
        (
            "Hi\n\n[Shop](https://example.com/shop)\n"
            " [Our map](https://example.com/map?c={code})  [Shop](https://example.com/shop) \n",
            Content(text="Hi", buttons=((SHOP,), (MAP, SHOP))),
        ),
        (
            f"Hi\n![]({PDF})",
            Content(text="Hi", media=(Media(kind=MediaKind.DOCUMENT, link=PDF, name="list.pdf"),)),
        ),
        (
            "![one](https://x.de/1.JPG)\n![two](https://x.de/2.mp4?a)",
            Content(
                text="",
                media=(
                    Media(kind=MediaKind.PHOTO, link="https://x.de/1.JPG", name="one"),
                    Media(kind=MediaKind.VIDEO, link="https://x.de/2.mp4?a", name="two"),
                ),
            ),
        ),
        (
            "![a.pdf](whatsapp:137-6_2=)\n![b](WA:9)",
            Content(
                text="",
                media=(
                    Media(kind=MediaKind.DOCUMENT, ids={Messenger.WHATSAPP: "137-6_2="}, name="a.pdf"),
                    Media(kind=MediaKind.PHOTO, ids={Messenger.WHATSAPP: "9"}, name="b"),
                ),
            ),
        ),
        (
            f"![a](whatsapp:9)\n![]({PDF})",
            Content(
                text="",
                media=(
                    Media(
                        kind=MediaKind.DOCUMENT,
                        ids={Messenger.WHATSAPP: "9"},
                        link=PDF,
                        name="list.pdf",
                    ),
                ),
            ),
        ),
        ("![a](viber:9)", Content(text="![a](viber:9)")),
        ("![a](page.html)", Content(text="![a](page.html)")),
        (
            "Template: visit_reminder en_US | {name} | 5 pm",
            Content(
                text="",
                template=Template(
                    name="visit_reminder",
                    language="en_US",
                    parameters=(Parameter("{name}"), Parameter("5 pm")),
                ),
            ),
        ),
        (
            "Hi\ntemplate: order_update de | name = {name} | order=7",
            Content(
                text="Hi",
                template=Template(
                    name="order_update",
                    language="de",
                    parameters=(Parameter("{name}", "name"), Parameter("7", "order")),
                ),
            ),
        ),
        (
            "Hi\ntemplate: greetings en",
            Content(text="Hi", template=Template(name="greetings", language="en", parameters=())),
        ),
    ],
)
def test_the_last_lines_are_taken_for_what_they_say(text: str, content: Content) -> None:
    assert read_content(Content(text=text)) == content


@pytest.mark.parametrize(
    "text",
    [
        "Hi",
        "See [Shop](https://example.com/shop)",
        "[Shop](https://example.com/shop)\nmore text",
        "[Shop](example.com)",
        "[](https://example.com)",
        "Our template: be nice",
        "Hi \n\n",
    ],
)
def test_every_other_line_is_text_exactly_as_written(text: str) -> None:
    assert read_content(Content(text=text)) == Content(text=text)


def test_the_address_in_a_caption_is_that_of_the_attached_file() -> None:
    written = Content(text="Look\n![](https://x.de/a.jpg)\n![](https://x.de/b.pdf)", media=(PHOTO,))
    both = read_content(written).media
    assert [(one.kind, dict(one.ids), one.link) for one in both] == [
        (MediaKind.PHOTO, {Messenger.TELEGRAM: "AgAD"}, "https://x.de/a.jpg"),
        (MediaKind.DOCUMENT, {}, "https://x.de/b.pdf"),
    ]


def test_formatting_ends_with_the_text_that_is_left() -> None:
    bold = Entity(style=Style.BOLD, offset=3, length=30)
    got = read_content(Content(text="😀 sale\n[Shop](https://example.com/shop)", entities=(bold,)))
    assert (got.text, got.entities) == ("😀 sale", (Entity(style=Style.BOLD, offset=3, length=4),))


def test_a_photo_can_have_an_address_and_an_id_of_a_messenger() -> None:
    written = Content(text=f"Hi\n![](wa:137)\n![]({PDF})", media=(PHOTO, PHOTO))
    first, second = read_content(written).media
    assert (first.kind, first.link, first.ids[Messenger.WHATSAPP]) == (MediaKind.PHOTO, PDF, "137")
    assert second == PHOTO
