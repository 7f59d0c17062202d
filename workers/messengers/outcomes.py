"""Answers that mean the same on every messenger; the tables of the messengers are made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from core.domain.messengers.outcome import Answer, Outcome, Reason
from core.domain.translatable import sentence
from workers.messengers.transport import Reply

LONGEST_DETAIL = 200
PAUSE_WITHOUT_ADVICE = 60.0

CONFIGURATION = Answer(outcome=Outcome.CONFIGURATION, reason=Reason.CONFIGURATION)
CONTENT = Answer(outcome=Outcome.CONTENT_REFUSED, reason=Reason.CONTENT)
BUSY = Answer(outcome=Outcome.TRANSIENT, reason=Reason.BUSY)
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


def from_http_status(reply: Reply) -> Answer:
    """The meaning of an answer that is not in the messenger's own form, for example a proxy's page."""
    return replace(_of_status(reply), detail=f"HTTP {reply.status}, not in the messenger's own form")


def _of_status(reply: Reply) -> Answer:
    status = reply.status
    if status == 429:
        return too_fast(reply.retry_after or PAUSE_WITHOUT_ADVICE, whole_messenger=True)
    if status == 413:
        return CONTENT
    # 408: whoever says it did not hear the request out, but cannot speak for those behind it.
    if status < 300 or status == 408 or status >= 500:
        return NO_ANSWER
    # A redirect, a log-in page, "forbidden": something stands between us and the messenger, for everybody alike.
    return CONFIGURATION


def part(body: Mapping[str, object], name: str) -> Mapping[str, object]:
    """The object under `name`, empty if there is none."""
    value = body.get(name)
    return value if isinstance(value, dict) else {}


def fit_for_log(answer: Answer, secret: str) -> Answer:
    """The answer with its detail on one line, without the secret, and short."""
    if not answer.detail:
        return answer
    # Cut last: a secret that the cut went through would no longer be found.
    words = " ".join(answer.detail.replace(secret, "***").split())
    return replace(answer, detail=words[:LONGEST_DETAIL])


def check_failure(title: str, url_variable: str, answer: Answer) -> str:
    """The sentence of a check that met neither a yes nor a clear no."""
    fields = {"messenger": title, "url": url_variable, "answer": answer.detail}
    if answer.reason is Reason.CONFIGURATION:
        return sentence("What answers at {url} is not {messenger} ({answer}).", **fields)
    if answer.outcome is Outcome.TRANSIENT or answer.outcome is Outcome.UNKNOWN:
        return sentence(
            "{messenger} could not be reached ({answer}). If the network works, look at {url}.", **fields
        )
    return sentence("{messenger} answered the check with: {answer}.", **fields)
