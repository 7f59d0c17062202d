"""The control API under /sandbox: what the page and the tests do as people, and what they read.

Every body and answer is JSON; a request that makes no sense is answered 400 {"error": ...}. README.md
in this folder lists the calls.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from itertools import islice
from pathlib import PurePath
from typing import Any, Final

from aiohttp import web

from sandbox.people import ACTIONS, MESSENGERS, TELEGRAM, WHATSAPP
from sandbox.telegram.chats import Chat
from sandbox.telegram.params import TelegramError, Upload
from sandbox.telegram.queries import EXPIRY_SECONDS, Query
from sandbox.telegram.world import NotPossibleError
from sandbox.view import chat_state, page_state
from sandbox.world import World

Json = dict[str, Any]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_ADMIN: Final = 100
_LONGEST_WAIT: Final = 5.0
_MAX_CROWD: Final = 10_000_000
_PICTURES: Final = ("image/png", "image/jpeg")
_encode = json.JSONEncoder(ensure_ascii=False).encode


def _reply(body: object) -> web.Response:
    return web.json_response(body, dumps=_encode)


def _worded(handler: Handler) -> Handler:
    """Turns nonsense in a request into 400 with a sentence."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except KeyError as error:
            problem = f"{error.args[0]} is missing or unknown"
        except (ValueError, TypeError, AttributeError) as error:
            problem = str(error)
        except TelegramError as error:
            problem = error.description
        return web.json_response({"error": problem}, status=400)

    return handle


