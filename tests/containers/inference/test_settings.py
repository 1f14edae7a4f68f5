"""The environment is checked before anything else happens."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.settings import BOUNDS, MIB, Settings, SettingsError


def test_settings_have_a_default_for_everything() -> None:
    settings = Settings.read({}, processors=2)

    assert settings.model_folder == Path("/opt/ml/model")
    assert settings.port == 8080
    assert (settings.top_k, settings.max_bytes, settings.max_images) == (5, 6 * MIB, 32)
    assert settings.drain_seconds < 28  # SIGKILL comes after 30, and uvicorn takes two for itself


@pytest.mark.parametrize(("threads", "processors", "cores"), [("", 4, 1), ("1", 4, 4), ("2", 4, 2), ("8", 4, 1)])
def test_settings_share_the_processors_out(threads: str, processors: int, cores: int) -> None:
    settings = Settings.read({"INFERENCE_THREADS": threads}, processors=processors)

    assert settings.cores == cores
    assert settings.concurrency == 4 * settings.threads


def test_settings_follow_sagemaker() -> None:
    settings = Settings.read(
        {
            "SM_MODEL_DIR": "/m",
            "SAGEMAKER_BIND_TO_PORT": "8443",
            "SAGEMAKER_SAFE_PORT_RANGE": "21000-21999",
            "SAGEMAKER_MULTI_MODEL": "false",
        },
        processors=1,
    )

    assert (settings.model_folder, settings.port) == (Path("/m"), 8443)


def test_settings_refuse_a_multi_model_endpoint() -> None:
    with pytest.raises(SettingsError, match="SAGEMAKER_MULTI_MODEL"):
        Settings.read({"SAGEMAKER_MULTI_MODEL": "true"}, processors=1)


def test_settings_refuse_a_misspelt_name_and_name_the_right_ones() -> None:
    with pytest.raises(SettingsError, match=r"^INFERENCE_TOPK: .*INFERENCE_TOP_K"):
        Settings.read({"INFERENCE_TOPK": "3"}, processors=1)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("text", ["-1", "1.5", "ten", "1e3", "²", "1_000", "9" * 5000, "0x10"])
def test_settings_refuse_what_is_no_number_in_bounds(name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: a whole number from") as refused:
        Settings.read({name: text}, processors=1)

    assert len(str(refused.value)) < 200


@given(st.sampled_from(sorted(BOUNDS)), st.integers(-10, 10**13))
def test_settings_take_exactly_what_is_in_bounds(name: str, number: int) -> None:
    allowed = BOUNDS[name].least <= number <= BOUNDS[name].most

    try:
        Settings.read({name: str(number)}, processors=1)
    except SettingsError:
        assert not allowed
    else:
        assert allowed
