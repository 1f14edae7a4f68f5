"""A compilation job at work. Neo itself is not here: what it checks is checked, and the same model is packed again."""

import hashlib
import io
import json
import tarfile
from pathlib import PurePosixPath

from botocore.exceptions import ClientError

from mlstack.local import log_stream
from mlstack.local.json_service import Json
from mlstack.local.sagemaker.hall import Hall
from mlstack.local.sagemaker.job.compilation_record import Compilation
from mlstack.local.sagemaker.job.graph import check_inputs
from mlstack.local.sagemaker.job.record import JobError
from mlstack.local.sagemaker.job.upload import put
from mlstack.local.sagemaker.location import place

LOG_GROUP = "/aws/sagemaker/CompilationJobs"
FILES = {"ONNX": ".onnx", "PYTORCH": ".pth", "XGBOOST": ".model", "KERAS": ".h5", "TFLITE": ".tflite"}
"""What Neo wants exactly one of: https://docs.aws.amazon.com/sagemaker/latest/dg/neo-troubleshooting.html"""
WRONG = "ClientError: InputConfiguration: {why}"
NO_FILE = "No {suffix} file found in {uri}. Please make sure the framework you select is correct."
MANY_FILES = "Multiple {suffix} files provided, {names}, when only one is allowed"
NO_ARCHIVE = "{uri} is no valid tar.gz archive"
NO_DATA = "ClientError: Cannot find the model at {uri}: {why}"
NO_SHAPES = 'DataInputConfig must be a JSON dictionary of input names and shapes, such as {{"input": [1, 3, 224, 224]}}'
SAID = "the local AWS has no Neo: it checked the model and its inputs, and packed the same model for {target}"


class CompilationRun:
    """One compilation job."""

    def __init__(self, hall: Hall, job: Compilation) -> None:
        self._hall = hall
        self._job = job
        self._input = job.said["InputConfig"]

    def __call__(self) -> None:
        """Run it to its end."""
        job, uri, framework = self._job, str(self._input["S3Uri"]), str(self._input["Framework"])
        job.begin()
        job.reach("INPROGRESS")
        data = self._fetched(uri)
        files = _files(data, uri)
        shapes = _shapes(self._input.get("DataInputConfig"))
        suffix = FILES.get(framework)
        if suffix is not None:
            found = [name for name in files if PurePosixPath(name).suffix == suffix]
            if not found:
                raise JobError(WRONG.format(why=NO_FILE.format(suffix=suffix, uri=uri)))
            if len(found) > 1:
                raise JobError(WRONG.format(why=MANY_FILES.format(suffix=suffix, names=", ".join(sorted(found)))))
            if framework == "ONNX":
                check_inputs(files[found[0]], shapes)
        if job.stop_asked.wait(self._hall.limits.compile_seconds):
            job.end("STOPPED")
            return
        self._store(data)

    def _store(self, data: bytes) -> None:
        job = self._job
        put(self._hall.client, job.artifacts, data)
        job.digest = hashlib.sha256(data).hexdigest()
        here = self._hall.place
        log_stream.write(here.account, here.region, LOG_GROUP, job.name, [SAID.format(target=job.target)])
        job.end("COMPLETED")

    def _fetched(self, uri: str) -> bytes:
        bucket, key = place(uri)
        try:
            data: bytes = self._hall.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            raise JobError(NO_DATA.format(uri=uri, why=error.response["Error"]["Message"])) from error
        return data


def _files(data: bytes, uri: str) -> dict[str, bytes]:
    """The archive's files."""
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode="r:gz") as packed:
            return {one.name: file.read() for one in packed if (file := packed.extractfile(one)) is not None}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise JobError(WRONG.format(why=NO_ARCHIVE.format(uri=uri))) from error


def _shapes(said: str | None) -> dict[str, list[int]]:
    """The inputs' shapes as a request has them."""
    if said is None:
        return {}
    try:
        found: Json = json.loads(said)
        return {str(name): [int(size) for size in shape] for name, shape in found.items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise JobError(WRONG.format(why=NO_SHAPES)) from error
