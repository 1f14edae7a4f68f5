"""The profile's tables for ECS: training in containers with a GPU, and services that sleep while nobody asks."""

import ipaddress
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from catalogue import ecs_hosts, fargate
from stacks.patterns import matching
from stacks.rules import RuleError, Settings
from stacks.sagemaker_values import INFERENCE_VARIABLES
from stacks.values import SOME, UNIQUE

NEEDED_ENDPOINTS = ("ecr.api", "ecr.dkr", "logs", "sqs")
"""Without internet, a service's tasks reach these by interface endpoints alone."""
NEEDED_BY_HOSTS = ("ecr.api", "ecr.dkr", "ecs", "ecs-agent", "ecs-telemetry", "logs")
"""The same for instances with a GPU, and for what they run."""
LARGEST_REQUEST_MIB = 6
"""What the inference server takes where nothing else is said."""
HOST_MEMORY_GB = 2
"""What the system and ECS's agent take of an instance, at most."""
NO_EFFECT = {"cpu": frozenset({"gpus", "instance_types", "max_instances"}), "gpu": frozenset({"vcpu"})}
"""What a training on the one has, and on the other not."""
TAKEN = frozenset({"training"})
"""Names that a service cannot have, because the task for training has them."""


def _host(value: str) -> str:
    try:
        ecs_hosts.require(value)
    except ecs_hosts.EcsHostError as error:
        message = f"must be a type on which GPU tasks run: {error}"
        raise ValueError(message) from error
    return value


def _range(value: str) -> str:
    try:
        ipaddress.IPv4Network(value)
    except ValueError as error:
        message = f'must be a range of IPv4 addresses, such as "203.0.113.0/24" ({error})'
        raise ValueError(message) from error
    return value


def _require_size(vcpu: float, memory_gb: float, when: str = "") -> None:
    """Raise RuleError, which names the key to change, where Fargate has no task of this size."""
    try:
        fargate.require(vcpu, memory_gb)
    except fargate.FargateError as error:
        key, value = ("memory_gb", memory_gb) if vcpu in fargate.SIZES else ("vcpu", vcpu)
        reason = f"must be what Fargate has{when}: {error}"
        raise RuleError(reason, key=key, value=value) from error


ServiceName = Annotated[
    str,
    matching(
        r"(?=.{1,20}$)[a-z](-?[a-z0-9])*",
        "1 to 20 of a-z and 0-9 with hyphens between them, starting with a letter",
    ),
]
HostType = Annotated[str, AfterValidator(_host)]
ServedModel = Annotated[
    str,
    matching(
        r"starter|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/(?:(?![*?$])[!-~])+\.tar\.gz",
        '"starter", or s3://BUCKET/KEY.tar.gz with a bucket of 3 to 63 letters',
    ),
]
AddressRange = Annotated[str, AfterValidator(_range)]
CertificateArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate/[0-9a-f-]{36}",
        "the ARN of a certificate of ACM's, arn:aws:acm:REGION:ACCOUNT:certificate/ID",
    ),
]
TrustStoreArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:truststore/[\w-]{1,32}/[0-9a-f]{16}",
        "the ARN of a trust store, arn:aws:elasticloadbalancing:REGION:ACCOUNT:truststore/NAME/ID",
    ),
]
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-verify-jwt.html
Url = Annotated[str, matching(r"https://[!-~]{1,248}", "an https:// address of at most 256 letters")]
ClaimName = Annotated[
    str,
    matching(
        r"(?!(?:exp|iss|nbf|iat)$)[!-~]{1,256}",
        "the name of a claim; exp, iss, nbf and iat are checked in any case and cannot be named",
    ),
]
ClaimValue = Annotated[str, StringConstraints(min_length=1, max_length=256)]


class Claim(Settings):
    """What a claim of a token must say."""

    values: Annotated[tuple[ClaimValue, ...], Field(strict=False, max_length=10), SOME, UNIQUE]
    """Any of these will do."""
    format: Literal["single-string", "string-array", "space-separated-values"] = "single-string"
    """How the issuer writes this claim: scope is space-separated-values, aud often a string-array."""


