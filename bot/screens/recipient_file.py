"""The answer to an uploaded recipient list: what was read, what was refused and why, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.screens.audiences import audience_label
from bot.screens.drafts import recipients_text
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext, plural, translate
from bot.ui.callback_data import (
    BOT,
    CARD,
    COLUMN,
    DOCUMENT,
    LEAVE,
    LIST,
    MESSAGE,
    NOTES,
    AnswerList,
    Subject,
    SubjectAction,
    subject,
)
from bot.ui.screen import Button, Row, Rows, Screen, Style, grid, screen
from core.domain.audience import Audience
from core.domain.recipients import Recipient
from core.files.questions import Question
from core.files.results import ReadList, Refused, Why
from core.services.list_update import ListChange
from core.store.chat.drafts import Draft

_MOST_LINES = 6
_MOST_BUTTONS = 6
_HEAD = 2
"""Lines that count the people."""
_MOST_ROWS = 5
_MOST_NOTES = 8
_MOST_REASONS = 3
_MOST_NAMES = 3
_IN_ONE_COLUMN = 8


class WayOut(Enum):
    """The button that leaves a question."""

    CANCEL = "cancel"
    COLUMNS = "columns"
    NONE = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class StagedList:
    """A list that was read and stored."""

    kept: Audience
    """Its recipients, without a name yet."""
    read: ReadList
    pending_id: str
    """Of the file itself, which can be read in another way."""
    step: int
    """Number of questions answered about it."""
    unreachable: int
    """Recipients who cannot be reached at present."""

    @property
    def with_reasons(self) -> int:
        return len(self.read.refused) + len(self.read.doubles) + self.unreachable


def list_question(
    list_id: str,
    step: int,
    name: str,
    question: Question,
    *,
    perhaps_text: bool = False,
    way_out: WayOut = WayOut.CANCEL,
) -> Screen:
    """Asks for a choice before a list can be read. Shows values from the file.

    `perhaps_text`: typed words may be a part of the message instead.
    """
    buttons = [
        Button(formatting.clip(translate(choice.label), 60), AnswerList(list_id, step, number))
        for number, choice in enumerate(question.choices)
    ]
    lines = [formatting.bold(formatting.clip(name, 60))] if name else []
    lines.append(escaped(translate(question.text)))
    lines += [f"<code>{escaped(formatting.clip(one, 100))}</code>" for one in question.samples[:8]]
    more = (
        Button(_("It's part of the message"), AnswerList(list_id, step, kind=MESSAGE))
        if perhaps_text
        else None
    )
    width = 1 if len(buttons) <= _IN_ONE_COLUMN else 2
    leave: Button | None = None
    if way_out is WayOut.CANCEL:
        leave = _cancel(list_id, step)
    elif way_out is WayOut.COLUMNS:
        leave = Button(_("« Back"), AnswerList(list_id, step, kind=COLUMN))
    return screen(lines, *grid(buttons, width), more, leave)


def _cancel(list_id: str, step: int = 0) -> Button:
    return Button(_("Cancel"), AnswerList(list_id, step, kind=LEAVE))


def kind_question(list_id: str, name: str, people: int) -> Screen:
    """For a file of people sent while the bot waits for a text. `people`: 0 if not known yet."""
    count = amount(people)
    text = ngettext(
        "{file} has {count} person in it. Is it your list, or a document to send?",
        "{file} has {count} people in it. Is it your list, or a document to send?",
        people,
    )
    if not people:
        text = _("{file} looks like a list of people. Is it your list, or a document to send?")
    return screen(
        text.format(file=formatting.bold(formatting.clip(name, 60)), count=count),
        Button(_("👥 It's my list"), AnswerList(list_id, kind=LIST), Style.PRIMARY),
        Button(_("📎 Send the file"), AnswerList(list_id, kind=DOCUMENT)),
        _cancel(list_id),
    )


def list_for_draft(staged: StagedList, draft: Draft) -> Screen:
    to, total, list_id = subject(draft).to, staged.kept.total, staged.kept.id.lower()
    return _screen(
        staged,
        Button(
            plural("✔ Add {count} person", "✔ Add {count} people", total),
            to("near", list_id),
            Style.PRIMARY,
        ),
        ((Button(_("💾 Save as a list"), to("save", list_id)),),),
        Button(_("« Back"), to("who")),
        more=[_("Already chosen: {people}").format(people=escaped(recipients_text(draft)))]
        if draft.names_somebody
        else (),
    )


def unasked_list(staged: StagedList, *, saved: bool) -> Screen:
    """For a file that came unasked. `saved`: there are lists that it can be a newer version of."""
    to = Subject("a", staged.kept.id).to
    update = (Button(_("↻ Update a list"), to("lists")),) if saved else ()
    return _screen(
        staged,
        Button(formatting.write_label(staged.kept.total), to("use"), Style.PRIMARY),
        ((Button(_("💾 Save as a list"), to("save")), *update),),
        _cancel(staged.pending_id, staged.step),
        document=True,
    )


def list_for_audience(staged: StagedList, audience: Audience, change: ListChange | None) -> Screen:
    """`change`: the changes to the audience; None to remove its people from it."""
    back = Button(_("« Back"), Subject("a", audience.id).to("view"))
    if change is not None:
        lines, rows = _comparison(staged.kept, audience, change)
        return _screen(staged, rows[0], rows[1:], back, more=lines)
    label = _("Remove {count} from {name}").format(
        count=amount(staged.kept.total), name=formatting.clip(audience.name, 20)
    )
    return _screen(staged, Button(label, _to(staged, "outof", audience.id), Style.DANGER), (), back)


def choose_list(staged: Audience, lists: Sequence[Audience]) -> Screen:
    """Asks which saved list a file is a newer version of."""
    to = Subject("a", staged.id).to
    buttons = [Button(f"👥 {audience_label(one)}", to("compare", one.id)) for one in lists]
    return screen(
        _("Which list do you want to update from {file}?").format(file=formatting.bold(staged.title)),
        *grid(buttons, 2),
        Button(_("Cancel"), BOT.to("close")),
    )


def comparison(staged: Audience, audience: Audience, change: ListChange) -> Screen:
    """Shows what a newer file changes in a saved list."""
    lines, rows = _comparison(staged, audience, change)
    head = formatting.bold(
        _("{file} and {name}").format(file=formatting.clip(staged.title, 40), name=audience.title)
    )
    buttons = rows if change.added or change.changed or change.missing else ()
    return screen([head, *lines], *buttons, Button(_("« Back"), Subject("a", audience.id).to("view")))


def _comparison(staged: Audience, audience: Audience, change: ListChange) -> tuple[list[str], Rows]:
    to, name = Subject("a", staged.id).to, formatting.clip(audience.name, 20)
    lines = []
    if change.same or change.changed or change.missing:
        counts = _("Already in {name}: {same} unchanged, {changed} changed. New: {added}.").format(
            name=formatting.clip(audience.title, 40),
            same=amount(change.same),
            changed=amount(len(change.changed)),
            added=amount(len(change.added)),
        )
        lines.append(escaped(counts))
    if change.missing:
        first = ", ".join(map(_person, change.gone[: min(_MOST_NAMES, change.missing)]))
        more = change.missing - _MOST_NAMES
        shown = _("{names} and {count} more").format(names=first, count=amount(more)) if more > 0 else first
        missing = plural(
            "{count} person in {name} is not in the file: {names}.",
            "{count} people in {name} are not in the file: {names}.",
            change.missing,
            name=formatting.clip(audience.title, 40),
            names=shown,
        )
        lines.append(escaped(missing))
    label = _("Add {count} to {name}")
    if change.changed:
        label = _("Add {count} to {name}, change {changed}")
    add = label.format(count=amount(len(change.added)), name=name, changed=amount(len(change.changed)))
    rows: Rows = ((Button(add, to("into", audience.id), Style.PRIMARY),),)
    if change.missing:
        remove = _("Also remove the {count} missing")
        if not change.added and not change.changed:
            rows, remove = (), _("Remove the {count} missing")
        remove = remove.format(count=amount(change.missing))
        button = Button(remove, to("sync", f"{audience.id}:{change.missing}"), Style.DANGER)
        rows = (*rows, (button,))
    return lines, rows


def _person(recipient: Recipient) -> str:
    return formatting.clip(recipient.name, 30) if recipient.name else formatting.address_text(recipient)


def _to(staged: StagedList, verb: str, argument: str = "") -> SubjectAction:
    return Subject("a", staged.kept.id).to(verb, argument)


def _screen(
    staged: StagedList,
    use: Button | Row,
    rows: Rows,
    back: Button | None,
    *,
    more: Sequence[str] = (),
    document: bool = False,
) -> Screen:
    """`more`: lines; `document`: the file itself can be sent to people too."""
    lines = [*_lines(staged)[:_HEAD], *more]
    rest, reasons = _lines(staged)[_HEAD:], _reasons(staged.read.refused)
    whole = [*lines, *rest, *reasons, _form(staged)]
    # A line with a reason takes two on a phone.
    fits = len(whole) + len(reasons) <= _MOST_LINES or (len(whole) <= _MOST_LINES and not reasons)
    lines = whole if fits else [*lines, *rest]
    more_about = Button(_("📋 More about this file"), AnswerList(staged.pending_id, staged.step, kind=NOTES))
    notes = None if fits else more_about
    left_out, columns = _left_out_button(staged), _columns_button(staged)
    send = Button(_("📎 Send the file"), AnswerList(staged.pending_id, kind=DOCUMENT)) if document else None
    if not staged.kept.total:
        use, rows = (), ()
    fixed = [*((use,) if isinstance(use, Button) else use), *(one for row in rows for one in row)]
    if len([*fixed, *filter(None, (left_out, notes, columns, send, back))]) > _MOST_BUTTONS:
        # They are on the next screen too.
        notes, columns = more_about, None
        if len([*fixed, *filter(None, (left_out, notes, send, back))]) > _MOST_BUTTONS:
            left_out = None
    of_file = tuple(filter(None, (columns, send)))
    return screen(lines[:_MOST_LINES], use, left_out, notes, of_file, *rows, back)


def notes_card(staged: StagedList) -> Screen:
    """Everything known about a file: its card has no room for it."""
    back = Button(_("« Back"), AnswerList(staged.pending_id, staged.step, kind=CARD))
    lines = [*_lines(staged), *_reasons(staged.read.refused), _form(staged)]
    return screen(lines, _left_out_button(staged), _columns_button(staged), back)


def _left_out_button(staged: StagedList) -> Button | None:
    label = _("📄 See {count} left out").format(count=amount(staged.with_reasons))
    return Button(label, _to(staged, "left")) if staged.with_reasons else None


def _columns_button(staged: StagedList) -> Button | None:
    columns = AnswerList(staged.pending_id, staged.step, kind=COLUMN)
    return Button(_("✎ Columns"), columns) if staged.read.has_columns else None


def _lines(staged: StagedList) -> list[str]:
    """The most important first; the first ones count the people."""
    kept, read = staged.kept, staged.read
    file = formatting.clip(kept.source, 60)
    head = plural("{count} person in {file}", "{count} people in {file}", kept.total, file=file)
    lines = [formatting.bold(head), formatting.per_messenger(kept.counts.items())]
    if read.refused or read.doubles:
        parts = [part for part in (_doubles(read.doubles), *_refused(read.refused)) if part]
        why = " · ".join(parts)
        count = amount(len(read.refused) + len(read.doubles))
        # A single reason has the same number.
        said = _("Left out {count}: {why}").format(count=count, why=why) if parts[1:] else ""
        lines.append(said or _("Left out: {why}").format(why=why))
    if staged.unreachable:
        lines.append(
            plural(
                "{count} of them has unsubscribed or blocked us and won't get it",
                "{count} of them have unsubscribed or blocked us and won't get it",
                staged.unreachable,
            )
        )
    lines += [escaped(translate(one)) for one in read.notes[:_MOST_NOTES]]
    if read.variables:
        lines.append(escaped(formatting.columns_line(read.variables, read.headings)))
    return [line for line in lines if line]


def _form(staged: StagedList) -> str:
    return _("Read as {form}.").format(form=escaped(translate(staged.read.form)))


def _reasons(refused: Sequence[Refused]) -> list[str]:
    """The first reasons, each with its rows and with what is in the first of them."""
    grouped: dict[str, list[Refused]] = {}
    for one in refused:
        grouped.setdefault(translate(one.reason).partition(". ")[0].rstrip("."), []).append(one)
    lines = []
    for reason, rows in list(grouped.items())[:_MOST_REASONS]:
        names = list(dict.fromkeys(formatting.quoted(formatting.clip(one.entry, 30)) for one in rows))
        shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
        line = plural(
            "Row {rows}, {entries}: {reason}.",
            "Rows {rows}, {entries}: {reason}.",
            len(rows),
            rows=_row_numbers(rows),
            entries=shown,
            reason=formatting.clip(reason, 200),
        )
        lines.append(escaped(line))
    return lines


def _row_numbers(refused: Sequence[Refused]) -> str:
    numbers = ", ".join(f"{one.row}" for one in refused[:_MOST_ROWS])
    return numbers + (", …" if len(refused) > _MOST_ROWS else "")


def _doubles(doubles: Sequence[Refused]) -> str:
    if not doubles:
        return ""
    others = sum(one.other_values for one in doubles)
    said = _("{count} listed twice").format(count=amount(len(doubles)))
    if others:
        values = _("{count} of them with different values").format(count=amount(others))
        said += f" ({values})"
    return said


def _refused(refused: Sequence[Refused]) -> list[str]:
    """Counts with their rows, as HTML."""
    kinds: dict[Why, list[Refused]] = {}
    for one in refused:
        kinds.setdefault(one.why, []).append(one)
    parts = []
    for why in Why:
        if rows := kinds.get(why):
            text = _kind_words(why, len(rows))
            parts.append(text.format(count=amount(len(rows)), rows=_row_numbers(rows)))
    return parts


def _kind_words(why: Why, count: int) -> str:
    match why:
        case Why.UNWANTED:
            return ngettext(
                "{count} doesn't want messages (row {rows})",
                "{count} don't want messages (rows {rows})",
                count,
            )
        case Why.UNUSED:
            return ngettext("{count} not used (row {rows})", "{count} not used (rows {rows})", count)
    return ngettext("{count} can't be read (row {rows})", "{count} can't be read (rows {rows})", count)
