"""Answers that mean the same on every messenger; the tables of the messengers are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.messengers.remedies import FOREIGN_ANSWER
from core.domain.translatable import sentence
from core.domain.visible import visible
from workers.messengers.transport import Reply

LONGEST_DETAIL = 200
PAUSE_WITHOUT_ADVICE = 60.0
_LOG_IN_TO_THE_NETWORK = 511
_PROXY_PROBLEMS: Final = ("the proxy ", "the SOCKS proxy ")
"""How details begin of requests that came no further than the proxy."""

CONFIGURATION = Answer(outcome=Outcome.CONFIGURATION, reason=Reason.CONFIGURATION)
RESTRICTED = replace(CONFIGURATION, reason=Reason.RESTRICTED)
CONTENT = Answer(outcome=Outcome.CONTENT_REFUSED, reason=Reason.CONTENT)
BAD_FILE = replace(CONTENT, reason=Reason.FILE)
UNLISTED = replace(CONTENT, reason=Reason.UNLISTED)
"""A refusal that no table knows: about what is sent rather than about one person, until a few of them say so."""
BUSY = Answer(outcome=Outcome.TRANSIENT, reason=Reason.BUSY)
IN_BETWEEN = replace(BUSY, reason=Reason.UNREACHABLE)
"""Something on the way to the messenger answered in its place."""
NO_ANSWER = Answer(outcome=Outcome.UNKNOWN, reason=Reason.NO_ANSWER)


def refused(reason: Reason) -> Answer:
    """This recipient cannot be reached; others can."""
    return Answer(outcome=Outcome.RECIPIENT_REFUSED, reason=reason)


def too_fast(seconds: float | None, *, whole_messenger: bool) -> Answer:
    """Wait, then try again: this recipient, or everybody on the messenger."""
    return Answer(
        outcome=Outcome.RATE_LIMITED,
        reason=Reason.TOO_FAST,
        retry_after=seconds,
        whole_messenger=whole_messenger,
    )


_ABOUT_WHAT_IS_SENT = frozenset({Reason.CONTENT, Reason.FILE, Reason.TEMPLATE, Reason.UNLISTED})


def keyed(answer: Answer, key: str) -> Answer:
    """The answer with the name by which equal refusals are counted, where others will meet it too."""
    refuses = answer.outcome in (Outcome.CONTENT_REFUSED, Outcome.TRANSIENT)
    return replace(answer, key=key) if refuses and answer.reason in _ABOUT_WHAT_IS_SENT else answer


def from_http_status(reply: Reply) -> Answer:
    """The meaning of an answer that is not in the messenger's own form, for example a proxy's page."""
    return replace(_of_status(reply), detail=f"{FOREIGN_ANSWER}{reply.status}, {_what(reply)}")


def _what(reply: Reply) -> str:
    if reply.leads_to:
        return f"a redirect to {reply.leads_to}"
    return (
        "a web page instead of an answer, such as a Wi-Fi sign-in page"
        if reply.is_page
        else "not in the messenger's own form"
    )


def _of_status(reply: Reply) -> Answer:
    status = reply.status
    if reply.is_page and status < 300:
        # A captive portal or a proxy's log-in page: the messenger's API answers in JSON.
        return IN_BETWEEN
    if status == 429:
        return too_fast(reply.retry_after or PAUSE_WITHOUT_ADVICE, whole_messenger=True)
    if status == 413:
        return CONTENT
    if status == _LOG_IN_TO_THE_NETWORK:
        return IN_BETWEEN
    # 408: this server did not read the whole request, but a server behind it may have.
    if status < 300 or status == 408 or status >= 500:
        return NO_ANSWER
    # A redirect (never followed), "forbidden", "not found": a portal or a proxy answers, and nothing went through it.
    # It may go away by itself, so nobody is asked to resume.
    return IN_BETWEEN


def part(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object under `name`, empty if there is none."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def fit_for_log(answer: Answer, secret: str) -> Answer:
    """The answer with its detail on one line, without the secret, and short."""
    # Cut last: a secret that the cut went through would no longer be found.
    return (
        replace(answer, detail=plain_words(answer.detail.replace(secret, "***"))) if answer.detail else answer
    )


def plain_words(text: str) -> str:
    """A messenger's words as the log and the chat can show them: one line, short, nothing invisible."""
    return " ".join(visible(text).split())[:LONGEST_DETAIL]


def check_failure(title: str, url_variable: str, answer: Answer) -> str:
    """The sentence of a check that met neither a yes nor a clear no."""
    fields = {"messenger": title, "url": url_variable, "answer": answer.detail}
    if answer.reason is Reason.CONFIGURATION or answer.detail.startswith("HTTP 404,"):
        return sentence("{url} doesn't point to {messenger} ({answer}).", **fields)
    if answer.detail.startswith(_PROXY_PROBLEMS):
        return sentence(
            "Couldn't reach {messenger} ({answer}). Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY.", **fields
        )
    if answer.outcome is Outcome.TRANSIENT or answer.outcome is Outcome.UNKNOWN:
        return sentence(
            "Couldn't reach {messenger} ({answer}). If the network is fine, check {url}.", **fields
        )
    return sentence("Checking {messenger} failed: {answer}.", **fields)
