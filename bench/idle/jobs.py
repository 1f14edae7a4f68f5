"""Work that goes on without a person: each kind needs the workstation from its beginning to its end.

Rates are per program. What they rest on is said one by one; how long each lasts and how often it comes is assumed.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

from bench.idle.activity import KIB, MIB, Activity, Minute, Place, chance, starved, steady

HOUR = 60
LONGEST_PAUSE = 20
"""Minutes: what a distributed training waits for another machine. Assumed; a lost node is replaced in 5 to 20."""
LONGEST_STALL = 15
WAITING_CPU = 0.1
"""Cores below which a program only waits."""
CHECKPOINT = 45
"""Minutes between two states from which a training goes on."""
Job = Callable[[Random, int], Activity]


def _training(rng: Random, hours: float, *, shown: bool, runs: bool, pauses: bool) -> list[Minute]:
    """Preparation, epochs, evaluations, checkpoints.

    Known: PyTorch's main process takes about a core while the GPU works, as it spins in CUDA's calls; loaders take
    the rest of the cores where data is short, and the GPU rests; a checkpoint writes gigabytes in a minute; NCCL apart,
    a process that waits for its peers at a store takes next to nothing. Assumed: how these phases follow each other,
    that evaluation runs on the CPU, and that a pause is at most 20 minutes long.
    """
    held = rng.uniform(8_000, 20_000)
    told: list[Minute] = steady(rng, rng.randint(4, 15), Minute(cpu=rng.uniform(0.9, 3.0), disk=40 * MIB))
    while len(told) < hours * HOUR:
        busy = rng.uniform(70, 98)
        told += steady(
            rng, rng.randint(15, 50), Minute(cpu=rng.uniform(0.6, 1.6), gpu=busy, gpu_mib=held, disk=5 * MIB)
        )
        if chance(rng, 0.5):
            told += starved(rng, rng.randint(10, 45), cpu=rng.uniform(1.5, 3.5), gpu_mib=held, disk=60 * MIB)
        if chance(rng, 0.6):
            told += steady(rng, rng.randint(5, 25), Minute(cpu=rng.uniform(0.8, 3.0), gpu_mib=held))
        if pauses and chance(rng, 0.4):
            told += steady(rng, rng.randint(5, LONGEST_PAUSE), Minute(cpu=0.006, gpu_mib=held, net=0.3 * KIB))
        told += steady(rng, rng.randint(1, 2), Minute(cpu=0.3, gpu_mib=held, disk=180 * MIB))
    return [replace(each, shown=shown and each.cpu > WAITING_CPU, ran=runs, runs=runs) for each in told]


def training_in_tmux(rng: Random, begin: int) -> Activity:
    """Hours of training in a detached tmux; its progress bar writes to the terminal, but not while it waits."""
    told = _training(rng, rng.uniform(3, 11), shown=True, runs=False, pauses=False)
    return Activity(
        kind="training in tmux", begin=begin, minutes=told, place=Place.TERMINAL, processes=3, checkpoint=CHECKPOINT
    )


def training_with_nohup(rng: Random, begin: int) -> Activity:
    """The same under nohup, as one of several machines: it waits for the others now and then."""
    told = _training(rng, rng.uniform(4, 12), shown=False, runs=False, pauses=True)
    return Activity(
        kind="distributed training with nohup", begin=begin, minutes=told, processes=3, checkpoint=CHECKPOINT
    )


def training_in_a_notebook(rng: Random, begin: int) -> Activity:
    """One long cell: Jupyter says for hours that the kernel is busy."""
    told = _training(rng, rng.uniform(2, 7), shown=False, runs=True, pauses=False)
    return Activity(kind="training in a notebook", begin=begin, minutes=told, place=Place.KERNEL)


def training_in_a_container(rng: Random, begin: int) -> Activity:
    """`docker run -d`: no terminal, and processes of root in a scope of the system's."""
    told = _training(rng, rng.uniform(2, 9), shown=False, runs=False, pauses=False)
    return Activity(kind="training in a container", begin=begin, minutes=told, processes=4, checkpoint=CHECKPOINT)


def gpu_only(rng: Random, begin: int) -> Activity:
    """A batch on the GPU whose process sleeps until it is done.

    Known: with blocking synchronisation (cudaDeviceScheduleBlockingSync) the CPU rests. Assumed: 1 to 10 % of a core.
    """
    told = steady(
        rng,
        rng.randint(60, 300),
        Minute(cpu=rng.uniform(0.01, 0.1), gpu=rng.uniform(60, 99), gpu_mib=rng.uniform(4e3, 2e4)),
    )
    return Activity(kind="batch on the GPU alone", begin=begin, minutes=told)


