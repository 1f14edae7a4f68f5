"""The kinds of value that a profile holds, each with the sentence a person reads when it does not fit."""

import datetime as dt
import difflib
import ipaddress
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

from aws_cdk.region_info import Fact, FactName, RegionInfo
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from catalogue.closed import CLOSED
from shared.analyses import ANALYSES
from shared.video_analyses import VIDEO_ANALYSES
from stacks.components.endpoints import interface_endpoint_services
from stacks.components.log_retention import LOG_RETENTION
from stacks.patterns import known, matching

LONGEST_PATH = 255
VPC_PREFIX_LENGTHS = range(16, 25)
# https://www.rfc-editor.org/rfc/rfc1918
PRIVATE = tuple(ipaddress.IPv4Network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
# https://docs.aws.amazon.com/general/latest/gr/rekognition.html, where DetectLabels is offered (November 2026)
REKOGNITION_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-5",
        "ap-southeast-7",
        "eu-central-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "il-central-1",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-gov-west-1",
        "us-west-1",
        "us-west-2",
    }
)

# https://docs.aws.amazon.com/general/latest/gr/rekognition.html, Custom Labels (November 2026)
CUSTOM_LABELS_REGIONS = frozenset(
    {
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "eu-central-1",
        "eu-west-1",
        "eu-west-2",
        "us-east-1",
        "us-east-2",
        "us-west-2",
    }
)


def _expiry(value: object) -> object:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, str):
        if re.fullmatch(r"[1-9]\d{0,3}d|never", value):
            return value
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            try:
                return dt.date.fromisoformat(value).isoformat()
            except ValueError as error:
                message = f"must be a day that exists ({error})"
                raise ValueError(message) from error
    message = 'must be days after the deploy such as "14d", a date such as 2027-06-30, or "never"'
    raise ValueError(message)


def _log_days(days: int) -> int:
    if days not in LOG_RETENTION:
        message = f"must be one of {', '.join(map(str, LOG_RETENTION))}"
        raise ValueError(message)
    return days


def _cidr(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError:
        network = None
    private = network is not None and any(network.subnet_of(block) for block in PRIVATE)
    if network is None or not private or network.prefixlen not in VPC_PREFIX_LENGTHS:
        message = "must be a private IPv4 range from /16 to /24, such as 10.0.0.0/16"
        raise ValueError(message)
    return value


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) != len(values):
        message = "must name each value once"
        raise ValueError(message)
    return values


def _analysis(known: Iterable[str], kind: str) -> AfterValidator:
    names = tuple(known)

    def check(value: str) -> str:
        if value in names:
            return value
        if closed := CLOSED.get(value.casefold().replace("-", "_").replace(" ", "_")):
            message = f"must be left out: AWS closed {closed.name} on {closed.since}; {closed.successor}"
            raise ValueError(message)
        guesses = difflib.get_close_matches(value, names, n=1)
        hint = f"did you mean {guesses[0]}?" if guesses else f"one of {', '.join(names)}"
        message = f"must be {kind}, {hint}"
        raise ValueError(message)

    return AfterValidator(check)


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        message = "must name at least one"
        raise ValueError(message)
    return values


def _script(value: str) -> str:
    if "\n" in value or len(value) > LONGEST_PATH:
        message = "must be the path of a file with the script, not the script itself"
        raise ValueError(message)
    path = Path(value)
    if not path.is_file():
        message = f"must be the path of a shell script; there is no such file in {Path.cwd()}"
        raise ValueError(message)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        message = f"must be a script that can be read as text ({error})"
        raise ValueError(message) from error
    if not text.startswith("#!"):
        message = "must be the path of a script that begins with #!"
        raise ValueError(message)
    return value


UNIQUE = AfterValidator(_unique)
SOME = AfterValidator(_some)

StageName = Annotated[
    str, matching(r"[a-z][a-z0-9-]{0,18}[a-z0-9]", "2 to 20 of a-z, 0-9 and hyphens, starting with a letter")
]
AccountId = Annotated[str, matching(r"\d{12}", 'the 12 digits of an AWS account in quotes, such as "111122223333"')]
Region = Annotated[
    str,
    known(
        "an AWS region",
        example="us-east-1",
        names=lambda: (info.name for info in RegionInfo.regions),
        is_known=lambda name: Fact.find(name, FactName.PARTITION) is not None,
    ),
]
# https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
TagValue = Annotated[
    str,
    matching(r"[\w .:/=+@-]*[\w:/=+@-][\w .:/=+@-]*", "1 to 256 letters, digits, spaces and . : / = + @ _ -"),
    matching(r".{1,256}", "1 to 256 characters long"),
]
Expiry = Annotated[
    str,
    BeforeValidator(_expiry),
    WithJsonSchema({"type": "string", "pattern": r"^(\d{1,4}d|never|\d{4}-\d{2}-\d{2})$"}),
]
LogDays = Annotated[int, AfterValidator(_log_days), WithJsonSchema({"type": "integer", "enum": list(LOG_RETENTION)})]
Cidr = Annotated[str, AfterValidator(_cidr)]
Prefix = Annotated[
    str,
    matching(
        # IAM reads * ? and ${ in a resource as wildcards and variables, and takes no letters beyond Latin-1.
        r"((?![/*?$])[!-~](?:(?![*?$])[ -~]){0,198}/)?",
        'a key prefix such as "photos/" of ASCII letters without * ? and $, or "" for every object',
    ),
]
ScratchPrefix = Annotated[
    str,
    matching(
        r"[A-Za-z0-9][A-Za-z0-9_./-]{0,98}/",
        'a key prefix of letters, digits and . _ - that ends in "/", such as "tmp/"',
    ),
]
InterfaceEndpoint = Annotated[
    str,
    known(
        "an AWS PrivateLink service",
        example="ssm",
        names=interface_endpoint_services,
        is_known=lambda name: name in interface_endpoint_services(),
    ),
]
Percent = Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
Rate = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]
ImageAnalysis = Annotated[str, _analysis(ANALYSES, "an image analysis")]
ImageAnalyses = Annotated[tuple[ImageAnalysis, ...], Field(strict=False), SOME, UNIQUE]
VideoAnalysis = Annotated[str, _analysis(VIDEO_ANALYSES, "a video analysis")]
VideoAnalyses = Annotated[tuple[VideoAnalysis, ...], Field(strict=False), SOME, UNIQUE]
ProjectVersion = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:rekognition:[a-z0-9-]+:\d{12}:project/[a-zA-Z0-9_.-]+/version/[a-zA-Z0-9_.-]+/\d+",
        "the ARN of a Custom Labels model, arn:aws:rekognition:REGION:ACCOUNT:project/NAME/version/VERSION/NUMBER",
    ),
]
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BucketName = Annotated[
    str, matching(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket: 3 to 63 of a-z, 0-9, dots and hyphens")
]
Email = Annotated[str, matching(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+", "an e-mail address")]
ScriptPath = Annotated[str, AfterValidator(_script)]
KeyArn = Annotated[
    str,
    matching(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/[0-9a-f-]{36}|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/mrk-[0-9a-f]{32}",
        "the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID",
    ),
]
TagKey = Annotated[str, matching(r"(?!aws:)[\w.:/=+@-]{1,128}", "a tag's key that does not begin with aws:")]
