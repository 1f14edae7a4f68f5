"""The compilation job of a request: what Neo is given, and what it cannot be given."""

import json
from collections.abc import Mapping
from typing import Any

from catalogue.spelling import meant
from training_request import hyperparameters, neo
from training_request.facts import Facts
from training_request.problems import Problems, either, listed, quoted
from training_request.request import Compilation, Request
from training_request.run import Run
from training_request.settings import OWN

_MXNET_SHAPE = "3,224,224"
_LONGEST_OPTIONS = 1024
_REFUSED = {
    "xgboost": "Neo takes models of XGBoost 1.3 or earlier, and SageMaker's image here is 3.2; leave compile out",
    # https://repost.aws/questions/QU34Zk0wQnQaSS0yuoRkM_IQ/build-in-object-detection-algorithm-and-sagemaker-neo
    "object-detection": "Neo lacks operators of such a model (MultiBoxTarget, MakeLoss); leave compile out",
}


def check(request: Request, problems: Problems) -> None:
    """Note targets that Neo does not compile for."""
    wanted = request.compilation
    if wanted is None or problems.has("compile"):
        return
    if wanted.options and not 0 < len(_text(wanted.options)) <= _LONGEST_OPTIONS:
        problems.add("compile.options", f"must be {_LONGEST_OPTIONS} characters at most as JSON")
    if wanted.platform is not None:
        _check_platform(wanted, problems)
    elif wanted.target:
        _check_target(wanted.target, problems)
    if request.training:
        _check_model(request, wanted, request.training.algorithm, problems)


def check_found(request: Request, facts: Facts, problems: Problems) -> None:
    """The same for a registered version, whose algorithm only its metadata tells."""
    if request.compilation and request.version is not None and facts.package:
        algorithm = facts.package.metadata.get("algorithm", OWN)
        _check_model(request, request.compilation, algorithm, problems, facts)


def warnings(request: Request, facts: Facts) -> list[str]:
    """What may go wrong all the same."""
    newer = hyperparameters.ONNX_OPSET > neo.OPSET
    if request.compilation is None or not newer or _algorithm(request, facts) != OWN:
        return []
    warning = (
        f"compile: AWS's pages name ONNX 1.7 (opset {neo.OPSET}) as the newest that Neo takes, and the training image "
        f"writes opset {hyperparameters.ONNX_OPSET}: Neo may refuse it, and the execution then fails with Neo's reason"
    )
    return [warning]


def planned(wanted: Compilation, request: Request, facts: Facts, run: Run) -> dict[str, Any]:
    """What CreateCompilationJob is made of."""
    algorithm = _algorithm(request, facts)
    framework = _framework(algorithm)
    target = neo.TARGETS[wanted.target] if wanted.target else neo.Target()
    output: dict[str, Any] = {"S3OutputLocation": run.uri("compiled/")}
    if wanted.target:
        output["TargetDevice"] = wanted.target
    else:
        output["TargetPlatform"] = {name.capitalize(): value for name, value in (wanted.platform or {}).items()}
    if options := wanted.options or target.options:
        output["CompilerOptions"] = _text(options)
    version = {"FrameworkVersion": neo.VERSIONS[framework]} if framework in neo.VERSIONS else {}
    return {
        "input": {
            "DataInputConfig": json.dumps(_inputs(wanted, request, facts, algorithm)),
            "Framework": framework,
            **version,
        },
        "output_config": output,
        "max_run_seconds": wanted.max_run_minutes * 60,
    }


def _check_target(name: str, problems: Problems) -> None:
    found = neo.TARGETS.get(name)
    if found is None:
        known = [one for one, target in neo.TARGETS.items() if not target.refused]
        alike = [one for one in known if name.strip() and one.startswith(name.strip().casefold())]
        near = f"did you mean {either(alike)}?" if alike else meant(name, known, f"it has {listed(known, 40)}")
        problems.add("compile.target", f"Neo has no target {quoted(name)}; {near}")
    elif found.refused:
        problems.add("compile.target", f"{name}: {found.refused}")


