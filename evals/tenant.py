"""The local stack's tenant `eval` with an ordinary key: the evaluation sees what any tenant would, and no more."""

import psycopg
from groundwork_dev.errors import RunnerError
from groundwork_dev.stack import Stack
from groundwork_dev.supervision import Supervisor
from rag_gateway.keys import hash_of, new_key, prefix_of

NAME = "eval"
SCOPES = ["chat", "ingest"]
_TENANT = "INSERT INTO tenants (name) VALUES (%s) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id"
_OLD = "UPDATE api_keys SET revoked_at = now() WHERE tenant_id = %s AND revoked_at IS NULL"
_KEY = "INSERT INTO api_keys (tenant_id, prefix, hash, name, scopes) VALUES (%s, %s, %s, 'make eval', %s)"


def tenant_key(stack: Stack) -> str:
    """A new key of the tenant; earlier ones of it are revoked. Raises RunnerError while nothing runs."""
    if not Supervisor(stack.settings).is_running():
        raise RunnerError("nothing is running; `make up` starts the stack")
    return make_key(stack.dsn("rag_owner"), stack.credentials["api_key_pepper"])


def make_key(owner_dsn: str, pepper: str) -> str:
    """The tenant's new key, written as the database's owner, as no route makes tenants yet."""
    key = new_key()
    with psycopg.connect(owner_dsn) as owner:
        (tenant,) = owner.execute(_TENANT, (NAME,)).fetchone() or (None,)
        owner.execute(_OLD, (tenant,))
        owner.execute(_KEY, (tenant, prefix_of(key), hash_of(key, pepper), SCOPES))
    return key
