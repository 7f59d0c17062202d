"""Reports of WhatsApp and Viber, part by part: each has one meaning, or none, or is counted as unreadable."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.delivery import DeliveryState
from core.domain.inbound import InboundKind, InboundMessage
from core.domain.messengers.account_status import AccountEvent
from core.domain.messengers.billing import Bill
from core.domain.messengers.events import (
    AddressChange,
    OptIn,
    OptOut,
    Receipt,
    Report,
    Unreadable,
)
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.settings import load_settings
from tests.support.webhooks import Json, failure, status, viber, whatsapp
from workers.messengers import REPORT_PARSERS, report_parsers

WHATSAPP, VIBER = Messenger.WHATSAPP, Messenger.VIBER
ALICE = "12025550123"


def read(messenger: Messenger, body: bytes) -> list[Report]:
    return list(REPORT_PARSERS[messenger](body.decode()))


def test_every_messenger_with_a_webhook_has_a_parser_and_no_other() -> None:
    assert set(REPORT_PARSERS) == {
        messenger for messenger in Messenger if messenger.traits.webhook is not None
    }


PRICING = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("sent", DeliveryState.SENT),
        ("delivered", DeliveryState.DELIVERED),
        ("read", DeliveryState.READ),
        ("played", DeliveryState.READ),
    ],
)
def test_each_status_of_whatsapp_is_a_receipt_for_our_attempt(word: str, state: DeliveryState) -> None:
    told = status(word, "d-A7KQ-w3-1", "wamid.7", timestamp="1750030073", pricing=PRICING)
    (receipt,) = read(WHATSAPP, whatsapp(statuses=[told]))
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.reason) == (state, None)
    assert receipt.bill == Bill(True, "marketing", "PMP")
    assert (receipt.reference, receipt.message_id) == ("d-A7KQ-w3-1", "wamid.7")
    assert receipt.at == datetime.fromtimestamp(1750030073, UTC)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (131026, Reason.UNDELIVERABLE),
        (131047, Reason.OUTSIDE_WINDOW),
        (131049, Reason.CAPPED),
        (131050, Reason.NO_MARKETING),
        (130472, Reason.EXPERIMENT),
        (131053, Reason.FILE),
        (131031, Reason.RESTRICTED),
        (132015, Reason.TEMPLATE),
        (131042, Reason.CONFIGURATION),
        (999999, Reason.UNLISTED),
        ("131026", Reason.NOT_ALLOWED),
        (None, Reason.NOT_ALLOWED),
    ],
)
def test_a_status_that_failed_says_why(code: object, reason: Reason) -> None:
    statuses = [status("failed", "d-A7KQ-w3-1", errors=failure(code))]
    receipt, *account = read(WHATSAPP, whatsapp(statuses=statuses))
    assert len(account) == (code in (131031, 131042))
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.reason) == (DeliveryState.FAILED, reason)


def test_all_entries_and_changes_of_one_call_are_read_and_a_broken_one_spoils_no_other() -> None:
    body = json.loads(whatsapp(statuses=[status("sent", "d-A7KQ-w1-0"), {"status": 5.5}]))
    body["entry"] += json.loads(whatsapp(statuses=[status("read", "d-A7KQ-w2-0")]))["entry"]
    reports = read(WHATSAPP, json.dumps(body).encode())
    assert [type(one) for one in reports] == [Receipt, Unreadable, Receipt]


STOPS = [
    "STOP",
    "stop.",
    "  Stop ",
    "Unsubscribe",
    "Стоп",
    "ОТПИСАТЬСЯ",
    "Abmelden",
    "STOPP",
    "¡Baja!",
    "Arrêt",
    "désabonner",
]
STARTS = ["START", "Старт", "anmelden", "ALTA", "s'abonner"]
NEITHER = ["Hello", "please stop calling", "stoppers", "", "начать сначала", "🛑"]


@pytest.mark.parametrize("words", [*STOPS, *STARTS, *NEITHER])
def test_words_of_a_person_are_understood_in_five_languages(words: str) -> None:
    text = {"from": ALICE, "timestamp": "1750030073", "type": "text", "text": {"body": words}}
    button = {
        "from": ALICE,
        "timestamp": "1750030073",
        "type": "button",
        "button": {"text": words, "payload": "x"},
    }
    pressed = {"button_reply": {"id": "1", "title": words}}
    reply = {"from": ALICE, "timestamp": "1750030073", "type": "interactive", "interactive": pressed}
    for message in (text, button, reply):
        wrote, *reports = read(WHATSAPP, whatsapp(messages=[message]))
        at = datetime.fromtimestamp(1750030073, UTC)
        assert wrote == InboundMessage(address=f"+{ALICE}", at=at)
        if words in STOPS:
            assert reports == [OptOut(address=f"+{ALICE}", reason=Reason.OPTED_OUT, at=at)]
        else:
            assert reports == ([OptIn(address=f"+{ALICE}", at=at, asked=True)] if words in STARTS else [])


@pytest.mark.parametrize(
    ("message", "addresses"),
    [
        ({"from": ALICE, "type": "image", "image": {"id": "1"}}, [f"+{ALICE}"]),
        ({"from": ALICE, "type": "reaction"}, [f"+{ALICE}"]),
        ({"from": "", "from_user_id": "US.1349", "type": "text"}, ["US.1349"]),
        ({"from": ALICE, "from_user_id": "US.1349", "type": "text"}, [f"+{ALICE}", "US.1349"]),
        ({"from": "5491123456789", "type": "audio"}, ["+541123456789", "+5491123456789"]),
        ({"from": ALICE, "type": "system", "system": {"body": "changed"}}, []),
    ],
)
def test_every_message_of_a_person_opens_the_service_window(message: object, addresses: list[str]) -> None:
    assert isinstance(message, dict)
    reports = read(WHATSAPP, whatsapp(messages=[{**message, "timestamp": "1750030073"}]))
    assert [one.address for one in reports if isinstance(one, InboundMessage)] == addresses
    assert len(reports) == len(addresses)


@pytest.mark.parametrize(
    ("wa_id", "addresses"),
    [
        ("12025550123", ["+12025550123"]),
        ("551199999999", ["+551199999999", "+5511999999999"]),
        ("551181234567", ["+551181234567", "+5511981234567"]),
        ("5215512345678", ["+5215512345678", "+525512345678"]),
        ("5491123456789", ["+541123456789", "+5491123456789"]),
        ("US.13491208655302741918", []),
        ("", []),
    ],
)
def test_a_preference_holds_for_every_form_of_the_number(wa_id: str, addresses: list[str]) -> None:
    def told(value: str) -> list[Report]:
        preference = {
            "wa_id": wa_id,
            "value": value,
            "category": "marketing_messages",
            "timestamp": 1750030073,
        }
        return read(WHATSAPP, whatsapp(user_preferences=[preference]))

    assert [one.address for one in told("stop") if isinstance(one, OptOut)] == addresses
    assert [one.address for one in told("resume") if isinstance(one, OptIn)] == addresses
    assert told("paused") == []


VIBER_EVENTS = [
    (viber("delivered", message_token=5741311803571721087, user_id="a=="), Receipt),
    (viber("seen", message_token=5741311803571721087, user_id="a=="), Receipt),
    (viber("failed", message_token=5741311803571721087, user_id="a==", desc="bad"), Receipt),
    (viber("unsubscribed", message_token=1, user_id="a=="), OptOut),
    (viber("subscribed", message_token=1, user={"id": "a==", "name": "Ann"}), OptIn),
    (viber("conversation_started", user={"id": "a=="}, subscribed=True), OptIn),
    (viber("message", sender={"id": "a=="}, message={"type": "text", "text": "hi"}), OptIn),
    (viber("message", sender={"id": "a=="}, message={"type": "text", "text": "Stop"}), OptOut),
    (viber("message", sender={"id": "a=="}, message={"type": "sticker", "sticker_id": 5}), OptIn),
]


@pytest.mark.parametrize(("body", "kind"), VIBER_EVENTS, ids=range(len(VIBER_EVENTS)))
def test_each_event_of_viber_means_one_thing(body: bytes, kind: type[Report]) -> None:
    (report,) = read(VIBER, body)
    assert type(report) is kind
    if isinstance(report, Receipt):
        assert report.message_id == "5741311803571721087"
        assert report.address == "a=="
    else:
        assert isinstance(report, OptIn | OptOut)
        assert report.address == "a=="


def test_only_seen_means_all_that_was_sent_before() -> None:
    tokens = {"message_token": 1, "user_id": "a=="}
    receipts = [read(VIBER, viber(event, **tokens))[0] for event in ("delivered", "seen", "failed")]
    assert [one.all_earlier for one in receipts if isinstance(one, Receipt)] == [False, True, False]


def test_opening_the_chat_without_a_subscription_means_nothing() -> None:
    assert read(VIBER, viber("conversation_started", user={"id": "a=="}, subscribed=False)) == []
    assert read(VIBER, viber("webhook", message_token=1)) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda children: (
        st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(list(REPORT_PARSERS)), json_values, st.text())
def test_nothing_that_can_be_sent_raises(messenger: Messenger, value: object, junk: str) -> None:
    frames = [
        junk,
        json.dumps(value),
        json.dumps({"entry": value}),
        json.dumps(
            {"entry": [{"changes": [{"value": {"statuses": [value], "messages": [value, {"from": value}]}}]}]}
        ),
        json.dumps(
            {"entry": [{"changes": [{"value": {"statuses": [status("read", "x") | {"id": value}]}}]}]}
        ),
        json.dumps({"event": value, "timestamp": value}),
        json.dumps({"event": "message", "timestamp": 1, "sender": value, "message": value}),
        json.dumps({"event": "seen", "timestamp": value, "message_token": value, "user_id": value}),
    ]
    for frame in frames:
        for report in REPORT_PARSERS[messenger](frame):
            # Whatever is passed on can be written down: half of a character could not.
            match report:
                case Receipt():
                    (report.reference + report.message_id + report.address).encode()
                case OptOut() | OptIn():
                    report.address.encode()


@pytest.mark.parametrize("pricing", [{**PRICING, "category": ["x"]}, {**PRICING, "category": "x" * 600}])
def test_a_receipt_counts_where_its_bill_cannot_be_read(pricing: Json) -> None:
    told = status("delivered", "d-A7KQ-w3-1", pricing=pricing)
    (receipt,) = read(WHATSAPP, whatsapp(statuses=[told]))
    assert isinstance(receipt, Receipt)
    assert (receipt.state, receipt.bill) == (DeliveryState.DELIVERED, None)


NUMBER_ID = "106540352242922"


@pytest.mark.parametrize("number", [["100"], {"id": "100"}, "1" * 600, None])
def test_a_number_that_cannot_be_read_spoils_no_other_change(number: object) -> None:
    told = status("delivered", "d-A7KQ-w3-1")
    parsers = report_parsers(load_settings({"WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID}, None))
    odd = json.loads(whatsapp(statuses=[told], metadata={"phone_number_id": number}))
    good = json.loads(whatsapp(statuses=[told], metadata={"phone_number_id": NUMBER_ID}))
    body = {**odd, "entry": [*odd["entry"], *good["entry"]]}
    found = parsers[WHATSAPP](json.dumps(body))
    assert any(isinstance(one, Receipt) for one in found)


def system(kind: str, **told: str) -> Json:
    """A message in which WhatsApp tells of a person."""
    at = str(int(time.time()))
    return {
        "from": ALICE,
        "id": "wamid.s",
        "timestamp": at,
        "type": "system",
        "system": {"type": kind, **told},
    }


def test_what_is_about_another_number_of_the_same_app_is_left_out() -> None:
    said = {"from": ALICE, "id": "w", "timestamp": "1750030073", "type": "text", "text": {"body": "STOP"}}
    body = whatsapp(
        metadata={"phone_number_id": "999"}, messages=[said], statuses=[status("sent", "d-A7KQ-w3-1")]
    )
    settings = load_settings({"WHATSAPP_PHONE_NUMBER_ID": "100200300", "REDIS_URL": "redis://x"}, None)
    ours = report_parsers(settings)[WHATSAPP]
    assert ours(body.decode()) == []
    assert len(ours(body.decode().replace('"999"', '"100200300"'))) == 3
    assert len(ours(whatsapp(messages=[said]).decode())) == 2


@pytest.mark.parametrize("field", ["wa_id", "new_wa_id"])
def test_somebody_with_a_new_number_is_told_and_followed(field: str) -> None:
    moved, told = read(WHATSAPP, whatsapp(messages=[system("user_changed_number", **{field: "12025550199"})]))
    assert isinstance(moved, AddressChange)
    assert (moved.address, moved.new_address) == (f"+{ALICE}", "+12025550199")
    assert isinstance(told, AccountEvent)
    assert told.name == f"+{ALICE} → +12025550199"
    assert read(WHATSAPP, whatsapp(messages=[system("customer_identity_changed")])) == []


OLD_ID, NEW_ID = "US.13491208655302741918", "US.99991208655302741918"


@pytest.mark.parametrize(
    ("message", "told", "moves"),
    [
        # By Meta's reference of August 2026, and before it; the number may be there and is not what has changed.
        ({"from": None}, {"previous_user_id": OLD_ID, "user_id": NEW_ID}, [(OLD_ID, NEW_ID)]),
        ({"from": None, "from_user_id": OLD_ID}, {"user_id": NEW_ID}, [(OLD_ID, NEW_ID)]),
        ({}, {"previous_user_id": OLD_ID, "user_id": NEW_ID}, [(OLD_ID, NEW_ID)]),
        ({}, {"user_id": NEW_ID}, [(f"+{ALICE}", NEW_ID)]),
    ],
)
def test_somebody_with_a_new_user_id_is_told_and_followed(
    message: dict[str, str | None], told: dict[str, str], moves: list[tuple[str, str]]
) -> None:
    given = {**system("user_changed_user_id", **told), **message}
    body = whatsapp(messages=[{name: value for name, value in given.items() if value is not None}])
    *changes, event = read(WHATSAPP, body)
    assert [(one.address, one.new_address) for one in changes if isinstance(one, AddressChange)] == moves
    assert isinstance(event, AccountEvent)
    assert event.name == " → ".join(moves[0])


def test_a_new_number_brings_a_new_user_id() -> None:
    told = {"wa_id": "12025550199", "previous_user_id": OLD_ID, "user_id": NEW_ID}
    number, user_id, event = read(WHATSAPP, whatsapp(messages=[system("user_changed_number", **told)]))
    assert isinstance(number, AddressChange)
    assert isinstance(user_id, AddressChange)
    assert (number.address, number.new_address) == (f"+{ALICE}", "+12025550199")
    assert (user_id.address, user_id.new_address) == (OLD_ID, NEW_ID)
    assert isinstance(event, AccountEvent)
    assert event.name == f"+{ALICE} → +12025550199"


@pytest.mark.parametrize("told", [{}, {"user_id": ""}, {"user_id": OLD_ID, "previous_user_id": OLD_ID}])
def test_a_change_of_user_id_without_both_is_malformed(told: dict[str, str]) -> None:
    given = {**system("user_changed_user_id", **told), "from": ""}
    assert [type(one) for one in read(WHATSAPP, whatsapp(messages=[given]))] == [Unreadable]


def test_what_people_write_on_whatsapp_is_read_with_their_name_and_what_it_answers() -> None:
    at = datetime.fromtimestamp(1750030073, UTC)
    start = {"from": ALICE, "timestamp": "1750030073"}
    bo = {"name": {"formatted_name": "Bo"}, "phones": [{"phone": "1"}]}
    messages = [
        {**start, "id": "a", "type": "text", "text": {"body": "When\ndo you open?"}, "context": {"id": "wamid.1"}},
        {**start, "id": "b", "type": "image", "image": {"id": "77", "caption": "This one"}},
        {**start, "id": "c", "type": "reaction", "reaction": {"message_id": "wamid.2", "emoji": "👍"}},
        {**start, "id": "d", "type": "reaction", "reaction": {"message_id": "wamid.2"}},
        {**start, "id": "e", "type": "location", "location": {"latitude": 1.5, "longitude": 2, "name": "Shop"}},
        {**start, "id": "f", "type": "contacts", "contacts": [bo]},
        {**start, "id": "g", "type": "interactive", "interactive": {"list_reply": {"title": "Two"}}},
        {**start, "id": "h", "type": "order", "order": {}},
        {**start, "id": "i", "type": "text", "text": {"body": "Stop"}},
    ]  # fmt: skip
    contacts = [{"wa_id": ALICE, "profile": {"name": "Alice A."}}]
    found = [
        (one.text, one.kind, one.file, one.answers)
        for one in read(WHATSAPP, whatsapp(messages=messages, contacts=contacts))
        if isinstance(one, InboundMessage) and one.message_id
        if (one.address, one.name, one.at) == (f"+{ALICE}", "Alice A.", at)
    ]
    assert found == [
        ("When\ndo you open?", InboundKind.TEXT, "", "wamid.1"),
        ("This one", InboundKind.PHOTO, "77", ""),
        ("👍", InboundKind.REACTION, "", "wamid.2"),
        ("Shop, 1.5, 2", InboundKind.PLACE, "", ""),
        ("Bo 1", InboundKind.CONTACT, "", ""),
        ("Two", InboundKind.TEXT, "", ""),
        ("", InboundKind.OTHER, "", ""),
    ]


def test_what_people_write_on_viber_is_read_with_their_name() -> None:
    def wrote(**message: object) -> list[Report]:
        sender = {"id": "alice", "name": "Alice"}
        return read(VIBER, viber("message", message_token=5, sender=sender, message=message))

    found = [one for one in wrote(type="text", text="When do you open?") if isinstance(one, InboundMessage)]
    assert [(one.address, one.name, one.text, one.message_id) for one in found] == [
        ("alice", "Alice", "When do you open?", "5")
    ]
    (photo,) = (
        one
        for one in wrote(type="picture", media="https://v.example/1.jpg")
        if isinstance(one, InboundMessage)
    )
    assert (photo.kind, photo.file) == (InboundKind.PHOTO, "https://v.example/1.jpg")
    assert not [one for one in wrote(type="text", text="Stop") if isinstance(one, InboundMessage)]


def test_names_come_without_marks_that_turn_a_line_around() -> None:
    """A name is shown to admins: none may look like another one."""
    name = "Al\u202eice\u2066"
    message = {
        "from": ALICE,
        "timestamp": "1750030073",
        "id": "a",
        "type": "text",
        "text": {"body": "Hi there"},
    }
    body = whatsapp(messages=[message], contacts=[{"wa_id": ALICE, "profile": {"name": name}}])
    sender, text = {"id": "alice", "name": name}, {"type": "text", "text": "Hi there"}
    reports = [
        *read(WHATSAPP, body),
        *read(VIBER, viber("message", message_token=5, sender=sender, message=text)),
        *read(VIBER, viber("subscribed", user=sender)),
    ]
    assert [one.name for one in reports if isinstance(one, InboundMessage | OptIn) and one.name] == [
        "Alice"
    ] * 3
