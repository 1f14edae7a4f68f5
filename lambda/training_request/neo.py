"""What SageMaker Neo compiles, as AWS's pages have it in November 2026.

Known, from https://docs.aws.amazon.com/sagemaker/latest/dg/neo-supported-cloud.html,
neo-supported-devices-edge-devices.html, neo-supported-devices-edge-frameworks.html, neo-supported-edge-tested-models
and API_InputConfig: frameworks and their versions, devices with their compiler options, and the pairs of system,
architecture and accelerator. Neo takes ONNX 1.7 or earlier, which is opset 12, and XGBoost 1.3 or earlier.

Not known: which operators of a model a device has; which devices of botocore's list that no page names still compile
(they are refused here); whether Neo reads an archive that holds JSON files beside the one .onnx (its page asks for "one
model file"). A compiled model runs on Neo's own runtime (DLR), on the device or in Neo's own images: what this workflow
deploys is the model before it was compiled.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ONNX = "ONNX"
MXNET = "MXNET"
VERSIONS: Mapping[str, str] = {MXNET: "1.8"}
"""The API takes a version for MXNet, PyTorch and TensorFlow alone."""
OPSET = 12
"""The newest that ONNX 1.7 has. https://onnxruntime.ai/docs/reference/compatibility.html"""
_BOTH = frozenset({ONNX, MXNET})


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """A device or a family of instances."""

    frameworks: frozenset[str] = _BOTH
    options: Mapping[str, object] = field(default_factory=dict)
    """The compiler options of AWS's own example: NVIDIA's must be given."""
    refused: str = ""
    """Why nothing is compiled for it any more, or nothing that this workflow makes."""


def _nvidia(gpu: str, tensor_rt: str) -> Target:
    return Target(options={"gpu-code": gpu, "trt-ver": tensor_rt, "cuda-ver": "10.0"})


_NO_INSTANCES = "no instance is left to run it on: EC2 offers {} in no region any more; use ml_g4dn"
_CHIP = Target(frameworks=frozenset({MXNET}))
_NEURON = Target(refused="Neo compiles neither ONNX nor MXNet models for it; use ml_c5, ml_m5 or ml_g4dn")
_UNNAMED = Target(refused="AWS's pages name no framework for it; use ml_c5, ml_m5, jetson_nano or another device")
TARGETS: Mapping[str, Target] = {
    **dict.fromkeys(("ml_c4", "ml_c5", "ml_m4", "ml_m5", "ml_g4dn"), Target()),
    "ml_p2": Target(refused=_NO_INSTANCES.format("P2")),
    "ml_p3": Target(refused=_NO_INSTANCES.format("P3")),
    "ml_inf1": _CHIP,
    **dict.fromkeys(("ml_inf2", "ml_trn1"), _NEURON),
    **dict.fromkeys(("ml_m6g", "ml_c6g", "lambda"), _UNNAMED),
    "ml_eia2": Target(refused="Elastic Inference ended on 2023-04-15; use ml_c5 or ml_g4dn"),
    "deeplens": Target(refused="AWS ended DeepLens on 2024-01-31; use jetson_nano or rasp4b"),
    "coreml": Target(refused="Neo converts TensorFlow and PyTorch models to Core ML, and no others"),
    "jetson_nano": _nvidia("sm_53", "5.0.6"),
    "jetson_tx1": _nvidia("sm_53", "6.0.1"),
    "jetson_tx2": _nvidia("sm_62", "6.0.1"),
    "jetson_xavier": _nvidia("sm_72", "5.1.6"),
    **dict.fromkeys(("qcs603", "qcs605"), Target(options={"ANDROID_PLATFORM": 27})),
    "rasp3b": Target(options={"mattr": ["+neon"]}),
    "sbe_c": Target(options={"mcpu": "core-avx2"}),
    **dict.fromkeys(("aisage", "imx8mplus", "imx8qm", "jacinto_tda4vm", "rasp4b", "rk3288", "rk3399"), Target()),
    **dict.fromkeys(("sitara_am57x", "x86_win32", "x86_win64"), Target()),
    **dict.fromkeys(
        ("amba_cv2", "amba_cv22", "amba_cv25"),
        Target(
            refused="Ambarella's devices need calibration pictures and a configuration in the archive beside the model"
        ),
    ),
}

_ARM = frozenset({"ARM64", "ARM_EABI", "ARM_EABIHF"})
PLATFORMS: Mapping[tuple[str, str], frozenset[str]] = {
    ("LINUX", ""): _ARM | {"X86_64"},
    ("LINUX", "NVIDIA"): frozenset({"X86_64", "ARM64"}),
    ("LINUX", "INTEL_GRAPHICS"): frozenset({"X86_64"}),
    ("LINUX", "MALI"): _ARM,
    ("ANDROID", ""): frozenset({"X86_64", "X86", "ARM64", "ARM_EABI"}),
    ("ANDROID", "INTEL_GRAPHICS"): frozenset({"X86_64", "X86"}),
    ("ANDROID", "MALI"): frozenset({"ARM64", "ARM_EABI"}),
}
"""The architectures for each system and accelerator; "" is a processor alone."""
SYSTEMS = ("LINUX", "ANDROID")
ARCHITECTURES = ("X86_64", "X86", "ARM64", "ARM_EABI", "ARM_EABIHF")
ACCELERATORS = ("INTEL_GRAPHICS", "MALI", "NVIDIA")
"""NNA, the fourth of the API, is on no page."""
NVIDIA_NEEDS = ("gpu-code", "trt-ver", "cuda-ver")
