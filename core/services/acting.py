"""Who acts in the task that is running: set where a person or a program comes in, read where a deed is written down."""

from __future__ import annotations

from contextvars import ContextVar

from core.domain.audit import PROGRAM, Actor

_acting: ContextVar[Actor] = ContextVar("acting", default=PROGRAM)


def act_as(actor: Actor) -> None:
    """For the rest of the present task."""
    _acting.set(actor)


def acting() -> Actor:
    """PROGRAM where nobody has come in."""
    return _acting.get()
