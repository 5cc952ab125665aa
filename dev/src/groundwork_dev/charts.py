"""`make charts`: packages the umbrella chart and each subchart, which then carries the library that it is made of."""

import shutil
import tempfile
from pathlib import Path

import helm_python

from groundwork_dev.settings import ROOT

CHARTS = ROOT / "helm"
PACKAGES = ROOT / ".groundwork" / "charts"
LIBRARY = "common"
NOT_IN_A_CHART = shutil.ignore_patterns("__pycache__", "generate.py")


def subcharts(charts: Path = CHARTS) -> list[Path]:
    """Folders of the charts that can be installed alone."""
    return sorted(path.parent for path in charts.glob("charts/*/values.yaml"))


def package_all(target: Path = PACKAGES, charts: Path = CHARTS) -> dict[str, Path]:
    """The package of each chart by the chart's name; the folder holds nothing else."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        made = [_package(charts, Path(folder) / "umbrella", target)]
        for chart in subcharts(charts):
            staged = Path(folder) / chart.name
            shutil.copytree(chart, staged)
            shutil.copytree(charts / "charts" / LIBRARY, staged / "charts" / LIBRARY)
            made.append(Path(helm_python.package(staged, destination=target)))
    return {path.name.rpartition("-")[0]: path for path in made}


def _package(chart: Path, staged: Path, target: Path) -> Path:
    shutil.copytree(chart, staged, ignore=NOT_IN_A_CHART)
    return Path(helm_python.package(staged, destination=target))


def main() -> None:
    """Says where each package is."""
    for package in package_all().values():
        print(f"charts: {package.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
