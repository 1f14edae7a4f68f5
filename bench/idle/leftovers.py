"""What people leave open when they go: none of it needs the workstation, and all of it would go on for ever.

A stop ends it; otherwise it lasts until its person's next session. The minutes of each repeat.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from random import Random

from bench.idle import people
from bench.idle.activity import KIB, MIB, SESSION_MANAGER, SSH, Activity, Minute, Place, chance, steady

HOUR = 60
Leftover = Callable[[Random], Sequence[Activity]]


def left(leftover: Leftover, rng: Random, begin: int, lasts: int) -> Iterator[Activity]:
    """Something that nobody needs, from this minute and for so many."""
    return (replace(each, begin=begin, lasts=lasts, is_needed=False) for each in leftover(rng))


def ssh(_rng: Random) -> Sequence[Activity]:
    """A shell by SSH on a laptop that does not sleep: keepalives only."""
    told = [Minute(net=0.06 * KIB)]
    return [Activity(kind="forgotten SSH session", minutes=told, place=Place.TERMINAL, program="bash", service=SSH)]


def ssm(_rng: Random) -> Sequence[Activity]:
    """A session of Session Manager that is kept open by a port that it forwards.

    Known: a plain shell is ended after 20 idle minutes, or up to 60 by preference; one with traffic is not.
    """
    told = [Minute(cpu=0.001, net=0.5 * KIB)]
    return [
        Activity(
            kind="forgotten SSM session", minutes=told, place=Place.TERMINAL, program="sh", service=SESSION_MANAGER
        )
    ]


def notebook(rng: Random) -> Sequence[Activity]:
    """A kernel that holds 6 to 20 GB of the GPU, and the browser that polls.

    Assumed: in half of them a tracker of experiments, whose run was never finished, still samples the machine: 2 % of
    a core in two processes.
    """
    told = steady(rng, HOUR, Minute(cpu=rng.choice([0.005, 0.025]), gpu_mib=rng.uniform(6_000, 20_000)))
    kernel = Activity(kind="notebook left open", minutes=told, place=Place.KERNEL, processes=2)
    return [kernel, people.browser(rng, 0, HOUR, kind=kernel.kind)]


def watch(rng: Random) -> Sequence[Activity]:
    """`watch nvidia-smi`: a process every two seconds, and a terminal that changes.

    Known: with the driver in persistence mode nvidia-smi takes 0.1 to 0.5 s of a core.
    """
    told = steady(rng, HOUR, Minute(cpu=rng.uniform(0.08, 0.25), shown=True, net=1.5 * KIB))
    return [Activity(kind="forgotten watch nvidia-smi", minutes=told, place=Place.TERMINAL, program="watch")]


def monitor(rng: Random) -> Sequence[Activity]:
    """A monitor in tmux: a few percent of a core, and a terminal that changes."""
    told = steady(rng, HOUR, Minute(cpu=rng.uniform(0.02, 0.08), shown=True))
    program = rng.choice(["htop", "nvtop"])
    return [Activity(kind="forgotten htop or nvtop", minutes=told, place=Place.TERMINAL, program=program)]


def container(rng: Random) -> Sequence[Activity]:
    """A database or a labelling tool that waits for requests, and is asked for its health every half minute.

    Assumed: 1 to 3 % of a core in four processes, and up to 5 KiB a second written by checkpoints of the database.
    """
    told = steady(rng, HOUR, Minute(cpu=rng.uniform(0.01, 0.03), disk=rng.uniform(0.2, 5) * KIB))
    return [Activity(kind="forgotten container", minutes=told, program="postgres", processes=4)]


def metrics(rng: Random) -> Sequence[Activity]:
    """A container with Prometheus, of an experiment with monitoring.

    Known: it writes what it gathers at once, and packs it every two hours, to a byte or two a sample. Assumed: 5,000
    series every 15 seconds, so 2 to 8 KiB/s, and then 3 to 20 MB with the index and up to 4 CPU seconds.
    """
    told = steady(rng, 2 * HOUR, Minute(cpu=rng.uniform(0.005, 0.015), disk=rng.uniform(2, 8) * KIB))
    told[rng.randrange(2 * HOUR)] = Minute(cpu=rng.uniform(1, 4) / 60, disk=rng.uniform(3, 20) * MIB / 60)
    return [Activity(kind="forgotten container", minutes=told, program="prometheus")]


def model_server(rng: Random) -> Sequence[Activity]:
    """A container with a model server: the GPU's memory is held, and no request comes. Assumed: 2 % of a core."""
    told = steady(rng, HOUR, Minute(cpu=0.02, gpu_mib=rng.uniform(4_000, 15_000)))
    return [Activity(kind="forgotten container", minutes=told, program="tritonserver", processes=2)]