class Control:
    """The control API."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._telegram = world.telegram

    def add_routes(self, app: web.Application) -> None:
        """Adds every address of the control API but those of faults and books."""
        add = app.router.add_route
        add("GET", "/sandbox/state", _worded(self._state))
        add("GET", "/sandbox/chats/{chat}", _worded(self._chat))
        add("GET", "/sandbox/changes", _worded(self._changes))
        add("POST", "/sandbox/say", _worded(self._say))
        add("POST", "/sandbox/send-file", _worded(self._send_file))
        add("POST", "/sandbox/edit", _worded(self._edit))
        add("POST", "/sandbox/press", _worded(self._press))
        add("POST", "/sandbox/expire-queries", _worded(self._expire))
        add("POST", "/sandbox/people/{messenger}/{id}/{action}", _worded(self._act))
        add("POST", "/sandbox/groups", _worded(self._group))
        add("POST", "/sandbox/groups/{chat}/{action}", _worded(self._group_action))
        add("POST", "/sandbox/crowd", _worded(self._crowd))

    async def _state(self, request: web.Request) -> web.Response:
        return _reply(page_state(self._world, int(request.query.get("person", _ADMIN))))

    async def _chat(self, request: web.Request) -> web.Response:
        return _reply(chat_state(self._telegram, int(request.match_info["chat"])))

    async def _changes(self, request: web.Request) -> web.Response:
        """Waits until there were more than `past` changes, at most a few seconds."""
        try:
            async with asyncio.timeout(_LONGEST_WAIT):
                await self._world.bell.wait_past(int(request.query.get("past", -1)))
        except TimeoutError:
            pass
        return _reply({"version": self._world.bell.changes})

    async def _say(self, request: web.Request) -> web.Response:
        body = await request.json()
        person, extra = int(body["person"]), {}
        chat_id = body.get("chat")
        if body.get("reply_to") is not None:
            chat = self._chat_named(chat_id if chat_id is not None else person)
            extra["reply_to_message"] = chat.messages[int(body["reply_to"])]
        if body.get("forwarded_from"):
            name = str(body["forwarded_from"])
            extra["forward_origin"] = {"type": "hidden_user", "sender_user_name": name, "date": 1}
        if body.get("entities"):
            extra["entities"] = body["entities"]
        return _reply(self._telegram.say_text(person, str(body["text"]), chat_id, extra))

    async def _send_file(self, request: web.Request) -> web.Response:
        form = await request.post()
        file = form["file"]
        if not isinstance(file, web.FileField):
            raise NotPossibleError("file must be a file")
        upload = Upload(PurePath(file.filename).name, file.content_type, file.file.read())
        kind = "photo" if file.content_type in _PICTURES else "document"
        stored = self._telegram.files.add(upload, kind)
        return _reply(self._telegram.say_file(int(str(form["person"])), stored, str(form.get("caption", ""))))

    async def _edit(self, request: web.Request) -> web.Response:
        body = await request.json()
        return _reply(self._telegram.rewrite(int(body["person"]), int(body["message_id"]), str(body["text"])))

    async def _press(self, request: web.Request) -> web.Response:
        body = await request.json()
        person = int(body["person"])
        chat = self._chat_named(body.get("chat", person))
        message_id = int(body.get("message_id", 0))
        data = str(body["data"]) if body.get("forge") else _shown_data(chat, message_id, body)
        query = self._telegram.press(person, chat, message_id, data)
        if body.get("wait"):
            await self._answered(query)
        return _reply(
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
                    await self._world.bell.wait_past(self._world.bell.changes)
                    if self._world.bell.closed:
                        return
        except TimeoutError:
            return

    async def _expire(self, request: web.Request) -> web.Response:
        self._telegram.queries.expire_all()
        self._world.bell.ring()
        return _reply({})

    async def _act(self, request: web.Request) -> web.Response:
        messenger, address = request.match_info["messenger"], request.match_info["id"]
        action = request.match_info["action"]
        reach = ACTIONS[messenger][action]
        if messenger == TELEGRAM:
            self._telegram.change_reach(int(address), reach)
            if action == "start":
                self._telegram.say_text(int(address), "/start")
        else:
            phones = self._world.whatsapp if messenger == WHATSAPP else self._world.viber
            phone = phones.find(address)
            if phone is None:
                raise KeyError(address)
            phone.reach = reach
            self._world.bell.ring()
        return _reply({"reach": reach})

    async def _group(self, request: web.Request) -> web.Response:
        body = await request.json()
        members = {int(member) for member in body["members"]}
        return _reply(self._telegram.make_group(int(body["id"]), str(body["title"]), members).info)

    async def _group_action(self, request: web.Request) -> web.Response:
        chat_id = int(request.match_info["chat"])
        body = await request.json() if request.can_read_body else {}
        match request.match_info["action"]:
            case "leave":
                self._telegram.remove_from_group(chat_id, int(body["person"]))
            case "kick-bot":
                self._telegram.remove_from_group(chat_id, None)
            case "migrate":
                return _reply(self._telegram.migrate(chat_id).info)
            case action:
                raise KeyError(action)
        return _reply({})

    async def _crowd(self, request: web.Request) -> web.Response:
        body = await request.json()
        messenger, count = str(body["messenger"]), int(body["count"])
        if messenger not in MESSENGERS or not 1 <= count <= _MAX_CROWD:
            raise NotPossibleError(
                f"messenger is one of {', '.join(MESSENGERS)}, count from 1 to {_MAX_CROWD}"
            )
        first = body.get("first")
        addresses = self._world.crowds.add(messenger, count, None if first is None else int(first))
        self._world.bell.ring()
        return _reply({"first": addresses[0], "last": addresses[-1], "count": count})

    def _chat_named(self, chat_id: object) -> Chat:
        chat = self._telegram.chats.find(int(str(chat_id)))
        if chat is None:
            raise KeyError(chat_id)
        return chat


class FaultControl:
    """Faults, limits and books in the control API."""

    def __init__(self, world: World) -> None:
        self._world = world

    def add_routes(self, app: web.Application) -> None:
        """Adds the addresses of faults, limits and books."""
        add = app.router.add_route
        add("GET", "/sandbox/faults", _worded(self._faults))
        add("POST", "/sandbox/faults", _worded(self._set_fault))
        add("DELETE", "/sandbox/faults", _worded(self._clear_faults))
        add("DELETE", "/sandbox/faults/{id}", _worded(self._clear_fault))
        add("POST", "/sandbox/limits", _worded(self._set_limits))
        add("GET", "/sandbox/books", _worded(self._summary))
        add("GET", "/sandbox/books/calls", _worded(self._calls))
        add("GET", "/sandbox/books/delivered", _worded(self._delivered))
        add("GET", "/sandbox/books/complaints", _worded(self._complaints))
        add("DELETE", "/sandbox/books", _worded(self._clear_books))

    async def _faults(self, request: web.Request) -> web.Response:
        return _reply(self._world.faults.listed())

    async def _set_fault(self, request: web.Request) -> web.Response:
        return _reply({"id": self._world.faults.set(await request.json())})

    async def _clear_faults(self, request: web.Request) -> web.Response:
        self._world.faults.clear()
        self._world.limits.clear()
        return _reply({})

    async def _clear_fault(self, request: web.Request) -> web.Response:
        self._world.faults.clear(int(request.match_info["id"]))
        return _reply({})

    async def _set_limits(self, request: web.Request) -> web.Response:
        for messenger, wanted in (await request.json()).items():
            self._world.limits.set(messenger, wanted)
        return _reply({})

    async def _summary(self, request: web.Request) -> web.Response:
        return _reply(self._world.books.summary() | {"complaints": self._all_complaints()})

    async def _calls(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        limit = int(query.pop("limit", 10_000))
        return _reply([entry.to_json() for entry in islice(self._world.books.calls(**query), limit)])

    async def _delivered(self, request: web.Request) -> web.Response:
        query = dict(request.query)
        limit = int(query.pop("limit", 1_000_000))
        return _reply([item.to_json() for item in islice(self._world.books.delivered(**query), limit)])

    async def _complaints(self, request: web.Request) -> web.Response:
        return _reply(self._all_complaints())

    async def _clear_books(self, request: web.Request) -> web.Response:
        self._world.books.clear()
        return _reply({})

    def _all_complaints(self) -> list[Json]:
        return self._world.books.complaints() + self._world.telegram.queries.overdue()


def _shown_data(chat: Chat, message_id: int, wanted: Json) -> str:
    """The data of a button that is on the screen: found by its text, its data, or row and column."""
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
