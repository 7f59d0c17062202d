"""Rich contents from an accepted order to the phones of the sandbox, through a real worker."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from core.app import Core
from core.domain.audit import Actor
from core.domain.broadcast import Broadcast, NewBroadcast
from core.domain.content.content import Button, Content, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.delivery import Delivery, DeliveryState
from core.domain.errors import ValidationError
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from tests.support.core import accept, core_at, deliveries_of, until
from tests.support.processes import worker
from tests.support.sandbox_server import Sandbox, running_sandbox

TELEGRAM, WHATSAPP, VIBER = Messenger.TELEGRAM, Messenger.WHATSAPP, Messenger.VIBER
EVERYBODY = ("telegram:1001", "whatsapp:+12025550123", "viber:alice")
GROUP = -500
SHOP = Button("Shop", "https://example.com/{code}")


@dataclass(frozen=True)
class Stage:
    """The sandbox and the core, with a worker."""

    sandbox: Sandbox
    core: Core

    async def send(self, content: Content, *to: str | Recipient) -> Broadcast:
        """Accepts an order to "telegram:1001" and the like, and waits until it is finished."""
        recipients = tuple(recipient(one) if isinstance(one, str) else one for one in to)
        order = NewBroadcast(content=content, recipients=recipients, send_at=None, created_by=Actor("test"))
        broadcast = await accept(self.core, order)

        async def finished() -> bool:
            return (await self.core.broadcasts.get(broadcast.id)).finished_at is not None

        await until(finished, deadline=30)
        return await self.core.broadcasts.get(broadcast.id)

    async def phone(self, label: str) -> list[dict[str, Any]]:
        """The messages on a phone, newest last."""
        state = await self.sandbox.call("GET", "state")
        found = (one for one in state["phones"] if f"{one['messenger']}:{one['id']}" == label)
        messages: list[dict[str, Any]] = next(found)["messages"]
        return messages


def recipient(label: str, **variables: str) -> Recipient:
    messenger, _, address = label.partition(":")
    return Recipient(messenger=Messenger(messenger), address=address, variables=variables)


def by_address(deliveries: Sequence[Delivery]) -> dict[str, tuple[DeliveryState, Reason | None]]:
    return {one.recipient.address: (one.state, one.reason) for one in deliveries}


@pytest.fixture
async def stage(redis_url: str) -> AsyncIterator[Stage]:
    async with running_sandbox() as sandbox:
        settings = {**sandbox.environment(), "VIBER_RATE": "1000", "WHATSAPP_RATE": "1000"}
        async with (
            core_at(redis_url, **settings) as core,
            worker({**settings, "REDIS_URL": redis_url}),
        ):
            yield Stage(sandbox, core)


async def test_one_content_reaches_three_messengers_in_the_form_of_each(stage: Stage) -> None:
    content = Content(
        text="Sale, see here",
        entities=(
            Entity(style=Style.BOLD, offset=0, length=4),
            Entity(style=Style.LINK, offset=10, length=4, url="https://example.com/"),
        ),
        media=(Media(kind=MediaKind.PHOTO, link="https://example.com/a.jpg"),),
        buttons=((Button("Shop", "https://example.com/shop"),),),
        options=frozenset({Option.PROTECTED}),
    )
    await stage.send(content, *EVERYBODY)
    (telegram,) = await stage.phone("telegram:1001")
    (whatsapp,) = await stage.phone("whatsapp:+12025550123")
    (viber,) = await stage.phone("viber:alice")
    assert (telegram["caption"], telegram["has_protected_content"]) == ("Sale, see here", True)
    assert [entity["type"] for entity in telegram["caption_entities"]] == ["bold", "text_link"]
    assert telegram["reply_markup"]["inline_keyboard"] == [
        [{"text": "Shop", "url": "https://example.com/shop"}]
    ]
    assert whatsapp["media"]["url"] == viber["media"]["url"] == "https://example.com/a.jpg"
    assert whatsapp["text"] == "*Sale*, see here (https://example.com/)\n\nShop: https://example.com/shop"
    assert viber["text"] == "*Sale* , see here (https://example.com/)"
    assert viber["buttons"] == [{"text": "Shop", "url": "https://example.com/shop"}]


async def test_everybody_gets_what_is_theirs(stage: Stage) -> None:
    people = [
        recipient("telegram:1001", name="Ann 🎉", code="a b"),
        recipient("telegram:1002", name="Bob", code="b"),
        recipient("viber:alice", name="Ann", code="a"),
        recipient("viber:bob", name="Bob", code="b"),
    ]
    bold = Entity(style=Style.BOLD, offset=6, length=6)
    await stage.send(Content(text="Hello {name}!", entities=(bold,), buttons=((SHOP,),)), *people)
    (first,), (second,) = await stage.phone("telegram:1001"), await stage.phone("telegram:1002")
    assert (first["text"], second["text"]) == ("Hello Ann 🎉!", "Hello Bob!")
    assert first["entities"] == [{"type": "bold", "offset": 6, "length": 6}]
    assert first["reply_markup"]["inline_keyboard"][0][0]["url"] == "https://example.com/a%20b"
    assert [(await stage.phone(f"viber:{who}"))[0]["text"] for who in ("alice", "bob")] == [
        "Hello *Ann* !",
        "Hello *Bob* !",
    ]


async def test_an_order_without_a_value_for_everybody_is_refused_whole(stage: Stage) -> None:
    people = [recipient("telegram:1001", name="Ann"), recipient("telegram:1002")]
    with pytest.raises(ValidationError, match="No value for name: telegram:1002"):
        await stage.send(Content(text="Hello {name}"), *people)
    assert (await stage.sandbox.books())["delivered"] == {}


async def test_a_template_reaches_who_has_not_written_for_a_day(stage: Stage) -> None:
    gaps = (Parameter("{name}"), Parameter("5 pm"))
    template = Template(name="visit_reminder", language="en_US", parameters=gaps)
    broadcast = await stage.send(
        Content(text="", template=template), recipient("whatsapp:+12025550147", name="Dave")
    )
    assert broadcast.progress.reached == 1
    (message,) = await stage.phone("whatsapp:+12025550147")
    assert message["text"] == "Hello Dave, we expect you at 5 pm."


async def test_equal_messages_on_viber_share_requests_and_failures_are_told_apart(stage: Stage) -> None:
    crowd = await stage.sandbox.crowd("viber", 500)
    last = int(str(crowd["last"]).removeprefix("crowd-"))
    people = [*(f"viber:crowd-{number}" for number in range(1, last + 1)), "viber:carol", "viber:nobody"]
    broadcast = await stage.send(Content(text="Hello"), *people)
    assert (broadcast.progress.reached, broadcast.progress.of(DeliveryState.FAILED)) == (500, 2)
    told = by_address(await deliveries_of(stage.core, broadcast))
    assert told["carol"] == (DeliveryState.FAILED, Reason.UNSUBSCRIBED)
    assert told["nobody"] == (DeliveryState.FAILED, Reason.NOT_FOUND)
    books = await stage.sandbox.books()
    blocks = books["calls"]["viber"]["broadcast_message"]["0"]
    singles = books["calls"]["viber"].get("send_message", {}).get("0", 0)
    assert (books["delivered"]["viber"], books["duplicates"]) == (500, [])
    assert blocks + singles < 100


async def test_an_account_that_may_not_send_blocks_sends_one_by_one(stage: Stage) -> None:
    await stage.sandbox.fault("viber", "error", method="broadcast_message", code=20)
    broadcast = await stage.send(Content(text="Hello"), "viber:alice", "viber:bob")
    assert broadcast.progress.reached == 2
    assert (await stage.sandbox.books())["duplicates"] == []


async def test_a_block_that_is_cut_off_is_unknown_and_sent_to_nobody_again(stage: Stage) -> None:
    await stage.sandbox.fault("viber", "drop_after", method="broadcast_message")
    await stage.sandbox.fault("viber", "drop_after", method="send_message")
    broadcast = await stage.send(Content(text="Hello"), "viber:alice", "viber:bob")
    assert broadcast.progress.of(DeliveryState.UNKNOWN) == 2
    assert len(await stage.sandbox.delivered(messenger="viber")) == 2


async def test_a_group_that_became_a_supergroup_is_followed_now_and_in_later_orders(stage: Stage) -> None:
    """The second order names the old id and the new one: that is one chat."""
    await stage.sandbox.call("POST", "groups", {"id": GROUP, "title": "Team", "members": [100]})
    new = (await stage.sandbox.call("POST", f"groups/{GROUP}/migrate"))["id"]
    first = await stage.send(Content(text="One"), f"telegram:{GROUP}")
    assert [one.recipient.address for one in await deliveries_of(stage.core, first)] == [str(new)]
    second = await stage.send(Content(text="Two"), f"telegram:{GROUP}", f"telegram:{new}")
    assert (second.progress.total, second.progress.reached) == (1, 1)
    calls = await stage.sandbox.calls(messenger="telegram", method="sendMessage")
    assert [(call["recipient"], call["code"]) for call in calls] == [
        (str(GROUP), 400),
        (str(new), 0),
        (str(new), 0),
    ]


@pytest.mark.parametrize("old_first", [True, False])
async def test_an_order_that_names_the_old_id_and_the_new_one_reaches_the_chat_once(
    stage: Stage, old_first: bool
) -> None:
    """Nobody knew of the move when it was accepted; the delivery to the old id ends with the reason."""
    await stage.sandbox.call("POST", "groups", {"id": GROUP, "title": "Team", "members": [100]})
    new = (await stage.sandbox.call("POST", f"groups/{GROUP}/migrate"))["id"]
    ids = [GROUP, new] if old_first else [new, GROUP]
    broadcast = await stage.send(Content(text="One"), *(f"telegram:{one}" for one in ids))
    assert by_address(await deliveries_of(stage.core, broadcast)) == {
        str(GROUP): (DeliveryState.FAILED, Reason.DUPLICATE),
        str(new): (DeliveryState.SENT, None),
    }
    assert [one["recipient"] for one in await stage.sandbox.delivered(messenger="telegram")] == [str(new)]


async def test_a_chat_that_migrates_again_at_once_is_not_followed_for_ever(stage: Stage) -> None:
    moved = {"migrate_to_chat_id": 1002}
    words = "group chat was upgraded to a supergroup chat"
    await stage.sandbox.fault("telegram", "error", status=400, description=words, parameters=moved)
    broadcast = await stage.send(Content(text="Hello"), "telegram:1001")
    assert by_address(await deliveries_of(stage.core, broadcast)) == {
        "1002": (DeliveryState.FAILED, Reason.GONE)
    }
    assert len(await stage.sandbox.calls(messenger="telegram", method="sendMessage")) == 2