class Tokens(Settings):
    """JSON Web Tokens in the header `Authorization: Bearer ...`, which the load balancer checks itself."""

    REFUSED: ClassVar = {
        "client_secret": "the load balancer checks tokens and fetches none, so that it needs no secret",
        "audience": 'say claims.aud.values = ["..."]',
    }

    issuer: Url
    """Who must have issued the token (iss)."""
    jwks: Url
    """Where the issuer publishes its keys (RS256), readable by everybody."""
    claims: Annotated[dict[ClaimName, Claim], Field(min_length=1, max_length=10)]
    """What else the token must say, such as aud or scope: an issuer issues tokens for others too."""


class LoadBalancer(Settings):
    """HTTPS from your network or from the internet; bills by the hour whether anybody asks or not."""

    REFUSED: ClassVar = {
        "port": "HTTPS on 443 alone",
        **dict.fromkeys(
            ("domain", "dns"), "point a name of yours at the load balancer; the certificate must be for it"
        ),
        **dict.fromkeys(("public", "scheme", "internet_facing"), "internet = true makes it reachable from outside"),
        **dict.fromkeys(("auth", "login", "authentication"), "tokens or trust_store say who may ask"),
        "path": "requests go to /invocations, as on SageMaker",
    }

    certificate: CertificateArn
    """The ARN of the certificate that it shows; ACM makes one for a domain of yours, for nothing."""
    allowed: Annotated[tuple[AddressRange, ...], Field(strict=False, max_length=50), SOME, UNIQUE]
    """From where it may be reached; nothing else gets as far as the door."""
    internet: bool = False
    """Whether it stands in the public subnets with public addresses, or can only be reached from within the network."""
    tokens: Tokens | None = None
    """Who has a token of this issuer may ask."""
    trust_store: TrustStoreArn | None = None
    """Who has a client certificate of these authorities may ask (mutual TLS)."""
    firewall: bool = False
    """Whether AWS WAF stands before it: $9 a month and $0.60 a million requests."""
    requests_per_5_minutes: Annotated[int, Field(ge=10, le=2_000_000_000)] = 2000
    """From how many requests of one address on the firewall turns it away."""
    log_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """How long its access logs stay in S3, in days."""

    @model_validator(mode="after")
    def _somebody_is_asked_who_they_are(self) -> Self:
        if not self.tokens and not self.trust_store:
            reason = "must be there, or trust_store: a load balancer here lets in nobody whom it does not know"
            raise RuleError(reason, key="tokens", value=None)
        if self.tokens and not self.internet:
            reason = (
                "must be true while there are tokens: without internet it cannot fetch the issuer's keys; "
                "trust_store needs no internet"
            )
            raise RuleError(reason, key="internet", value=False)
        return self


