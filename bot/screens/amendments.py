"""Screens for deleting or changing messages on the recipients' phones."""

from __future__ import annotations

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped, title
from bot.text.translation import _, amount, plural
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Row, Screen, Style, screen
from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus, Scope
from core.domain.broadcast import RUNNING, Broadcast
from core.domain.messengers.traits import Messenger


def amendments_row(broadcast: Broadcast) -> Row:
    """The button to the overview; empty where no recipient's messenger allows any amendment."""
    able = [
        one for one in Messenger if any(kind.is_possible_on(one, broadcast.content) for kind in AmendmentKind)
    ]
    if not any(broadcast.progress.total_on(one) for one in able) or broadcast.started_at is None:
        return ()
    return (Button(_("📱 Edit or delete"), subject(broadcast).to("phones")),)


def overview(
    broadcast: Broadcast, delete: Scope, edit: Scope, latest: Amendment | None, clock: Clock
) -> Screen:
    to = subject(broadcast).to
    lines = [_("Edit or delete {title}").format(title=title(broadcast))]
    if latest is not None:
        lines += progress_lines(latest, clock)
    back = Button(_("« Back"), to("back"))
    if latest is not None and latest.status is AmendmentStatus.RUNNING:
        return screen(lines, _stop_button(broadcast, latest), back)
    lines.append(_limits(delete, edit))
    change = plural("✏ Change text for {count} person", "✏ Change text for {count} people", edit.reached)
    erase = plural("🗑 Delete for {count} person", "🗑 Delete for {count} people", delete.reached)
    return screen(
        lines,
        Button(change, to("fix")) if edit.reached else None,
        Button(erase, to("erase"), Style.DANGER) if delete.reached else None,
        back,
    )


def _limits(delete: Scope, edit: Scope) -> str:
    if not delete.reached and not edit.reached:
        return _("It's too late to edit or delete this message.")
    if not delete.reached:
        return _("It was sent more than two days ago, so it can't be deleted.")
    return _keepers(delete)


def _keepers(scope: Scope, *, old_text: bool = False) -> str:
    """A line about recipients whose messages cannot be deleted, or who keep the old text."""
    count = sum(scope.kept.values())
    messengers = formatting.join_names([one.traits.title for one in scope.kept])
    if not count:
        return ""
    if old_text:
        return plural(
            "{count} person on {messengers} keeps the old text.",
            "{count} people on {messengers} keep the old text.",
            count,
            messengers=messengers,
        )
    return plural(
        "It can't be deleted for {count} person on {messengers}.",
        "It can't be deleted for {count} people on {messengers}.",
        count,
        messengers=messengers,
    )


def delete_question(broadcast: Broadcast, scope: Scope, serial: int) -> Screen:
    """`serial`: of the previous amendment, so that a second tap does nothing."""
    to = subject(broadcast).to
    question = plural(
        "Delete {title} from {count} phone?",
        "Delete {title} from {count} phones?",
        scope.reached,
        title=title(broadcast),
    )
    lines = [question, _keepers(scope)]
    if broadcast.status in RUNNING and broadcast.progress.open:
        lines.append(
            plural(
                "{count} message not sent yet will be cancelled.",
                "{count} messages not sent yet will be cancelled.",
                broadcast.progress.open,
            )
        )
    yes = plural("🗑 Yes, delete for {count} person", "🗑 Yes, delete for {count} people", scope.reached)
    delete = Button(yes, to("erased", serial), Style.DANGER)
    return screen(lines, Button(_("« Keep it"), to("phones")), delete)


def text_prompt(broadcast: Broadcast) -> Screen:
    text = _("Send me the new text for {title}. Files stay the same.").format(title=title(broadcast))
    return screen(text, Button(_("« Back"), subject(broadcast).to("phones")))


def edit_question(broadcast: Broadcast, scope: Scope, serial: int) -> Screen:
    """Posted as a reply to the new text."""
    to = subject(broadcast).to
    question = plural(
        "Use this text for {title} on {count} phone?",
        "Use this text for {title} on {count} phones?",
        scope.reached,
        title=title(broadcast),
    )
    lines = [question, _keepers(scope, old_text=True)]
    if broadcast.status in RUNNING:
        lines.append(_("People who get it later will see the old text first, then this one."))
    yes = plural("✏ Yes, change for {count} person", "✏ Yes, change for {count} people", scope.reached)
    change = Button(yes, to("fixed", serial), Style.PRIMARY)
    return screen(lines, Button(_("« No"), to("phones")), change)


def card(broadcast: Broadcast, amendment: Amendment, clock: Clock) -> Screen:
    """The card of an amendment while it runs, and its last state."""
    running = amendment.status is AmendmentStatus.RUNNING
    head = _("Edit or delete {title}").format(title=title(broadcast))
    stop = _stop_button(broadcast, amendment) if running else None
    return screen([head, *progress_lines(amendment, clock)], stop)


def result(broadcast: Broadcast, amendment: Amendment, clock: Clock) -> Screen:
    """The message that rings at the end of an amendment."""
    return screen(card(broadcast, amendment, clock).html, amendments_row(broadcast))


def _stop_button(broadcast: Broadcast, amendment: Amendment) -> Button:
    return Button(_("⏹ Stop"), subject(broadcast).to("halt", amendment.serial), Style.DANGER)


def progress_lines(amendment: Amendment, clock: Clock) -> list[str]:
    """The progress or the result of an amendment, with its failures by reason."""
    total = max(amendment.total, amendment.done + amendment.failed)
    when = formatting.moment_in_city(amendment.ended_at or amendment.asked_at, clock.zone)
    fields = {"done": amount(amendment.done), "name": escaped(amendment.by), "when": escaped(when)}
    lines = [_headline(amendment, total, fields)]
    if amendment.status is AmendmentStatus.RUNNING:
        lines.append(formatting.progress_bar(amendment.done + amendment.failed, total))
    lines += [
        escaped(formatting.reason_count(count, reason, Messenger.TELEGRAM))
        for reason, count in sorted(amendment.reasons.items(), key=lambda pair: -pair[1])
    ]
    return lines


def _headline(amendment: Amendment, total: int, fields: dict[str, str]) -> str:
    deletes = amendment.kind is AmendmentKind.DELETE
    match amendment.status:
        case AmendmentStatus.RUNNING if deletes:
            text = _("🗑 Deleting: {done} of {total} (by {name})")
        case AmendmentStatus.RUNNING:
            text = _("✏ Changing the text: {done} of {total} (by {name})")
        case AmendmentStatus.STOPPED if deletes:
            text = _("⏹ Deletion stopped {when}: {done} of {total} deleted")
        case AmendmentStatus.STOPPED:
            text = _("⏹ Edit stopped {when}: {done} of {total} have the new text")
        case AmendmentStatus.DONE if deletes:
            return plural(
                "🗑 Deleted from {done} of {count} phone by {name}, {when}",
                "🗑 Deleted from {done} of {count} phones by {name}, {when}",
                total,
                **fields,
            )
        case _done:
            return plural(
                "✏ Text changed on {done} of {count} phone by {name}, {when}",
                "✏ Text changed on {done} of {count} phones by {name}, {when}",
                total,
                **fields,
            )
    return text.format(total=amount(total), **fields)
