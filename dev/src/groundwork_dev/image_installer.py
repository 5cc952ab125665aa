"""The build context `installer`: uv and where this host takes packages from, mounted while an image is built.

Nothing of it stays in an image: wheel folders, mirrors and authorities are the host's affair.
"""

import os
import shlex
import shutil
from pathlib import Path

from groundwork_dev.environments import find_links, pip_setting, uv_command

AUTHORITIES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
INDEXES = {
    "UV_DEFAULT_INDEX": ("PIP_INDEX_URL", "global.index-url"),
    "UV_INDEX": ("PIP_EXTRA_INDEX_URL", "global.extra-index-url"),
}
MOUNT = "/installer"


def write_installer(folder: Path) -> Path:
    """Makes the folder anew; files are linked where that is possible."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _link(Path(uv_command()[0]), folder / "uv")
    settings = _wheels(folder) | _indexes() | _authority(folder)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in settings.items()]
    (folder / "settings").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder


def _wheels(folder: Path) -> dict[str, str]:
    """Local wheel folders are carried along; addresses are named."""
    named = []
    for number, place in enumerate(find_links()):
        if not Path(place).is_dir():
            named.append(place)
            continue
        target = folder / "wheels" / str(number)
        target.mkdir(parents=True)
        for wheel in Path(place).glob("*.whl"):
            _link(wheel, target / wheel.name)
        named.append(f"{MOUNT}/wheels/{number}")
    return {"UV_FIND_LINKS": ",".join(named)} if named else {}


def _indexes() -> dict[str, str]:
    """Mirrors that pip is told of; folders on this disk are no use inside a build."""
    found = {}
    for name, (variable, key) in INDEXES.items():
        words = os.environ.get(variable, "") or pip_setting(key)
        remote = [word for word in words.split() if word.startswith(("http://", "https://"))]
        if remote:
            found[name] = " ".join(remote)
    return found


def _authority(folder: Path) -> dict[str, str]:
    bundle = next((os.environ[name] for name in AUTHORITIES if os.environ.get(name)), "") or pip_setting(
        "global.cert"
    )
    if not bundle or not Path(bundle).is_file():
        return {}
    _link(Path(bundle), folder / "authorities.pem")
    return {"SSL_CERT_FILE": f"{MOUNT}/authorities.pem"}


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copy2(source, target)
