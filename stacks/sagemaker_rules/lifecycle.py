"""What the scripts of a notebook's lifecycle configuration may be."""

import base64
import binascii
import math
from collections.abc import Iterator

from stacks.sagemaker_rules.properties import Json, known
from stacks.sagemaker_rules.rule import Evidence, Rule, Violation, guide
from stacks.sagemaker_rules.template import VARIABLE, Template

HOOKS = ("OnCreate", "OnStart")
LIMIT = 16384
TYPE = "AWS::SageMaker::NotebookInstanceLifecycleConfig"
PAGE = guide("notebook-lifecycle-config")

SIZE = Rule(
    "notebook-script-size",
    "AWS refuses the {hook} script of {size} encoded characters, more than 16384: fetch the rest from S3.",
    PAGE,
)
NOT_BASE64 = Rule(
    "notebook-script-encoding",
    "AWS decodes the {hook} script from base64 and this one is not: encode it, with Fn::Base64 or in Python.",
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/"
    "aws-properties-sagemaker-notebookinstancelifecycleconfig-notebookinstancelifecyclehook.html",
)
ONE_SCRIPT = Rule(
    "notebook-script-count",
    "AWS takes one {hook} script and refuses {count}: put them together.",
    PAGE,
    Evidence.DOCUMENTED,
)


def check(template: Template) -> Iterator[Violation]:
    """Which scripts AWS refuses."""
    for lifecycle in template.of(TYPE):
        for hook in HOOKS:
            count = len(lifecycle.properties.items(hook))
            if count > 1:
                yield ONE_SCRIPT.on(lifecycle.logical_id, hook=hook, count=count)
        raw = lifecycle.raw.get("Properties")
        for hook, content in _scripts(raw):
            size, encoded = _encoded(content, template)
            if size > LIMIT:
                yield SIZE.on(lifecycle.logical_id, hook=hook, size=size)
            if not encoded:
                yield NOT_BASE64.on(lifecycle.logical_id, hook=hook)


def _scripts(properties: Json) -> Iterator[tuple[str, Json]]:
    """Every script as it stands in the template, so that one that CloudFormation encodes is seen as such."""
    for hook in HOOKS if isinstance(properties, dict) else ():
        scripts = properties.get(hook) if isinstance(properties, dict) else None
        for script in scripts if isinstance(scripts, list) else ():
            if isinstance(script, dict) and "Content" in script:
                yield hook, script["Content"]


def _encoded(content: Json, template: Template) -> tuple[int, bool]:
    """How many characters a script has in base64, at least, and whether it will be base64."""
    match content:
        case {"Fn::Base64": inner}:
            text = template.resolve(inner)
            certain = VARIABLE.sub("", text) if isinstance(text, str) else ""
            return 4 * math.ceil(len(certain.encode(errors="replace")) / 3), True
        case str():
            return len(content), _is_base64(content)
        case _:
            text = template.resolve(content)
            return (len(text), _is_base64(text)) if isinstance(text, str) and known(text) else (0, True)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return bool(text)