def cpu_only(rng: Random, begin: int) -> Activity:
    """Features, tokens, a grid search: one core or all of them, and the GPU rests."""
    told = steady(rng, rng.randint(60, 300), Minute(cpu=rng.choice([1.0, 2.0, 3.6]), disk=1 * MIB))
    return Activity(kind="CPU work with nohup", begin=begin, minutes=told, processes=rng.choice([1, 4]))


def disk_only(rng: Random, begin: int) -> Activity:
    """A copy of a data set from one volume to another, which waits for the disk.

    Known: gp3 gives 125 MiB/s and 3,000 operations a second unless more is paid, and `cp` of many small files is held
    up by the latter. Assumed: the share of a core, 2 to 15 %.
    """
    told = steady(rng, rng.randint(40, 130), Minute(cpu=rng.uniform(0.02, 0.15), disk=rng.uniform(12, 110) * MIB))
    return Activity(kind="copy on the disk with nohup", begin=begin, minutes=told, program="cp")


def download(rng: Random, begin: int) -> Activity:
    """An hour or more of `wget -q` under nohup from a server that gives 0.1 to 12 MB/s, and stalls now and then.

    Known: TLS at 10 MB/s takes a few percent of a core; wget waits 15 minutes for a server before it tries again.
    Assumed: that such servers are met; archives of data sets are.
    """
    rate = 10 ** rng.uniform(-1, 1.08) * MIB
    told = steady(rng, rng.randint(60, 120), Minute(cpu=rate / MIB * 0.004, disk=rate, net=rate))
    if chance(rng, 0.5):
        place, over = rng.randint(10, 50), rng.randint(2, LONGEST_STALL)
        told[place : place + over] = [Minute()] * over
    return Activity(kind="download with nohup", begin=begin, minutes=told, program="wget")


def download_shown(rng: Random, begin: int) -> Activity:
    """The same in a terminal with its progress bar."""
    rate = rng.uniform(5, 30) * MIB
    told = steady(rng, rng.randint(50, 90), Minute(cpu=rate / MIB * 0.004, disk=rate, net=rate, shown=True))
    return Activity(kind="download in a terminal", begin=begin, minutes=told, program="wget", place=Place.TERMINAL)


def upload(rng: Random, begin: int) -> Activity:
    """Results go elsewhere by rsync: the page cache holds what is read, so that the disk rests."""
    rate = rng.uniform(1, 10) * MIB
    told = steady(rng, rng.randint(40, 100), Minute(cpu=rate / MIB * 0.005, net=rate))
    return Activity(kind="upload with nohup", begin=begin, minutes=told, program="rsync", processes=2)


def container(rng: Random, begin: int) -> Activity:
    """A container that converts data: one core at times, and a quarter of one while it waits for storage."""
    told: list[Minute] = []
    for _ in range(rng.randint(4, 9)):
        told += steady(rng, rng.randint(8, 20), Minute(cpu=1.0, disk=20 * MIB))
        told += steady(rng, rng.randint(3, 10), Minute(cpu=0.25, disk=2 * MIB, net=4 * MIB))
    return Activity(kind="work in a container", begin=begin, minutes=told, program="node", processes=5)


def waiting_cell(rng: Random, begin: int) -> Activity:
    """A cell that waits for a training job elsewhere, as SageMaker's library does: only its kernel is busy."""
    told = steady(rng, rng.randint(60, 240), Minute(cpu=0.003, net=0.5 * KIB, ran=True, runs=True))
    return Activity(kind="cell that waits", begin=begin, minutes=told, place=Place.KERNEL)


def slow_interface(rng: Random, begin: int) -> Activity:
    """A script in a terminal that asks a slow service and prints an answer every minute or two: hardly any CPU."""
    told = steady(rng, rng.randint(80, 200), Minute(cpu=0.008, net=2 * KIB))
    told = [replace(each, shown=chance(rng, 0.6)) for each in told]
    return Activity(kind="slow script that prints", begin=begin, minutes=told, place=Place.TERMINAL)


def kept(rng: Random, begin: int) -> Activity:
    """A script under nohup that only sleeps and polls, for which a person said `keep-awake`, in whole hours.

    Assumed: what is asked for is needed to its end.
    """
    told = steady(rng, rng.randint(2, 6) * HOUR, Minute(cpu=0.001))
    return Activity(kind="script that waits, kept awake", begin=begin, minutes=told, is_kept=True)


JOBS: Mapping[Job, int] = {
    training_in_tmux: 4,
    training_with_nohup: 4,
    training_in_a_notebook: 3,
    training_in_a_container: 3,
    gpu_only: 4,
    cpu_only: 4,
    disk_only: 3,
    download: 4,
    download_shown: 2,
    upload: 3,
    container: 3,
    waiting_cell: 2,
    slow_interface: 2,
    kept: 3,
}
"""How often each comes in a month. Assumed."""
