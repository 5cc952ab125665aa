"""The charts' connection strings to a PostgreSQL elsewhere, over real TLS: the authority and the name are checked."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import trustme
from groundwork_dev.charts import package_all
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests.gateway.tls import tls_before
from tests.helm.rendered import Json, render, workloads

MOUNTED = "/run/secrets/database-ca/ca.crt"
OF_THE_IMAGE = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="module")
def umbrella(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return package_all(tmp_path_factory.mktemp("charts") / "packages")["groundwork"]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server(authority: trustme.CA, postgres: str) -> Iterator[dict[str, str]]:
    """A PostgreSQL behind TLS, as the words of a connection string; its certificate is for `localhost`."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    plain = conninfo_to_dict(postgres)
    unix_socket = f"{plain['host']}/.s.PGSQL.{plain.get('port') or 5432}"
    with tls_before(unix_socket, context) as port:
        yield {"port": str(port), "user": str(plain["user"]), "dbname": "postgres"}


def database_url(umbrella: Path, **database: Json | str) -> str:
    """What the gateway of the chart is told."""
    shared = {
        "database": {"host": "localhost"} | database,
        "existingSecret": "mine",
        "networkPolicy": {"database": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]},
    }
    objects = render(umbrella, {"postgres": {"enabled": False}, "global": shared})
    gateway = next(each for each in workloads(objects) if each.component == "gateway")
    return next(str(each["value"]) for each in gateway.main["env"] if each["name"] == "DATABASE_URL")


def connected(url: str, server: dict[str, str], authorities: Path, host: str = "localhost") -> bool:
    """Connects as the pod would; the file of authorities lies elsewhere here."""
    named = conninfo_to_dict(url)
    assert named["sslrootcert"] in (MOUNTED, OF_THE_IMAGE)
    dsn = make_conninfo(url, **server, host=host, hostaddr="127.0.0.1", sslrootcert=str(authorities))
    with psycopg.connect(dsn, connect_timeout=10) as connection:
        return bool(connection.pgconn.ssl_in_use)


@pytest.mark.parametrize("mode", ["verify-full", "verify-ca"])
@pytest.mark.parametrize("secret", ["", "db-ca"])
def test_a_server_whose_authority_is_known_is_taken(
    umbrella: Path, server: dict[str, str], authority: trustme.CA, tmp_path: Path, mode: str, secret: str
) -> None:
    url = database_url(umbrella, sslMode=mode, caSecret={"name": secret})
    authority.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    assert connected(url, server, tmp_path / "ca.crt")


@pytest.mark.parametrize("mode", ["verify-full", "verify-ca"])
def test_a_server_of_another_authority_is_refused(
    umbrella: Path, server: dict[str, str], tmp_path: Path, mode: str
) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connected(database_url(umbrella, sslMode=mode), server, tmp_path / "ca.crt")


def test_by_default_a_server_of_another_name_is_refused(
    umbrella: Path, server: dict[str, str], authority: trustme.CA, tmp_path: Path
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    with pytest.raises(psycopg.OperationalError, match="does not match host name"):
        connected(database_url(umbrella), server, tmp_path / "ca.crt", host="db.example.org")
