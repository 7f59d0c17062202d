"""The rows of the three tables of the chat: buttons, commands and prompts, each with its role and its handler.

Every module of handlers lists its buttons in `BUTTONS`; the dispatcher gathers them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, overload

from bot.context import BotContext, Result
from bot.requests import ButtonPress, IncomingMessage
from bot.ui.callback_data import ID, Action, ListPage, StaleScreen, Subject, SubjectAction, matched, parse
from bot.ui.screen import Screen
from core.domain.broadcast import Broadcast
from core.domain.messengers.traits import BY_CODE, Messenger
from core.domain.series import Series
from core.domain.team import Role
from core.store.chat.drafts import Draft

T = TypeVar("T")
A = TypeVar("A")
P = ParamSpec("P")
Handled = Awaitable[Result]


@dataclass(frozen=True, slots=True)
class Argument(Generic[A]):
    """Form of a verb's argument in callback data, and its parser."""

    pattern: str
    convert: Callable[[str], A]

    def read(self, text: str) -> A:
        """Raises StaleScreen."""
        matched(self.pattern, text)
        return self.convert(text)


NUMBER: Final = Argument(r"\d{1,9}", int)
PAGE: Final = Argument(r"[1-9]\d{0,4}", int)
BACK: Final = Argument(r".+", ListPage.read)
"""The page of the list that a card goes back to."""
FLAG: Final = Argument("[01]", lambda text: text == "1")
PLACE: Final = Argument(r"\d{1,2}", int)
"""From 0."""
LIST_ID: Final = Argument(ID, str)
ON_MESSENGER: Final = Argument(f"[{''.join(BY_CODE)}]", BY_CODE.__getitem__)


@dataclass(frozen=True, slots=True)
class Route:
    """A row of the table of buttons.

    `in_any_state`: answered also on a screen that shows an older state; `once`: it makes something each time, so the
    second of two quick taps does nothing.
    """

    key: str
    role: Role
    handler: Callable[..., Handled]
    read: Callable[[Any], tuple[Any, ...]]
    """The handler's arguments after the context and the press. Raises StaleScreen."""
    in_any_state: bool = False
    once: bool = False


class Kind(Generic[T]):
    """Buttons on one kind of subject. `pattern`: of its id and stamp, None for a kind without; `read`: what a handler
    gets of it.

    Without `read` the dispatcher opens the subject, as that takes the store.
    """

    def __init__(self, letter: str, pattern: str | None, read: Callable[[Subject], T] | None = None) -> None:
        self._letter = letter
        self._pattern = letter if pattern is None else f"{letter}:{pattern}"
        self._read = read

    @overload
    def button(
        self,
        verb: str,
        role: Role,
        handler: Callable[[BotContext, ButtonPress, T], Handled],
        *,
        in_any_state: bool = False,
        once: bool = False,
    ) -> Route: ...

    @overload
    def button(
        self,
        verb: str,
        role: Role,
        handler: Callable[[BotContext, ButtonPress, T, A], Handled],
        argument: Argument[A],
        *,
        in_any_state: bool = False,
        once: bool = False,
    ) -> Route: ...

    def button(
        self,
        verb: str,
        role: Role,
        handler: Callable[..., Handled],
        argument: Argument[Any] | None = None,
        *,
        in_any_state: bool = False,
        once: bool = False,
    ) -> Route:
        """A row: the handler gets the subject, and the argument where the verb has one."""

        def read(action: SubjectAction) -> tuple[Any, ...]:
            matched(self._pattern, str(action.subject))
            if argument is None and action.argument:
                raise StaleScreen
            subject = () if self._read is None else (self._read(action.subject),)
            return (*subject, *(() if argument is None else (argument.read(action.argument),)))

        return Route(f"{self._letter}:{verb}", role, handler, read, in_any_state, once)


_STAMPED: Final = rf"{ID}:[a-z0-9]{{1,9}}"
DRAFT: Final = Kind[Draft]("d", _STAMPED)
CHAT: Final = Kind[str]("h", None, lambda subject: subject.id)
"""The bot itself: for its buttons with an argument."""
BROADCAST: Final = Kind[Broadcast]("b", _STAMPED)
SERIES: Final = Kind[Series]("s", _STAMPED)
AUDIENCE: Final = Kind[str]("a", ID, lambda subject: subject.id)
ALL_AUDIENCES: Final = Kind[str]("a", "", lambda subject: subject.id)
PERSON: Final = Kind[int]("u", r"[1-9]\d{0,17}", lambda subject: int(subject.id))
INVITATION: Final = Kind[str]("t", r"[0-9a-f]{12}", lambda subject: subject.id)
APPROVAL: Final = Kind[tuple[str, int]]("w", rf"{ID}:\d{{1,6}}", lambda one: (one.id, int(one.stamp)))
MESSENGER: Final = Kind[Messenger]("m", f"[{''.join(BY_CODE)}]", lambda subject: BY_CODE[subject.id])


def button(action: SubjectAction, role: Role, handler: Callable[[BotContext, ButtonPress], Handled]) -> Route:
    """A row for exactly this action."""

    def read(found: SubjectAction) -> tuple[Any, ...]:
        if found != action:
            raise StaleScreen
        return ()

    return Route(action.key, role, handler, read)


def any_of(key: str, role: Role, handler: Callable[[BotContext, ButtonPress, Any], Handled]) -> Route:
    """A row for all actions of a form of its own: the handler gets the action."""
    return Route(key, role, handler, lambda action: (action,))


def drawn(draw: Callable[P, Screen]) -> Callable[Concatenate[BotContext, ButtonPress, P], Handled]:
    """Make a handler that only draws a screen of the subject and the argument."""

    async def handle(
        _context: BotContext, _press: ButtonPress, /, *args: P.args, **kwargs: P.kwargs
    ) -> Result:
        return draw(*args, **kwargs)

    return handle


class ButtonTable:
    """All rows of buttons. Raises ValueError for two rows of one button."""

    def __init__(self, *modules: Sequence[Route]) -> None:
        rows = [row for module in modules for row in module]
        self._rows = {row.key: row for row in rows}
        if len(self._rows) < len(rows):
            raise ValueError("two rows for one button")

    def role_for(self, action: Action) -> Role:
        """The role that a button needs; one without a row is for owners alone."""
        row = self._rows.get(action.key)
        return Role.OWNER if row is None else row.role

    def read(self, data: str) -> tuple[Action, Route, tuple[Any, ...]]:
        """Parse callback data: the action, its row, and the handler's arguments. Raises StaleScreen."""
        action = parse(data)
        row = self._rows.get(action.key)
        if row is None:
            raise StaleScreen
        return action, row, row.read(action)


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table of commands. `about`: its description in the menu; empty: not shown there."""

    name: str
    role: Role
    handler: Callable[[BotContext, IncomingMessage], Handled]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A row of the table of prompts: what answers a question whose answer is typed.

    `field`: what the store keeps of the question, or its beginning before a colon. The handler gets the subject's id
    and the field too."""

    field: str
    role: Role
    handler: Callable[[BotContext, IncomingMessage, str, str], Handled]

    def answers(self, field: str) -> bool:
        return field == self.field or field.startswith(f"{self.field}:")
