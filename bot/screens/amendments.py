"""Screens for deleting or changing messages on the recipients' phones."""

from __future__ import annotations

from bot.text import formatting
from bot.text.clock import Clock
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Row, Rows, Screen, Style, screen
from core.domain.amendment import Amendment, AmendmentKind, AmendmentStatus, Scope
from core.domain.broadcast import RUNNING, Broadcast
from core.domain.messengers.traits import Messenger

_BAR = 12


def phones_row(broadcast: Broadcast) -> Row:
    """The button to the overview; empty where no recipient's messenger allows any amendment."""
    able = [one for one in Messenger if any(kind.is_possible_on(one) for kind in AmendmentKind)]
    if not any(broadcast.progress.total_on(one) for one in able) or broadcast.started_at is None:
        return ()
    return (Button(_("📱 On their phones"), subject(broadcast).to("phones")),)


def overview(
    broadcast: Broadcast, delete: Scope, edit: Scope, latest: Amendment | None, clock: Clock
) -> Screen:
    """The possible amendments and the latest one."""
    to = subject(broadcast).to
    lines = [_("On the phones of {title}").format(title=formatting.title(broadcast))]
    if latest is not None:
        lines += progress_lines(latest, clock)
    if latest is not None and latest.status is AmendmentStatus.RUNNING:
        rows: Rows = ((_stop_button(broadcast, latest),),)
    else:
        lines += [_kept(delete, edit)]
        rows = _choices(broadcast, delete, edit)
    return screen(lines, *rows, Button(_("« Back"), to("back")))


def _choices(broadcast: Broadcast, delete: Scope, edit: Scope) -> Rows:
    to = subject(broadcast).to
    change = Button(_("✏ Change the text on {count}").format(count=amount(edit.reached)), to("fix"))
    erase = Button(_("🗑 Delete from {count}").format(count=amount(delete.reached)), to("erase"), Style.DANGER)
    return (*(((change,),) if edit.reached else ()), *(((erase,),) if delete.reached else ()))


def _kept(delete: Scope, edit: Scope) -> str:
    if not delete.reached and not edit.reached:
        return _("Nothing can be changed there any more.")
    if not delete.reached:
        return _("Nothing can be deleted any more: it was sent more than two days ago.")
    return _keepers(delete)


def _keepers(scope: Scope) -> str:
    """A line about recipients whose messages cannot be deleted."""
    count = sum(scope.kept.values())
    if not count:
        return ""
    line = ngettext(
        "{count} person on {messengers} keeps it.", "{count} people on {messengers} keep it.", count
    )
    names = formatting.join_names([one.traits.title for one in scope.kept])
    return line.format(count=amount(count), messengers=names)


def _behind(scope: Scope) -> str:
    """A line about recipients who keep the old text."""
    count = sum(scope.kept.values())
    if not count:
        return ""
    line = ngettext(
        "{count} person on {messengers} keeps the old text.",
        "{count} people on {messengers} keep the old text.",
        count,
    )
    return line.format(
        count=amount(count), messengers=formatting.join_names([one.traits.title for one in scope.kept])
    )


def delete_question(broadcast: Broadcast, scope: Scope, serial: int) -> Screen:
    """`serial`: of the previous amendment, so that a second tap does nothing."""
    to = subject(broadcast).to
    question = ngettext(
        "Delete {title} from {count} phone?", "Delete {title} from {count} phones?", scope.reached
    )
    lines = [question.format(title=formatting.title(broadcast), count=amount(scope.reached)), _keepers(scope)]
    if broadcast.status in RUNNING and broadcast.progress.open:
        rest = ngettext(
            "{count} not yet sent will never be sent.",
            "{count} not yet sent will never be sent.",
            broadcast.progress.open,
        )
        lines.append(rest.format(count=amount(broadcast.progress.open)))
    yes = _("🗑 Yes, delete {count}").format(count=amount(scope.reached))
    return screen(
        lines, Button(_("« Keep it"), to("phones")), Button(yes, to("erased", str(serial)), Style.DANGER)
    )


