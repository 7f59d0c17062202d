"""The screens of audiences: their overview, the card of one, and the questions about it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from bot import words
from bot.pager import pages
from bot.pick import Present
from bot.screen import Button, Row, Screen, Style
from bot.screens_draft import problems_text
from bot.screens_home import HOME_ROW
from bot.wire import AudienceTap
from core.domain.audience import LONGEST_NAME, Audience
from core.services.pages import Page

PAGE_SIZE = 10
FIRST_PAGE = str(AudienceTap("", "page", "1"))
_LABEL = 24
_A_ROW = 2
_MOST_VARIABLES = 12


def short_label(audience: Audience) -> str:
    """A name and a number that fit into half a row."""
    count = f" · {audience.total:,}"
    return words.clip(audience.title, _LABEL - len(count)) + count


def overview(page: Page[Audience]) -> Screen:
    """All audiences, in the order of their names."""
    lines = [words.bold(f"👥 Audiences · {page.total:,}")]
    if page.items:
        lines.append(f"Name them in an order: <code>/send {escape(page.items[0].name)} | Hello</code>")
    else:
        lines.append("No list of recipients is saved yet. Make one here, or send me a CSV, XLSX or TXT file.")
    buttons = [Button(f"👥 {short_label(one)}", str(AudienceTap(one.id, "view"))) for one in page.items]
    rows = [tuple(buttons[place : place + _A_ROW]) for place in range(0, len(buttons), _A_ROW)]
    new: Row = (Button("New audience", str(AudienceTap("", "new"))),)
    turn = pages(page, lambda number: str(AudienceTap("", "page", str(number))))
    return Screen("\n".join(lines), (*rows, new, *turn, HOME_ROW))


def card(audience: Audience, link: str, present: Present, note: str = "") -> Screen:
    """One audience. `link`: where people join while that is open; `note`: what has just been done to it."""
    lines = [
        f"{words.bold(f'👥 {audience.name}')} · {words.people(audience.total)}",
        words.per_messenger(audience.counts.items()) or "Nobody is in it yet.",
        *([_variables(audience)] if audience.variables else []),
        escape(
            f"Made by {audience.creator_name}, {words.short(audience.created_at, present.zone)}", quote=False
        ),
        f"Whoever opens {escape(link)} joins it." if audience.joinable else "Its join link is closed.",
        *([escape(note, quote=False)] if note else []),
    ]

    def to(verb: str, argument: str = "") -> str:
        return str(AudienceTap(audience.id, verb, argument))

    link_label, wanted = ("🔗 Close the link", "0") if audience.joinable else ("🔗 Join link", "1")
    return Screen(
        "\n".join(lines),
        (
            (Button("✍ Write to them", to("use"), Style.PRIMARY),),
            (Button("Add people", to("add")), Button("Remove people", to("remove"))),
            (Button("✏ Rename", to("rename")), Button("⬇ CSV", to("csv"))),
            (Button(link_label, to("join", wanted)), Button("🗑 Delete", to("drop"), Style.DANGER)),
            (Button("« Audiences", FIRST_PAGE),),
        ),
    )


def _variables(audience: Audience) -> str:
    shown = " ".join(f"<code>{{{escape(name)}}}</code>" for name in audience.variables[:_MOST_VARIABLES])
    more = len(audience.variables) - _MOST_VARIABLES
    return f"Variables {shown}" + (f" and {more} more" if more > 0 else "")


def ask_people(audience: Audience, *, leaving: bool, problems: Sequence[str] = ()) -> Screen:
    """Who joins, or leaves. `problems`: with what was typed last; nothing of it was done."""
    verb = "be taken off" if leaving else "be added to"
    lines = [f"Who shall {verb} {words.bold(audience.name)}?"]
    if problems:
        lines = [
            escape(problems_text(problems), quote=False),
            "Nothing was changed. Send it again, corrected.",
            *lines,
        ]
    lines.append(
        "Type or paste them, with commas or one per line, or upload a CSV, XLSX or TXT file: <code>tg:1001</code> · "
        "<code>+12025550123</code> · <code>viber:ID</code> · the name of another audience"
    )
    return Screen("\n".join(lines), ((Button("« Back", str(AudienceTap(audience.id, "view"))),),))


def ask_name(back: str, title: str = "") -> Screen:
    """The name of a new audience, of a list read from a file (`title`), or another one for an audience."""
    of = f" for “{escape(words.clip(title, 60), quote=False)}”" if title else ""
    return Screen(
        f"Write me a name{of}: 1 to {LONGEST_NAME} letters, digits, - and _. For example: regular-guests",
        ((Button("« Back", back),),),
    )


def ask_delete(audience: Audience) -> Screen:
    def to(verb: str, argument: str = "") -> str:
        return str(AudienceTap(audience.id, verb, argument))

    return Screen(
        f"Delete the audience {words.bold(audience.name)} with {words.people(audience.total)}? This cannot be undone.\n"
        "Broadcasts that were accepted keep their recipients.",
        (
            (Button("« Keep it", to("view")),),
            (Button("⬇ CSV first", to("csv")),),
            (Button(f"🗑 Yes, delete {audience.total:,}", to("dropped", str(audience.total)), Style.DANGER),),
        ),
    )


def deleted(audience: Audience) -> Screen:
    return Screen(
        f"The audience {words.bold(audience.name)} is deleted.", ((Button("« Audiences", FIRST_PAGE),),)
    )
