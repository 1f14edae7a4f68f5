"""The server's own fault is no reason to fall, and no secret."""

from pathlib import Path

from tests.containers.inference import models, pictures, server_lab
from tests.containers.inference.models import Folder

GREY, WHITE = pictures.plain(90, "L"), pictures.plain(255, "L")


def test_server_survives_a_model_that_answers_nonsense_and_writes_down_where(tmp_path: Path) -> None:
    folder = Folder(graph=models.fragile()).write(tmp_path)

    with server_lab.serving(folder) as server:
        before, broken, ping, after = server.ask(GREY), server.ask(WHITE), server.ping(), server.ask(GREY)
        code = server.stop()
        (fault,) = (line for line in server.log if line["level"] == "error")

    assert [said.status for said in (before, broken, ping, after)] == [200, 500, 200, 200]
    assert (broken.code, code) == ("fault", 0)
    assert fault["exception"] == "inference.model.WrongAnswerError"
    assert any("model.py" in place for place in fault["at"])