def text_prompt(broadcast: Broadcast) -> Screen:
    to = subject(broadcast).to
    return screen(
        _("Write the new text of {title} to me now. Files stay as they are.").format(
            title=formatting.title(broadcast)
        ),
        Button(_("« Back"), to("phones")),
    )


def edit_question(broadcast: Broadcast, scope: Scope, serial: int) -> Screen:
    """Posted as a reply to the new text."""
    to = subject(broadcast).to
    question = ngettext(
        "Give {title} this text on {count} phone?", "Give {title} this text on {count} phones?", scope.reached
    )
    lines = [question.format(title=formatting.title(broadcast), count=amount(scope.reached)), _behind(scope)]
    if broadcast.status in RUNNING:
        lines.append(_("Who gets it later gets the old text first, and this one a moment after."))
    yes = _("✏ Yes, change {count}").format(count=amount(scope.reached))
    return screen(
        lines, Button(_("« No"), to("phones")), Button(yes, to("fixed", str(serial)), Style.PRIMARY)
    )


def card(broadcast: Broadcast, amendment: Amendment, clock: Clock) -> Screen:
    """The card of an amendment while it runs, and its last state."""
    rows: Rows = ()
    if amendment.status is AmendmentStatus.RUNNING:
        rows = ((_stop_button(broadcast, amendment),),)
    lines = [
        _("On the phones of {title}").format(title=formatting.title(broadcast)),
        *progress_lines(amendment, clock),
    ]
    return screen(lines, *rows)


def result(broadcast: Broadcast, amendment: Amendment, clock: Clock) -> Screen:
    """The message that rings at the end of an amendment."""
    shown = card(broadcast, amendment, clock)
    return screen(shown.html, phones_row(broadcast))


def _stop_button(broadcast: Broadcast, amendment: Amendment) -> Button:
    return Button(_("⏹ Stop"), subject(broadcast).to("halt", str(amendment.serial)), Style.DANGER)


def progress_lines(amendment: Amendment, clock: Clock) -> list[str]:
    """The progress or the result of an amendment, with its failures by reason."""
    total = max(amendment.total, amendment.done + amendment.failed)
    when = formatting.moment_in_city(amendment.ended_at or amendment.asked_at, clock.zone)
    fields = {
        "done": amount(amendment.done),
        "total": amount(total),
        "name": escaped(amendment.by),
        "when": escaped(when),
    }
    lines = [_headline(amendment).format(**fields)]
    if amendment.status is AmendmentStatus.RUNNING:
        share = (amendment.done + amendment.failed) / total if total else 1.0
        filled = int(share * _BAR)
        lines.append(f"{'▓' * filled}{'░' * (_BAR - filled)} {int(share * 100)} %")
    lines += [
        escaped(formatting.reason_count(count, reason, Messenger.TELEGRAM))
        for reason, count in sorted(amendment.reasons.items(), key=lambda pair: -pair[1])
    ]
    return lines


def _headline(amendment: Amendment) -> str:
    deletes = amendment.kind is AmendmentKind.DELETE
    match amendment.status:
        case AmendmentStatus.RUNNING if deletes:
            return _("🗑 Deleting: {done} of {total} (asked for by {name})")
        case AmendmentStatus.RUNNING:
            return _("✏ Changing the text: {done} of {total} (asked for by {name})")
        case AmendmentStatus.STOPPED if deletes:
            return _("⏹ Deleting was stopped {when}: {done} of {total} are deleted")
        case AmendmentStatus.STOPPED:
            return _("⏹ Changing was stopped {when}: {done} of {total} have the new text")
        case AmendmentStatus.DONE if deletes:
            return _("🗑 Deleted from {done} of {total} phones by {name}, {when}")
    return _("✏ Text changed on {done} of {total} phones by {name}, {when}")
