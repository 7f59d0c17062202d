"""The screens of one broadcast: while it waits, while it runs, when it has ended, and who got it."""

from __future__ import annotations

import math
from collections import Counter
from html import escape

from bot import words
from bot.pick import Present
from bot.screen import Button, Row, Rows, Screen, Style
from bot.screens_home import halt_words
from bot.screens_stop import line as stop_line
from bot.wire import ListTap, Subject
from core.domain.broadcast import Broadcast, BroadcastStatus, Progress
from core.domain.delivery import DeliveryState
from core.domain.messengers import Messenger
from core.domain.outcome import Reason
from core.services.status import Status

_BAR = 12
_NO_WORKER = "⚠ No worker is running. Nothing is lost; sending goes on when one starts."
_STAMPS = {
    BroadcastStatus.SENDING: "g",
    BroadcastStatus.PAUSED: "p",
    BroadcastStatus.FINISHED: "f",
    BroadcastStatus.CANCELLED: "c",
}


def subject(broadcast: Broadcast) -> Subject:
    """Changes with the status, and with the time while it is still to come."""
    stamp = _STAMPS.get(broadcast.status) or f"s{int(broadcast.send_at.timestamp()) // 60:x}"
    return Subject("b", broadcast.id, stamp)


def title(broadcast: Broadcast) -> str:
    """Id and beginning of the text, as HTML."""
    named = f"{words.bold(f'#{broadcast.id}')}{words.again(broadcast.again_of)}"
    return f"{named} · “{escape(broadcast.content.snippet, quote=False)}”"


def counts(progress: Progress) -> str:
    """For example "✔ 690 sent (412 delivered, 130 read) · ✖ 5 failed · ⏳ 504 waiting"."""
    delivered = progress.of(DeliveryState.DELIVERED, DeliveryState.READ)
    read = progress.of(DeliveryState.READ)
    and_read = f", {read:,} read" if read else ""
    receipts = f" ({delivered:,} delivered{and_read})" if delivered else ""
    parts = [f"✔ {progress.got_it:,} sent{receipts}"]
    others = (
        ("✖", "failed", progress.of(DeliveryState.FAILED)),
        ("❔", "unknown", progress.of(DeliveryState.UNKNOWN)),
        ("⏹", "cancelled", progress.of(DeliveryState.CANCELLED)),
        ("⏳", "waiting", progress.open),
    )
    return " · ".join([*parts, *(f"{mark} {count:,} {word}" for mark, word, count in others if count)])


def reasons(progress: Progress) -> list[str]:
    """Why some did not get it, the commonest first: "3 blocked the bot (Telegram)"."""
    grouped: Counter[tuple[Reason, Messenger]] = Counter()
    for messenger, found in progress.reasons.items():
        for reason, count in found.items():
            grouped[reason, messenger] += count
    return [
        f"{count:,} {reason.counted(messenger.traits.title)}"
        for (reason, messenger), count in grouped.most_common()
        if count
    ]


def _to(broadcast: Broadcast) -> str:
    progress = broadcast.progress
    on_each = ((messenger, progress.total_on(messenger)) for messenger in Messenger)
    return f"{words.bold('To')} {progress.total:,}: {words.per_messenger(on_each)}"


def _when(moment: str) -> str:
    return f"{words.bold('When')} {escape(moment, quote=False)}"


def list_button(back: ListTap) -> Button:
    """Back to the page of the list that the card was opened from."""
    return Button("« List", str(back))


def waiting(broadcast: Broadcast, present: Present, back: ListTap) -> Screen:
    """A broadcast that is planned."""
    to = subject(broadcast).to
    lines = [
        f"🗓 Scheduled {title(broadcast)}",
        _to(broadcast),
        _when(words.moment(broadcast.send_at, now=present.now, zone=present.zone)),
    ]
    if broadcast.creator_name:
        lines.append(f"{words.bold('By')} {escape(broadcast.creator_name, quote=False)}")
    return Screen(
        "\n".join(lines),
        (
            (Button("🕒 Reschedule", to("when"), Style.PRIMARY), Button("🚀 Send now", to("send"))),
            (Button("✖ Cancel", to("cancel"), Style.DANGER), list_button(back)),
        ),
    )


def unstarted(broadcast: Broadcast, status: Status | None, present: Present) -> Screen:
    """The card of a broadcast that was confirmed and has not begun."""
    if is_due(broadcast, present):
        return starting(broadcast, status, present)
    return held(broadcast, present) if broadcast.held else planned(broadcast, present)


def held(broadcast: Broadcast, present: Present) -> Screen:
    """The last moment in which one tap takes everything back."""
    seconds = math.ceil((broadcast.send_at - present.now).total_seconds())
    lines = [f"⏳ Starting in {seconds} s {title(broadcast)}", _to(broadcast)]
    return Screen("\n".join(lines), ((Button("↩ Undo", subject(broadcast).to("undo"), Style.PRIMARY),),))


