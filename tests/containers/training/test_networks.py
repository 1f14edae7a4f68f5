"""Every family of networks is built, trained a step and exported, in the environment that has torch."""

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference.model import Model
from tests.containers.training.training_lab import SOURCE, environment, training_python

PROGRAM = """
import json, sys
from pathlib import Path
import numpy as np, torch
from training import exporting, failure, networks
from training.architectures import ARCHITECTURES
from training.fitting import Batches
from training.hyperparameters import Hyperparameters
from training.pixels import Pixels
from training.preprocessing import Preprocessing

def real(batch):
    return {**batch, "pixel_values": batch["pixel_values"].float()}

folder, labels, said = Path(sys.argv[1]), ["a", "b", "c"], {}
pixels = np.random.default_rng(1).integers(0, 256, (4, 3, 64, 64)).astype(np.uint8)
steps = Preprocessing.square(64)
for name in ("tiny-mobilenet", "tiny-vit"):
    network = networks.build(Hyperparameters(model=name), labels, None)
    hook = network.register_forward_pre_hook(networks.entrance(steps, augmented=True), with_kwargs=True)
    answer = network(pixel_values=torch.from_numpy(pixels), labels=torch.tensor([0, 1, 2, 0]))
    answer.loss.backward()
    hook.remove()
    exporting.export(network, steps, pixels, folder / name)
    with torch.no_grad():
        said[name] = network.eval()(pixel_values=torch.from_numpy(steps.numbers(pixels))).logits.tolist()
with torch.device("meta"):
    said["sizes"] = {
        name: sum(one.numel() for one in networks.build(Hyperparameters(model=name), labels, None).parameters())
        for name in ARCHITECTURES
    }
np.save(folder / "pixels.npy", pixels)
small = networks.build(Hyperparameters(model="tiny-resnet", image_size=32), labels, None).train()
three = Pixels(pixels[:3, :, :32, :32], np.arange(3), np.arange(3))
two = Batches(three, least=2).__getitems__([2])
said["a step of one picture is made one of two"] = two["labels"].tolist() == [2, 0]
said["two pictures have a variance"] = bool(small(**real(two)).loss.isfinite())
try:
    small(**real(Batches(three).__getitems__([2])))
except ValueError as error:
    said["one picture has none, which is told"] = failure.line(error, {}).startswith("one picture in a step is too few")
varied = networks.entrance(steps, augmented=True)
network.train()
again = []
for _ in range(2):
    torch.manual_seed(7)
    again.append(varied(network, (), {"pixel_values": torch.from_numpy(pixels)})[1]["pixel_values"])
other = varied(network, (), {"pixel_values": torch.from_numpy(pixels)})[1]["pixel_values"]
plain = networks.entrance(steps, augmented=False)(network, (), {"pixel_values": torch.from_numpy(pixels)})[1]
said["same chance, same pictures"] = torch.equal(*again)
said["other chance, other pictures"] = not torch.equal(again[0], other)
said["plain numbers"] = bool(np.allclose(plain["pixel_values"].numpy(), steps.numbers(pixels), atol=1e-5))
print(json.dumps(said))
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, object]]:
    """Model folders of two families, and what the program found out."""
    folder = tmp_path_factory.mktemp("networks")
    outcome = subprocess.run(
        [training_python(), "-c", PROGRAM, folder],
        cwd=SOURCE,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr
    return folder, json.loads(outcome.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", ["tiny-mobilenet", "tiny-vit"])
def test_network_of_every_family_is_served(built: tuple[Path, dict[str, object]], name: str) -> None:
    folder, said = built
    pixels = np.load(folder / "pixels.npy")

    model = Model.load(folder / name, cores=1)
    tensors = [model.preprocessing.tensor(Image.fromarray(one.transpose(1, 2, 0))) for one in pixels]
    answers = np.concatenate([model.probabilities(tensor)[None] for tensor in tensors])

    powers = np.exp(np.asarray(said[name]))
    assert model.labels == ["a", "b", "c"]
    assert np.allclose(answers, powers / powers.sum(axis=1, keepdims=True), atol=1e-4)


def test_networks_have_the_sizes_that_their_names_promise(built: tuple[Path, dict[str, object]]) -> None:
    sizes = built[1]["sizes"]

    assert isinstance(sizes, dict)
    millions = {name: round(size / 1e6, 1) for name, size in sizes.items()}
    # Those of the papers, less the thousand labels that three are in the place of.
    assert millions["resnet-18"] == pytest.approx(11.2, abs=0.2)
    assert millions["resnet-50"] == pytest.approx(23.5, abs=0.2)
    assert millions["mobilenet-v2"] == pytest.approx(2.3, abs=0.2)
    assert millions["vit-tiny"] == pytest.approx(5.5, abs=0.2)
    assert millions["vit-base"] == pytest.approx(85.8, abs=0.3)
    assert sizes["tiny-resnet"] < 50_000


@pytest.mark.parametrize("fact", ["same chance, same pictures", "other chance, other pictures", "plain numbers"])
def test_pictures_are_varied_by_chance_alone(built: tuple[Path, dict[str, object]], fact: str) -> None:
    assert built[1][fact] is True


@pytest.mark.parametrize(
    "fact",
    [
        "a step of one picture is made one of two",
        "two pictures have a variance",
        "one picture has none, which is told",
    ],
)
def test_last_step_of_an_epoch_never_sees_one_picture_alone(built: tuple[Path, dict[str, object]], fact: str) -> None:
    assert built[1][fact] is True
