"""Messages of people to us: one alone, a card that gathers many, and the result of an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import bold, escaped, quoted
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import BOT, InboundPage, OnInbound
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Screen, Style, plain, screen
from core.domain.delivery import REACHED_MESSENGER, DeliveryState
from core.domain.inbound import Inbound, InboundKind
from core.domain.messengers.outcome import Reason
from core.domain.messengers.traits import MARGIN, Messenger
from core.domain.page import Page

_LONGEST_NAME = 40
_LONGEST_QUOTE = 60
_LONGEST_LINE = 200
_WITH_FILE = frozenset(
    {
        InboundKind.PHOTO,
        InboundKind.VIDEO,
        InboundKind.VOICE,
        InboundKind.AUDIO,
        InboundKind.DOCUMENT,
        InboundKind.STICKER,
    }
)


def name_of(inbound: Inbound) -> str:
    """The name in the person's profile, else their address."""
    return formatting.clip(inbound.message.name or inbound.message.address, _LONGEST_NAME)


def message_screen(inbound: Inbound, clock: Clock, snippet: str = "", answered_by: str = "") -> Screen:
    """One message of a person. `snippet`: the beginning of the broadcast that it answers; `answered_by`: the admin
    who has answered it."""
    answers = _answered(inbound, snippet)
    lines = [
        f"💬 {_who(inbound)}{f' {answers}' if answers else ''}",
        _body(inbound),
        *([escaped(_("✓ {name} answered this.").format(name=answered_by))] if answered_by else []),
        f"<i>{escaped(_how_to_answer(inbound, clock))}</i>",
    ]
    button = None
    # Telegram fetches a file from an address; what has only an id of another messenger stays there.
    at_hand = inbound.messenger is Messenger.TELEGRAM or inbound.message.file.startswith("https://")
    if inbound.message.kind in _WITH_FILE and at_hand:
        button = Button(_("📎 Show the file"), OnInbound(inbound.number, "file"))
    return screen("\n".join(lines), button)


def answer_button(inbound: Inbound) -> Button:
    """Sends the person what the button's message replies to."""
    return Button(_("↩ Answer {name}").format(name=name_of(inbound)), OnInbound(inbound.number, "answer"))


def _who(inbound: Inbound) -> str:
    title = inbound.messenger.traits.title
    return f"{bold(name_of(inbound))} ({title})"


def _answered(inbound: Inbound, snippet: str) -> str:
    """HTML."""
    message = inbound.message
    quote = formatting.clip(message.quote or snippet, _LONGEST_QUOTE)
    words = quoted(escaped(quote)) if quote else ""
    if inbound.broadcast_id and message.answers:
        return _("answered #{id}").format(id=inbound.broadcast_id) + f" {words}".rstrip()
    if message.quote:
        return _("answered {quote}").format(quote=words)
    if inbound.broadcast_id:
        return _("wrote after #{id}").format(id=inbound.broadcast_id) + f" {words}".rstrip()
    return ""


def _body(inbound: Inbound) -> str:
    """HTML."""
    message = inbound.message
    named = _kind(message.kind, message.file_name)
    parts = (f"[{named}]" if named else "", message.text)
    return f"<blockquote>{escaped(' '.join(filter(None, parts)))}</blockquote>"


def _kind(kind: InboundKind, file_name: str) -> str:
    """Kind of a message that is no plain text."""
    match kind:
        case InboundKind.TEXT | InboundKind.REACTION:
            return ""
        case InboundKind.DOCUMENT if file_name:
            return formatting.clip(file_name, _LONGEST_NAME)
    return {
        InboundKind.PHOTO: _("photo"),
        InboundKind.VIDEO: _("video"),
        InboundKind.VOICE: _("voice message"),
        InboundKind.AUDIO: _("audio"),
        InboundKind.DOCUMENT: _("document"),
        InboundKind.STICKER: _("sticker"),
        InboundKind.PLACE: _("place"),
        InboundKind.CONTACT: _("contact"),
    }.get(kind, _("something that can't be shown here"))


def _how_to_answer(inbound: Inbound, clock: Clock) -> str:
    hours = inbound.messenger.traits.window_hours
    if not hours:
        return _("Reply to this message to answer.")
    closes = inbound.message.at + timedelta(hours=hours) - MARGIN
    if closes <= clock.now:
        return _("It's been over {hours} hours, so you can't answer this.").format(hours=amount(hours))
    return _("Reply to this message to answer, until {time}.").format(
        time=formatting.short_moment(closes, clock.zone)
    )