def editor(rng: Random) -> Sequence[Activity]:
    """VS Code open on a laptop: its server's processes, their file watcher and keepalives.

    Assumed: 1 or 2 % of a core, and every half hour or so a burst of up to 4.5 CPU seconds, when an extension looks for
    updates or collects its garbage.
    """
    told = steady(rng, 6 * HOUR, Minute(cpu=rng.uniform(0.008, 0.02), net=rng.uniform(0.5, 2.5) * KIB))
    told = [
        replace(each, cpu=each.cpu + rng.uniform(0.5, 4.5) / 60, net=20 * KIB) if chance(rng, 1 / 30) else each
        for each in told
    ]
    return [Activity(kind="VS Code left open", minutes=told, program="node", processes=4, service=SSH)]


def laptop(rng: Random) -> Sequence[Activity]:
    """VS Code on a laptop that was closed: it wakes for a moment now and then, all night, and connects again.

    Known: VS Code connects again by itself, its server outlives the connection for hours, and a script asks each time
    whether that server still runs. Assumed: 3 to 40 minutes from one time to the next, and 0.3 to 2 CPU seconds.
    """
    told = steady(rng, 8 * HOUR, Minute(cpu=rng.uniform(0.008, 0.02)))
    minute = 0
    while (minute := minute + rng.randint(3, 40)) < len(told):
        told[minute] = replace(told[minute], cpu=rng.uniform(0.3, 2.0) / 60 + 0.02, net=20 * KIB, connects=True)
    return [Activity(kind="laptop that connects again", minutes=told, program="node", processes=4, service=SSH)]


def cron(rng: Random) -> Sequence[Activity]:
    """A line in a person's crontab, left of an experiment, that copies to S3 every hour what is not there.

    Known: the AWS command line takes 1 to 3 CPU seconds to start and to list. Assumed: that such lines are forgotten.
    """
    told = [Minute()] * HOUR
    told[rng.randrange(HOUR)] = Minute(cpu=rng.uniform(1.5, 4.5) / 60, net=3 * KIB)
    return [Activity(kind="forgotten line of cron", minutes=told, program="cron")]


def tensorboard(rng: Random) -> Sequence[Activity]:
    """TensorBoard in tmux reads its logs anew every five seconds, and a tab asks every half minute.

    Known: both periods are its defaults. Assumed: 1 to 3 % of a core, with logs that no longer grow.
    """
    told = steady(rng, HOUR, Minute(cpu=rng.uniform(0.01, 0.03), disk=1 * KIB, net=rng.uniform(1, 6) * KIB))
    return [Activity(kind="forgotten TensorBoard", minutes=told, place=Place.TERMINAL, program="tensorboard")]


def nothing(_rng: Random) -> Sequence[Activity]:
    """Some people tidy up."""
    return []


LEFTOVERS: Sequence[Leftover] = (
    ssh,
    ssm,
    notebook,
    watch,
    monitor,
    container,
    metrics,
    model_server,
    editor,
    laptop,
    cron,
    tensorboard,
    nothing,
)
