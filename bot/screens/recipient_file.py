"""The answer to an uploaded recipient list: what was read, what was refused and why, and what to do with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.screens.drafts import recipients_text
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext, plural, translate
from bot.ui.callback_data import BOT, COLUMN, DOCUMENT, LIST, AnswerList, Subject, SubjectAction, subject
from bot.ui.screen import Button, Screen, Style, grid, screen
from core.domain.audience import Audience
from core.files.questions import Question
from core.files.recipient_list import ReadList, Refused
from core.store.chat.drafts import Draft

_MOST_ROWS = 5
_MOST_VARIABLES = 12
_MOST_NOTES = 8
_MOST_REASONS = 3
_IN_ONE_COLUMN = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Upload:
    """A list that was read and stored."""

    kept: Audience
    """Its recipients, without a name yet."""
    read: ReadList
    list_id: str
    """Of the file itself, which can be read in another way."""
    step: int
    """How many questions about it were answered."""
    unreachable: int
    """Recipients who cannot be reached at present."""

    @property
    def with_reasons(self) -> int:
        return len(self.read.refused) + len(self.read.doubles) + self.unreachable


def list_question(list_id: str, step: int, name: str, question: Question) -> Screen:
    """Asks for a choice before a list can be read. Shows values from the file."""
    buttons = [
        Button(formatting.clip(translate(choice.label), 60), AnswerList(list_id, step, number))
        for number, choice in enumerate(question.choices)
    ]
    lines = [formatting.bold(formatting.clip(name, 60))] if name else []
    lines.append(escaped(translate(question.text)))
    lines += [f"<code>{escaped(formatting.clip(one, 100))}</code>" for one in question.samples[:8]]
    return screen(lines, *(grid(buttons, 1) if len(buttons) <= _IN_ONE_COLUMN else grid(buttons, 2)))


def kind_question(list_id: str, name: str, people: int) -> Screen:
    """For a file of people that came while a text was waited for. `people`: 0 where that is still to be asked."""
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
    )


def draft_upload(upload: Upload, draft: Draft) -> Screen:
    to, total, list_id = subject(draft).to, upload.kept.total, upload.kept.id.lower()
    return _screen(
        upload,
        Button(_("✔ Use {count}").format(count=amount(total)), to("near", list_id), Style.PRIMARY),
        Button(_("💾 Save as audience"), to("save", list_id)),
        Button(_("« Back"), to("who")),
        chosen=recipients_text(draft) if draft.names_somebody else "",
    )


def free_upload(upload: Upload) -> Screen:
    list_id = upload.kept.id
    total = amount(upload.kept.total)
    return _screen(
        upload,
        Button(
            _("✍ Write to these {count}").format(count=total), Subject("a", list_id).to("use"), Style.PRIMARY
        ),
        Button(_("💾 Save as audience"), Subject("a", list_id).to("save")),
        Button("✖", BOT.to("close")),
    )


def audience_upload(upload: Upload, audience: Audience, *, leaving: bool) -> Screen:
    name, total = formatting.clip(audience.name, 20), upload.kept.total
    label, verb, style = _("Add {count} to {name}"), "into", Style.PRIMARY
    if leaving:
        label, verb, style = _("Take {count} off {name}"), "outof", Style.DANGER
    do = Button(label.format(count=amount(total), name=name), _to(upload, verb, audience.id), style)
    return _screen(upload, do, None, Button(_("« Back"), Subject("a", audience.id).to("view")))


def _to(upload: Upload, verb: str, argument: str = "") -> SubjectAction:
    return Subject("a", upload.kept.id).to(verb, argument)


def _screen(upload: Upload, use: Button, save: Button | None, back: Button, *, chosen: str = "") -> Screen:
    lines = _lines(upload)
    if chosen:
        lines.append(_("Chosen before: {people}").format(people=escaped(chosen)))
    label = _("📄 The {count} with reasons").format(count=amount(upload.with_reasons))
    reasons = Button(label, _to(upload, "left")) if upload.with_reasons else None
    other = AnswerList(upload.list_id, upload.step, kind=COLUMN)
    column = Button(_("✎ Another column"), other) if upload.read.other_columns else None
    if not upload.kept.total:
        return screen(lines, reasons, column, back)
    return screen(lines, use, reasons, column, save, back)


def _lines(upload: Upload) -> list[str]:
    kept, read = upload.kept, upload.read
    file = formatting.clip(kept.source, 60)
    head = plural("Read {file}: {count} recipient", "Read {file}: {count} recipients", kept.total, file=file)
    lines = [formatting.bold(head)]
    if kept.total:
        lines.append(formatting.per_messenger(kept.counts.items()))
    if read.variables:
        names = " ".join(f"{{{name}}}" for name in read.variables[:_MOST_VARIABLES])
        lines.append(_("Variables {names}").format(names=escaped(names)))
    if read.refused or read.doubles:
        parts = [_doubles(read.doubles), _refused(read.refused)]
        count = amount(len(read.refused) + len(read.doubles))
        why = " · ".join(part for part in parts if part)
        lines.append(_("Left out {count}: {why}").format(count=count, why=why))
    lines += _reasons(read.refused)
    if upload.unreachable:
        lines.append(
            plural(
                "{count} of them has stopped or blocked us and gets nothing",
                "{count} of them have stopped or blocked us and get nothing",
                upload.unreachable,
            )
        )
    lines += [escaped(translate(one)) for one in read.notes[:_MOST_NOTES]]
    return [*lines, _("Read as {form}.").format(form=escaped(translate(read.form)))]


def _reasons(refused: Sequence[Refused]) -> list[str]:
    """The first reasons, each with its rows and with what is in the first of them."""
    grouped: dict[str, list[Refused]] = {}
    for one in refused:
        grouped.setdefault(translate(one.reason).partition(". ")[0].rstrip("."), []).append(one)
    lines = []
    for reason, rows in list(grouped.items())[:_MOST_REASONS]:
        names = list(dict.fromkeys(f"“{formatting.clip(one.entry, 30)}”" for one in rows))
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
    said = _("{count} twice").format(count=amount(len(doubles)))
    if others:
        said += _(" ({count} of them with other values)").format(count=amount(others))
    return said


def _refused(refused: Sequence[Refused]) -> str:
    if not refused:
        return ""
    return plural(
        "{count} cannot be read (row {rows})",
        "{count} cannot be read (rows {rows})",
        len(refused),
        rows=_row_numbers(refused),
    )
