"""`mlstack image run`."""

import base64
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from mlstack import account
from mlstack.console import err
from mlstack.ecs.training.order import check
from mlstack.errors import UserError
from mlstack.image import deployed
from mlstack.image.run import docker, folders, recipe
from mlstack.image.run.docker import USUAL_GPU, Command, Gpu, perform
from mlstack.image.run.recipe import SERVER, TRAIN, TRAINING, Image, Wish
from mlstack.target import DEFAULT_STAGE, Target
from mlstack.text import printable
from mlstack.training import words
from mlstack.workstation.jupyter import check_free
from training_request import hyperparameters

FAILED = 1
NO_CONTAINER = frozenset({125, 126, 127})
"""What `docker run` ends with where nothing ran: https://docs.docker.com/engine/containers/run/#exit-status"""
FOLDER = click.Path(path_type=Path)
LONGEST = 80
"""Of what a person said as it is repeated."""
VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(=.*)?", re.DOTALL)


@click.command(short_help="Run an image on this machine with Docker")
@click.argument("name")
@click.argument("arguments", metavar="[-- ARGUMENT...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--gpu/--no-gpu", default=None, help="Train with NVIDIA GPUs.  [default: if Docker knows them]")
@click.option("--print", "prints", is_flag=True, help="Print the commands instead of running them; needs no Docker.")
@click.option("--model", type=FOLDER, metavar="FOLDER", help="What inference serves.  [default: the starter model]")
@click.option("--port", default=recipe.PORT, show_default=True, type=click.IntRange(1, 65535), help="Its port here.")
@click.option("--data", type=FOLDER, metavar="FOLDER", help="What training trains on.  [default: drawings of waste]")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="NAME=VALUE",
    callback=words.settings,
    help="A hyperparameter of the training, such as epochs=12.",
)
@click.option("--to", type=FOLDER, metavar="FOLDER", help="Where its files go.  [default: .mlstack/trained]")
@click.option("--env", "environment", multiple=True, metavar="NAME[=VALUE]", help="A variable for it; may be repeated.")
@click.option("--aws", "real", is_flag=True, help="Pull the deployed image instead of building containers/NAME here.")
@click.option("--stage", help=f"The stage of the deployed image, with --aws.  [default: {DEFAULT_STAGE}]")
@click.option("--region", help="The region of the deployed image, with --aws.  [default: your AWS configuration's]")
def run(
    name: str,
    arguments: tuple[str, ...],
    gpu: bool | None,  # noqa: FBT001 - click names it
    model: Path | None,
    port: int,
    data: Path | None,
    settings: dict[str, str],
    to: Path | None,
    environment: tuple[str, ...],
    stage: str | None,
    region: str | None,
    *,
    prints: bool,
    real: bool,
) -> None:
    """Run image NAME on this machine with Docker, as ECS would: read-only, as user 10001, without any capability.

    The folder containers/NAME is built, or with --aws what a stage runs is pulled. inference serves a model folder at a
    port of this machine alone; training trains on a folder of pictures. What ARGUMENT says goes to the program in it,
    in training after the word train unless it begins with evaluate or task. An --env without a value takes this
    shell's, and shows it nowhere.

    Example: mlstack image run inference --model .mlstack/trained/model
    """
    if (stage or region) and not real:
        message = "--stage and --region go with --aws: the local AWS keeps no image that Docker can pull"
        raise click.UsageError(message)
    kind = name.removesuffix(recipe.ARM)
    _refuse(kind, {"--model": model}, SERVER)
    _refuse(kind, {"--gpu": gpu, "--data": data, "--set": settings, "--to": to}, TRAINING)
    if kind == TRAINING:
        _refuse_hyperparameters(arguments)
    for one in environment:
        if not VARIABLE.fullmatch(one):
            message = f"--env {printable(one.partition('=')[0])!r} is no NAME or NAME=VALUE"
            raise click.UsageError(message)
    target = Target(account.choose("aws", region), stage or DEFAULT_STAGE, region) if real else None
    if not target and name not in recipe.known():
        raise deployed.unknown(name, recipe.known(), "containers/")
    there = None if prints else docker.ask()
    card = _card(kind, gpu, there)
    found = _pulled(name, target, prints=prints) if target else recipe.built(name, gpu=card is not None)
    container = f"mlstack-{name}" if prints else f"mlstack-{name}-{secrets.token_hex(3)}"
    wish = Wish(container=container, gpu=card, environment=environment, arguments=arguments, settings=settings)
    if kind == SERVER:
        _serve(found, wish, model, port, prints=prints)
    elif kind == TRAINING:
        _train(found, wish, data, folders.empty(to or folders.TRAINED), prints=prints)
    else:
        _do([*found.commands, recipe.others(found, wish)], prints=prints)


