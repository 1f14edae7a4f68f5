"""The server's life: found, not started twice, gone with everything in it."""

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from mlstack.errors import UserError
from mlstack.local import state
from mlstack.local.aws import LocalAws, require
from mlstack.local.environment import aws as aws_environment
from mlstack.local.report import Gap
from mlstack.project import ROOT
from tests.local.builds import ROLE, project, run
from tests.local.fake_image import BUILDSPEC, SOURCE
from tests.local.packing import zipped
from tests.local.patience import eventually

GAP = Gap(stack="s", logical_id="l", type="AWS::Budgets::Budget", reason="r")


@pytest.fixture
def own_environment(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment(local_aws.place).items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("own_environment")
def test_a_second_start_finds_the_first(local_aws: LocalAws) -> None:
    again = LocalAws.start(local_aws.folder)

    assert again.place == local_aws.place


@pytest.mark.usefixtures("own_environment")
def test_another_account_is_not_put_over_the_running_one(local_aws: LocalAws) -> None:
    with pytest.raises(UserError, match="run `mlstack local down`"):
        LocalAws.start(local_aws.folder, account="999999999999")


def test_start_refuses_where_real_aws_could_be_reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")

    with pytest.raises(UserError, match="AWS_PROFILE"):
        LocalAws.start(tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_the_state_of_a_dead_server_counts_as_none(tmp_path: Path) -> None:
    gone = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    dead = state.State(pid=int(gone.stdout), port=1, region="us-east-1", account="1", started=state.now())
    state.write(tmp_path, dead)

    assert state.read(tmp_path) is None
    assert LocalAws.find(tmp_path) is None


def test_the_state_of_a_number_that_another_process_has_counts_as_none(tmp_path: Path) -> None:
    other = state.State(pid=os.getpid(), port=1, region="us-east-1", account="1", started=state.now())
    state.write(tmp_path, other)

    assert LocalAws.find(tmp_path) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 1}'])
def test_a_damaged_state_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / state.NAME).write_text(text)

    assert state.read(tmp_path) is None


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("AWS_SESSION_TOKEN", "real", "botocore finds credentials that are not ours (env)"),
        ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", "calls to sts would go to https://sts"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "https://real.example", "calls to dynamodb would go to https://real.example"),
    ],
)
def test_the_server_itself_proves_that_it_reaches_nothing_real(
    tmp_path: Path, name: str, value: str, said: str
) -> None:
    environment = {"PATH": os.environ["PATH"], name: value}

    ended = subprocess.run(
        [sys.executable, "-m", "mlstack.local.server", str(tmp_path), "us-east-1", "123456789012"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert ended.returncode == 1
    assert said in ended.stderr
    assert not (tmp_path / state.NAME).exists()


def test_what_moto_lacks_is_an_answer_that_says_so(local_aws: LocalAws) -> None:
    with pytest.raises(ClientError, match=r"the local AWS lacks this.*CreateProject"):
        local_aws.client("rekognition").create_project(ProjectName="any")

    assert any("CreateProject" in fault for fault in local_aws.report()["faults"])


def test_a_required_type_that_is_skipped_fails() -> None:
    with pytest.raises(UserError, match="does not provide AWS::Budgets::Budget"):
        require([GAP])

    require([GAP], allowed=frozenset({"AWS::Budgets::Budget"}))
    require([])


def test_stopping_ends_the_functions_and_containers_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with LocalAws.start(tmp_path) as aws:
        pids = [_function_process(aws), _container_process(aws)]

    for pid in pids:
        with pytest.raises(ProcessLookupError):
            eventually(partial(os.kill, pid, 0))
    assert LocalAws.find(tmp_path) is None
    assert not (tmp_path / state.NAME).exists()


def test_a_server_that_was_killed_leaves_no_function_behind_and_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    first = LocalAws.start(tmp_path)
    pid = _function_process(first)
    server = state.read(tmp_path)
    assert server is not None

    os.kill(server.pid, signal.SIGKILL)
    first.stop()
    with LocalAws.start(tmp_path):
        after = state.read(tmp_path)

    with pytest.raises(ProcessLookupError):
        eventually(lambda: os.kill(pid, 0))
    assert after is not None
    assert after.pid != server.pid


def _function_process(aws: LocalAws) -> int:
    trust = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}}]})
    role = aws.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    code = zipped({"handler.py": "import os\ndef handle(event, context): return os.getpid()"})
    aws.client("lambda").create_function(
        FunctionName="one", Runtime="python3.13", Handler="handler.handle", Role=role, Code={"ZipFile": code}
    )
    return int(aws.client("lambda").invoke(FunctionName="one")["Payload"].read())


def _container_process(aws: LocalAws) -> int:
    s3, ecr, codebuild, sagemaker = (aws.client(name) for name in ("s3", "ecr", "codebuild", "sagemaker"))
    s3.create_bucket(Bucket="code")
    s3.put_object(Bucket="code", Key="source.zip", Body=zipped(SOURCE))
    uri = ecr.create_repository(repositoryName="one")["repository"]["repositoryUri"]
    codebuild.create_project(name="one", **project("code/source.zip", BUILDSPEC, IMAGE_REPOSITORY_URI=uri))
    run(aws, "one", "v1")
    sagemaker.create_model(ModelName="one", ExecutionRoleArn=ROLE, PrimaryContainer={"Image": f"{uri}:v1"})
    variant = {"VariantName": "One", "ModelName": "one", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="one", ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName="one", EndpointConfigName="one")
    [container] = eventually(lambda: aws.report()["containers"]).values()
    return container["pid"]