class Service(Settings):
    """An inference service on Fargate; costs nothing but its alarms while nothing waits for it."""

    REFUSED: ClassVar = {
        **dict.fromkeys(("cpu", "cpus"), "vcpu says how many virtual processors a task has"),
        **dict.fromkeys(("memory", "memory_mb"), "memory_gb says it"),
        **dict.fromkeys(("count", "desired_count", "tasks"), "it goes from min_tasks to max_tasks by itself"),
        **dict.fromkeys(("spot", "fargate_spot"), 'say market = "spot"'),
        **dict.fromkeys(("gpu", "instance_type"), "it runs on Fargate, which has no GPU; endpoints.realtime has"),
        **dict.fromkeys(("public", "port", "ports"), "nothing comes in but by its queue, or by load_balancer"),
        "image": "it is the project's inference image, the same as on SageMaker",
        "exec": "execute_command opens ECS Exec",
    }

    model: ServedModel = "starter"
    """starter: a small one for trying; or a model.tar.gz in S3, as trainings make it."""
    architecture: Literal["arm64", "x86_64"] = "arm64"
    """What its image is built for; arm64 costs a fifth less."""
    vcpu: float = 1
    """Virtual processors of one task: 0.25 to 16."""
    memory_gb: float = 2
    """Memory of one task; which goes with vcpu, Fargate says."""
    market: Literal["spot", "on-demand"] = "spot"
    """spot: for about a third of the price, and AWS may take a task away after two minutes; no request is lost."""
    min_tasks: Annotated[int, Field(ge=0, le=50)] = 0
    """How many run even while nothing waits; each bills by the second."""
    max_tasks: Annotated[int, Field(ge=1, le=50)] = 2
    """How many run at most."""
    backlog_per_task: Annotated[int, Field(ge=1, le=100_000)] = 100
    """For how many waiting requests there is one more task."""
    sleep_minutes: Annotated[int, Field(ge=5, le=1440)] = 15
    """After how many minutes without a request it goes to sleep."""
    concurrency: Annotated[int, Field(ge=1, le=32)] = 4
    """How many requests of the queue a task has in hand at a time."""
    request_days: Annotated[int, Field(ge=1, le=365)] = 7
    """When requests and answers are deleted, in days."""
    execute_command: bool = False
    """Whether a shell can be opened in its containers (ECS Exec); they can then be written to."""
    environment: dict[str, Annotated[str, StringConstraints(max_length=1024)]] = Field(default_factory=dict)
    """Variables of the inference server, INFERENCE_...; never a secret, everybody who sees the task reads them."""
    load_balancer: LoadBalancer | None = None
    """HTTPS beside the queue; bills by the hour."""

    @model_validator(mode="after")
    def _fargate_has_this_size(self) -> Self:
        _require_size(self.vcpu, self.memory_gb)
        return self

    @model_validator(mode="after")
    def _goes_up_from_its_least(self) -> Self:
        if self.min_tasks > self.max_tasks:
            reason = f"must be at most max_tasks ({self.max_tasks})"
            raise RuleError(reason, key="min_tasks", value=self.min_tasks)
        return self

    @model_validator(mode="after")
    def _the_server_knows_its_variables(self) -> Self:
        known = INFERENCE_VARIABLES - {"INFERENCE_MAX_BYTES"}  # what a request may be is the worker's business too
        if unknown := sorted(set(self.environment) - known):
            reason = f"must not name {', '.join(unknown)}: the server knows {', '.join(sorted(known))}"
            raise RuleError(reason, key="environment", value=self.environment)
        return self


