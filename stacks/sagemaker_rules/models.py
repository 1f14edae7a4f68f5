"""How a model names its containers and its data."""

from collections.abc import Iterator

from stacks.sagemaker_rules.hosting import Hosting, containers
from stacks.sagemaker_rules.properties import Properties
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, api, guide
from stacks.sagemaker_rules.template import Resource

CONTAINER = api("ContainerDefinition")
ENVIRONMENT_ENTRIES = 100
ENVIRONMENT_TEXT = 1024
ENVIRONMENT_BYTES = 32 * 1024

TWO_KINDS = Rule(
    "model-containers-twice",
    "AWS refuses a model with both PrimaryContainer and Containers: keep one.",
    api("CreateModel"),
    Evidence.KNOWN,
)
NO_CONTAINER = Rule(
    "model-no-container",
    "AWS refuses a model with neither PrimaryContainer nor Containers: give one.",
    api("CreateModel"),
    Evidence.KNOWN,
)
NO_IMAGE = Rule(
    "model-no-image",
    "AWS refuses a container with neither an Image nor a ModelPackageName: give one.",
    CONTAINER,
    Evidence.KNOWN,
)
DATA_TWICE = Rule(
    "model-data-twice",
    "AWS refuses ModelDataUrl and ModelDataSource together: keep one.",
    CONTAINER,
    Evidence.KNOWN,
)
ARCHIVE = Rule(
    "model-data-archive",
    "AWS takes one gzip-compressed tar archive as ModelDataUrl, and {url} is none: name a .tar.gz, or use "
    "ModelDataSource.",
    CONTAINER,
)
PREFIX = Rule(
    "model-data-prefix",
    "AWS takes {url} as a prefix only with a slash at its end: end it with /.",
    api("S3ModelDataSource"),
)
MULTI_MODEL_SOURCE = Rule(
    "model-multi-model-data-source",
    "AWS takes no ModelDataSource for a multi-model container: name the prefix of the archives in ModelDataUrl.",
    CONTAINER,
)
MULTI_MODELS = Rule(
    "model-multi-model-pipeline",
    "AWS takes one multi-model container in a pipeline and refuses {count}: keep one.",
    guide("multi-model-endpoints"),
)
HOSTNAMES = Rule(
    "model-container-hostnames",
    "AWS wants a ContainerHostname on every container or on none, and on every one for direct invocation: name them "
    "all.",
    guide("multi-container-create"),
)
MODE_ALONE = Rule(
    "model-execution-mode-alone",
    "InferenceExecutionConfig says how several containers run, and AWS refuses it for {count}: take it away.",
    guide("multi-container-create"),
    Evidence.KNOWN,
)
ENVIRONMENT = Rule(
    "model-environment",
    "AWS refuses an environment of {what}: put what is large into the model's archive.",
    CONTAINER,
)


def check(hosting: Hosting) -> Iterator[Violation]:
    """Where a model names what AWS refuses."""
    for model in hosting.template.of("AWS::SageMaker::Model"):
        if model.properties.has("PrimaryContainer") and model.properties.has("Containers"):
            yield TWO_KINDS.on(model.logical_id)
        if model.properties.lacks("PrimaryContainer", "Containers"):
            yield NO_CONTAINER.on(model.logical_id)
        for container in containers(model):
            yield from _container(model.logical_id, container)
            yield from _environment(model.logical_id, container.at("Environment"))
        yield from _together(model)


def _container(logical_id: str, container: Properties) -> Iterator[Violation]:
    several = container.text("Mode") == "MultiModel"
    if container.lacks("Image", "ModelPackageName"):
        yield NO_IMAGE.on(logical_id)
    if container.has("ModelDataUrl") and container.has("ModelDataSource"):
        yield DATA_TWICE.on(logical_id)
    url = container.text("ModelDataUrl")
    if url and not several and not url.endswith((".gz", ".tgz", "}")):  # the CDK calls the asset of a .tar.gz .gz
        yield ARCHIVE.on(logical_id, url=url)
    if several and container.has("ModelDataSource"):
        yield MULTI_MODEL_SOURCE.on(logical_id)
    source = container.at("ModelDataSource", "S3DataSource")
    url = source.text("S3Uri")
    if source.text("S3DataType") == "S3Prefix" and url and not url.endswith(("/", "}")):
        yield PREFIX.on(logical_id, url=url)


def _environment(logical_id: str, environment: Properties) -> Iterator[Violation]:
    if len(environment.values) > ENVIRONMENT_ENTRIES:
        yield ENVIRONMENT.on(logical_id, what=f"{len(environment.values)} entries, more than {ENVIRONMENT_ENTRIES}")
    texts = [text for pair in environment.values.items() for text in pair if isinstance(text, str)]
    longest = max((len(text.encode()) for text in texts), default=0)
    if longest > ENVIRONMENT_TEXT:
        yield ENVIRONMENT.on(logical_id, what=f"a text of {longest} bytes, more than {ENVIRONMENT_TEXT}")
    whole = sum(len(text.encode()) for text in texts)
    if whole > ENVIRONMENT_BYTES:
        yield ENVIRONMENT.on(logical_id, what=f"{whole} bytes, more than {ENVIRONMENT_BYTES}")


def _together(model: Resource) -> Iterator[Violation]:
    several = model.properties.each("Containers")
    multi = [container for container in several if container.text("Mode") == "MultiModel"]
    if len(multi) > 1:
        yield MULTI_MODELS.on(model.logical_id, count=len(multi))
    named = [container.has("ContainerHostname") for container in several]
    direct = model.properties.at("InferenceExecutionConfig").text("Mode") == "Direct"
    if (any(named) or direct) and not all(named):
        yield HOSTNAMES.on(model.logical_id)
    if model.properties.has("InferenceExecutionConfig") and len(containers(model)) == 1:
        yield MODE_ALONE.on(model.logical_id, count="a single one")