def storm_card(messages: Sequence[Inbound], here: InboundPage) -> Screen:
    """A page of many messages. `messages`: those of the page."""
    count = here.last - here.first + 1
    head = plural("💬 {count} new message", "💬 {count} new messages", count)
    lines = [bold(head)]
    buttons = []
    for place, one in enumerate(messages, start=here.numbers[0] - here.first + 1):
        text = formatting.clip(" ".join(_plain_body(one).split()), _LONGEST_LINE)
        lines.append(f"{amount(place)}. {_who(one)}: {escaped(text)}")
        buttons.append(Button(amount(place), OnInbound(one.number, "open")))
    hint = _("Tap a number to open and answer it.")
    lines.append(f"<i>{escaped(hint)}</i>")
    turning = page_rows(
        Page(items=tuple(messages), page=here.page, pages=here.pages, total=count),
        lambda page: InboundPage(here.first, here.last, page),
    )
    return screen("\n".join(lines), tuple(buttons), *turning)


def which_message() -> Screen:
    """For a reply to a card with the messages of several people."""
    return plain(_("Which message do you want to answer? Tap its number above, then reply to it."))


def _plain_body(inbound: Inbound) -> str:
    named = _kind(inbound.message.kind, inbound.message.file_name)
    return " ".join(filter(None, (f"[{named}]" if named else "", inbound.message.text)))


def doubt_card(first: int, last: int) -> Screen:
    """The bot was cut off while it showed these messages."""
    line = plural(
        "I was interrupted while showing you {count} message. You may have it already.",
        "I was interrupted while showing you {count} messages. You may have them already.",
        last - first + 1,
    )
    return screen(escaped(line), Button(_("Show"), InboundPage(first, last, 1)))


def outcome_line(
    inbound: Inbound, state: DeliveryState, reason: Reason | None = None, *, waits: bool = False
) -> Screen:
    """Result of an answer. `waits`: sending is paused."""
    who = f"{name_of(inbound)} ({inbound.messenger.traits.title})"
    match state:
        case DeliveryState.DELIVERED:
            line = _("✓✓ Delivered to {who}")
        case DeliveryState.READ:
            line = _("✓✓ Read by {who}")
        case DeliveryState.SENT:
            line = _("✓ Sent to {who}")
        case DeliveryState.FAILED:
            line = _("✖ Not sent to {who}: {reason}")
        case DeliveryState.CANCELLED:
            line = _("⏹ Cancelled, {who} didn't get it")
        case DeliveryState.UNKNOWN:
            line = _("❔ I couldn't confirm that {who} got it. Sending it again may deliver it twice.")
        case _:
            line = _("⏸ Sending is paused. {who} will get it later.") if waits else _("Sending to {who}…")
    text = escaped(line.format(who=who, reason=translate(reason.sentence) if reason else ""))
    failed = state is DeliveryState.FAILED
    again = Button(_("Write to {who}").format(who=name_of(inbound)), OnInbound(inbound.number, "draft"))
    return screen(text, again if failed else None)


def is_settled(inbound: Inbound, state: DeliveryState) -> bool:
    """True when nothing more is expected about an answer."""
    if state in (DeliveryState.QUEUED, DeliveryState.SENDING):
        return False
    waits_for_receipts = inbound.messenger.traits.receipts and state in REACHED_MESSENGER
    return not waits_for_receipts or state is DeliveryState.READ


def refused_answer(inbound: Inbound, problem: str, words: str = "") -> Screen:
    """An answer that the messenger cannot carry. `words`: the label of a button that sends what can be said of it."""
    label = _("Write to {who}").format(who=name_of(inbound))
    return screen(
        escaped(problem),
        Button(words, OnInbound(inbound.number, "words"), Style.PRIMARY) if words else None,
        Button(label, OnInbound(inbound.number, "draft")),
    )


def answered_before(inbound: Inbound, name: str) -> Screen:
    """Asks an admin whose answer comes after another one's."""
    text = _("{name} has already answered {who}. Send yours too?")
    return screen(
        escaped(text.format(name=name, who=name_of(inbound))),
        Button(_("Send it too"), OnInbound(inbound.number, "too"), Style.PRIMARY),
        Button(_("Cancel"), BOT.to("close")),
    )


def out_of_reach(inbound: Inbound, reason: Reason) -> Screen:
    """The reason why nothing can be sent to the person."""
    text = _("I can't send this to {who} ({messenger}): {reason}.").format(
        who=name_of(inbound),
        messenger=inbound.messenger.traits.title,
        reason=translate(reason.sentence),
    )
    own_wish = reason in (Reason.OPTED_OUT, Reason.UNSUBSCRIBED)
    back = _("You can answer again once they write “start”.") if own_wish else ""
    return screen([escaped(text), back])


def window_closed(inbound: Inbound) -> Screen:
    """The way on when WhatsApp's window has closed."""
    line = _(
        "{messenger} only lets you answer within {hours} hours, and {who} wrote earlier than that. "
        "You can still send a template."
    ).format(
        messenger=inbound.messenger.traits.title,
        hours=amount(inbound.messenger.traits.window_hours),
        who=name_of(inbound),
    )
    label = _("Write to {who}").format(who=name_of(inbound))
    return screen(escaped(line), Button(label, OnInbound(inbound.number, "draft")))
