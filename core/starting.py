"""How a program of ours begins and ends."""

from __future__ import annotations

import sys
from collections.abc import Callable

from core.domain.errors import ConfigurationError
from core.store.connection import STORE_ERRORS, STORE_IS_FULL


def exit_code(program: Callable[[], None]) -> int:
    """Runs it. 0 after a stop, 1 when the store goes away, 2 when a setting is missing or wrong; stderr says which."""
    try:
        program()
    except ConfigurationError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except (*STORE_ERRORS, STORE_IS_FULL) as error:
        # Whoever supervises the program starts it again.
        sys.stderr.write(f"the store does not answer: {error}\n")
        return 1
    return 0
