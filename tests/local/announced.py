"""An assembly whose stacks announce prices and have parameters, as a synthesis writes it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlstack.assembly import Assembly


def entry(data: object, kind: str = "aws:cdk:info") -> dict[str, object]:
    """What the CDK keeps of an annotation."""
    return {"type": kind, "data": data}


def assembly(
    folder: Path,
    *stacks: str,
    said: Mapping[str, Sequence[object]] | None = None,
    parameters: Sequence[object] = (),
    stage: str = "lab",
) -> Assembly:
    """One of those stacks (Vision for mlstack-lab-Vision), what was said of each, and the parameters of Ecs."""
    artifacts: dict[str, Any] = {}
    for kind in stacks:
        name = f"mlstack-{stage}-{kind}"
        resources = {
            f"P{number}": {"Type": "AWS::SSM::Parameter", "Properties": {"Name": one}}
            for number, one in enumerate(parameters if kind == "Ecs" else ())
        }
        (folder / f"{name}.template.json").write_text(json.dumps({"Resources": resources}))
        artifacts[name] = {
            "type": "aws:cloudformation:stack",
            "environment": "aws://unknown-account/unknown-region",
            "properties": {"templateFile": f"{name}.template.json", "tags": {"stage": stage}},
        }
        if said and kind in said:
            artifacts[name]["additionalMetadataFile"] = f"{name}.metadata.json"
            (folder / f"{name}.metadata.json").write_text(json.dumps({f"/{name}": said[kind]}))
    (folder / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    return Assembly.read(folder)
