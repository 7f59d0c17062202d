"""The question about a message that some of its messengers cannot carry as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.screens.drafts import delete_button, messengers_of
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, amount, plural, translate
from bot.ui.callback_data import subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.domain.content.content import Content
from core.domain.content.limits import without_files
from core.domain.content.misfits import Misfit
from core.domain.content.splitting import split
from core.domain.messengers.traits import Messenger
from core.store.chat.drafts import Draft

_MOST_BUTTONS = 6


def kind_question(
    draft: Draft,
    problem: str,
    messengers: Sequence[Messenger],
    people: Mapping[Messenger, int],
    wrong: Misfit | None,
) -> Screen:
    """`messengers`: those that cannot carry it; `people`: how many are on each messenger.

    `wrong`: None for a file that a link would bring there.
    """
    to, content = subject(draft).to, draft.content or Content(text="")
    there = sum(people[one] for one in messengers)
    everybody = there == sum(people.values())
    lines = [escaped(translate(problem)), _("What should people get?")]
    if not everybody:
        lines[1] = plural(
            "{count} of {total} people is on {messengers}. What should they get?",
            "{count} of {total} people are on {messengers}. What should they get?",
            there,
            total=amount(sum(people.values())),
            messengers=_titles(messengers),
        )
    rows = screen(
        "",
        Button(_("🔗 Add a link to the file"), to("link")) if wrong is None else None,
        *_both(draft, content, wrong),
        *(_one_of_both(draft, wrong, content) if everybody else ()),
        *_in_words(draft, content, messengers, everybody=everybody),
        *(() if everybody else _only_elsewhere(draft, messengers, people)),
        (Button(_("✏ Edit message"), to("text")), Button(_("👥 People"), to("who"))),
    ).rows
    if sum(map(len, rows)) < _MOST_BUTTONS:
        rows = (*rows, (delete_button(draft),))
    return screen(lines, *rows)


def _titles(messengers: Sequence[Messenger]) -> str:
    return formatting.join_names([one.traits.title for one in messengers])


def _codes(messengers: Sequence[Messenger]) -> str:
    return "".join(one.traits.code for one in messengers)


def _both(draft: Draft, content: Content, wrong: Misfit | None) -> Rows:
    if wrong not in (Misfit.TEXT, Misfit.ALONE) or split(content, messengers_of(draft)) is None:
        return ()
    return ((Button(_("✂ Both, as two messages"), subject(draft).to("split"), Style.PRIMARY),),)


def _one_of_both(draft: Draft, wrong: Misfit | None, content: Content) -> Rows:
    """The text or its files, if nobody can get both together."""
    if wrong is not Misfit.TEXT:
        return ()
    to = subject(draft).to
    (what,) = formatting.extras(Content(text="", media=content.media))[:1]
    only_files = Button(_("Only {part}").format(part=what), to("wordless"))
    return ((only_files, Button(_("Only the text"), to("wordy"))) if content.text else (only_files,),)


def _in_words(draft: Draft, content: Content, messengers: Sequence[Messenger], *, everybody: bool) -> Rows:
    """The text alone, with what can be said in words of the rest."""
    only_files = all(media.is_file for media in content.media)
    if (everybody and content.text and only_files) or any(
        without_files(content, one) is None for one in messengers
    ):
        return ()
    label = words_label(content, messengers)
    return ((Button(label, subject(draft).to("textonly", _codes(messengers))),),)


def words_label(content: Content, messengers: Sequence[Messenger]) -> str:
    """The label of a button for the text alone, with what words can say of the rest."""
    only_files = all(media.is_file for media in content.media)
    label = _("📝 {messenger}: text only") if content.text and only_files else _("📝 {messenger}: in words")
    emoji = next((media.emoji for media in content.media if media.emoji), "")
    if not content.text and only_files and emoji:
        label = _("📝 {messenger}: only {emoji}")
    return label.format(messenger=_titles(messengers), emoji=emoji)


def _only_elsewhere(draft: Draft, messengers: Sequence[Messenger], people: Mapping[Messenger, int]) -> Rows:
    # People of a series are read again each time.
    if draft.repeat is not None or draft.series_id:
        return ()
    others = [one for one in people if one not in messengers]
    label = _("Only on {messengers} · {count}").format(
        messengers=_titles(others), count=amount(sum(people[one] for one in others))
    )
    return ((Button(label, subject(draft).to("without", _codes(messengers))),),)
