"""The embedded engine: the committed build of the rules, run in this process by opa-py-wasm. No server is needed."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from opapywasm import (
    UNDEFINED,
    OpaMemoryError,
    OpaPoolTimeoutError,
    OpaWasmError,
    OpaWasmPolicy,
    PolicyConfig,
)

from governance.errors import CheckFailed
from policies.bundle import Bundle
from policies.engine import ENTRYPOINT, MAX_ANSWER_BYTES, TIMEOUT_SECONDS, PolicyUnavailable
from policies.revision import revision_of
from policies.wasm_memory import offer_memory

# The runtime warns of the size of the memory that it starts with; that is no event of ours.
logging.getLogger("opapywasm").setLevel(logging.ERROR)


class EmbeddedEngine:
    """Evaluates the rules in this process. Safe to call from several threads; each call has an instance to itself.

    Args:
        bundle: the checked build.
        data: the data documents; copied once, later changes to them are not seen.
        instances: how many calls run at the same time; more wait.

    Raises:
        CheckFailed: the build does not have the entry point, or wants built-ins that the rules are not allowed.
    """

    name = "embedded"

    def __init__(self, bundle: Bundle, data: Mapping[str, Any], *, instances: int = 4) -> None:
        limits = PolicyConfig(
            pool_size=instances,
            default_entrypoint=ENTRYPOINT,
            borrow_timeout_seconds=TIMEOUT_SECONDS,
            eval_timeout_seconds=TIMEOUT_SECONDS,
            max_result_bytes=MAX_ANSWER_BYTES,
        )
        offer_memory(bundle.wasm)
        try:
            self._policy = OpaWasmPolicy.from_wasm_bytes(bundle.wasm, limits)
        except OpaWasmError:
            raise CheckFailed("policy-bundle-unusable") from None
        # A built-in that the build does not bring along would be answered by Python, and not as OPA answers it.
        if set(self._policy.entrypoints) != {ENTRYPOINT} or self._policy.builtins:
            self._policy.close()
            raise CheckFailed("policy-bundle-unusable")
        self._policy.set_data(dict(data))
        self.revision = revision_of(bundle, data)

    def decide(self, document: Mapping[str, Any]) -> object:
        """Evaluate the decision once; see ``PolicyEngine``."""
        try:
            answer = self._policy.evaluate(dict(document), ENTRYPOINT)
        except OpaPoolTimeoutError:
            raise PolicyUnavailable("policy-engine-timeout", engine=self.name) from None
        except OpaMemoryError:
            raise PolicyUnavailable("policy-answer-too-large", engine=self.name) from None
        except OpaWasmError:
            raise PolicyUnavailable("policy-engine-failed", engine=self.name) from None
        if answer is UNDEFINED:
            raise PolicyUnavailable("policy-answer-undefined", engine=self.name)
        return answer

    def close(self) -> None:
        """Give the instances back."""
        self._policy.close()