class TrainingTask(Settings):
    """Training in the stage's own containers; costs nothing while none runs."""

    REFUSED: ClassVar = {
        **dict.fromkeys(("instance_type", "instances"), 'instance_types = ["...", "..."] lists what it may run on'),
        **dict.fromkeys(("spot", "fallback"), 'market = "spot" falls back to on-demand by itself'),
        **dict.fromkeys(("volume_gb", "disk_gb"), "storage_gb says it"),
        "max_run_minutes": "max_hours says it",
        "models": "any name will do: what comes of it lies in S3, not in SageMaker's model registry",
    }

    enabled: bool = False
    """Whether the stage trains on ECS; needs its buckets and its network."""
    accelerator: Literal["gpu", "cpu"] = "gpu"
    """gpu: on instances that come for the run and go after it; cpu: on Fargate."""
    instance_types: Annotated[tuple[HostType, ...], Field(strict=False, max_length=20), SOME, UNIQUE] = (
        "g4dn.xlarge",
        "g5.xlarge",
        "g6.xlarge",
    )
    """What a run with a GPU may get, whichever EC2 has; several make Spot likelier."""
    gpus: Annotated[int, Field(ge=1, le=8)] = 1
    """How many GPUs one run gets."""
    max_instances: Annotated[int, Field(ge=1, le=20)] = 1
    """How many instances there may be at a time, in each market; they come one after the other."""
    vcpu: float = 4
    """Virtual processors of a run on Fargate (accelerator cpu)."""
    memory_gb: float = 8
    """Memory of a run: on Fargate all of it, on an instance the least that must be free."""
    storage_gb: Annotated[int, Field(ge=50, le=1000)] = 100
    """The disk for image, data and checkpoints; on Fargate at most 200."""
    market: Literal["spot", "on-demand"] = "spot"
    """spot: tries Spot first, goes on from its last checkpoint where AWS takes it away, and falls back to on-demand."""
    spot_attempts: Annotated[int, Field(ge=1, le=10)] = 2
    """How often a run tries Spot before it goes on-demand."""
    max_hours: Annotated[int, Field(ge=1, le=168)] = 12
    """After how many hours an attempt ends in any case."""

    @model_validator(mode="after")
    def _everything_said_has_an_effect(self) -> Self:
        said = self.model_fields_set
        if not self.enabled and said and "enabled" not in said:
            reason = "must be true, or nothing of [ecs.training] has an effect; say false to keep the table for later"
            raise RuleError(reason, key="enabled", value=None)
        if idle := sorted(said & NO_EFFECT[self.accelerator]):
            reason = f'must be left out while accelerator is "{self.accelerator}": it has no effect'
            raise RuleError(reason, key=idle[0], value=getattr(self, idle[0]))
        return self

    @model_validator(mode="after")
    def _it_fits_somewhere(self) -> Self:
        if self.accelerator == "cpu":
            _require_size(self.vcpu, self.memory_gb, ' while accelerator is "cpu"')
            if self.storage_gb > fargate.LARGEST_STORAGE_GB:
                reason = f'must be at most {fargate.LARGEST_STORAGE_GB} while accelerator is "cpu"'
                raise RuleError(reason, key="storage_gb", value=self.storage_gb)
            return self
        if small := [one for one in self.instance_types if ecs_hosts.HOSTS[one].gpus < self.gpus]:
            enough = min((host.gpus, name) for name, host in ecs_hosts.HOSTS.items() if host.gpus >= self.gpus)[1]
            reason = f"must be types with {self.gpus} GPUs or more (gpus), such as {enough}, and not {', '.join(small)}"
            raise RuleError(reason, key="instance_types", value=list(self.instance_types))
        least = min(self.instance_types, key=lambda name: ecs_hosts.HOSTS[name].memory_gb)
        if self.memory_gb > (room := ecs_hosts.HOSTS[least].memory_gb - HOST_MEMORY_GB):
            reason = f"must be at most {room} with {least}, whose system takes {HOST_MEMORY_GB} GB"
            raise RuleError(reason, key="memory_gb", value=self.memory_gb)
        return self


class Ecs(Settings):
    """Containers on ECS: a cluster that has nothing in it until somebody asks."""

    REFUSED: ClassVar = {
        "enabled": "there is a cluster where [ecs.training] is enabled or there is a table [ecs.services.NAME]",
        "cluster": "the stage has one, mlstack-STAGE",
    }

    internet: bool = True
    """Whether tasks and instances have public addresses; nothing comes in by them. false needs interface endpoints."""
    training: TrainingTask = TrainingTask()
    services: dict[ServiceName, Service] = Field(default_factory=dict)

    @property
    def enabled(self) -> bool:
        """Whether there is anything to run."""
        return self.training.enabled or bool(self.services)

    @property
    def hosted(self) -> bool:
        """Whether instances are needed."""
        return self.training.enabled and self.training.accelerator == "gpu"

    @property
    def needed_endpoints(self) -> tuple[str, ...]:
        """The interface endpoints without which nothing here could start where there is no internet."""
        hosts = NEEDED_BY_HOSTS if self.hosted else ()
        services = NEEDED_ENDPOINTS if self.services else ()
        tasks = ("ecr.api", "ecr.dkr", "logs") if self.training.enabled else ()
        shells = ("ssmmessages",) if any(one.execute_command for one in self.services.values()) else ()
        return tuple(sorted({*hosts, *services, *tasks, *shells}))

    @model_validator(mode="after")
    def _names_are_free(self) -> Self:
        if taken := sorted(TAKEN & set(self.services)):
            reason = f"must not name {', '.join(taken)}: the training task has it"
            raise RuleError(reason, key="services", value=sorted(self.services))
        return self


class Images(Settings):
    """The container images that the stage builds."""

    mirror: bool = False
    """Whether the account keeps copies of the public images that builds begin with; bills by the gigabyte."""
