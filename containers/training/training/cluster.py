"""The processes that train together: how many on each host, and how they find each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

PORT = "7777"
"""Of the first host; the one that AWS's own training toolkit takes."""
MEETING_S = 3600
"""How long the hosts wait for each other: each decodes its pictures first."""
SHUTDOWN_S = 10
"""How long torchrun waits for the other processes when one has failed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cluster:
    """All processes of a job, as one host sees them."""

    hosts: Sequence[str]
    host: str
    processes: int
    """On each host."""
    interface: str | None = None
    address: str = ""
    """Where they meet; empty: the first host."""
    port: str = PORT

    @property
    def world_size(self) -> int:
        """The processes on all hosts."""
        return len(self.hosts) * self.processes

    @property
    def leads(self) -> bool:
        """Whether the process that writes the model is on this host."""
        return self.host == self.hosts[0]

    def torchrun(self, module: str) -> Sequence[str]:
        """The arguments of torch.distributed.run that start this host's processes."""
        alone = len(self.hosts) == 1
        # Alone a free port is taken, so that two jobs on one machine do not meet.
        meeting = (
            ["--standalone"]
            if alone
            else [
                f"--master-addr={self.address or self.hosts[0]}",
                f"--master-port={self.port}",
                f"--rdzv-conf=timeout={MEETING_S}",
            ]
        )
        return [
            *meeting,
            f"--nnodes={len(self.hosts)}",
            f"--node-rank={self.hosts.index(self.host)}",
            f"--nproc-per-node={self.processes}",
            "--max-restarts=0",
            f"--shutdown-timeout={SHUTDOWN_S}",
            "--module",
            module,
        ]

    def environment(self, processors: int) -> Mapping[str, str]:
        """What the processes are told besides."""
        threads = {"OMP_NUM_THREADS": str(max(1, processors // self.processes))}
        if self.interface and len(self.hosts) > 1:
            return {**threads, "NCCL_SOCKET_IFNAME": self.interface, "GLOO_SOCKET_IFNAME": self.interface}
        return threads
