"""Warnings about an accepted order, as one Warning header (RFC 7234: code 299, no agent)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from core.domain.messengers.traits import Messenger
from core.parsing.numbering_plans import is_landline
from core.parsing.recipients import ReadRecipients
from core.services.duplicate_check import Duplicate

_MOST: Final = 20
"""Recipients that are named in one warning."""


def warnings(read: ReadRecipients, like: Duplicate | None) -> Iterator[str]:
    """Doubts that the chat shows before sending. Recipients are named as in the body: recipients[0] is the first.

    `like`: a recent broadcast with the same content to some of these people.
    """
    if like is not None:
        people = "1 of these people" if like.people == 1 else f"{like.people} of these people"
        yield f"the same message is in #{like.broadcast.id} within 24 hours, to {people}"
    if read.doubles:
        yield f"{_named(read.doubles)}: named before in this order, so they get it once"
    places = list(zip(read.places, read.recipients, strict=True))
    landlines = [
        place for place, one in places if one.messenger is Messenger.WHATSAPP and is_landline(one.address)
    ]
    if landlines:
        yield f"{_named(landlines)}: a landline, and few of those are on WhatsApp"
    names = [place for place, one in places if one.messenger is Messenger.TELEGRAM and one.address[0] == "@"]
    if names:
        yield f"{_named(names)}: bots can write by @name to public groups and channels, not to people"


def header(found: Sequence[str]) -> str:
    """The value of the header."""
    return ", ".join(f'299 - "{one}"' for one in found)


def _named(places: Sequence[int]) -> str:
    shown = ", ".join(f"recipients[{place}]" for place in places[:_MOST])
    return f"{shown} and {len(places) - _MOST} more" if len(places) > _MOST else shown
