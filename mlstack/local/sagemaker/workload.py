"""A model as it is served: by a process of its image, started where it is needed and ended where it is not."""

from collections.abc import Iterator
from contextlib import contextmanager
from shutil import rmtree
from threading import Condition, RLock, Timer
from uuid import uuid4

from mlstack.local import log_stream
from mlstack.local.container.image import Image, ImageMissingError
from mlstack.local.container.interpreter import NoPythonError, python_of
from mlstack.local.container.process import Launch
from mlstack.local.container.served import Container, Reply, UnhealthyError
from mlstack.local.environment import aws
from mlstack.local.json_service import Json
from mlstack.local.report import NOT_RUNNABLE as NOT_RUNNABLE_HERE
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.model_data import ModelDataError, Source

NO_IMAGE = (
    "Please make sure all images included in the model for the production variant {variant} exist, and that the "
    "execution role used to create the model has permissions to access them."
)
NO_PING = (
    "The primary container for production variant {variant} did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint."
)
NOT_RUNNABLE = "the local AWS cannot run {what}: it runs only images that its own CodeBuild has built"


class NotServedError(Exception):
    """A model that cannot be served, in AWS's words and then in ours."""


class NotRunnableError(Exception):
    """A model that AWS would serve and the local AWS cannot."""


class Workload:
    """One model of one endpoint; busy ones finish before it stops."""

    def __init__(self, hall: Hall, containers: list[Json], *, owner: str, log_group: str, variant: str) -> None:
        self.owner = owner
        self.log_group = log_group
        self.variant = variant
        self.cold_starts = 0
        self._hall = hall
        self._containers = containers
        self._stream = f"{variant}/i-{uuid4().hex[:17]}"
        self._container: Container | None = None
        self._busy = 0
        self._quiet = Condition(RLock())
        self._timer: Timer | None = None

    @property
    def what(self) -> str:
        """The image, as a person knows it."""
        return ", ".join(str(one.get("Image", one.get("ModelPackageName"))) for one in self._containers)

    def check(self) -> None:
        """Start it and see it well, or raise NotServedError; what cannot run here is taken as well."""
        try:
            self.start()
        except NotRunnableError as error:
            self._hall.report.endpoint(self.owner, runs_on=NOT_RUNNABLE_HERE + self.what)
            self._tell([str(error)])

    def start(self) -> None:
        """Start it unless it runs; NotServedError or NotRunnableError where that does not go."""
        with self._quiet:
            if self._container is None:
                self._container = self._started_or_not()
                self._remember(pid=self._container.pid)

    def invoke(self, body: bytes, headers: dict[str, str], timeout_s: float, *, idle_s: float | None = None) -> Reply:
        """The container's answer; started for it where it was not, and left alone afterwards for ``idle_s`` at most."""
        with self._in_use(idle_s) as container:
            return container.post("/invocations", body, headers, timeout_s)

    def ask(self, path: str, timeout_s: float) -> Reply:
        """The container's answer to a question without a body."""
        with self._in_use(None) as container:
            return container.get(path, timeout_s)

    @property
    def busy(self) -> int:
        """How many requests it has at this moment."""
        return self._busy

    def stop(self, grace_s: float | None = None) -> None:
        """End it; a request under way has as long as a container has to end."""
        grace = self._hall.limits.drain_seconds if grace_s is None else grace_s
        with self._quiet:
            self._forget_timer()
            self._quiet.wait_for(lambda: self._busy == 0, timeout=grace)
            container, self._container = self._container, None
        if container is not None:
            self._end(container, grace)

    def _end(self, container: Container, grace_s: float) -> None:
        container.stop(grace_s)
        rmtree(container.folder, ignore_errors=True)
        self._remember(pid=None)

    def _bury(self) -> None:
        """Let go of a container that ended by itself, so that another is started, as SageMaker does."""
        if self._container is not None and not self._container.alive:
            self._end(self._container, 0)
            self._container = None

    @contextmanager
    def _in_use(self, idle_s: float | None) -> Iterator[Container]:
        with self._quiet:
            self._forget_timer()
            self._bury()
            if self._container is None:
                self.start()
                self.cold_starts += 1
            container = self._container
            if container is None:
                message = "the container ended before it could be asked"
                raise NotServedError(message)
            self._busy += 1
        try:
            yield container
        finally:
            with self._quiet:
                self._busy -= 1
                self._quiet.notify_all()
                self.rest(idle_s)

    def rest(self, idle_s: float | None) -> None:
        """End it when nobody has asked it anything for so long."""
        with self._quiet:
            self._forget_timer()
            if idle_s is not None and self._busy == 0 and self._container is not None:
                self._timer = Timer(idle_s, self._stop_if_idle)
                self._timer.daemon = True
                self._timer.start()

    def _stop_if_idle(self) -> None:
        with self._quiet:
            if self._busy == 0:
                self.stop()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _started_or_not(self) -> Container:
        try:
            return self._started()
        except (NotServedError, NotRunnableError):
            raise
        except Exception as error:  # nobody waits for the thread that this may be in; the endpoint tells
            self._hall.report.fault(f"container of {self.owner}: {error!r}")
            raise NotServedError(repr(error)) from error

    def _started(self) -> Container:
        image, [said] = self._image(), self._containers
        source = Source.of(said)
        scratch = self._hall.folder / "containers" / uuid4().hex
        try:
            data = source.fetch(self._hall.folder / "models", self._hall.client) if source else scratch / "model"
            data.mkdir(parents=True, exist_ok=True)
            python = python_of(image)
        except ModelDataError as error:
            raise NotServedError(str(error)) from error
        except NoPythonError as error:
            raise NotRunnableError(str(error)) from error
        launch = Launch(
            image=image,
            arguments=("serve",),
            environment={
                **aws(self._hall.place),
                **{str(name): str(value) for name, value in said.get("Environment", {}).items()},
                "SM_MODEL_DIR": str(data),
            },
            python=python,
            folder=scratch,
        )
        container = Container(launch, "SAGEMAKER_BIND_TO_PORT", self._tell)
        try:
            container.become_well(self._hall.limits.ping_seconds)
        except UnhealthyError as error:
            self._end(container, 0)
            message = f"{NO_PING.format(variant=self.variant)} ({error})"
            raise NotServedError(message) from error
        return container

    def _image(self) -> Image:
        if self._hall.closed:
            message = "the local AWS is ending"
            raise NotServedError(message)
        if len(self._containers) != 1:
            raise NotRunnableError(NOT_RUNNABLE.format(what="an inference pipeline"))
        [said] = self._containers
        if said.get("Mode") == "MultiModel":
            raise NotRunnableError(NOT_RUNNABLE.format(what="a multi-model container"))
        try:
            image = self._hall.images.find(str(said.get("Image")), self._hall.place.account, self._hall.client)
        except ImageMissingError as error:
            message = f"{NO_IMAGE.format(variant=self.variant)} ({error} is not in ECR)"
            raise NotServedError(message) from error
        if image is None:
            raise NotRunnableError(NOT_RUNNABLE.format(what=self.what))
        return image

    def _tell(self, lines: list[str]) -> None:
        place = self._hall.place
        log_stream.write(place.account, place.region, self.log_group, self._stream, lines)

    def _remember(self, *, pid: int | None) -> None:
        with self._hall.lock:
            if pid:
                self._hall.running.add(self)
            else:
                self._hall.running.discard(self)
        self._hall.report.container(self._stream, self.owner, self.what, pid)
