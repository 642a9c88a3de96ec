"""The embedded engine: the rules as OPA compiled them to WebAssembly, run inside this process."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from opapywasm import OpaEvaluationError, OpaPoolTimeoutError, OpaWasmError, OpaWasmPolicy, PolicyConfig

from policies.engine import EngineFailure

ENTRY_POINT = "sekisho/decision"

# The library remarks on standard error that it gave a module more memory than it asked for, at each start.
logging.getLogger("opapywasm").setLevel(logging.ERROR)


class EmbeddedEngine:
    """OPA's compiled rules over one deployment's data. Safe to use from several threads.

    Args:
        wasm: the module, as built by OPA and checked by `policies.bundle`.
        data: the documents of `policies.data.policy_data`.
        timeout_seconds: most time for one decision.
    """

    name = "embedded"

    def __init__(self, wasm: bytes, *, data: Mapping[str, Any], timeout_seconds: float = 5.0) -> None:
        self._policy = OpaWasmPolicy.from_wasm_bytes(
            wasm,
            PolicyConfig(
                pool_size=2,
                default_entrypoint=ENTRY_POINT,
                borrow_timeout_seconds=timeout_seconds,
                eval_timeout_seconds=timeout_seconds,
            ),
        )
        self._policy.set_data(dict(data))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._policy.close()

    def decide(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The answer to one decision document, not yet checked.

        Raises:
            EngineFailure: undefined, no object, an error of the evaluation, or no answer in time.
        """
        try:
            results = self._policy.evaluate_raw(dict(document))
        except OpaPoolTimeoutError:
            raise EngineFailure("late") from None
        except (OpaEvaluationError, OpaWasmError, ValueError, TypeError, RecursionError):
            raise EngineFailure("failed") from None
        if not isinstance(results, list) or not results:
            raise EngineFailure("undefined")
        answer = results[0].get("result") if len(results) == 1 and isinstance(results[0], dict) else None
        if not isinstance(answer, dict):
            raise EngineFailure("nonsense")
        return answer