def _refuse(kind: str, options: Mapping[str, object], goes_with: str) -> None:
    """Raise UsageError for options that say nothing about such an image."""
    for option, said in options.items():
        if said and kind != goes_with:
            message = f"{option} goes with {goes_with}, not with {printable(kind)}"
            raise click.UsageError(message)


def _refuse_hyperparameters(arguments: Sequence[str]) -> None:
    """Raise UsageError for a hyperparameter among the arguments: the program takes none there."""
    for number, argument in enumerate(arguments):
        option, equals, value = argument.partition("=")
        name = option.removeprefix("--").replace("-", "_")
        if option.startswith("--") and name in hyperparameters.KNOWN:
            said = value if equals else next(iter(arguments[number + 1 :]), "VALUE")
            message = f"{name} is a hyperparameter; say --set {name}={printable(said[:LONGEST])}, before the --"
            raise click.UsageError(message)


def _card(kind: str, wanted: bool | None, there: Gpu | None) -> Gpu | None:  # noqa: FBT001 (what an option said)
    """How the container gets GPUs, if it does; raise UserError where it shall and cannot."""
    if wanted and there and not there.is_there:
        raise UserError(docker.TOOLKIT)
    if wanted:
        return there or USUAL_GPU
    if wanted is None and kind == TRAINING and there:
        err.print("with" + ("" if there.is_there else "out") + " GPU: Docker's word decides, or --gpu", markup=False)
        return there if there.is_there else None
    return None


def _pulled(name: str, target: Target, *, prints: bool) -> Image:
    """The deployed image; the password of its registry stays in this process."""
    found = deployed.images(target)
    ecr = target.account.client("ecr")
    password = None if prints else _password(ecr.get_authorization_token()["authorizationData"])
    return recipe.pulled(name, found, target.shown, ecr.meta.region_name, password)


def _password(told: Sequence[dict[str, str]]) -> str:
    return base64.b64decode(told[0]["authorizationToken"]).decode().partition(":")[2]


def _serve(image: Image, wish: Wish, model: Path | None, port: int, *, prints: bool) -> None:
    folder = folders.STARTER if model is None else folders.model(model)
    before = folders.starter() if model is None else []
    if model is not None:
        _warn(folder)
    if not prints:
        check_free(port)
        address = f"http://127.0.0.1:{port}/invocations"
        asked = f"curl --data-binary @PHOTO.jpg -H 'Content-Type: image/jpeg' {address}"
        err.print(f"it answers at {address} until Ctrl-C: `{asked}`", markup=False)
    _do([*image.commands, *before, recipe.served(image, wish, model=folder, port=port)], prints=prints)


def _train(image: Image, wish: Wish, data: Path | None, to: Path, *, prints: bool) -> None:
    folder = folders.DATA if data is None else _looked_at(data, wish)
    _warn(folder)
    channels = folders.channels(folder)
    check(wish.settings, channels)
    training = recipe.trained(image, wish, channels=channels)
    made = Command(parts=(("mkdir", "-p", str(to)),))
    if prints:
        after = [made, *recipe.fetched(wish.container, to, well=True), recipe.removed(wish.container)]
        _do([*image.commands, training, *after], prints=True)
        return
    _do(image.commands, prints=False)
    try:
        ended = perform(training)
        well = ended.code == 0
        files = [] if ended.code in NO_CONTAINER else [made, *recipe.fetched(wish.container, to, well=well)]
        taken = [perform(one).code for one in files]
    finally:
        perform(recipe.removed(wish.container))
    if ended.interrupted:
        raise KeyboardInterrupt
    if not well or any(taken):
        what = "the training failed" if not well else "what was trained could not be fetched"
        err.print(f"{what} ({ended.code}); the lines above say why", markup=False)
        sys.exit(FAILED)
    err.print(f"next: `mlstack image run inference --model {to / 'model'}`", markup=False)


def _looked_at(data: Path, wish: Wish) -> Path:
    """A person's folder; raise UserError where nothing can be trained on it, if that is what is wished."""
    if recipe.order(wish.arguments)[0] != TRAIN:
        return folders.existing(data, "--data")
    return folders.pictures(data, lambda line: err.print(line, markup=False))


def _warn(folder: Path) -> None:
    """Tell of what the container's user cannot read."""
    closed = folders.closed(folder)
    if closed:
        shown = printable(str(closed))
        err.print(f"user 10001 of the container cannot read {shown}; `chmod -R a+rX FOLDER` lets it", markup=False)


def _do(commands: Sequence[Command], *, prints: bool) -> None:
    """Print the commands, or run one after the other until one fails; the last may be ended by a person."""
    if prints:
        sys.stdout.write("".join(f"{one.line}\n" for one in commands))
        return
    for one in commands:
        ended = perform(one)
        if ended.interrupted and not one.container:
            raise KeyboardInterrupt
        if ended.code and not ended.interrupted:
            err.print(f"`{' '.join(one.words[:2])}` ended with {ended.code}; the lines above say why", markup=False)
            sys.exit(FAILED)
