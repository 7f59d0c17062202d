"""The questions of /purge."""

from __future__ import annotations

from collections.abc import Sequence

from bot.screens.home import home_row
from bot.text import formatting
from bot.text.clock import Clock
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import BOT, PurgeChoice
from bot.ui.screen import Button, Screen, Style, screen
from core.services.purge import PurgeKind, PurgeOffer

CODES = {
    PurgeKind.FINISHED_OLD: "old",
    PurgeKind.FINISHED: "all",
    PurgeKind.FAILURES: "failed",
    PurgeKind.CANCEL_SCHEDULED: "planned",
    PurgeKind.STOP_SERIES: "series",
}
KINDS = {code: kind for kind, code in CODES.items()}


def purge_menu(offers: Sequence[PurgeOffer]) -> Screen:
    labels = {
        PurgeKind.FINISHED_OLD: _("Finished 30+ days ago · {count}"),
        PurgeKind.FINISHED: _("All finished · {count}"),
        PurgeKind.FAILURES: _("With failures · {count}"),
        PurgeKind.CANCEL_SCHEDULED: _("Cancel all scheduled · {count}"),
        PurgeKind.STOP_SERIES: _("Stop all series · {count}"),
    }
    kinds = [
        Button(labels[one.kind].format(count=amount(one.broadcasts)), PurgeChoice(CODES[one.kind]))
        for one in offers
        if one.broadcasts
    ]
    nothing = Button(_("« Cancel"), BOT.to("close"))
    return screen(
        _("What do you want to delete?") if kinds else _("There's nothing to delete."), *kinds, nothing
    )


def purge_question(offer: PurgeOffer, clock: Clock) -> Screen:
    """The count is in the button: if it changes, the question is asked again."""
    match offer.kind:
        case PurgeKind.CANCEL_SCHEDULED:
            asked, yes = _ask_to_cancel(offer), _("✖ Yes, cancel {count}")
        case PurgeKind.STOP_SERIES:
            asked, yes = _ask_to_stop(offer), _("⏹ Yes, stop {count}")
        case _:
            asked, yes = _ask_to_delete(offer, clock), _("🗑 Yes, delete {count}")
    answer = PurgeChoice(CODES[offer.kind], offer.broadcasts)
    return screen(
        _with_the_rest(asked, offer),
        Button(_("« Keep all"), BOT.to("close")),
        Button(yes.format(count=amount(offer.broadcasts)), answer, Style.DANGER),
    )


def purge_result(offer: PurgeOffer, gone: int) -> Screen:
    done = {PurgeKind.CANCEL_SCHEDULED: _("Cancelled {count}."), PurgeKind.STOP_SERIES: _("Stopped {count}.")}
    sentence = done.get(offer.kind, _("Deleted {count}."))
    return screen(_with_the_rest(sentence.format(count=amount(gone)), offer), home_row())


def _ask_to_cancel(offer: PurgeOffer) -> str:
    return plural(
        "Cancel {count} scheduled message to {people}? It won't be sent.",
        "Cancel {count} scheduled messages to {people}? They won't be sent.",
        offer.broadcasts,
        people=formatting.people(offer.people),
    )


def _ask_to_stop(offer: PurgeOffer) -> str:
    return plural(
        "Stop {count} series? Messages already sent or scheduled stay.",
        "Stop {count} series? Messages already sent or scheduled stay.",
        offer.broadcasts,
    )


def _ask_to_delete(offer: PurgeOffer, clock: Clock) -> str:
    what = plural("{count} result", "{count} results", offer.deliveries)
    if offer.oldest is not None and offer.newest is not None:
        what = _("{results}, {oldest} to {newest}").format(
            results=what,
            oldest=formatting.short_moment(offer.oldest, clock.zone),
            newest=formatting.moment_in_city(offer.newest, clock.zone),
        )
    return plural(
        "Delete {count} sent message with {results}? This can't be undone.",
        "Delete {count} sent messages with {results}? This can't be undone.",
        offer.broadcasts,
        results=what,
    )


def _with_the_rest(sentence: str, offer: PurgeOffer) -> str:
    """Adds what is not touched: running broadcasts, and series."""
    sentences = [sentence]
    if offer.left_alone and offer.kind is not PurgeKind.STOP_SERIES:
        sentences.append(
            plural(
                "{count} message is still being sent, so it stays.",
                "{count} messages are still being sent, so they stay.",
                offer.left_alone,
            )
        )
    if offer.series and offer.kind is PurgeKind.CANCEL_SCHEDULED:
        sentences.append(
            plural(
                "{count} series is still active. You can stop it with /purge too.",
                "{count} series are still active. You can stop them with /purge too.",
                offer.series,
            )
        )
    return " ".join(sentences)
