"""`mlstack service predict`."""

import secrets
from collections import Counter
from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

import click
from rich.markup import escape

from mlstack import target as targets
from mlstack.console import err
from mlstack.ecs.service.choice import chosen
from mlstack.ecs.service.letters import Letters
from mlstack.ecs.service.service import Service
from mlstack.ecs.service.sight import DoesNotStartError, Sight
from mlstack.ecs.service.tasks import AWAKE, Tasks, existing
from mlstack.ecs.trouble import explained
from mlstack.endpoint import asking, queue
from mlstack.endpoint.endpoint import MIB
from mlstack.endpoint.photo import Photo
from mlstack.endpoint.queue import Waiting
from mlstack.endpoint.verdict import LATE, Verdict
from mlstack.errors import UserError
from mlstack.patience import Patience
from mlstack.target import Target
from mlstack.text import counted, printable
from mlstack.training.launch import clock

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PATIENCE_S = 900
LARGEST = 100 * MIB
"""What no worker can be set to take more than."""


@click.command(short_help="Ask a service what is in photos")
@asking.whom_and_what
@click.option(
    "--timeout",
    default=PATIENCE_S,
    show_default=True,
    type=click.IntRange(1, 7200),
    help="Seconds to wait for answers.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@targets.options
@explained
def predict(  # noqa: PLR0913 - as many options as people need
    name: str, photos: list[Photo], top: int, timeout: int, target: Target, *, as_json: bool
) -> None:
    """Ask the service NAME of a stage what is in photos (JPEG or PNG), by way of its bucket and its queue.

    One that sleeps is woken, which takes minutes. Ends with 0 when the model answered for every photo, with 1 when it
    refused one, failed, is late or does not start.

    Example: mlstack service predict sorter examples/waste/compost-1.jpg
    """
    service = chosen(target, name)
    for photo in photos:
        _check(photo)
    Letters.of(target.account.client("sqs"), service.queue_url)  # without its queue nobody would hear of a photo
    tasks = existing(Tasks.of(target.account.client("ecs"), service), service)
    if not tasks.state.startswith(AWAKE):
        err.print(
            f"{service.name} is {tasks.state}; waking takes some minutes, and costs {service.awake_price} "
            f"until {service.sleep_minutes} min after its last request",
            markup=False,
        )
    asked = Asked(service, photos, is_awake=tasks.state.startswith(AWAKE))
    try:
        asked.wait(Patience(timeout))
    except KeyboardInterrupt:
        asked.tell_what_stays()
        raise
    finally:  # what is known, and paid for, is shown whatever came after it
        if asked.verdicts:
            asking.show(asked.verdicts, f"{service.name}, {target.shown}", top, as_json=as_json)
    if asked.is_hopeless:
        asked.tell_what_stays()
    elif any(verdict.status == LATE for verdict in asked.verdicts):
        look, dead = service.command("status"), service.command("redrive")
        err.print(f"`{look}` says how it is, and `{dead}` whether it gave requests up", markup=False)
    asking.end(asked.verdicts)


def _check(photo: Photo) -> None:
    """Raise UserError where no service takes so large a photo."""
    if photo.size > LARGEST:
        name = printable(str(photo.path))
        message = f"{name} has {photo.size:,} bytes; a service takes at most {LARGEST // MIB:,} MB, make it smaller"
        raise UserError(message)


class Asked:
    """What was asked, and what came of it so far."""

    def __init__(self, service: Service, photos: Sequence[Photo], *, is_awake: bool) -> None:
        self.verdicts: list[Verdict] = []
        """In the end in the order of the photos."""
        self.is_hopeless = False
        """Whether the service does not start."""
        self._service = service
        self._photos = photos
        self._is_awake = is_awake
        self._waiting: list[Waiting] = []
        self._folder = f"{clock():%Y%m%d-%H%M%S}-{secrets.token_hex(4)}/"
        """Of its own, or an earlier answer about the same photo is found."""

    def wait(self, patience: Patience) -> None:
        """Put all photos and wait for their answers; give up with a service that does not start."""
        service = self._service
        s3: S3Client = service.target.account.client("s3")
        title = f"Asking {service.name} about {counted(len(self._photos), 'photo')}"
        with err.status(escape(title)) as status:
            aloud, sight, began = asking.aloud(), Sight(service), monotonic()

            if sight.before and not self._is_awake:
                err.print(
                    f"the last task of {service.name} failed, {sight.before.row}; it is tried again", markup=False
                )

            def tell(left: int) -> None:
                line = (
                    f"{monotonic() - began:.0f} s, {f'{left} to come, {sight.now(left)}' if left else 'all is there'}"
                )
                status.update(f"{escape(title)}: [dim]{escape(line)}[/]")
                aloud(line)

            for photo in self._photos:
                self._waiting.append(_put(s3, service, self._folder, photo))
            try:
                self.verdicts.extend(queue.answers(s3, self._waiting, patience, tell))
            except DoesNotStartError as error:
                self.is_hopeless = True
                self.verdicts.extend(_given_up(one, str(error)) for one in self._left())
        asking.sort(self.verdicts, self._photos)

    def tell_what_stays(self) -> None:
        """Say what of it goes on without anybody, what that costs, and where its answers will lie."""
        service = self._service
        left = sum(one.status == LATE for one in self.verdicts) + len(self._left())
        if not left:
            return
        stays, wakes = ("1 request stays", "wakes") if left == 1 else (f"{left:,} requests stay", "wake")
        price = f"{service.awake_price}, until {service.sleep_minutes} min after its last request"
        place = f"s3://{service.bucket}/{service.answers}{self._folder}"
        err.print(
            f"{stays} in the queue and {wakes} {service.name} ({price}); answers will lie in {place}", markup=False
        )
        err.print(f"`{service.command('discard')}` drops all that waits for {service.name}", markup=False)

    def _left(self) -> list[Waiting]:
        """What is sent and has no verdict."""
        known = Counter(verdict.photo for verdict in self.verdicts)
        found = []
        for one in self._waiting:
            if known[one.photo.path]:
                known[one.photo.path] -= 1
            else:
                found.append(one)
        return found


def _given_up(one: Waiting, why: str) -> Verdict:
    return Verdict(
        photo=one.photo.path, status=LATE, reason=f"{why}; the request still waits in the queue", answer_at=one.answer
    )


def _put(s3: "S3Client", service: Service, folder: str, photo: Photo) -> Waiting:
    """Put a photo where the service looks for requests."""
    name = queue.put(s3, service.bucket, f"{service.requests}{folder}", photo).removeprefix(service.requests)
    place = f"s3://{service.bucket}/"
    return Waiting(
        photo=photo,
        answer=f"{place}{service.answers}{name}.json",
        failure=f"{place}{service.failures}{name}.json",
    )
