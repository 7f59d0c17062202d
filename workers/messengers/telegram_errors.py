"""Outcomes of Telegram's errors.

There is no machine-readable code behind an error: the HTTP status comes with a sentence, which is matched here in
lower case. Sources: the Bot API server's own source, and sentences as bots' authors report them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from core.domain.messengers.outcome import Answer, Outcome, Reason
from workers.messengers.outcomes import (
    BAD_FILE,
    BUSY,
    CONFIGURATION,
    CONTENT,
    NO_ANSWER,
    UNLISTED,
    keyed,
    refused,
)

SENT_WITHOUT_ID: Final = Answer(outcome=Outcome.SENT)
_NO_RIGHTS = refused(Reason.NO_RIGHTS)
_NOT_FOUND = refused(Reason.NOT_FOUND)
_NOT_ALLOWED = refused(Reason.NOT_ALLOWED)
GONE: Final = refused(Reason.GONE)

# Status, words, meaning; the first row that fits decides. The empty words at the end of a status fit all of it.
RULES: Final[tuple[tuple[int, str, Answer], ...]] = (
    (403, "bot was blocked by the user", refused(Reason.BLOCKED)),
    (403, "user is deactivated", GONE),
    (403, "bot can't initiate conversation", refused(Reason.NOT_STARTED)),
    (403, "bot can't send messages to bots", _NOT_ALLOWED),
    (403, "bot was kicked from the", _NO_RIGHTS),
    (403, "bot is not a member of the", _NO_RIGHTS),
    (403, "the group chat was deleted", GONE),
    (403, "", _NOT_ALLOWED),
    (400, "chat not found", _NOT_FOUND),
    (400, "user not found", _NOT_FOUND),
    (400, "peer_id_invalid", _NOT_FOUND),
    (400, "user_is_blocked", refused(Reason.BLOCKED)),
    (400, "user_deactivated", GONE),
    (400, "user_is_bot", _NOT_ALLOWED),
    (400, "user_privacy_restricted", _NOT_ALLOWED),
    (400, "voice_messages_forbidden", _NOT_ALLOWED),
    (400, "group chat was upgraded to a supergroup chat", GONE),
    (400, "group chat was deactivated", GONE),
    (400, "not enough rights", _NO_RIGHTS),
    (400, "no rights to send", _NO_RIGHTS),
    (400, "need administrator rights", _NO_RIGHTS),
    (400, "chat_admin_required", _NO_RIGHTS),
    (400, "chat_write_forbidden", _NO_RIGHTS),
    (400, "chat_guest_send_forbidden", _NO_RIGHTS),
    # CHAT_SEND_PLAIN_FORBIDDEN, CHAT_SEND_PHOTOS_FORBIDDEN, ... : this chat does not take this kind of message.
    (400, "chat_send_", _NO_RIGHTS),
    (400, "chat_restricted", _NO_RIGHTS),
    (400, "channel_private", _NO_RIGHTS),
    (400, "topic_closed", _NO_RIGHTS),
    (400, "topic_deleted", _NO_RIGHTS),
    (400, "message thread not found", _NO_RIGHTS),
    (400, "payment_required", _NOT_ALLOWED),
    # A poll that shows who voted for what.
    (400, "non-anonymous polls can't be sent to channel", _NOT_ALLOWED),
    (400, "logged out", CONFIGURATION),
    # Paid broadcasts are switched on without the Stars to pay for them.
    (400, "not enough stars", CONFIGURATION),
    (400, "balance_too_low", CONFIGURATION),
    # Telegram's servers failed to fetch an address named in the message; that passes more often than not.
    (400, "failed to get http url content", replace(BUSY, reason=Reason.FILE, max_tries=2)),
    # A file that is none, is another bot's, or is gone from the address given.
    (400, "wrong file identifier", BAD_FILE),
    (400, "wrong remote file", BAD_FILE),
    (400, "wrong file_id", BAD_FILE),
    (400, "file reference", BAD_FILE),
    (400, "temporarily unavailable", BAD_FILE),
    (400, "wrong type of the web page content", BAD_FILE),
    (400, "wrong http url specified", BAD_FILE),
    (400, "webpage_", BAD_FILE),
    (400, "can't use file of type", BAD_FILE),
    (400, "type of file mismatch", BAD_FILE),
    (400, "can't upload file", BAD_FILE),
    (400, "file is too big", BAD_FILE),
    (400, "photo_invalid", BAD_FILE),
    (400, "image_process_failed", BAD_FILE),
    (400, "media_empty", BAD_FILE),
    # The text, its markup, its buttons.
    (400, "can't parse", CONTENT),
    (400, "is too long", CONTENT),
    (400, "is empty", CONTENT),
    (400, "must be non-empty", CONTENT),
    (400, "entity_", CONTENT),
    (400, "entities_too_long", CONTENT),
    (400, "button_", CONTENT),
    (400, "inline keyboard button", CONTENT),
    (400, "", UNLISTED),
    (401, "", CONFIGURATION),
    (404, "", CONFIGURATION),
    # Another request of this bot was in the way; this one was turned down.
    (409, "", BUSY),
    (413, "", CONTENT),
    (421, "", CONFIGURATION),
    (500, "sent message was immediately deleted", SENT_WITHOUT_ID),
)

_VARYING = re.compile(r"[\W\d]+")
_LONGEST_KEY = 60


def of_words(code: int, words: str) -> Answer:
    """The meaning of an error that is no 429. `words`: its description, in lower case."""
    key = f"{code} {_VARYING.sub(' ', words)}"[:_LONGEST_KEY].strip()
    for status, pattern, answer in RULES:
        if status == code and pattern in words:
            # The words around the pattern may be from each person's own text: "unsupported start tag "ann"".
            return keyed(answer, f"{code} {pattern}" if pattern else key)
    # A 4xx that nobody has seen is a no; a 5xx may come while the message is on its way.
    return keyed(UNLISTED, key) if 400 <= code < 500 else NO_ANSWER
