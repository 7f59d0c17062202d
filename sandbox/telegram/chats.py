"""Telegram's chats: members, permissions and messages."""

import itertools
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final

from sandbox.crowds import Crowds
from sandbox.people import PROFILES, TELEGRAM, Reach
from sandbox.telegram.params import Params, TelegramError, bad_request

Json = dict[str, Any]
KEPT_PER_CHAT: Final = 1000
KEPT_PER_CROWD_CHAT: Final = 3
_REFUSALS: Final = {
    Reach.BLOCKED: "bot was blocked by the user",
    Reach.NEVER_STARTED: "bot can't initiate conversation with a user",
}


@dataclass(slots=True)
class Chat:
    """A chat: `info` is Telegram's Chat object, `messages` maps message id to Telegram's Message object."""

    info: Json
    reach: Reach = Reach.OK
    crowd: bool = False
    messages: dict[int, Json] = field(default_factory=dict)
    members: set[int] = field(default_factory=set)
    moved_to: int | None = None
    language: str = "en"
    """Language of the person's app, in a private chat."""
    keyboard: Json = field(default_factory=dict)
    """The keyboard below the chat, as the Bot API's ReplyKeyboardMarkup, or its ForceReply; empty: none."""
    topics: set[int] = field(default_factory=set)
    """Of a forum: message_thread_ids."""
    landed_at: float = 0.0
    typing_until: float = 0.0

    @property
    def id(self) -> int:
        """The chat id: negative for groups."""
        return int(self.info["id"])

    @property
    def private(self) -> bool:
        """True for the chat with one person."""
        return bool(self.info["type"] == "private")

    def keep(self, message: Json) -> None:
        """Add a message; drop the oldest beyond the limit."""
        self.messages[message["message_id"]] = message
        if len(self.messages) > (KEPT_PER_CROWD_CHAT if self.crowd else KEPT_PER_CHAT):
            del self.messages[next(iter(self.messages))]

    def to_json(self) -> Json:
        """For the state file."""
        return {
            "info": self.info,
            "reach": self.reach.value,
            "messages": list(self.messages.values()),
            "members": sorted(self.members),
            "moved_to": self.moved_to,
            "language": self.language,
            "keyboard": self.keyboard,
            "topics": sorted(self.topics),
        }

    @staticmethod
    def from_json(saved: Json) -> "Chat":
        """Restore what `to_json` returned."""
        return Chat(
            info=saved["info"],
            reach=Reach(saved["reach"]),
            messages={message["message_id"]: message for message in saved["messages"]},
            members=set(saved["members"]),
            moved_to=saved["moved_to"],
            language=saved.get("language", "en"),
            keyboard=saved.get("keyboard", {}),
            topics=set(saved.get("topics", ())),
        )


class Chats:
    """All chats of the bot."""

    def __init__(self, crowds: Crowds) -> None:
        self._crowds = crowds
        self._chats: dict[int, Chat] = {}
        self._message_ids = itertools.count(1)
        self._landed_last: deque[Chat] = deque(maxlen=32)
        for person in PROFILES[TELEGRAM].people:
            info = {"id": int(person.address), "type": "private", "first_name": person.name}
            self._chats[int(person.address)] = Chat(info | {"username": person.name.lower()}, person.reach)

    def find(self, chat_id: int) -> Chat | None:
        """The chat with that id, or None. Chats of a crowd are created on first access."""
        chat = self._chats.get(chat_id)
        if chat is None and self._crowds.has(TELEGRAM, str(chat_id)):
            info = {"id": chat_id, "type": "private", "first_name": f"Crowd {chat_id}"}
            chat = self._chats[chat_id] = Chat(info, crowd=True)
        return chat

    def named(self, params: Params, key: str = "chat_id") -> Chat:
        """The chat a call names. Raises TelegramError if there is none or it was migrated."""
        if not params.text(key):
            raise bad_request(f"{key} is empty")
        chat_id = params.integer(key)
        chat = None if chat_id is None else self.find(chat_id)
        if chat is None:
            raise bad_request("chat not found")
        if chat.moved_to is not None:
            raise TelegramError(
                400,
                "group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat.moved_to},
            )
        return chat

    def writable(self, params: Params) -> Chat:
        """The chat a call names, if the bot may write there. Raises TelegramError."""
        chat = self.named(params)
        if chat.reach is Reach.KICKED:
            raise TelegramError(403, f"bot was kicked from the {chat.info['type']} chat")
        if chat.reach is not Reach.OK:
            raise TelegramError(403, _REFUSALS[chat.reach])
        return chat

    def thread(self, chat: Chat, params: Params) -> Json:
        """The topic that a call names, as a message has it. Raises TelegramError."""
        topic = params.integer("message_thread_id")
        if topic is None:
            return {}
        if topic not in chat.topics:
            raise bad_request("message thread not found")
        return {"message_thread_id": topic, "is_topic_message": True}

    def user(self, user_id: int) -> Json:
        """Telegram's User object of a person. Raises KeyError for a stranger to the sandbox."""
        chat = self.find(user_id)
        if chat is None or not chat.private:
            raise KeyError(user_id)
        user = {"id": user_id, "is_bot": False, "first_name": chat.info["first_name"]}
        user |= {"language_code": chat.language}
        return user | ({"username": chat.info["username"]} if "username" in chat.info else {})

    def phone_number(self, user_id: int) -> str:
        """The phone number on a person's contact card; empty if there is none."""
        return next(
            (one.phone_number for one in PROFILES[TELEGRAM].people if one.address == str(user_id)), ""
        )

    def add_group(self, chat_id: int, title: str, members: set[int], kind: str = "group") -> Chat:
        """Create a group or, by `kind`, a supergroup, with the bot in it."""
        chat = self._chats[chat_id] = Chat({"id": chat_id, "type": kind, "title": title}, members=members)
        return chat

    def place(self, chat: Chat, sender: Json, content: Json) -> Json:
        """Add a new message to a chat; return Telegram's Message object."""
        now = time.time()
        message = {
            "message_id": next(self._message_ids),
            "from": sender,
            "chat": chat.info,
            "date": int(now),
            **content,
        }
        chat.keep(message)
        if sender["is_bot"]:
            chat.landed_at = now
            if chat.crowd:
                self._landed_last.append(chat)
        return message

    def lasting(self) -> list[Chat]:
        """Every chat but those of crowds."""
        return [chat for chat in self._chats.values() if not chat.crowd]

    def crowd_landed_last(self) -> list[Chat]:
        """Crowd chats that got a message, the latest first."""
        return list({chat.id: chat for chat in reversed(self._landed_last)}.values())

    def to_json(self) -> Json:
        """For the state file."""
        next_id = next(self._message_ids)
        self._message_ids = itertools.count(next_id)
        return {"next_message_id": next_id, "chats": [chat.to_json() for chat in self.lasting()]}

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned."""
        self._message_ids = itertools.count(saved["next_message_id"])
        for entry in saved["chats"]:
            chat = Chat.from_json(entry)
            self._chats[chat.id] = chat
