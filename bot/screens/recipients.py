"""The screens that ask who gets a draft: lists, people by name, and what is unclear in a typed answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.screens.drafts import problems_text, recipients_text
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, ngettext
from bot.ui.callback_data import Action, subject
from bot.ui.pagination import page_rows
from bot.ui.screen import Button, Rows, Screen, Style, grid, screen
from core.domain.audience import Audience, Chosen
from core.domain.messengers.traits import AddressKind
from core.domain.page import Page
from core.domain.recipients import Contact, Headcount, Recipient
from core.store.chat.drafts import Draft

LABEL = 24
_PERSON = 18
_GUESS = 15
_A_ROW = 2
_MOST_GUESSES = 4
_MOST_PROBLEMS = 3


@dataclass(frozen=True, slots=True)
class ChosenPerson:
    """A person chosen one by one. `place`: among all of them, from 0; `name`: empty if unknown."""

    place: int
    name: str
    addresses: tuple[Recipient, ...]


@dataclass(frozen=True, slots=True)
class RecipientChoices:
    """The choices: a page of audiences, and all subscribers; and the last few of those chosen one by one."""

    audiences: Page[Audience]
    everybody: Chosen
    people: Sequence[ChosenPerson]
    one_by_one: int
    """Number of people chosen one by one."""
    total: Headcount
    """Number of people chosen in all."""


@dataclass(frozen=True, slots=True)
class Unclear:
    """Unclear parts of a typed answer, and what they may mean. `added`: number of others that were added."""

    problems: Sequence[str]
    near: Sequence[Chosen] = ()
    like: Sequence[Contact] = ()
    guesses: Sequence[str] = ()
    added: int = 0


def recipients_prompt(
    draft: Draft, choices: RecipientChoices, unclear: Unclear | None = None, *, below: bool = False
) -> Screen:
    """`below`: it comes right below the message, which it need not repeat."""
    lines = [formatting.bold(_("Who should get it?"))]
    if unclear is not None:
        lines = [escaped(problems_text(unclear.problems, _MOST_PROBLEMS)), _added_line(unclear.added)]
    if (
        draft.content is not None
        and not below
        and (unclear is None or len(unclear.problems) < _MOST_PROBLEMS)
    ):
        summary = formatting.message_summary(draft.content)
        lines.append(_("Your message: {summary}").format(summary=escaped(summary)))
    if draft.names_somebody:
        lines.append(_("<b>To</b> {people}").format(people=escaped(recipients_text(draft, choices.total))))
    if draft.duplicates and unclear is None:
        lines.append(formatting.duplicates_text(draft.duplicates))
    to = subject(draft).to
    everyone = Button(_("Show all {count}").format(count=amount(choices.one_by_one)), to("names", 1))
    return screen(
        lines,
        *_done(draft, choices.total),
        *(_meant(draft, unclear) if unclear else ()),
        *_choices(draft, choices),
        *_other_ways(draft),
        *_chips(choices.people, lambda one: to("off", one.place)),
        everyone if choices.one_by_one > len(choices.people) else None,
        *_end(draft),
    )


def _added_line(added: int) -> str:
    if not added:
        return _("I didn't add anyone. Choose below, or fix it and send it again.")
    return ngettext("I added the other one.", "I added the other {count}.", added).format(count=amount(added))


def _done(draft: Draft, total: Headcount) -> Rows:
    if not draft.names_somebody:
        return ()
    label = _("✔ Done · {people}").format(people=formatting.at_most(total, formatting.people(total.people)))
    return ((Button(label, subject(draft).to("home"), Style.PRIMARY),),)


def _meant(draft: Draft, unclear: Unclear) -> Rows:
    to = subject(draft).to
    lists = [
        Button(f"👥 {formatting.clip(formatting.audience_title(one), _GUESS)}?", to("near", one.id.lower()))
        for one in unclear.near[:3]
    ]
    people = [
        Button(f"👤 {label}?", to("person", one.id))
        for one, label in zip(
            unclear.like[:_MOST_GUESSES], contact_labels(unclear.like, _PERSON - 1), strict=False
        )
    ]
    entries = [
        Button(f"{formatting.clip(entry, _PERSON)}?", to("guess", entry))
        for entry in unclear.guesses[:_MOST_GUESSES]
    ]
    new = [
        Button(_("👤 Add {name}").format(name=formatting.clip(name, _PERSON)), to("new", place))
        for place, name in enumerate(draft.unknown)
    ]
    return grid([*lists, *people, *entries, *new], _A_ROW)


def _choices(draft: Draft, choices: RecipientChoices) -> Rows:
    to, page = subject(draft).to, choices.audiences.page
    chosen = {one.id for one in draft.audiences}

    def button(one: Audience | Chosen, mark: str) -> Button:
        return Button(
            f"{'✔' if one.id in chosen else mark} {_label(one)}", to("pick", f"{one.id.lower()}:{page}")
        )

    rows = grid([button(one, "👥") for one in choices.audiences.items], _A_ROW)
    label = _("Everyone who subscribed · {count}").format(count=amount(choices.everybody.total))
    mark = "✔" if choices.everybody.id in chosen else "🔔"
    everybody = Button(f"{mark} {label}", to("pick", f"{choices.everybody.id}:{page}"))
    return (*rows, *page_rows(choices.audiences, lambda number: to("who", number)), (everybody,))


def _other_ways(draft: Draft) -> Rows:
    to = subject(draft).to
    return (
        (Button(_("👤 By name"), to("people")), Button(_("📄 File"), to("file"))),
        (Button(_("⌨ Type or paste"), to("paste")),),
    )


def _chips(people: Sequence[ChosenPerson], removal: Callable[[ChosenPerson], Action]) -> Rows:
    """Buttons of people chosen one by one; a tap removes the person."""
    shared = Counter(one.name for one in people)
    buttons = [Button(f"✖ {_label_of(one.name, one.addresses[0], shared)}", removal(one)) for one in people]
    return grid(buttons, _A_ROW)


def chosen_people(draft: Draft, page: Page[ChosenPerson]) -> Screen:
    """Everybody chosen one by one."""
    to = subject(draft).to
    head = _("<b>You chose {people}</b>").format(people=formatting.people(page.total))
    return screen(
        [head, _("Tap someone to remove them.")],
        *_chips(page.items, lambda one: to("remove", one.place)),
        *page_rows(page, lambda number: to("names", number)),
        Button(_("« Back"), to("who")),
    )


def _label_of(name: str, recipient: Recipient, shared: Counter[str], width: int = _PERSON) -> str:
    """`shared`: how many have each name."""
    if not name and recipient.messenger.traits.address is AddressKind.PHONE:
        # Numbers begin alike: the middle, hidden elsewhere, tells one from another.
        return recipient.address
    return formatting.distinct_name(name, recipient, width, alone=shared[name] == 1)


def _label(one: Audience | Chosen) -> str:
    """Name and size; a segment is counted when it is chosen."""
    if isinstance(one, Audience) and one.rule is not None:
        return formatting.clip(one.title, LABEL)
    count = f" · {amount(one.total)}"
    return formatting.clip(formatting.audience_title(one), LABEL - len(count)) + count


def _end(draft: Draft) -> Rows:
    to = subject(draft).to
    cancel = Button(_("Cancel"), to("drop"))
    if not draft.names_somebody:
        return ((cancel,),)
    return ((Button(_("Clear list"), to("clear"), Style.DANGER), cancel),)


def contact_labels(people: Sequence[Contact], width: int = _PERSON) -> list[str]:
    """Names for buttons, with the end of an address where two share one."""
    shared = Counter(one.name for one in people)
    return [_label_of(one.name, one.recipients[0], shared, width) for one in people]


def people_search(draft: Draft, total: Headcount, query: str, found: Sequence[Contact]) -> Screen:
    """People found by a name; without a query, those known last. `total`: number of people chosen in all."""
    to = subject(draft).to
    chosen = {one.person for one in draft.recipients}
    buttons = [
        Button(f"{'✔' if one.id in chosen else '👤'} {label}", to("person", one.id))
        for one, label in zip(found, contact_labels(found), strict=True)
    ]
    lines = [_("Type a name to find someone, or choose below.")]
    if not found:
        lines = [_("I don't know anyone by name yet. Send me a contact, or a file with names.")]
    elif query:
        lines = [
            _("People called “{query}”:").format(query=escaped(query)),
            _("Type another name to search again."),
        ]
    if draft.names_somebody:
        lines.append(_("<b>To</b> {people}").format(people=escaped(recipients_text(draft, total))))
    return screen(
        lines,
        *_done(draft, total),
        *grid(buttons, _A_ROW),
        Button(_("📇 From my Telegram"), to("pickers")),
        Button(_("« Back"), to("who")),
    )


def pickers() -> tuple[str, str, str]:
    """Above Telegram's own keyboard: the text, and its two buttons."""
    return (
        _("Choose people from your Telegram with the button below, or attach a contact with 📎."),
        _("Choose people"),
        _("Add me"),
    )


