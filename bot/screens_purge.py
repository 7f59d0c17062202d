"""The questions of /purge: what there is to clear away, and whether it is really meant."""

from __future__ import annotations

from collections.abc import Sequence

from bot import words
from bot.pick import Present
from bot.screen import Button, Screen, Style
from bot.wire import MenuTap, PurgeTap
from core.services.purge import PurgeKind, PurgeOffer

CODES = {PurgeKind.FINISHED_OLD: "old", PurgeKind.FINISHED: "all", PurgeKind.CANCEL_SCHEDULED: "planned"}
BY_CODE = {code: kind for kind, code in CODES.items()}
_LABELS = {
    PurgeKind.FINISHED_OLD: "Finished 30+ days ago · {}",
    PurgeKind.FINISHED: "All finished · {}",
    PurgeKind.CANCEL_SCHEDULED: "Cancel all scheduled · {}",
}


def choices(offers: Sequence[PurgeOffer]) -> Screen:
    """What can be cleared away, each with its count."""
    rows = tuple(
        (Button(_LABELS[offer.kind].format(f"{offer.broadcasts:,}"), str(PurgeTap(CODES[offer.kind]))),)
        for offer in offers
        if offer.broadcasts
    )
    nothing = (Button("« Nothing", str(MenuTap("close"))),)
    return Screen("What shall be deleted?" if rows else "There is nothing to delete.", (*rows, nothing))


def question(offer: PurgeOffer, present: Present) -> Screen:
    """What exactly would go; the count stands in the button, so that another count asks again."""
    count = f"{offer.broadcasts:,}"
    if offer.kind is PurgeKind.CANCEL_SCHEDULED:
        asked = f"Cancel {count} scheduled {_noun(offer.broadcasts)} to {words.people(offer.deliveries)}? "
        asked += "They go to /finished as cancelled; nobody gets them."
        keep, yes = "« Keep all", f"✖ Yes, cancel {count}"
    else:
        asked = f"Delete {count} finished {_noun(offer.broadcasts)} with "
        asked += f"{words.number(offer.deliveries, 'result', 'results')}{_span(offer, present)}? This cannot be undone."
        keep, yes = "« Keep all", f"🗑 Yes, delete {count}"
    answer = str(PurgeTap(CODES[offer.kind], offer.broadcasts))
    return Screen(
        asked + _left_alone(offer),
        ((Button(keep, str(MenuTap("close"))),), (Button(yes, answer, Style.DANGER),)),
    )


def done(offer: PurgeOffer, gone: int) -> Screen:
    verb = "Cancelled" if offer.kind is PurgeKind.CANCEL_SCHEDULED else "Deleted"
    return Screen(f"{verb} {gone:,}.{_left_alone(offer)}")


def _noun(count: int) -> str:
    return "broadcast" if count == 1 else "broadcasts"


def _span(offer: PurgeOffer, present: Present) -> str:
    if offer.oldest is None or offer.newest is None:
        return ""
    return f", {words.short(offer.oldest, present.zone)} to {words.short(offer.newest, present.zone)}"


def _left_alone(offer: PurgeOffer) -> str:
    return f" {offer.left_alone:,} running {_noun(offer.left_alone)} left alone." if offer.left_alone else ""
