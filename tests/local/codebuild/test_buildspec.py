"""The docker commands of a buildspec are understood, and nothing else is pretended."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlstack.local.codebuild.buildspec import BuildspecError, DockerBuild, commands, docker_build

TEXT = """
version: 0.2
env:
  variables: {NAME: default, KIND: slim}
phases:
  build:
    commands:
      - |
        export A=1; DOCKER_BUILDKIT=1 docker build \\
          -t $NAME:${KIND} . && docker push $NAME:$KIND
        if [ -n "$NAME" ]; then
          echo 'it is
        fi
"""


def test_commands_are_split_and_their_variables_filled_in() -> None:
    found = [command.words for command in commands(TEXT, {"NAME": "given"}) if command.docker]

    assert found == [("docker", "build", "-t", "given:slim", "."), ("docker", "push", "given:slim")]


@pytest.mark.parametrize("text", ["", "- a", "version: 0.2", "phases: 1", "a: [", "\t"])
def test_what_is_no_buildspec_is_refused(text: str) -> None:
    with pytest.raises(BuildspecError, match="YAML_FILE_ERROR"):
        commands(text, {})


def test_docker_build_is_read() -> None:
    words = ("--platform=linux/amd64", "--build-arg", "A=b=c", "-f", "other", "--tag=x:1", "-t", "y", "--push", "sub")

    assert docker_build(words) == DockerBuild(
        folder="sub", file="other", tags=("x:1", "y"), push=True, arguments={"A": "b=c"}
    )


@pytest.mark.parametrize("words", [(), ("-t", "x"), ("a", "b"), ("-t",)])
def test_docker_build_needs_one_folder(words: tuple[str, ...]) -> None:
    with pytest.raises(BuildspecError, match="exactly 1 argument"):
        docker_build(words)


@given(st.lists(st.text(alphabet="-tfx=.", max_size=4)))
def test_docker_build_is_read_or_refused(words: list[str]) -> None:
    try:
        assert docker_build(tuple(words)).folder in words
    except BuildspecError:
        assert True