def typing_help() -> list[str]:
    """Help on typing people, as HTML lines."""
    return [
        _("Type or paste people here, one per line or with commas:"),
        _("<code>Anna Schmidt +49 151 2345678</code>"),
        _("<code>+1 202 555 0123, Alice, Parents 3B</code>"),
        _("Names of your lists and of people I know work too."),
    ]


def new_person(draft: Draft, name: str) -> Screen:
    """Asks for the number of somebody who is not known yet."""
    lines = [
        formatting.bold(_("What is {name}'s phone number?").format(name=formatting.clip(name, 40))),
        _("Type it, or send me the contact with 📎."),
    ]
    return screen(lines, Button(_("« Back"), subject(draft).to("who")))


def paste_help(draft: Draft) -> Screen:
    return screen(typing_help(), Button(_("« Back"), subject(draft).to("who")))


def file_help(draft: Draft) -> Screen:
    lines = [
        _("Send me an Excel or CSV file with 📎."),
        _("One person per row, for example with a name and a phone number."),
    ]
    return screen(lines, Button(_("« Back"), subject(draft).to("who")))


def _names(people: Sequence[Contact]) -> str:
    named = contact_labels(people[:_MOST_GUESSES], 40)
    if len(people) > _MOST_GUESSES:
        named.append(_("{count} more").format(count=amount(len(people) - _MOST_GUESSES)))
    return formatting.join_names(named)


def added_text(people: Sequence[Contact]) -> str:
    return _("Added: {names}").format(names=_names(people))


def shared_text(people: Sequence[Contact]) -> str:
    """The answer to a contact that nothing asked for."""
    return _("I'll remember {names}. You can choose them by name under “Who should get it?”.").format(
        names=_names(people)
    )
