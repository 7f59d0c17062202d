"""The gate: admits people with a role in a private chat and answers everybody else.

Subscribers have three commands and never learn that there are others.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace

from telegram import Chat as TelegramChat
from telegram import ChatMember, Message, Update, User

from bot.context import BotContext
from bot.screens import invitations as screens_invitations
from bot.screens import subscribers as screens_subscribers
from bot.telegram.incoming import is_from_elsewhere
from bot.text.reader import use_reader
from bot.text.translation import _, language_of
from bot.ui.screen import Screen, plain
from core.domain.audit import Actor
from core.domain.auto_text import AutoText
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import Messenger
from core.domain.recipients import Recipient
from core.domain.team import Reader, Role
from core.domain.visible import plain_name
from core.parsing.opt_out import wants_messages
from core.services.audit_log import set_actor
from core.services.invitations import is_token

_JOIN = "a_"
INVITED = "i_"
"""Before the token of an invitation to the team, in the payload of its link."""
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")


def _invitation(payload: str) -> str:
    """The token in the payload of a link "?start=i_..."; empty for another one."""
    token = payload.removeprefix(INVITED)
    return token if payload.startswith(INVITED) and is_token(token) else ""


class AccessControl:
    """Checks every update before any handler."""

    def __init__(self, context: BotContext) -> None:
        self._context = context

    async def _role(self, user: User | None) -> Role | None:
        """The role of the sender, who becomes the actor in the audit log."""
        if user is None:
            return None
        name = plain_name(user.first_name)
        role = await self._context.core.team.meet(user.id, name)
        if role is not None:
            set_actor(Actor(f"telegram:{user.id}", name))
        return role

    async def admit(self, update: Update) -> Role | None:
        """The role of the sender; None for an update that needs no handler."""
        role = await self._role(update.effective_user)
        await self._set_reader(update.effective_user, role)
        private = update.effective_chat is not None and update.effective_chat.type == TelegramChat.PRIVATE
        if update.my_chat_member is not None:
            await self._member_changed(update)
        elif role is None:
            await self._stranger(update, private=private)
        elif private:
            return role
        else:
            await self._admin_elsewhere(update)
        return None

    async def _set_reader(self, user: User | None, role: Role | None) -> None:
        """Use the language of the sender's app, and store it for messages sent unasked.

        Admins have their own time zone, subscribers that of the settings.
        """
        code = (user.language_code if user else None) or ""
        language = language_of(code)
        if user is None or role is None:
            use_reader(Reader(language))
            return
        reader = await self._context.core.readers.of(user.id)
        use_reader(replace(reader, language=language), code)
        if reader.language != language:
            await self._context.core.readers.remember_language(user.id, language)

    async def _member_changed(self, update: Update) -> None:
        """Unsubscribe a person who blocks the bot, and leave them out of orders until they unblock it."""
        change, subscribers = update.my_chat_member, self._context.core.subscribers
        if change is None or change.chat.type != TelegramChat.PRIVATE:
            return
        if change.new_chat_member.status == ChatMember.BANNED:
            await subscribers.mark_blocked(change.chat.id)
        elif change.new_chat_member.status == ChatMember.MEMBER:
            await subscribers.mark_reachable(Messenger.TELEGRAM, str(change.chat.id), asked=False)

    async def _admin_elsewhere(self, update: Update) -> None:
        if update.callback_query is not None:
            await self._context.chat.answer(update.callback_query.id, None)
        elif update.message is not None and self._is_for_us(update.message.text or ""):
            refusal = plain(_("I only take commands in our private chat."))
            await self._context.chat.send(update.message.chat_id, refusal)

    def _is_for_us(self, text: str) -> bool:
        """True for a command that names no other bot of the group."""
        command, _at, name = (
            text.split(maxsplit=1)[0].partition("@") if text.startswith("/") else ("", "", "")
        )
        return command != "" and name.lower() in ("", self._context.chat.bot_name.lower())

    async def _join(self, payload: str, chat_id: int, user: User) -> None:
        """Join a list by its link, if that is open; nothing tells which lists exist."""
        token = payload.removeprefix(_JOIN)
        if payload.startswith(_JOIN) and token:
            recipient = Recipient(
                messenger=Messenger.TELEGRAM,
                address=str(chat_id),
                variables={"name": plain_name(user.full_name)},
            )
            await self._context.core.audiences.join(token, recipient)

    async def _tag(self, payload: str) -> str:
        """The payload of a link "?start=flyer"; empty for the secret of a list, and for what no link can carry."""
        audiences = self._context.core.audiences
        is_secret = payload.startswith(_JOIN) and await audiences.is_token(payload.removeprefix(_JOIN))
        return payload if _PAYLOAD.fullmatch(payload) and not is_secret else ""

    async def _stranger(self, update: Update, *, private: bool) -> None:
        if update.callback_query is not None:
            await self._context.chat.answer(update.callback_query.id, None)
        elif private and update.message is not None and update.effective_user is not None:
            await self._answer(update.message, update.effective_user)

    async def _answer(self, message: Message, user: User) -> None:
        """Carry out what a stranger asks for at once; the answer waits for its turn."""
        chat_id, subscribers, text = message.chat_id, self._context.core.subscribers, message.text or ""
        is_command = text.startswith("/")
        payload = "".join(text.split(maxsplit=1)[1:]) if is_command else ""
        match "" if is_from_elsewhere(message) else _command_in(text):
            case "/start" if token := _invitation(payload):
                screen = await self._open_invitation(token, user)
            case "/start":
                await subscribers.mark_reachable(Messenger.TELEGRAM, str(chat_id))
                since = await subscribers.subscribe(
                    chat_id, plain_name(user.full_name), await self._tag(payload), user.username or ""
                )
                await self._join(payload, chat_id, user)
                welcome = await self._context.core.auto_texts.get(Messenger.TELEGRAM, AutoText.WELCOME)
                screen = screens_subscribers.subscribed_message(since, self._context.clock(), welcome)
            case "/stop":
                await subscribers.mark_unreachable(Messenger.TELEGRAM, str(chat_id), Reason.OPTED_OUT)
                gone = await subscribers.unsubscribe(chat_id)
                screen = screens_subscribers.unsubscribed_message(was_subscribed=gone)
            case "/help":
                screen = screens_subscribers.subscriber_help()
            case _:
                await self._subscribe(chat_id, user)
                away = await self._away_text(chat_id, to_command=is_command)
                if not away:
                    return
                screen = plain(away)
        self._context.strangers.put(chat_id, screen)

    async def _open_invitation(self, token: str, user: User) -> Screen:
        """Have the owner asked. Nobody is subscribed by it."""
        await self._context.core.subscribers.mark_reachable(Messenger.TELEGRAM, str(user.id))
        name, language = plain_name(user.full_name), language_of(user.language_code or "")
        opened = await self._context.core.invitations.open(
            token, user.id, name, username=user.username or "", language=language
        )
        if not opened:
            return screens_invitations.over_message()
        self._context.invitations.wake()
        return screens_invitations.asked_message(plain_name(user.first_name))

    async def _away_text(self, chat_id: int, *, to_command: bool) -> str:
        """Empty if it is turned off, and for a person who got it lately and sends no command."""
        texts, reserved = self._context.core.auto_texts, secrets.token_hex(4)
        if not to_command:
            claimed = await texts.claim(Messenger.TELEGRAM, AutoText.AWAY, str(chat_id), reserved)
            if claimed != reserved:
                return ""
        own = await texts.get(Messenger.TELEGRAM, AutoText.AWAY)
        return screens_subscribers.auto_text(Messenger.TELEGRAM, AutoText.AWAY, own)

    async def _subscribe(self, chat_id: int, user: User) -> None:
        """Subscribe a person who writes, unless they have unsubscribed."""
        core = self._context.core
        if await core.subscribers.since(chat_id) is None:
            there = Recipient(messenger=Messenger.TELEGRAM, address=str(chat_id))
            if (await core.reachability.split([there])).recipients:
                await core.subscribers.subscribe(
                    chat_id, plain_name(user.full_name), username=user.username or ""
                )


def _command_in(text: str) -> str:
    """The command in a text, also in words: "Stop. Thank you" is /stop."""
    if not text.startswith("/"):
        wanted = wants_messages(text)
        return "" if wanted is None else "/start" if wanted else "/stop"
    return text.split(maxsplit=1)[0].partition("@")[0].lower()
