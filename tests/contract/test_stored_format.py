"""Data stored by an earlier version is read, and written in the same form again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from redis.asyncio import Redis

from core.app import Core
from core.domain.amendment import AmendmentKind
from core.domain.audience import EVERYBODY, Chosen
from core.domain.audit import Actor, AuditAction, Channel
from core.domain.broadcast import Late, NewBroadcast
from core.domain.content.content import Button, Content, Media, Parameter, Template
from core.domain.content.formatting import Entity, Style
from core.domain.messengers.capabilities import MediaKind, Option
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.quiet_hours import QuietHours
from core.domain.recipients import Contact, Recipient
from core.domain.recurrence import Recurrence
from core.domain.series import NewSeries, Repeat
from core.domain.translatable import sentence
from core.services.audit_log import set_actor
from core.store.chat.approval_requests import ApprovalRequest
from core.store.chat.drafts import Draft
from core.store.chat.live_cards import Card
from core.store.scripts import Scripts
from core.store.series import SeriesStore
from core.store.subscribers import name_and_tag
from tests.support.core import people, reloaded, started

RICH: Final = Content(
    text="Hi {name} 😀",
    entities=(
        Entity(style=Style.BOLD, offset=0, length=2),
        Entity(style=Style.LINK, offset=3, length=6, url="https://example.com/ü"),
        Entity(style=Style.PRE, offset=3, length=6, language="python"),
    ),
    media=(
        Media(kind=MediaKind.PHOTO, ids={Messenger.TELEGRAM: "AgAC"}, name="a.jpg", size=0),
        Media(kind=MediaKind.DOCUMENT, link="https://example.com/b.pdf"),
    ),
    buttons=(
        (Button("Open", "https://example.com/1"), Button("Б", "https://example.com/2")),
        (Button("C", "https://example.com/3"),),
    ),
    options=frozenset({Option.SILENT, Option.PROTECTED}),
    template=Template(
        name="reminder", language="en_US", parameters=(Parameter("{name}"), Parameter("x", "day"))
    ),
)
RICH_STORED: Final = (
    '{"entities": [["bold", 0, 2, "", ""], ["text_link", 3, 6, "https://example.com/ü", ""], '
    '["pre", 3, 6, "", "python"]], "media": [{"kind": "photo", "ids": {"telegram": "AgAC"}, "name": "a.jpg", '
    '"size": 0}, {"kind": "document", "link": "https://example.com/b.pdf"}], "buttons": [[["Open", '
    '"https://example.com/1"], ["Б", "https://example.com/2"]], [["C", "https://example.com/3"]]], "options": '
    '["protected", "silent"], "template": {"name": "reminder", "language": "en_US", "parameters": '
    '[["{name}", ""], ["x", "day"]]}}'
)
CHOSEN: Final = Chosen(id=EVERYBODY, title="Everybody", counts={Messenger.TELEGRAM: 3})
REPEAT: Final = Repeat(
    rule=Recurrence.parse("30 9 L * mon,fri"), zone="Europe/Berlin", until=date(2027, 1, 31), times=5
)
DRAFT: Final = Draft(
    id="BCDF",
    revision=7,
    admin_id=100,
    chat_id=-5,
    content=RICH,
    album="al",
    text_from=12,
    recipients=(
        Recipient(
            messenger=Messenger.WHATSAPP,
            address="+12025550123",
            contact_id="ann",
            variables={"name": "Анн"},
            quiet_hours=QuietHours.parse("22:00-07:00@Europe/Berlin"),
        ),
        Recipient(messenger=Messenger.TELEGRAM, address="1001"),
    ),
    audiences=(CHOSEN,),
    offered="XYZ234",
    duplicates=2,
    send_at=datetime(2026, 11, 24, 9, 30, 0, 500_000, UTC),
    card_message_id=44,
    again_of="A7KQ",
    repeat=REPEAT,
    series_id="S7KQ",
    series_revision=3,
    late="ask",
    ignore_quiet_hours=True,
    changes="B7KQ",
    edition=2,
)
DRAFT_STORED: Final[Mapping[str, Any]] = {
    "revision": 7,
    "admin_id": 100,
    "chat_id": -5,
    "text": "Hi {name} 😀",
    "content": RICH_STORED,
    "album": "al",
    "text_from": 12,
    "recipients": [
        ["whatsapp", '+12025550123\x1fann\x1f{"name":"Анн"}\x1f22:00-07:00@Europe/Berlin'],
        ["telegram", "1001"],
    ],
    "audiences": [["all", "Everybody", {"telegram": 3}]],
    "offered": "XYZ234",
    "duplicates": 2,
    "send_at": "1795512600500",
    "card_message_id": 44,
    "again_of": "A7KQ",
    "repeat": ["30 9 L * 1,5", "Europe/Berlin", "2027-01-31", 5],
    "series_id": "S7KQ",
    "series_revision": 3,
    "late": "ask",
    "loud": True,
    "changes": "B7KQ",
    "edition": 2,
}
NEW_DRAFT: Final = Draft(id="BCDF", revision=1, admin_id=100, chat_id=100)
NEW_DRAFT_STORED: Final[Mapping[str, Any]] = {
    **dict.fromkeys(("text", "text_from", "send_at", "card_message_id", "repeat")),
    **dict.fromkeys(("content", "album", "offered", "again_of", "series_id", "late", "changes"), ""),
    **dict.fromkeys(("duplicates", "series_revision", "edition"), 0),
    **{"revision": 1, "admin_id": 100, "chat_id": 100, "recipients": [], "audiences": [], "loud": False},
}
# Later versions read the above, and write these fields too.
ADDED_TO_DRAFTS: Final = {
    **{
        "everywhere": False,
        "joined": False,
        "shown": "",
        "filled": {},
        "defaults": {},
        "skip_missing": False,
    },
    **{"skip_outside": False, "try_again_days": 0},
    "messenger_order": [],
    "without": [],
    "unknown": [],
}
CHOSEN_NOW: Final = ["all", "Everybody", {"telegram": 3}, 0]
CONTENTS: Final = (
    (RICH, RICH_STORED),
    (Content(text="{x}", verbatim=True), '{"verbatim": true}'),
    (
        Content(text="x", template=Template(name="t", language="de", parameters=())),
        '{"template": {"name": "t", "language": "de", "parameters": []}}',
    ),
    (Content(text="plain"), None),
)


@pytest.mark.parametrize(("content", "stored"), CONTENTS)
async def test_the_content_of_a_broadcast(
    core: Core, store: Redis, content: Content, stored: str | None
) -> None:
    recipients = tuple(people(Messenger.TELEGRAM, 1))
    new = NewBroadcast(content=content, recipients=recipients, send_at=None, created_by=Actor("test"))
    accepted = await core.ledger.accept("A7KQ", new)
    assert accepted.content == content
    assert _decoded(await store.hget("ms:b:A7KQ", "content")) == _decoded(stored)
    if stored:
        await store.hset("ms:b:A7KQ", "content", stored)
    assert (await reloaded(core, accepted)).content == content
    assert await core.deliveries.contents_of(["A7KQ"]) == {"A7KQ": content}


@pytest.mark.parametrize(("draft", "stored"), [(DRAFT, DRAFT_STORED), (NEW_DRAFT, NEW_DRAFT_STORED)])
async def test_a_draft(core: Core, store: Redis, draft: Draft, stored: Mapping[str, Any]) -> None:
    await store.set("ms:draft:BCDF", json.dumps(stored))
    assert await core.drafts.get("BCDF") == draft
    await core.drafts.create(draft)
    found = json.loads(str(await store.get("ms:draft:BCDF")))
    audiences = [CHOSEN_NOW] if stored["audiences"] else []
    assert _with_content(found) == _with_content({**stored, **ADDED_TO_DRAFTS, "audiences": audiences})


async def test_a_draft_of_a_version_that_knew_less(core: Core, store: Redis) -> None:
    known: dict[str, Any] = {
        "revision": 1,
        "admin_id": 100,
        "chat_id": 100,
        "text": None,
        "content": "",
        "recipients": [],
    }
    await store.set("ms:draft:BCDF", json.dumps({**known, "send_at": None}))
    assert await core.drafts.get("BCDF") == NEW_DRAFT


async def test_a_series(core: Core, store: Redis) -> None:
    series = SeriesStore(store, Scripts(store))
    ordered = NewSeries(
        content=RICH,
        audiences=(CHOSEN,),
        repeat=REPEAT,
        late=Late.ASK,
        ignore_quiet_hours=True,
        created_by=Actor("telegram:100", "Бен"),
    )
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    await series.create("S7KQ", ordered, next_at=at, next_id="N7KQ", now=at)
    created = await series.get("S7KQ")
    assert created
    gone = sentence("There is no series #{id} (any more).", id="A7KQ")
    await series.change(created, next_at=None, trouble=[gone, "plain"])
    stored = {
        "text": "Hi {name} 😀",
        "content": RICH_STORED,
        "who": '[["all", "Everybody", {"telegram": 3}]]',
        "created_by": "telegram:100",
        "status": "ended",
        "created_at": "1795512600000",
        "next_id": "N7KQ",
        "creator_name": "Бен",
        "repeat": '["30 9 L * 1,5", "Europe/Berlin", "2027-01-31", 5]',
        "late": "ask",
        "quiet": "0",
        "revision": "2",
        "next_at": "",
        "trouble": '[{"one": "There is no series #{id} (any more).", "many": "", "count": 0, '
        '"fields": {"id": "A7KQ"}}, "plain"]',
    }
    found = await store.hgetall("ms:ser:S7KQ")
    later = {"co_authors": "[]", "everywhere": "0", "order": "", "again_days": "0"}
    written = {**stored, "who": json.dumps([CHOSEN_NOW]), **later}
    assert {str(name): _decoded(value) for name, value in found.items()} == {
        name: _decoded(value) for name, value in written.items()
    }
    await store.hset("ms:ser:S7KQ", mapping=stored)  # type: ignore[arg-type]  # redis-py's dict is invariant
    read = await series.get("S7KQ")
    assert read
    assert (read.order, read.trouble, read.next_at, read.created_at) == (ordered, (gone, "plain"), None, at)


async def test_a_series_without_an_end(core: Core, store: Redis, vip: Chosen) -> None:
    series = SeriesStore(store, Scripts(store))
    repeat = Repeat(rule=Recurrence.at(9, 0), zone="UTC")
    ordered = NewSeries(
        content=Content(text="x"), audiences=(vip,), repeat=repeat, created_by=Actor("telegram:1")
    )
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    await series.create("S7KQ", ordered, next_at=at, next_id="N7KQ", now=at)
    assert _decoded(await store.hget("ms:ser:S7KQ", "repeat")) == ["0 9 * * *", "UTC", None, None]
    read = await series.get("S7KQ")
    assert read
    assert read.order == ordered


async def test_an_amendment(core: Core, store: Redis) -> None:
    broadcast = await started(core, people(Messenger.TELEGRAM, 1), text="x")
    await core.amendment_store.begin(
        broadcast.id, AmendmentKind.EDIT, by="Ann", total=1, before=0, content=RICH
    )
    key = f"ms:amend:{broadcast.id}"
    assert _decoded(await store.hget(key, "content")) == _decoded(RICH_STORED)
    await store.hset(key, "content", RICH_STORED)
    amendment = await core.amendment_store.get(broadcast.id)
    assert amendment
    assert amendment.content == RICH


async def test_contacts_and_subscribers(core: Core, store: Redis) -> None:
    contact = Contact(id="ann", name="Анн", addresses={Messenger.WHATSAPP: "+12025550123"})
    stored = r'{"name": "\u0410\u043d\u043d", "addresses": {"whatsapp": "+12025550123"}}'
    await core.contacts.put(contact)
    assert _decoded(await store.hget("ms:contacts", "ann")) == _decoded(stored)
    await store.hset("ms:contacts", "ann", stored)
    assert await core.contacts.get("ann") == contact
    assert await core.contacts.get_many(["ann"]) == {"ann": contact}

    known = {
        "77": '{"since": 1795999154859, "name": "Bob", "tag": "spring"}',
        "78": '{"since": 1795999154859, "name": "Eve"}',
    }
    await store.hset("ms:subscribers", mapping=known)  # type: ignore[arg-type]  # redis-py's dict is invariant
    since = datetime.fromtimestamp(1795999154.859, UTC)
    assert (await core.subscribers.since(77), await core.subscribers.name_of(78)) == (since, "Eve")
    read = {
        chat_id: name_and_tag(packed)
        async for portion in core.subscribers.entries(Messenger.TELEGRAM)
        for chat_id, packed in portion.items()
    }
    assert read == {"77": {"name": "Bob", "tag": "spring"}, "78": {"name": "Eve"}}
    assert await core.subscribers.subscribe(77, "Bob") == since
    assert await core.subscribers.subscribe(78, "Eve") == since
    found = await store.hgetall("ms:subscribers")
    assert {name: _decoded(value) for name, value in found.items()} == {
        name: _decoded(value) for name, value in known.items()
    }


async def test_cards_and_approval_requests(core: Core, store: Redis) -> None:
    card = Card(broadcast_id="A7KQ", chat_id=-5, message_id=9, shown="abc", summary_sent=True)
    await core.cards.put(card)
    assert await store.hgetall("ms:cards") == {"A7KQ:-5": '[9, "abc", true]'}
    assert await core.cards.get("A7KQ", -5) == card
    assert await core.cards.all() == [card]
    unfolded = replace(card, more=True, below=(11, 12))
    await core.cards.put(unfolded)
    assert await core.cards.get("A7KQ", -5) == unfolded
    question = ApprovalRequest(broadcast_id="A7KQ", chat_id=-5, number=2, message_id=8, asker=True)
    await core.approval_requests.put(question)
    assert await store.hgetall("ms:questions") == {"A7KQ:-5": "[2, 8, true, false]"}
    assert await core.approval_requests.all() == [question]


async def test_a_problem_of_a_messenger(core: Core, store: Redis) -> None:
    problem = sentence("{what} ({messenger})", what=Reason.BLOCKED.counted(), messenger="Viber")
    stored = (
        '{"one": "{what} ({messenger})", "many": "", "count": 0, "fields": {"what": {"one": "blocked the bot", '
        '"many": "", "count": 0, "fields": {}}, "messenger": "Viber"}}'
    )
    await core.health.report_problem(Messenger.VIBER, problem)
    assert _decoded(await store.hget("ms:complaints", "v")) == _decoded(stored)
    await store.hset("ms:complaints", "v", stored)
    assert await core.health.problems() == {Messenger.VIBER: problem}


async def test_the_audit_log(core: Core, store: Redis) -> None:
    stored = {
        "by": "telegram:100",
        "name": "Бен",
        "door": "chat",
        "deed": "role_given",
        "bid": "A7KQ",
        "details": '{"people": 3, "name": "Ан"}',
    }
    ben = Actor("telegram:100", "Бен")
    set_actor(ben)
    await core.audit_log.note(AuditAction.ROLE_GIVEN, "A7KQ", people=3, name="Ан")
    written: Any = await store.xrange("ms:audit")
    assert [fields for _, fields in written] == [stored]
    (entry,) = (await core.audit_log.page()).items
    assert (entry.actor, entry.channel, entry.action) == (ben, Channel.CHAT, AuditAction.ROLE_GIVEN)
    assert entry.broadcast_id == "A7KQ"
    assert entry.details == {"people": 3, "name": "Ан"}


def _decoded(stored: object) -> object:
    """JSON as it means; the options of a content have no order."""
    try:
        found = json.loads(str(stored or "null"))
    except ValueError:
        return stored
    if isinstance(found, dict) and "options" in found:
        found["options"] = sorted(found["options"])
    return found


def _with_content(draft: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**draft, "content": _decoded(draft["content"])}
