"""ResultWriter: what came of each child execution, in files under the prefix, and a manifest that names them."""

import json
from typing import Any

from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration.itemprocessor.map_run_record import (
    MapRunRecord,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_map.result_writer.resource_eval.resource_eval_s3 import (
    ResourceEvalS3,
)
from moto.stepfunctions.parser.asl.eval.environment import Environment

from mlstack.local.mend import replace
from mlstack.local.workflow.map_run import Child, children

KINDS = {"FAILED": ("FAILED", "TIMED_OUT"), "PENDING": ("ABORTED",), "SUCCEEDED": ("SUCCEEDED",)}


def mend() -> None:
    """Replace moto's manifest, which names no file."""
    replace(ResourceEvalS3, "_handle_put_object", staticmethod(_put))


def _put(env: Environment, resource_runtime_part: Any, state_credentials: Any) -> None:  # noqa: ANN401 - moto's own
    parameters: dict[str, str] = env.stack.pop()
    env.stack.pop()
    bucket, prefix = parameters["Bucket"], parameters.get("Prefix", "")
    record: MapRunRecord = env.map_run_record_pool_manager.get_all()[-1]
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    folder += record.map_run_arn.rsplit(":", 1)[-1]
    s3 = ResourceEvalS3._get_s3_client(resource_runtime_part, state_credentials)  # noqa: SLF001 - moto's only way
    files: dict[str, list[dict[str, Any]]] = {}
    for kind, statuses in KINDS.items():
        told = [_told(child, record) for child in children(record) if child.status in statuses]
        files[kind] = []
        if told:
            body = json.dumps(told).encode()
            s3.put_object(Bucket=bucket, Key=f"{folder}/{kind}_0.json", Body=body)
            files[kind] = [{"Key": f"{folder}/{kind}_0.json", "Size": len(body)}]
    manifest = {"DestinationBucket": bucket, "MapRunArn": record.map_run_arn, "ResultFiles": files}
    s3.put_object(Bucket=bucket, Key=f"{folder}/manifest.json", Body=json.dumps(manifest).encode())
    details = {"Bucket": bucket, "Key": f"{folder}/manifest.json"}
    env.stack.append({"MapRunArn": record.map_run_arn, "ResultWriterDetails": details})


def _told(child: Child, record: MapRunRecord) -> dict[str, Any]:
    said = {
        "ExecutionArn": f"{record.map_run_arn.replace(':mapRun:', ':express:')}:{child.name}",
        "Input": json.dumps(child.given),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "StartDate": child.started.isoformat(timespec="milliseconds"),
        "StateMachineArn": record.map_state_machine_arn,
        "Status": child.status,
        "StopDate": child.ended.isoformat(timespec="milliseconds"),
    }
    if child.status == "SUCCEEDED":
        return {**said, "Output": json.dumps(child.output), "OutputDetails": {"Included": True}}
    return {**said, "Error": child.error.get("error", ""), "Cause": child.error.get("cause", "")}
