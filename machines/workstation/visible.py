"""Run by the Python of the machine's image: whether its PyTorch or TensorFlow sees a GPU."""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec


def main() -> int:
    """Say which framework sees one; anything but 0 where there is none, or where it sees none."""
    if find_spec("torch"):
        torch = import_module("torch")
        name, sees = f"PyTorch {torch.__version__}", torch.cuda.is_available()
    elif find_spec("tensorflow"):
        tensorflow = import_module("tensorflow")
        name, sees = f"TensorFlow {tensorflow.__version__}", bool(tensorflow.config.list_physical_devices("GPU"))
    else:
        sys.stderr.write(f"{sys.executable} has neither PyTorch nor TensorFlow\n")
        return 1
    if not sees:
        sys.stderr.write(f"{name} sees no GPU\n")
        return 1
    sys.stdout.write(f"{name} sees a GPU\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
