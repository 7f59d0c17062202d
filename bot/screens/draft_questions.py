"""Questions about a draft: delete it, what a second message is for, and if a message is for people at all."""

from __future__ import annotations

from dataclasses import replace

from bot.screens.drafts import delete_button
from bot.screens.home import new_button
from bot.screens.inbound import answer_button
from bot.text import formatting
from bot.text.formatting import escaped
from bot.text.translation import _, translate
from bot.ui.callback_data import SCHEDULED_LIST, subject
from bot.ui.screen import Button, Rows, Screen, Style, screen
from core.domain.content.content import Content
from core.domain.inbound import Inbound
from core.domain.recipients import count_people
from core.store.chat.drafts import Draft

_SHORT = 60
"""Characters of a text that a quotation of it shows whole."""


def discard_question(draft: Draft) -> Screen:
    to = subject(draft).to
    question = _("Delete this draft?")
    if draft.is_change:
        question = _("Discard your changes? The message will stay as it was.")
    elif lost := _contents(draft):
        question = _("Delete this draft? You'll lose {parts}.").format(parts=escaped(lost))
    yes = _("🗑 Yes, discard") if draft.is_change else _("🗑 Yes, delete")
    return screen(question, Button(_("« Keep it"), to("home")), Button(yes, to("dropped"), Style.DANGER))


def changed_meanwhile(draft: Draft, problem: str) -> Screen:
    """Asks whose changes count if another admin has saved theirs first."""
    to = subject(draft).to
    return screen(
        [escaped(translate(problem)), _("Which version do you want to keep?")],
        Button(_("👁 See theirs"), SCHEDULED_LIST),
        (Button(_("Keep mine"), to("mine")), Button(_("Keep theirs"), to("dropped"))),
    )


def _contents(draft: Draft) -> str:
    """For example "the text and 8 recipients"."""
    parts = [_("the text")] if draft.content is not None and draft.content.text else []
    parts += formatting.extras(draft.content) if draft.content is not None else []
    if len(draft.audiences) + bool(draft.recipients) > 1:
        # They may be in two of the lists.
        parts.append(_("the people you chose"))
    elif count := count_people(draft.recipients) + sum(one.total for one in draft.audiences):
        parts.append(formatting.people(count))
    return formatting.join_names(parts)


def cancelled_text() -> str:
    return _("Cancelled. Nothing changed.")


def discarded_message(draft: Draft) -> Screen:
    if draft.is_change:
        return screen(_("The message stays as it was."), Button(_("🗓 Scheduled"), SCHEDULED_LIST))
    return screen(
        _("Draft deleted. Nothing was sent.") if _contents(draft) else cancelled_text(), new_button()
    )


def closed_message(draft: Draft) -> Screen:
    kept = _("Changes saved for 24 hours.") if draft.is_change else _("Draft saved for 24 hours.")
    return screen(
        kept, (Button(_("Continue"), subject(draft).to("home"), Style.PRIMARY), delete_button(draft))
    )


def open_draft_rows(draft: Draft) -> Rows:
    """Back to a draft whose card has scrolled away."""
    label = _("✏ Continue your draft")
    if draft.content is not None and draft.content.text:
        snippet = formatting.clip(" ".join(draft.content.text.split()), 20)
        label = _("✏ Continue {text}").format(text=formatting.quoted(snippet))
    return ((Button(label, subject(draft).to("home")),),)


def more_question(draft: Draft, more: Content) -> Screen:
    """Asks what a message sent after a complete one is for. Posted as a reply to it."""
    to = subject(draft).to
    asked = _("Add this to your message?")
    if more.text.count("\n") or len(more.media) > 1:
        asked = _("Add all of this to your message?")
    # What it replies to shows a short text above.
    short = not more.media and len(more.text) <= _SHORT and "\n" not in more.text
    return screen(
        [asked, "" if short else escaped(formatting.message_summary(more))],
        Button(_("Add to the message"), to("add"), Style.PRIMARY),
        (Button(_("Replace it"), to("replace")), Button(_("Keep as is"), to("keep"))),
        Button(_("✍ New message"), to("apart")),
    )


def send_offer(draft: Draft, before: str = "", asked_by: Inbound | None = None) -> Screen:
    """Posted as a reply to what was sent with nothing open.

    `before`: why it is no order, or what else was meant; `asked_by`: the message of a person that it may answer.
    """
    to = subject(draft).to
    asked = _("Send these messages to people as one?") if draft.joined else _("Send this to people?")
    if draft.content is not None and any(media.contact for media in draft.content.media):
        asked = _("Send this contact card to people?")
    return screen(
        [escaped(before), asked],
        answer_button(asked_by) if asked_by is not None else None,
        Button(_("Choose who gets it"), to("home"), Style.PRIMARY),
        Button(_("No"), to("dropped")),
    )


def with_adding(draft: Draft, asked: Screen) -> Screen:
    """A question with a button for an answer that was meant for the message."""
    return replace(asked, rows=(*asked.rows, (Button(_("Add to the message"), subject(draft).to("add")),)))


def with_people(draft: Draft, asked: Screen) -> Screen:
    """A question with a button for a text that may be a list of people."""
    people = Button(_("👥 These people get it"), subject(draft).to("aspeople"))
    return replace(asked, rows=((people,), *asked.rows))
