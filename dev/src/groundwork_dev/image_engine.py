"""buildah, podman or docker, whichever is there: the few things that building images asks of them."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from groundwork_dev.errors import RunnerError

KNOWN = ("buildah", "podman", "docker")


@dataclass(frozen=True)
class Engine:
    """One of the three, by its command line."""

    name: str

    def build(
        self,
        dockerfile: Path,
        context: Path,
        tag: str,
        args: Mapping[str, str],
        folders: Mapping[str, Path],
        log: Path,
    ) -> None:
        """Builds and tags; what it prints goes to `log`. Raises RunnerError with its last words."""
        words = [*self._build_command(), "--file", str(dockerfile), "--tag", tag]
        words += [word for name, value in args.items() for word in ("--build-arg", f"{name}={value}")]
        words += [word for name, path in folders.items() for word in ("--build-context", f"{name}={path}")]
        with log.open("w", encoding="utf-8") as output:
            done = subprocess.run(
                [*words, str(context)], stdout=output, stderr=subprocess.STDOUT, check=False
            )
        if done.returncode:
            last = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
            raise RunnerError(f"images: {tag} was not built; the whole log is {log}\n{last}")

    def _build_command(self) -> list[str]:
        if self.name == "docker":
            return ["docker", "buildx", "build", "--load"]
        # Without a user namespace of their own, containers of a container need this kind of isolation.
        isolation = ["--isolation", "chroot"] if os.geteuid() == 0 else []
        return [self.name, "build", *isolation]

    def has(self, tag: str) -> bool:
        """Whether the image is in the local store."""
        words = {"buildah": ["buildah", "inspect", "--type", "image"]}.get(
            self.name, [self.name, "image", "inspect"]
        )
        return subprocess.run([*words, tag], capture_output=True, check=False).returncode == 0

    def size_bytes(self, tag: str) -> int:
        """Unpacked size with all that it stands on."""
        if self.name == "buildah":
            listed = self._output(["buildah", "images", "--json", tag])
            return _bytes(str(json.loads(listed)[0]["size"]))
        return int(self._output([self.name, "image", "inspect", "--format", "{{.Size}}", tag]))

    def pull(self, reference: str) -> None:
        """Fetches an image from its registry. Raises RunnerError."""
        self._output(
            [self.name, "pull", "--quiet", *([] if self.name == "docker" else _plain(reference)), reference]
        )

    def push(self, tag: str, target: str) -> str:
        """Pushes to a registry; the digest by which it is known there."""
        if self.name == "docker":
            self._output(["docker", "tag", tag, target])
            self._output(["docker", "push", "--quiet", target])
            digests = self._output(
                ["docker", "image", "inspect", "--format", '{{join .RepoDigests " "}}', target]
            )
            repository = target.rpartition(":")[0]
            return next(
                each.partition("@")[2] for each in digests.split() if each.startswith(f"{repository}@")
            )
        file = Path(f"/tmp/{os.getpid()}.digest")
        self._output([self.name, "push", "--quiet", *_plain(target), "--digestfile", str(file), tag, target])
        digest = file.read_text(encoding="utf-8").strip()
        file.unlink()
        return digest

    def save(self, tag: str, file: Path) -> None:
        """Writes an image to an archive that every engine, and kind, can load."""
        if self.name == "buildah":
            self._output(["buildah", "push", "--quiet", tag, f"docker-archive:{file}:{tag}"])
        else:
            self._output([self.name, "save", "--output", str(file), tag])

    def _output(self, words: Sequence[str]) -> str:
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RunnerError(f"images: {' '.join(words)}: {done.stderr.strip()}")
        return done.stdout


def _plain(reference: str) -> list[str]:
    """A registry on this machine speaks HTTP, which docker knows by itself."""
    return ["--tls-verify=false"] if reference.startswith(("localhost:", "127.0.0.1:")) else []


def _bytes(words: str) -> int:
    """`1.23 GB`, as buildah prints a size (units of a thousand)."""
    number, unit = words.split()
    return int(float(number) * {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9}[unit.upper()])


def find_engine() -> Engine:
    """The first that is there and works; on Debian as root buildah is installed. Raises RunnerError."""
    for name in KNOWN:
        if shutil.which(name) and (name != "docker" or _docker_answers()):
            return Engine(name)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        print("images: no buildah, podman or docker here; installing Debian's buildah", flush=True)
        install_debian("buildah", "runc")
        return Engine("buildah")
    raise RunnerError("images: install buildah, podman or docker (on Debian: apt install buildah)")


def _docker_answers() -> bool:
    return subprocess.run(["docker", "info"], capture_output=True, check=False).returncode == 0


def install_debian(*packages: str) -> None:
    """Raises RunnerError when apt fails."""
    environment = dict(os.environ) | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            ["apt-get", *words], env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RunnerError(f"images: apt-get {' '.join(words)} failed: {done.stderr.strip()[-500:]}")
