"""People at a workstation: bursts of work, and pauses in which they think, read or talk.

A session needs the workstation from its first to its last minute, its pauses too. Assumed: all of its times. A pause of
up to 20 minutes belongs to the session; who is away for longer has left.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from bench.idle.activity import KIB, SESSION_MANAGER, SSH, Activity, Minute, Place, chance, steady

LONGEST_PAUSE = 20
Session = Callable[[Random, int, int], list[Activity]]


def _rhythm(rng: Random, count: int) -> list[bool]:
    """In which minutes the person works; the first and the last, and never more than 20 without."""
    told = [True]
    while len(told) < count:
        told += [True] * rng.randint(1, 10)
        told += [False] * rng.choice([2, 3, 4, 5, 6, 8, 10, 12, 15, LONGEST_PAUSE])
    told = told[: count - 1]
    return [*told, True]


def notebook(rng: Random, begin: int, count: int) -> list[Activity]:
    """Cells of seconds to minutes, with the browser open.

    Known: JupyterLab saves what is edited every two minutes; the server is polled every few seconds; an idle kernel
    takes half a percent of a core; PyTorch keeps a GPU's memory until the kernel ends.
    """
    held, minutes = 0.0, []
    for works in _rhythm(rng, count):
        if works and chance(rng, 0.3):
            held = max(held, rng.choice([0.0, 3_000.0, 9_000.0]))
        gpu = rng.uniform(0, 60) if works and held else 0.0
        runs = works and chance(rng, 0.3)
        minutes.append(
            Minute(
                cpu=rng.uniform(0.05, 1.2) if works else 0.005,
                gpu=gpu * 0.3,
                gpu_now=gpu if runs else 0.0,
                gpu_mib=held,
                disk=rng.uniform(0, 200) * KIB if works else 0.0,
                saved=works and chance(rng, 0.5),
                ran=works,
                runs=runs,
            )
        )
    kernel = Activity(kind="notebook", begin=begin, minutes=minutes, place=Place.KERNEL, is_attended=True)
    return [kernel, browser(rng, begin, count, kind="notebook")]


def browser(rng: Random, begin: int, count: int, *, kind: str) -> Activity:
    """JupyterLab open in a browser: it asks for kernels, terminals and sessions every 10 seconds, and gets answers.

    Known: the requests and their period, and that there is no way to it but a forwarded port. Assumed: 2 to 6 KiB/s
    with what Session Manager adds, a hundredth of a core.
    """
    told = steady(rng, min(count, 60), Minute(cpu=0.012, net=rng.uniform(2, 6) * KIB))
    return Activity(
        kind=kind,
        begin=begin,
        minutes=told,
        place=Place.SYSTEM,
        program="jupyter-lab",
        is_needed=False,
        service=SESSION_MANAGER,
        lasts=count,
    )


def _typing(rng: Random, count: int) -> list[Minute]:
    """Commands: something is typed in each working minute, and what runs is short."""
    return [
        Minute(
            cpu=rng.choice([0.002, 0.01, 0.1, 0.8]) if works else 0.0,
            disk=rng.uniform(0, 500) * KIB if works else 0.0,
            net=(rng.uniform(0.5, 8) if works else 0.06) * KIB,
            typed=works,
            shown=works,
        )
        for works in _rhythm(rng, count)
    ]


def ssh(rng: Random, begin: int, count: int) -> list[Activity]:
    """A shell by SSH; keepalives of some bytes a second go on in the pauses."""
    told = _typing(rng, count)
    return [
        Activity(
            kind="SSH",
            begin=begin,
            minutes=told,
            place=Place.TERMINAL,
            program="bash",
            is_attended=True,
            service=SSH,
        )
    ]


def ssm(rng: Random, begin: int, count: int) -> list[Activity]:
    """A shell by Session Manager, whose agent adds a little traffic. Its pauses end before Session Manager ends it."""
    told = [replace(each, net=each.net + 0.4 * KIB) for each in _typing(rng, count)]
    return [
        Activity(
            kind="Session Manager",
            begin=begin,
            minutes=told,
            place=Place.TERMINAL,
            program="sh",
            is_attended=True,
            service=SESSION_MANAGER,
        )
    ]


def jupyter_terminal(rng: Random, begin: int, count: int) -> list[Activity]:
    """A shell in JupyterLab."""
    told = _typing(rng, count)
    terminal = Activity(
        kind="terminal of Jupyter",
        begin=begin,
        minutes=told,
        place=Place.TERMINAL,
        program="bash",
        is_attended=True,
    )
    return [terminal, browser(rng, begin, count, kind="terminal of Jupyter")]


def editor(rng: Random, begin: int, count: int) -> list[Activity]:
    """VS Code Remote: files are saved, nothing is typed in a terminal, and the CPU rests.

    Known: its server is a few node processes, with a percent or two of a core each while somebody types. Assumed: that
    people save every other minute, and before they pause.
    """
    works = _rhythm(rng, count)
    told = [
        Minute(
            cpu=rng.uniform(0.02, 0.08) if now else 0.01,
            disk=rng.uniform(0, 50) * KIB if now else 0.0,
            net=(rng.uniform(3, 20) if now else 1.0) * KIB,
            saved=now and (not later or chance(rng, 0.5)),
        )
        for now, later in zip(works, [*works[1:], False], strict=True)
    ]
    return [
        Activity(kind="VS Code", begin=begin, minutes=told, program="node", processes=3, is_attended=True, service=SSH)
    ]


SESSIONS: Sequence[Session] = (notebook, ssh, ssm, jupyter_terminal, editor)


def visit(rng: Random, begin: int) -> list[Activity]:
    """A short look by SSH or Session Manager: to start a job, or to see how it goes."""
    return rng.choice([ssh, ssm])(rng, begin, rng.randint(3, 12))
