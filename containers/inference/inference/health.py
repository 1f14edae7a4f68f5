"""Whether this server should get requests."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from inference.gate import Gate

PATIENCE_S = 1.0  # SageMaker waits two seconds for an answer to its ping


class Health:
    """Ready from the first inference on, until the server drains or an inference fails without a reason in its request.

    After such a fault every ping asks the model for one more inference, so that a model which lost its GPU, say, is
    taken out of service, and one that answers again comes back.
    """

    def __init__(self, gate: Gate, prove: Callable[[], None]) -> None:
        self._gate = gate
        self._prove = prove
        self._doubtful = False
        self._proofs = ThreadPoolExecutor(max_workers=1, thread_name_prefix="proof")
        self._proof: asyncio.Future[None] | None = None

    def doubt(self) -> None:
        """Have the model prove itself before the next ping is answered with yes."""
        self._doubtful = True

    async def state(self) -> str:
        """``ready``, ``draining`` or ``failing``."""
        if self._gate.closed:
            return "draining"
        return "failing" if self._doubtful and not await self._proved() else "ready"

    async def _proved(self) -> bool:
        """Whether the model answers in time; a proof that hangs is waited for by the next ping, not started anew."""
        proof = self._proof or asyncio.get_running_loop().run_in_executor(self._proofs, self._prove)
        self._proof = proof
        done, _ = await asyncio.wait({proof}, timeout=PATIENCE_S)
        if done:
            self._proof = None
        if done and proof.exception() is None:
            self._doubtful = False
        return not self._doubtful
