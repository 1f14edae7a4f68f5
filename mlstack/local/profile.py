"""Which profile is meant, checked before anything is started."""

from pathlib import Path

from mlstack.errors import UserError
from mlstack.project import ROOT

CONFIG = ROOT / "config"


def resolve(profile: str) -> str:
    """What the app is told: a name in config/, or the whole path of a .toml file; UserError where there is no such."""
    path = Path(profile)
    if path.suffix == ".toml":
        if not path.is_file():
            message = f"profile = {profile!r}: there is no such file; name one, or a profile in config/"
            raise UserError(message)
        return str(path.resolve())
    names = sorted(known.stem for known in CONFIG.glob("*.toml"))
    if profile not in names:
        message = f"profile = {profile!r}: must be one of {', '.join(names)}, or the path of a .toml file"
        raise UserError(message)
    return profile