def _check_platform(wanted: Compilation, problems: Problems) -> None:
    platform = wanted.platform or {}
    system, arch, chip = (platform.get(name, "") for name in ("os", "arch", "accelerator"))
    allowed = neo.PLATFORMS.get((system, chip))
    if system not in neo.SYSTEMS:
        problems.add("compile.platform.os", f"must be {either(neo.SYSTEMS)}")
    elif chip and chip not in neo.ACCELERATORS:
        problems.add("compile.platform.accelerator", f"must be one of {listed(neo.ACCELERATORS)}, or left out")
    elif allowed is None:
        problems.add("compile.platform.accelerator", f"Neo compiles for no {chip} under {system}")
    elif arch not in allowed:
        what = f"{chip} under {system}" if chip else system
        problems.add("compile.platform.arch", f"must be one of {listed(sorted(allowed))} for {what}")
    elif chip == "NVIDIA" and (missing := [one for one in neo.NVIDIA_NEEDS if one not in (wanted.options or {})]):
        example = json.dumps({"gpu-code": "sm_72", "trt-ver": "6.0.1", "cuda-ver": "10.1"})
        problems.add("compile.options", f"must name {listed(missing)} for NVIDIA, as in {example}")


def _check_model(
    request: Request, wanted: Compilation, algorithm: str, problems: Problems, facts: Facts | None = None
) -> None:
    """Note a model that Neo does not take, or whose input's shape nobody knows."""
    if algorithm not in {OWN, "image-classification"}:
        reason = _REFUSED.get(algorithm, f"no page of AWS says that Neo takes models of {algorithm}; leave compile out")
        problems.add("compile", reason)
        return
    target = neo.TARGETS.get(wanted.target or "")
    if target and not target.refused and _framework(algorithm) not in target.frameworks:
        problems.add(
            "compile.target",
            f"Neo compiles no {_framework(algorithm)} models for {wanted.target}; use ml_c5 or a device",
        )
    tuned = {one.name for one in request.tuning.ranges} if request.tuning else set()
    sized = tuned & {"image_size", "image_shape", "model"}
    if sized and wanted.input_shape is None:
        problems.add(
            "compile",
            f"the shape of the model's input is known only when {listed(sorted(sized))} stands fast; "
            "take it out of tune.ranges",
        )
    elif (
        not problems.at("train.hyperparameters", "tune.hyperparameters")
        and _inputs(wanted, request, facts or Facts(), algorithm) is None
    ):
        problems.add("compile.input_shape", "is missing: nobody else knows it; such as [1, 3, 224, 224]")


def _text(options: Mapping[str, object]) -> str:
    """The options as JSON; "" where they are none."""
    try:
        return json.dumps(options, allow_nan=False)
    except (RecursionError, TypeError, ValueError):
        return ""


def _algorithm(request: Request, facts: Facts) -> str:
    if request.training:
        return request.training.algorithm
    return facts.package.metadata.get("algorithm", OWN) if facts.package else OWN


def _framework(algorithm: str) -> str:
    return neo.ONNX if algorithm == OWN else neo.MXNET


def _inputs(wanted: Compilation, request: Request, facts: Facts, algorithm: str) -> dict[str, list[int]] | None:
    """The name and the shape of the model's input, of which the first side is the number of pictures."""
    name = "pixel_values" if algorithm == OWN else "data"
    if wanted.input_shape:
        return {name: list(wanted.input_shape)}
    told = request.training.hyperparameters if request.training else (facts.package.metadata if facts.package else {})
    if algorithm != OWN:
        shape = told.get("image_shape", _MXNET_SHAPE).replace("x", ",").split(",")
        sides = [int(one) for one in shape if one.strip().isdecimal() and len(one) <= 5]  # noqa: PLR2004 (no larger picture)
        return {name: [1, *sides]} if len(sides) == 3 else None  # noqa: PLR2004 (colours, height, width)
    channels = request.training.data if request.training else ()
    side = hyperparameters.image_size(told, channels) if request.training or "image_size" in told else None
    return {name: [1, 3, side, side]} if side else None
