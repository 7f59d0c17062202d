"""The fake Telegram: chats, updates, files, menus and queries of one bot."""

import time
from pathlib import Path
from typing import Any

from sandbox.books import Books
from sandbox.changes import Changes
from sandbox.crowds import Crowds
from sandbox.people import TELEGRAM, Reach
from sandbox.telegram.chats import Chat, Chats
from sandbox.telegram.edit_rate import EditRateMonitor
from sandbox.telegram.files import Files, StoredFile
from sandbox.telegram.menus import Menus
from sandbox.telegram.queries import Queries, Query
from sandbox.telegram.text import found_entities
from sandbox.telegram.updates import Updates
from sandbox.telegram.webhook import Webhook

Json = dict[str, Any]


class NotPossibleError(ValueError):
    """An impossible action of a person; the text says why."""


class Telegram:
    """The state of Telegram, and what people do there. methods.py has what the bot does."""

    def __init__(self, books: Books, crowds: Crowds, changes: Changes, files_folder: Path | None) -> None:
        self.books = books
        self.changes = changes
        self.chats = Chats(crowds)
        self.updates = Updates()
        self.webhook = Webhook(self.updates)
        self.files = Files(files_folder)
        self.menus = Menus(self.chats)
        self.queries = Queries(books)
        self.edit_rate = EditRateMonitor(books)
        self.bot: Json = {"id": 0, "is_bot": True, "first_name": "Message Sender", "username": "sandbox_bot"}

    def post(self, chat: Chat, content: Json, *, counted: bool = True) -> Json:
        """Add a message of the bot to a chat; return the Message object. The books count an album once."""
        message = self.chats.place(chat, self.bot, content)
        text = str(content.get("text") or content.get("caption") or "")
        if counted:
            self.books.landed(TELEGRAM, str(chat.id), text, str(message["message_id"]))
        self.changes.notify()
        return message

    def say(self, person: int, content: Json, chat_id: int | None = None) -> Json:
        """Add a message of a person to a chat; by default the private one with the bot."""
        chat = self._chat_for(person, chat_id)
        if chat.private and chat.reach is Reach.BLOCKED:
            raise NotPossibleError("this person blocked the bot: unblock first")
        if chat.private:
            chat.reach = Reach.OK
        self.edit_rate.person_acted(chat.id)
        if chat.keyboard.get("one_time_keyboard") or "force_reply" in chat.keyboard:
            chat.keyboard = {}
        message = self.chats.place(chat, self.chats.user(person), content)
        self._push("message", message)
        return message

    def share_users(self, person: int, request_id: int, users: list[int]) -> Json:
        """Answer a shown KeyboardButtonRequestUsers with these people."""
        chat = self._chat_for(person, None)
        asked = _asked_users(chat, request_id)
        if not 1 <= len(set(users)) <= asked.get("max_quantity", 1):
            raise NotPossibleError(f"choose 1 to {asked.get('max_quantity', 1)} people")
        shared = [_shared_user(self.chats.user(user), asked) for user in dict.fromkeys(users)]
        return self.say(person, {"users_shared": {"request_id": request_id, "users": shared}})

    def share_contact(self, person: int, user: int) -> Json:
        """Send a contact card: of another person, or the person's own for a KeyboardButton with request_contact."""
        shared, number = self.chats.user(user), self.chats.phone_number(user)
        if not number:
            raise NotPossibleError("there is no phone number of this person")
        card = {"phone_number": number, "first_name": shared["first_name"], "user_id": user}
        return self.say(person, {"contact": card})

    def say_text(self, person: int, text: str, chat_id: int | None = None, extra: Json | None = None) -> Json:
        """Add a text of a person, with links and /commands marked."""
        return self.say(person, {**_text_content(text), **(extra or {})}, chat_id)

    def say_file(
        self, person: int, stored: StoredFile, caption: str, album: str = "", extra: Json | None = None
    ) -> Json:
        """Add a file of a person; those of one `album` belong together."""
        captioned = {"caption": caption, "caption_entities": found_entities(caption)} if caption else {}
        group = {"media_group_id": album} if album else {}
        return self.say(person, {**stored.content(), **captioned, **group, **(extra or {})})

    def rewrite(self, person: int, message_id: int, text: str) -> Json:
        """Edit a person's own text or caption."""
        message = self._chat_for(person, None).messages.get(message_id)
        if message is None or message["from"]["id"] != person:
            raise NotPossibleError("that is no message of this person")
        if "text" in message:
            message.pop("entities", None)
            message.update(_text_content(text), edit_date=int(time.time()))
        else:
            message.pop("caption_entities", None)
            message.update(caption=text, edit_date=int(time.time()))
        self._push("edited_message", message)
        return message

    def press(self, person: int, chat: Chat, message_id: int, data: str) -> Query:
        """Press a button; the caller checks that it is shown. For a deleted message the bot gets an inaccessible
        message with date 0, as from Telegram."""
        query = self.queries.ask(person, chat.id, message_id, data)
        gone = {"chat": chat.info, "message_id": message_id, "date": 0}
        self.edit_rate.person_acted(chat.id)
        self._push(
            "callback_query",
            {
                "id": query.id,
                "from": self.chats.user(person),
                "message": dict(chat.messages.get(message_id, gone)),
                "chat_instance": str(chat.id * 7919),
                "data": data,
            },
        )
        return query

    def change_reach(self, person: int, reach: Reach) -> None:
        """Let a person block or unblock the bot; the bot gets an update."""
        chat = self._chat_for(person, None)
        before, chat.reach = chat.reach, reach
        if Reach.BLOCKED in (before, reach) and before is not reach:
            self._membership(person, chat, "member" if reach is Reach.OK else "kicked")
        self.changes.notify()

    def make_group(self, chat_id: int, title: str, members: set[int], topics: set[int]) -> Chat:
        """Create a group with these people and the bot; one with topics is a forum."""
        if chat_id >= 0:
            raise NotPossibleError("the id of a group is below 0")
        chat = self.chats.add_group(chat_id, title, members, "supergroup" if topics else "group")
        if topics:
            chat.info["is_forum"] = True
            chat.topics = topics
        self._membership(min(members, default=100), chat, "member", "left")
        return chat

    def remove_from_group(self, chat_id: int, person: int | None) -> None:
        """Remove a person or, with None, the bot from a group."""
        chat = self._group(chat_id)
        if person is None:
            chat.reach = Reach.KICKED
            self._membership(min(chat.members, default=100), chat, "kicked", "member")
        else:
            user = self.chats.user(person)
            chat.members.discard(person)
            self._push("message", self.chats.place(chat, user, {"left_chat_member": user}))

    def migrate(self, chat_id: int) -> Chat:
        """Turn a group into a supergroup with another id; the old id answers with the new one."""
        old = self._group(chat_id)
        new = self.chats.add_group(-(10**12) + chat_id, old.info["title"], old.members, "supergroup")
        old.moved_to = new.id
        sender = self.chats.user(min(old.members, default=100))
        self._push("message", self.chats.place(old, sender, {"migrate_to_chat_id": new.id}))
        return new

    def _group(self, chat_id: int) -> Chat:
        chat = self.chats.find(chat_id)
        if chat is None or chat.private:
            raise NotPossibleError(f"there is no group {chat_id}")
        return chat

    def _chat_for(self, person: int, chat_id: int | None) -> Chat:
        chat = self.chats.find(person if chat_id is None else chat_id)
        if chat is None or (not chat.private and person not in chat.members):
            raise NotPossibleError(f"{person} is not in that chat")
        return chat

    def _membership(self, person: int, chat: Chat, now: str, before: str = "") -> None:
        opposite = "member" if now == "kicked" else "kicked"
        self._push(
            "my_chat_member",
            {
                "chat": chat.info,
                "from": self.chats.user(person),
                "date": int(time.time()),
                "old_chat_member": self._bot_as(before or opposite),
                "new_chat_member": self._bot_as(now),
            },
        )

    def _bot_as(self, status: str) -> Json:
        return {"user": self.bot, "status": status, **({"until_date": 0} if status == "kicked" else {})}

    def _push(self, kind: str, payload: Json) -> None:
        # A copy: the message may be edited before the bot fetches the update. After removing the bot, a group
        # sends it nothing but my_chat_member.
        chat = self.chats.find(payload.get("chat", {}).get("id", 0))
        if chat is None or chat.reach is not Reach.KICKED or kind == "my_chat_member":
            self.updates.push(kind, dict(payload))
        self.changes.notify()

    def to_json(self) -> Json:
        """For the state file."""
        return {
            "bot": self.bot,
            "chats": self.chats.to_json(),
            "updates": self.updates.to_json(),
            "webhook": self.webhook.to_json(),
            "files": self.files.to_json(),
            "menus": self.menus.to_json(),
        }

    def load(self, saved: Json) -> None:
        """Restore what `to_json` returned."""
        self.bot = saved["bot"]
        self.chats.load(saved["chats"])
        self.updates.load(saved["updates"])
        self.webhook.load(saved["webhook"])
        self.files.load(saved["files"])
        self.menus.load(saved["menus"])


def _asked_users(chat: Chat, request_id: int) -> Json:
    for row in chat.keyboard.get("keyboard", []):
        for button in row:
            asked: Json = button.get("request_users") or {}
            if asked.get("request_id") == request_id:
                return asked
    raise NotPossibleError("no such button is shown")


def _shared_user(user: Json, asked: Json) -> Json:
    """Telegram's SharedUser: the id, and the names that were asked for."""
    named = {"first_name"} if asked.get("request_name") else set()
    named |= {"username"} if asked.get("request_username") else set()
    return {"user_id": user["id"], **{name: user[name] for name in sorted(named) if name in user}}


def _text_content(text: str) -> Json:
    text = text.strip()
    if not text:
        raise NotPossibleError("the text is empty")
    entities = found_entities(text)
    return {"text": text, **({"entities": entities} if entities else {})}