def planned(broadcast: Broadcast, present: Present) -> Screen:
    """What the card of a just confirmed broadcast says until it starts. Says no distance: it would grow old."""
    lines = [
        f"🗓 Scheduled {title(broadcast)}",
        _to(broadcast),
        _when(words.wall(broadcast.send_at, present.zone)),
        "This card shows it live once it starts.",
    ]
    open_it = Button("🗓 Look or change", subject(broadcast).to("view", "s1a"))
    return Screen("\n".join(lines), ((open_it,),))


def is_due(broadcast: Broadcast, present: Present) -> bool:
    """Whether it starts as soon as a worker gets to it."""
    return broadcast.status is BroadcastStatus.SCHEDULED and broadcast.send_at <= present.now


def starting(broadcast: Broadcast, status: Status | None, present: Present) -> Screen:
    """A broadcast that is due and waits for a worker, usually for less than a second."""
    stopped = _stop_line(broadcast, status, present)
    lines = [f"▶ Starting {title(broadcast)}", _to(broadcast), *stopped]
    if status is not None and not status.workers:
        lines.append(_NO_WORKER)
    return Screen("\n".join(lines), ((Button("✖ Cancel", subject(broadcast).to("cancel"), Style.DANGER),),))


def live(broadcast: Broadcast, status: Status | None, present: Present) -> Screen:
    """A broadcast while it runs. Draws nothing that changes by itself with time."""
    progress, to = broadcast.progress, subject(broadcast).to
    total, done = progress.total, progress.total - progress.open
    share = done / total if total else 1.0
    filled = int(share * _BAR)
    paused = broadcast.status is BroadcastStatus.PAUSED
    lines = [
        f"{'⏸ Paused' if paused else '▶ Sending'} {title(broadcast)}",
        f"{'▓' * filled}{'░' * (_BAR - filled)} {int(share * 100)} % · {done:,} of {total:,}",
        counts(progress),
        *_per_messenger(progress, status, present),
        *_outlook(broadcast, status, present),
    ]
    steer: Row = (
        Button("▶ Resume", to("resume"), Style.PRIMARY) if paused else Button("⏸ Pause", to("pause")),
        Button("⏹ Cancel the rest", to("stop"), Style.DANGER),
    )
    return Screen("\n".join(lines), (steer, *people_rows(broadcast)))


def _per_messenger(progress: Progress, status: Status | None, present: Present) -> list[str]:
    return [
        escape(_messenger_line(progress, messenger, status, present), quote=False)
        for messenger in Messenger
        if progress.total_on(messenger)
    ]


def _messenger_line(progress: Progress, messenger: Messenger, status: Status | None, present: Present) -> str:
    counted = progress.counts[messenger]
    left = counted.get(DeliveryState.QUEUED, 0) + counted.get(DeliveryState.SENDING, 0)
    total = progress.total_on(messenger)
    if not left:
        return f"{messenger.traits.title} {total:,} · done"
    state = status.messengers[messenger] if status else None
    halted = f" · {halt_words(state, present)}" if state and state.halted else ""
    return f"{messenger.traits.title} {total - left:,} of {total:,}{halted}"


def _stop_line(broadcast: Broadcast, status: Status | None, present: Present) -> list[str]:
    """What is to be said of the stop of everything, if it holds this broadcast."""
    line = stop_line(status.stop, broadcast, present) if status and status.stop else ""
    return [escape(line, quote=False)] if line else []


def _outlook(broadcast: Broadcast, status: Status | None, present: Present) -> list[str]:
    if stopped := _stop_line(broadcast, status, present):
        return stopped
    started = f"Since {words.clock(broadcast.started_at, present.zone)}" if broadcast.started_at else ""
    if broadcast.status is BroadcastStatus.PAUSED or status is None:
        return [started] if started else []
    if not status.workers:
        return [_NO_WORKER]
    left = max(
        (
            sum(
                broadcast.progress.counts[messenger].get(state, 0)
                for state in (DeliveryState.QUEUED, DeliveryState.SENDING)
            )
            / max(status.messengers[messenger].rate, 0.001)
            for messenger in broadcast.progress.counts
        ),
        default=0.0,
    )
    return [f"{started} · about {words.span(left)} left" if left >= 1 else started]


def people_rows(broadcast: Broadcast) -> Rows:
    """Who failed, and everyone."""
    to, troubles = subject(broadcast).to, _troubles(broadcast.progress)
    everyone = Button(f"👥 Everyone {broadcast.progress.total:,}", to("got", "1"))
    if not troubles:
        return ((everyone,),)
    return ((Button(f"📋 Who failed {troubles:,}", to("failed", "1")), everyone),)


def _troubles(progress: Progress) -> int:
    return progress.of(DeliveryState.FAILED, DeliveryState.UNKNOWN)
