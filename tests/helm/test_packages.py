"""What is in a package: the schema that refuses, the library, and a chart that can be installed alone."""

import importlib.util
import re
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import helm_python
import pytest
import yaml

from tests.helm.rendered import NAMESPACE, RELEASE, ROOT, Json, read_values, render
from tests.helm.schemas import UNKNOWN, at, closed, free, leaves, wrong

ALONE = Path(__file__).parent / "alone"
CHARTS = ("groundwork", "embedder", "feedback", "gateway", "llm", "otel", "postgres", "webapp")
KUBERNETES_OWN = {"affinity", "tolerations", "extraEnv", "extraVolumes", "extraVolumeMounts", "parentRefs"}
NAMED_BY_PEOPLE = {"labels", "annotations", "accountAnnotations", "nodeSelector", "requests", "limits"}
NAMED_BY_PEOPLE |= {"resourceProfiles", "configuration", "ipBlock", "namespaceSelector", "podSelector"}


@pytest.fixture(params=CHARTS)
def package(request: pytest.FixtureRequest, packages: dict[str, Path]) -> Path:
    """One package after the other."""
    return packages[request.param]


def schema_in(package: Path) -> Json:
    """The schema inside the package, where Helm looks for it."""
    with helm_python.Chart.load(package) as chart:
        schema = chart.schema
    assert schema is not None, f"{package.name} has no schema"
    found: Json = schema
    return found


@pytest.fixture
def loaded(package: Path) -> Iterator[helm_python.Chart]:
    """The package, opened once; values that a schema refuses stop a render before it changes anything."""
    with helm_python.Chart.load(package) as chart:
        yield chart


def refusal(chart: helm_python.Chart, values: Json) -> str:
    """What a render says of values that a schema refuses: only there are the subcharts' schemas asked too."""
    with pytest.raises(helm_python.HelmValuesError) as refused:
        chart.render(values, name=RELEASE, namespace=NAMESPACE)
    return str(refused.value)


def test_every_chart_is_packaged(packages: dict[str, Path]) -> None:
    assert set(packages) == set(CHARTS)


def test_a_package_holds_its_schema_and_the_library(package: Path) -> None:
    with tarfile.open(package) as archive:
        names = archive.getnames()
    chart = names[0].partition("/")[0]
    assert f"{chart}/values.schema.json" in names
    assert f"{chart}/charts/common/templates/_edges.tpl" in names
    assert not [name for name in names if name.endswith(".py")]


def test_only_what_people_or_kubernetes_name_is_open(package: Path) -> None:
    for path in free(schema_in(package)):
        names = [name for name in path if name not in ("items", "additionalProperties")]
        # A subchart's `global` is closed by the subchart's own schema.
        assert names[-1] in KUBERNETES_OWN | NAMED_BY_PEOPLE or names[1:] == ["global"], path


def test_an_unknown_key_is_refused_by_name(package: Path, loaded: helm_python.Chart) -> None:
    for path in closed(schema_in(package)):
        assert UNKNOWN in refusal(loaded, at((*path, UNKNOWN), 1)), path


def test_a_value_of_the_wrong_type_is_refused_by_name(package: Path, loaded: helm_python.Chart) -> None:
    for path, schema in leaves(schema_in(package)):
        if package.name.startswith("groundwork") and path[0] in CHARTS:
            continue  # a part's block is tried with the part's own package
        assert path[-1] in refusal(loaded, at(path, wrong(schema))), path


def test_the_defaults_are_accepted_one_by_one(package: Path, loaded: helm_python.Chart) -> None:
    defaults = loaded.values
    for path, _ in leaves(schema_in(package)):
        value: object = defaults
        for name in path:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and (not package.name.startswith("groundwork") or path[0] not in CHARTS):
            loaded.validate_schema(at(path, value))


def test_a_parts_schema_is_asked_where_the_umbrella_is_rendered(umbrella: Path) -> None:
    with helm_python.Chart.load(umbrella) as loaded:
        for part in CHARTS[1:]:
            said = refusal(loaded, {part: {"replicas": "two"}})
            assert "groundwork:" in said and f"\n{part}:" in said, said


def test_the_same_global_is_taken_by_every_chart(packages: dict[str, Path]) -> None:
    schemas = [schema_in(package)["properties"]["global"] for package in packages.values()]
    assert all(each == schemas[0] for each in schemas)


def test_every_part_can_be_turned_off_by_its_own_schema(packages: dict[str, Path]) -> None:
    for name in CHARTS[1:]:
        assert schema_in(packages[name])["properties"]["enabled"]["type"] == "boolean"


def test_a_part_can_be_installed_alone(packages: dict[str, Path]) -> None:
    for file in ALONE.glob("*.yaml"):
        kinds = {each["kind"] for each in render(packages[file.stem], read_values(file))}
        assert {"Service", "ServiceAccount", "NetworkPolicy"} <= kinds and kinds & {
            "Deployment",
            "StatefulSet",
        }
    assert {file.stem for file in ALONE.glob("*.yaml")} == set(CHARTS) - {"groundwork"}


def test_helm_lints_without_a_warning(package: Path) -> None:
    values = {"global": {"existingSecret": "mine"}}
    found = helm_python.lint(package, values, strict=True)
    assert found["errors"] == [] and [m for m in found["messages"] if m["severity"] > 1] == []


def generator() -> ModuleType:
    """helm/generate.py, which is a program and no package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "helm/generate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["generate"] = module
    spec.loader.exec_module(module)
    return module


def test_schemas_and_tables_are_what_the_comments_say() -> None:
    assert generator().generated() == generator().generated()
    for path, text in generator().generated().items():
        assert path.read_text(encoding="utf-8") == text, (
            f"{path.name} is old; run .venv/bin/python helm/generate.py"
        )


def test_every_value_is_described() -> None:
    made = generator()
    for chart in made.charts():
        for key in made._leaves(made.read_keys((chart / "values.yaml").read_text(encoding="utf-8"))):
            assert key.words, f"{chart.name}: {'.'.join(key.path)} has no `# --` comment"


def test_the_librarys_defaults_are_the_umbrellas(packages: dict[str, Path]) -> None:
    text = (ROOT / "helm/charts/common/templates/_global.tpl").read_text(encoding="utf-8")
    found = re.search(r'define "common.global.defaults" -}}\n(.*?){{- end', text, re.DOTALL)
    assert found is not None
    assert yaml.safe_load(found[1]) == read_values(ROOT / "helm/values.yaml")["global"]
