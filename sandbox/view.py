"""Data of the page: the chat of one person with the bot, and the phones of the recipients."""

import time
from typing import Any, Final

from sandbox.people import BADGES, PROFILES, TELEGRAM, Reach
from sandbox.phones import Phone, Phones
from sandbox.telegram.chats import Chat
from sandbox.telegram.world import Telegram
from sandbox.world import World

Json = dict[str, Any]
MESSAGES_IN_CHAT: Final = 200
MESSAGES_ON_PHONE: Final = 15
CROWD_PHONES: Final = 1
# The bot polls at least once a minute.
_BOT_SILENT_SECONDS: Final = 65.0
_ROLES: Final = {int(person.address): person for person in PROFILES[TELEGRAM].people if person.role}
_FRONT: Final = {
    name: {person.address for person in profile.people if person.front} for name, profile in PROFILES.items()
}


def page_state(world: World, person: int) -> Json:
    """Everything the page shows, limited in size."""
    return {
        "version": world.changes.count,
        "people": [_chatter(world.telegram, chatter) for chatter in _ROLES],
        "contacts": _contacts(),
        "bot": {
            "name": world.telegram.bot["first_name"],
            "username": world.telegram.bot["username"],
            "connected": _connected(world.telegram),
        },
        "chat": chat_state(world.telegram, person),
        "account": world.account.to_json(),
        "messengers": [
            {"name": name, "title": profile.title, "colour": profile.colour}
            for name, profile in PROFILES.items()
        ],
        **_phones(world),
    }


def chat_state(telegram: Telegram, chat_id: int) -> Json:
    """One chat: messages as Telegram's Message objects, the menu, open presses and answers to presses."""
    chat = telegram.chats.find(chat_id)
    if chat is None:
        empty: Json = {"messages": [], "commands": [], "pending": [], "answers": [], "keyboard": {}}
        return {"id": chat_id, "typing": False, **empty}
    queries = telegram.queries.of(chat_id)
    return {
        "id": chat_id,
        "messages": list(chat.messages.values())[-MESSAGES_IN_CHAT:],
        "commands": telegram.menus.seen_by(chat_id),
        "pending": [{"message_id": q.message_id, "data": q.data} for q in queries if q.open],
        "answers": [
            {"query_id": q.id, "text": q.text, "alert": q.alert}
            for q in queries[-20:]
            if q.answered_at is not None and q.text
        ],
        "keyboard": chat.keyboard,
        "typing": chat.typing_until > time.time() and chat.typing_until - 5 > chat.landed_at,
    }


def _chatter(telegram: Telegram, person: int) -> Json:
    chat = telegram.chats.find(person)
    reach = Reach.OK if chat is None else chat.reach
    role = _ROLES[person]
    return {
        "id": person,
        "name": role.name,
        "role": role.role,
        "reach": reach,
        "badge": BADGES.get(reach, ""),
        "language": "en" if chat is None else chat.language,
    }


def _contacts() -> list[Json]:
    """Everybody on Telegram, for the dialogs in which a person is chosen."""
    people = PROFILES[TELEGRAM].people
    return [{"id": int(one.address), "name": one.name, "phone_number": one.phone_number} for one in people]


def _connected(telegram: Telegram) -> bool:
    recently = time.time() - telegram.updates.polled_at < _BOT_SILENT_SECONDS
    return bool(telegram.webhook.url) or recently


def _phones(world: World) -> Json:
    named = [_telegram_phone(chat) for chat in world.telegram.chats.lasting() if _is_recipient(chat)]
    crowd = [(chat.landed_at, _telegram_phone(chat)) for chat in world.telegram.chats.crowd_landed_last()]
    for phones in world.phones.values():
        named += [_phone(phones, phone) for phone in phones.named()]
        crowd += [(phone.landed_at, _phone(phones, phone)) for phone in phones.crowd_landed_last()]
    crowd.sort(key=lambda item: item[0], reverse=True)
    return {"phones": named + [phone for _, phone in crowd[:CROWD_PHONES]]}


def _is_recipient(chat: Chat) -> bool:
    return chat.id not in _ROLES


def _telegram_phone(chat: Chat) -> Json:
    return {
        "messenger": TELEGRAM,
        "id": str(chat.id),
        "name": chat.info.get("first_name") or chat.info.get("title"),
        "front": str(chat.id) in _FRONT[TELEGRAM],
        "reach": chat.reach,
        "badge": BADGES.get(chat.reach, ""),
        "messages": list(chat.messages.values())[-MESSAGES_ON_PHONE:],
    }


def _phone(phones: Phones, phone: Phone) -> Json:
    return {
        "messenger": phones.messenger,
        "id": phone.address,
        "name": phone.name,
        "front": phone.address in _FRONT[phones.messenger],
        "reach": phone.reach,
        "badge": BADGES.get(phone.reach, ""),
        "messages": list(phone.messages)[-MESSAGES_ON_PHONE:],
    }
