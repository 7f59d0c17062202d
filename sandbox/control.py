"""The control API under /sandbox: what the page and the tests do as people, and what they read.

JSON in and out; a bad request is answered 400 {"error": ...}. README.md lists the calls.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any, Final

from aiohttp import web

from sandbox.access import checked_webhook
from sandbox.bodies import json_object, reply, worded
from sandbox.people import PROFILES, TELEGRAM, Reach
from sandbox.samples import CARDS, UPLOADS
from sandbox.telegram.chats import Chat
from sandbox.telegram.files import KINDS
from sandbox.telegram.params import Upload
from sandbox.telegram.queries import EXPIRY_SECONDS, Query
from sandbox.telegram.world import NotPossibleError
from sandbox.view import chat_state, page_state
from sandbox.world import World

Json = dict[str, Any]
_ADMIN: Final = 100
_LONGEST_WAIT: Final = 5.0
_MAX_CROWD: Final = 10_000_000
_KINDS: Final = {
    "image/png": "photo",
    "image/jpeg": "photo",
    "image/gif": "animation",
    "image/webp": "sticker",
    "video/mp4": "video",
    "audio/mpeg": "audio",
    "audio/mp4": "audio",
    "audio/ogg": "voice",
}


class Control:
    """The control API."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._telegram = world.telegram

    def add_routes(self, app: web.Application) -> None:
        """Add the routes of people, chats and accounts."""
        add = app.router.add_route
        add("GET", "/sandbox/state", worded(self._state))
        add("GET", "/sandbox/chats/{chat}", worded(self._chat))
        add("GET", "/sandbox/changes", worded(self._changes))
        add("POST", "/sandbox/say", worded(self._say))
        add("POST", "/sandbox/send-file", worded(self._send_file))
        add("POST", "/sandbox/say-sample", worded(self._say_sample))
        add("POST", "/sandbox/edit", worded(self._edit))
        add("POST", "/sandbox/share-users", worded(self._share_users))
        add("POST", "/sandbox/share-contact", worded(self._share_contact))
        add("POST", "/sandbox/press", worded(self._press))
        add("POST", "/sandbox/language", worded(self._language))
        add("POST", "/sandbox/expire-queries", worded(self._expire))
        add("POST", "/sandbox/people/{messenger}/{id}/{action}", worded(self._act))
        add("POST", "/sandbox/webhooks", worded(self._webhooks))
        add("POST", "/sandbox/whatsapp/{action}", worded(self._account))
        add("POST", "/sandbox/groups", worded(self._group))
        add("POST", "/sandbox/groups/{chat}/{action}", worded(self._group_action))
        add("POST", "/sandbox/local-server", worded(self._local_server))
        add("POST", "/sandbox/crowd", worded(self._crowd))

    async def _state(self, request: web.Request) -> web.Response:
        return reply(page_state(self._world, int(request.query.get("person", _ADMIN))))

    async def _chat(self, request: web.Request) -> web.Response:
        return reply(chat_state(self._telegram, int(request.match_info["chat"])))

    async def _changes(self, request: web.Request) -> web.Response:
        """Wait for more than `past` changes, at most a few seconds."""
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                await self._world.changes.wait_past(int(request.query.get("past", -1)))
        except TimeoutError:
            pass
        return reply({"version": self._world.changes.count})

    async def _say(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        person, extra = int(body["person"]), {}
        chat_id = body.get("chat")
        if isinstance(body.get("other"), dict):
            return reply(self._telegram.say(person, body["other"], chat_id))
        extra.update(self._replied(body, chat_id if chat_id is not None else person))
        if body.get("forwarded_from"):
            name = str(body["forwarded_from"])
            extra["forward_origin"] = {"type": "hidden_user", "sender_user_name": name, "date": 1}
        if body.get("entities"):
            extra["entities"] = body["entities"]
        return reply(self._telegram.say_text(person, str(body["text"]), chat_id, extra))

    def _replied(self, body: Mapping[str, object], chat_id: object) -> Json:
        """The part of a message that makes it a reply; empty for another one."""
        if body.get("reply_to") in (None, ""):
            return {}
        return {"reply_to_message": self._chat_named(chat_id).messages[int(str(body["reply_to"]))]}

    async def _send_file(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        if not isinstance(file, web.FileField):
            raise NotPossibleError("file must be a file")
        upload = Upload(PurePath(file.filename).name, file.content_type, file.file.read())
        kind = str(form.get("kind") or _KINDS.get(file.content_type, "document"))
        if kind not in KINDS:
            raise NotPossibleError(f"kind is one of {', '.join(KINDS)}")
        stored = self._telegram.files.add(upload, kind)
        person, album = int(str(form["person"])), str(form.get("album", ""))
        caption, extra = str(form.get("caption", "")), self._replied(form, person)
        return reply(self._telegram.say_file(person, stored, caption, album, extra))

    async def _say_sample(self, request: web.Request) -> web.Response:
        """Send a voice message, a sticker and the like that the sandbox has at hand."""
        body = json_object(await request.read())
        person, kind = int(body["person"]), str(body["kind"])
        extra = self._replied(body, person)
        if kind in CARDS:
            return reply(self._telegram.say(person, {**CARDS[kind], **extra}))
        if kind not in UPLOADS:
            raise NotPossibleError(f"kind is one of {', '.join((*UPLOADS, *CARDS))}")
        stored = self._telegram.files.add(UPLOADS[kind], kind)
        return reply(self._telegram.say_file(person, stored, "", extra=extra))

    async def _edit(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        return reply(self._telegram.rewrite(int(body["person"]), int(body["message_id"]), str(body["text"])))

    async def _share_users(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        users = [int(user) for user in body["users"]]
        return reply(self._telegram.share_users(int(body["person"]), int(body["request_id"]), users))

    async def _share_contact(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        return reply(
            self._telegram.share_contact(int(body["person"]), int(body.get("user") or body["person"]))
        )

    async def _language(self, request: web.Request) -> web.Response:
        """Set the language of the person's app; the bot sees it in the next update."""
        body = json_object(await request.read())
        chat = self._chat_named(body["person"])
        chat.language = str(body["language"])
        self._world.changes.notify()
        return reply({"language": chat.language})

    async def _press(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        person = int(body["person"])
        chat = self._chat_named(body.get("chat", person))
        message_id = int(body.get("message_id", 0))
        data = str(body["data"]) if body.get("forge") else _shown_data(chat, message_id, body)
        query = self._telegram.press(person, chat, message_id, data)
        if body.get("wait"):
            await self._answered(query)
        return reply(
            {
                "query_id": query.id,
                "answered": query.answered_at is not None,
                "text": query.text,
                "alert": query.alert,
            }
        )

    async def _answered(self, query: Query) -> None:
        try:
            async with asyncio.timeout(EXPIRY_SECONDS):
                while query.open:
                    await self._world.changes.wait_past(self._world.changes.count)
                    if self._world.changes.closed:
                        return
        except TimeoutError:
            return

    async def _expire(self, request: web.Request) -> web.Response:
        self._telegram.queries.expire_all()
        self._world.changes.notify()
        return reply({})

    async def _act(self, request: web.Request) -> web.Response:
        messenger, address = request.match_info["messenger"], request.match_info["id"]
        action = request.match_info["action"]
        body = json_object(await request.read()) if request.can_read_body else {}
        text = str(body.get("text", ""))
        if messenger == TELEGRAM and action == "write":
            self._telegram.say_text(int(address), text)
            reach = Reach.OK
        elif messenger == TELEGRAM:
            reach = PROFILES[messenger].actions[action]
            self._telegram.change_reach(int(address), reach)
            if action == "start":
                self._telegram.say_text(int(address), "/start")
        else:
            answers = str(body.get("reply_to", ""))
            reach = self._world.owners[messenger].act(address, action, text, answers)
            self._world.changes.notify()
        return reply({"reach": reach})

    async def _webhooks(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        urls = {self._world.webhook_senders[name]: checked_webhook(str(url)) for name, url in body.items()}
        for sender, url in urls.items():
            sender.url = url
        self._world.changes.notify()
        return reply(
            {
                messenger: webhook_sender.url
                for messenger, webhook_sender in self._world.webhook_senders.items()
            }
        )

    async def _account(self, request: web.Request) -> web.Response:
        """Act as Meta on the account; `expire-media`: 30 days are over."""
        action = request.match_info["action"]
        if action == "expire-media":
            self._world.media.expire()
        else:
            body = json_object(await request.read()) if request.can_read_body else {}
            self._world.account.act(action, str(body.get("template", "")))
        self._world.changes.notify()
        return reply(self._world.account.to_json())

    async def _group(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        members = {int(member) for member in body["members"]}
        topics = {int(topic) for topic in body.get("topics", ())}
        return reply(self._telegram.make_group(int(body["id"]), str(body["title"]), members, topics).info)

    async def _group_action(self, request: web.Request) -> web.Response:
        chat_id = int(request.match_info["chat"])
        body = json_object(await request.read()) if request.can_read_body else {}
        match request.match_info["action"]:
            case "leave":
                self._telegram.remove_from_group(chat_id, int(body["person"]))
            case "kick-bot":
                self._telegram.remove_from_group(chat_id, None)
            case "migrate":
                return reply(self._telegram.migrate(chat_id).info)
            case action:
                raise KeyError(action)
        return reply({})

    async def _local_server(self, request: web.Request) -> web.Response:
        """Hand files out like a Bot API server with --local, which keeps them in `folder`; "": like Telegram's own."""
        folder = str(json_object(await request.read())["folder"])
        self._telegram.files.local_folder = Path(folder) if folder else None
        return reply({"folder": folder})

    async def _crowd(self, request: web.Request) -> web.Response:
        body = json_object(await request.read())
        messenger, count = str(body["messenger"]), int(body["count"])
        if messenger not in PROFILES or not 1 <= count <= _MAX_CROWD:
            raise NotPossibleError(f"messenger is one of {', '.join(PROFILES)}, count from 1 to {_MAX_CROWD}")
        first = body.get("first")
        addresses = self._world.crowds.add(messenger, count, None if first is None else int(first))
        self._world.changes.notify()
        return reply({"first": addresses[0], "last": addresses[-1], "count": count})

    def _chat_named(self, chat_id: object) -> Chat:
        chat = self._telegram.chats.find(int(str(chat_id)))
        if chat is None:
            raise KeyError(chat_id)
        return chat


def _shown_data(chat: Chat, message_id: int, wanted: Json) -> str:
    """Callback data of a shown button, found by text, data, or row and column."""
    message = chat.messages.get(message_id)
    if message is None:
        raise NotPossibleError(f"message {message_id} is not in this chat")
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    for row_number, row in enumerate(rows):
        for column, button in enumerate(row):
            place = {
                "row": row_number,
                "column": column,
                "text": button["text"],
                "data": button.get("callback_data"),
            }
            asked = {key: wanted[key] for key in place if key in wanted}
            if (
                asked
                and all(place[key] == value for key, value in asked.items())
                and "callback_data" in button
            ):
                return str(button["callback_data"])
    raise NotPossibleError("no such button is shown")
