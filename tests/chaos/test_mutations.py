"""Mutation checks: each safety removed from a copy of the product must make the tests fail."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.processes import ROOT

COPIED = ("core", "launcher", "bot", "workers", "api", "sandbox", "tests", "sandbox.env", "pyproject.toml")
TESTS_FAILED = 1


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """A change of the code, and the tests that must fail."""

    changes: tuple[tuple[str, str, str], ...]
    """File, text that occurs once in it, replacement."""
    noticed_by: tuple[str, ...]
    words: str = ""
    """What the failing test must say, where it can fail for other reasons too."""
    refused: bool = False
    """True if the store must refuse commands; otherwise a refusal means that the mutated script is broken."""


# The job comes back after three seconds unless an outcome was recorded: at-least-once, as in other queues.
MARKED_AFTER_THE_REQUEST = Mutation(
    changes=(
        (
            "core/store/lua/claim.lua",
            "  add('ms:sending', now + lease, job_id .. '|' .. token)\n",
            "  move(broadcast_id, code, index, {code = 'g', extra = ''}, row)\n  requeue(code, id, now + 3000)\n",
        ),
        ("core/store/lua/outcomes.lua", "or row.token ~= token then return end", "then return end"),
        ("core/store/lua/outcomes.lua", "row.code ~= 'g' and", "row.code ~= 'q' and"),
    ),
    noticed_by=("tests/integration/test_worker_process.py", "-k", "kill_9"),
)
SAFETIES = {
    "the mark before the request": MARKED_AFTER_THE_REQUEST,
    "cut off becomes unknown, not sent again": Mutation(
        changes=(
            (
                "core/store/lua/reap.lua",
                "{code = 'u', attempt = row.attempt, tries = row.tries, at = now, extra = 'cut_off', token = token}",
                "{code = 'q', attempt = row.attempt, tries = row.tries, at = now, extra = '', token = ''}",
            ),
            (
                "core/store/lua/reap.lua",
                "    touched[broadcast_id] = true\n",
                "    requeue(code, broadcast_id .. '-' .. code .. int(index), now)\n",
            ),
        ),
        noticed_by=("tests/contract/test_deliveries_recording.py",),
    ),
    "the token of a claim": Mutation(
        changes=(
            ("core/store/lua/outcomes.lua", "or row.token ~= token then return end", "then return end"),
        ),
        noticed_by=("tests/contract/test_deliveries_recording.py",),
    ),
    "claims whose answer was lost are given again": Mutation(
        changes=(
            ("core/store/lua/claim.lua", "if number and tonumber(number) > ask.had then", "if false then"),
        ),
        noticed_by=("tests/contract/test_lost_answers.py",),
    ),
    "no request for a claim whose lease may end first": Mutation(
        changes=(
            ("workers/attempts.py", "time.monotonic() - claim.claimed_at > LATEST_START_SECONDS", "False"),
        ),
        noticed_by=("tests/contract/test_engine_trouble.py",),
    ),
    "an answer that came during a freeze is read": Mutation(
        changes=(
            (
                "workers/messengers/transport.py",
                "if until < now and connection in self._overdue and connection.transport",
                "if until < now and connection.transport",
            ),
        ),
        noticed_by=("tests/chaos/test_chaos.py", "-k", "frozen"),
        words="I7 unknown without a cause",
    ),
    "an answer that is known replaces unknown": Mutation(
        changes=(
            (
                "core/store/lua/outcomes.lua",
                "(row.code ~= 'u' or to == 'u')",
                "true",
            ),
        ),
        noticed_by=("tests/contract/test_deliveries_recording.py",),
    ),
    "the compare before the set": Mutation(
        changes=(("core/store/lua/claim.lua", "row.code == 'q' and row.attempt == attempt", "true"),),
        noticed_by=("tests/contract/test_deliveries_claiming.py",),
    ),
    "counters moved with the row": Mutation(
        changes=(("core/store/lua/lib.lua", "if OPEN[from] and not OPEN[to] then", "if false then"),),
        noticed_by=("tests/contract/test_deliveries_invariants.py",),
    ),
    "no planned start before its time": Mutation(
        changes=(("core/store/lua/starting.lua", "(planned == '1' or held == '1') and", "false and"),),
        noticed_by=("tests/contract/test_ledger_steering.py",),
    ),
    "one broadcast for all tries of an order": Mutation(
        changes=(
            (
                "core/store/lua/once.lua",
                "if had and not changed then broadcast_id = first_id end",
                "",
            ),
        ),
        noticed_by=("tests/integration/test_api_idempotency.py",),
    ),
    "what must go on while the store is full": Mutation(
        changes=(("core/store/scripts.py", '"#!lua flags=allow-oom\\n"', '"#!lua\\n"'),),
        noticed_by=("tests/contract/test_full_store.py",),
        refused=True,
    ),
    "a claim that too few replicas have is given back": Mutation(
        changes=(("core/store/deliveries.py", "if not replicated and (claims or outcomes):", "if False:"),),
        noticed_by=("tests/integration/test_replicated_store.py", "-k", "what_was_claimed"),
    ),
    "the disks of the replicas, not their memory": Mutation(
        changes=(("core/store/replication.py", " and disks[1] >= self.count", ""),),
        noticed_by=("tests/integration/test_replicated_store.py", "-k", "what_was_claimed"),
    ),
    "the account that a store belongs to": Mutation(
        changes=(("workers/__main__.py", " if messenger not in refused}", "}"),),
        noticed_by=("tests/integration/test_accounts.py", "-k", "not_sent_by_another"),
    ),
    "no sandbox on a store with real orders": Mutation(
        changes=(("sandbox/seed.py", "if not await _is_ours(core, contacts):", "if False:"),),
        noticed_by=("tests/integration/test_accounts.py", "-k", "the_sandbox_refuses"),
    ),
    "an older copy of the store asks first": Mutation(
        changes=(("core/store/lua/beat.lua", " or seconds - last > tonumber(ARGV[3])", ""),),
        noticed_by=("tests/contract/test_store_put_back.py",),
    ),
    "a young copy of the embedded store's files asks first": Mutation(
        changes=(("core/store/lua/beat.lua", "(is_copy or lost or seconds", "(lost or seconds"),),
        noticed_by=("tests/contract/test_store_put_back.py",),
    ),
    "no claim after a gap before a program has decided": Mutation(
        changes=(
            ("core/store/lua/claim.lua", "if last and now / 1000 - last > LONGEST_GAP then", "if false then"),
        ),
        noticed_by=("tests/contract/test_store_put_back.py",),
    ),
    "a worker notices claims that the store has lost": Mutation(
        changes=(
            (
                "core/store/lua/claim.lua",
                "if ask.had > tonumber(number or '0') and not rested then",
                "if false then",
            ),
        ),
        noticed_by=("tests/contract/test_store_put_back.py",),
    ),
    "a program that starts notices a claim of its machine that the store has lost": Mutation(
        changes=(("core/store/lua/beat.lua", "lost = lost or (ARGV[8] and", "lost = lost or (false and"),),
        noticed_by=("tests/contract/test_store_put_back.py",),
    ),
    "REDIS_PREFIX before the keys of commands": Mutation(
        changes=(("core/store/prefix.py", "    if prefix:\n", "    if False:\n"),),
        noticed_by=("tests/contract/test_shared_database.py", "-k", "two_installations"),
    ),
    "REDIS_PREFIX before the keys of scripts": Mutation(
        changes=(("core/store/prefix.py", "    for space in _SPACES:\n", "    for space in ():\n"),),
        noticed_by=("tests/contract/test_shared_database.py", "-k", "two_installations"),
    ),
    "REDIS_PREFIX before each of several keys": Mutation(
        changes=(("core/store/prefix.py", "len(words) if name in _SEVERAL_KEYS else ", ""),),
        noticed_by=("tests/contract/test_shared_database.py", "-k", "several_keys"),
    ),
    "the layout of the store with each heartbeat": Mutation(
        changes=(("core/store/lua/beat.lua", "layout = layout or ARGV[5]", "layout = ARGV[5]"),),
        noticed_by=("tests/integration/test_other_version.py", "-k", "running_programs"),
    ),
    "no heartbeat in a store of another layout": Mutation(
        changes=(("core/store/lua/beat.lua", "if layout ~= ARGV[5] then", "if false then"),),
        noticed_by=("tests/contract/test_health_store.py",),
    ),
    "a connection to a demoted master is given up": Mutation(
        changes=(
            (
                "core/store/connection.py",
                "(StoreConnectionError, StoreTimeoutError, NoLongerMasterError)\n",
                "(StoreConnectionError, StoreTimeoutError)\n",
            ),
        ),
        noticed_by=("tests/integration/test_demoted_store.py", "-k", "leaves_a_master"),
    ),
    "quiet hours by the store's clock": Mutation(
        changes=(
            ("core/store/quiet_hours.py", "await store_time(self._client)", "datetime.now().astimezone()"),
        ),
        noticed_by=("tests/contract/test_program_clock.py", "-k", "quiet_hours"),
    ),
    "recipients that a broadcast has taken are not cleared away": Mutation(
        changes=(
            (
                "core/store/lua/unstage.lua",
                "if redis.call('ZREM', 'ms:staging', ARGV[1]) == 1 then",
                "redis.call('ZREM', 'ms:staging', ARGV[1])\nif true then",
            ),
        ),
        noticed_by=("tests/contract/test_ledger.py", "-k", "took_an_hour"),
    ),
    "every write on the disk before its answer": Mutation(
        changes=(("core/store/embedded.py", '"appendfsync always"', '"appendfsync everysec"'),),
        noticed_by=("tests/integration/test_embedded_store.py",),
    ),
}


def mutated(folder: Path, mutation: Mutation) -> None:
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    for name, words, others in mutation.changes:
        text = (folder / name).read_text()
        assert text.count(words) == 1, f"{name} has changed: {words!r} occurs {text.count(words)} times"
        (folder / name).write_text(text.replace(words, others))


@pytest.mark.chaos_long
@pytest.mark.parametrize("mutation", SAFETIES.values(), ids=SAFETIES.keys())
async def test_the_suite_goes_red_without(tmp_path: Path, mutation: Mutation) -> None:
    mutated(tmp_path, mutation)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *mutation.noticed_by,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await asyncio.wait_for(process.communicate(), 180)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)  # it ends its programs
    assert process.returncode == TESTS_FAILED, said.decode()[-3000:]
    assert mutation.words in said.decode(), said.decode()[-3000:]
    assert mutation.refused or b"ResponseError" not in said, "the mutated script does not even run"
