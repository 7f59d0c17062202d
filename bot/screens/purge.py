"""The questions of /purge."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.home import home_row
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.translation import _, amount, ngettext
from bot.ui.callback_data import MenuTap, PurgeTap
from bot.ui.screen import Button, Screen, Style, screen
from core.services.purge import PurgeKind, PurgeOffer

CODES = {
    PurgeKind.FINISHED_OLD: "old",
    PurgeKind.FINISHED: "all",
    PurgeKind.FAILURES: "failed",
    PurgeKind.CANCEL_SCHEDULED: "planned",
    PurgeKind.STOP_SERIES: "series",
}
BY_CODE = {code: kind for kind, code in CODES.items()}


def _labels() -> dict[PurgeKind, str]:
    return {
        PurgeKind.FINISHED_OLD: _("Finished 30+ days ago · {count}"),
        PurgeKind.FINISHED: _("All finished · {count}"),
        PurgeKind.FAILURES: _("Those with failures · {count}"),
        PurgeKind.CANCEL_SCHEDULED: _("Cancel all scheduled · {count}"),
        PurgeKind.STOP_SERIES: _("Stop all series · {count}"),
    }


def purge_menu(offers: Sequence[PurgeOffer]) -> Screen:
    """The kinds of purge, with counts."""
    rows = tuple(
        (
            Button(
                _labels()[offer.kind].format(count=amount(offer.broadcasts)), str(PurgeTap(CODES[offer.kind]))
            ),
        )
        for offer in offers
        if offer.broadcasts
    )
    nothing = (Button(_("« Nothing"), str(MenuTap("close"))),)
    return screen(_("What shall be deleted?") if rows else _("There is nothing to delete."), *rows, nothing)


def purge_question(offer: PurgeOffer, clock: Clock) -> Screen:
    """The count is in the button: if it changes, the question is asked again."""
    count = amount(offer.broadcasts)
    if offer.kind is PurgeKind.CANCEL_SCHEDULED:
        asked, yes = _ask_to_cancel(offer), _("✖ Yes, cancel {count}").format(count=count)
    elif offer.kind is PurgeKind.STOP_SERIES:
        asked, yes = _ask_to_stop(offer), _("⏹ Yes, stop {count}").format(count=count)
    else:
        asked, yes = _ask_to_delete(offer, clock), _("🗑 Yes, delete {count}").format(count=count)
    answer = str(PurgeTap(CODES[offer.kind], offer.broadcasts))
    return screen(
        _with_the_rest(asked, offer),
        Button(_("« Keep all"), str(MenuTap("close"))),
        Button(yes, answer, Style.DANGER),
    )


def purge_result(offer: PurgeOffer, gone: int) -> Screen:
    match offer.kind:
        case PurgeKind.CANCEL_SCHEDULED:
            sentence = _("Cancelled {count}.")
        case PurgeKind.STOP_SERIES:
            sentence = _("Stopped {count}.")
        case _:
            sentence = _("Deleted {count}.")
    return screen(_with_the_rest(sentence.format(count=amount(gone)), offer), home_row())


def _ask_to_cancel(offer: PurgeOffer) -> str:
    asked = ngettext(
        "Cancel {count} scheduled broadcast to {people}? They go to /finished as cancelled; nobody gets them.",
        "Cancel {count} scheduled broadcasts to {people}? They go to /finished as cancelled; nobody gets them.",
        offer.broadcasts,
    )
    return asked.format(count=amount(offer.broadcasts), people=formatting.people(offer.deliveries))


def _ask_to_stop(offer: PurgeOffer) -> str:
    asked = ngettext(
        "Stop {count} series? What went out and what is scheduled stays; nothing new is made.",
        "Stop {count} series? What went out and what is scheduled stays; nothing new is made.",
        offer.broadcasts,
    )
    return asked.format(count=amount(offer.broadcasts))


def _ask_to_delete(offer: PurgeOffer, clock: Clock) -> str:
    results = ngettext("{count} result", "{count} results", offer.deliveries)
    what = results.format(count=amount(offer.deliveries))
    if offer.oldest is not None and offer.newest is not None:
        what = _("{results}, {oldest} to {newest}").format(
            results=what,
            oldest=formatting.short_moment(offer.oldest, clock.zone),
            newest=formatting.moment_in_city(offer.newest, clock.zone),
        )
    asked = ngettext(
        "Delete {count} finished broadcast with {results}? This cannot be undone.",
        "Delete {count} finished broadcasts with {results}? This cannot be undone.",
        offer.broadcasts,
    )
    return asked.format(count=amount(offer.broadcasts), results=what)


def _with_the_rest(sentence: str, offer: PurgeOffer) -> str:
    """Adds what is not touched: running broadcasts, and series."""
    return " ".join([sentence, *_running(offer), *_series(offer)])


def _series(offer: PurgeOffer) -> list[str]:
    if not offer.series or offer.kind is not PurgeKind.CANCEL_SCHEDULED:
        return []
    rest = ngettext(
        "{count} series goes on; /purge can stop it too.",
        "{count} series go on; /purge can stop them too.",
        offer.series,
    )
    return [rest.format(count=amount(offer.series))]


def _running(offer: PurgeOffer) -> list[str]:
    if not offer.left_alone or offer.kind is PurgeKind.STOP_SERIES:
        return []
    rest = ngettext(
        "{count} running broadcast left alone.", "{count} running broadcasts left alone.", offer.left_alone
    )
    return [rest.format(count=amount(offer.left_alone))]
