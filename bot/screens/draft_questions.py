"""Questions about a draft: discard it, replace its text, use text typed with nothing open."""

from __future__ import annotations

from bot.screens.drafts import discard_button, filled_slots
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _
from bot.ui.callback_data import BOT, subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.store.chat.drafts import Draft


def discard_question(draft: Draft) -> Screen:
    to, held = subject(draft).to, filled_slots(draft)
    question = _("Discard draft <b>#{id}</b>? There is nothing in it yet.")
    if draft.is_change:
        question = _("Drop the changes? #{id} stays as it is.")
    elif held:
        question = _("Discard draft <b>#{id}</b>? Lost then: {slots}.")
    return screen(
        question.format(id=draft.shown_id, slots=formatting.join_names(held)),
        Button(_("« Keep it"), to("home")),
        Button(_("🗑 Yes, discard"), to("dropped"), Style.DANGER),
    )


def discarded_message(draft: Draft) -> Screen:
    if draft.is_change:
        return Screen(_("Nothing was changed: #{id} stays as it is.").format(id=draft.shown_id))
    return Screen(_("Draft #{id} is discarded; nothing was sent.").format(id=draft.id))


def closed_message(draft: Draft) -> Screen:
    to = subject(draft).to
    closed = _("Closed. Draft <b>#{id}</b> is kept for 24 h; /cancel again to discard it.")
    if draft.is_change:
        closed = _("Closed. The changes to <b>#{id}</b> are kept for 24 h; /cancel again to drop them.")
    return screen(closed.format(id=draft.shown_id), (Button(_("« Go on"), to("home")), discard_button(draft)))


def open_draft_rows(draft: Draft) -> Rows:
    """Back to a draft whose card has scrolled away."""
    return ((Button(_("✏ Go on with #{id}").format(id=draft.shown_id), subject(draft).to("home")),),)


def replace_question(draft: Draft) -> Screen:
    """Posted as a reply to the new text."""
    to = subject(draft).to
    return screen(
        _("Draft <b>#{id}</b> has a text already. Replace it by this one?").format(id=draft.id),
        (Button(_("Replace"), to("replace")), Button(_("Keep the first"), to("home"))),
    )


def send_offer(problem: str = "") -> Screen:
    """Posted as a reply to text typed with nothing open. `problem`: why it is no order."""
    return screen(
        [escaped(problem), _("Send this to people?")],
        Button(_("✍ Make it a broadcast"), BOT.to("take"), Style.PRIMARY),
        Button("✖", BOT.to("close")),
    )
