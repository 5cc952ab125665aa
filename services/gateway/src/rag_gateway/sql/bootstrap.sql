-- Run by a superuser, or by a role with CREATEROLE and CREATEDB; may run again at any time.

-- name: make_role
SELECT format('CREATE ROLE %%I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', %(role)s::text)
 WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %(role)s)

-- Only a superuser may name these attributes, even to take them away.
-- name: take_bypass
SELECT format('ALTER ROLE %%I NOSUPERUSER NOBYPASSRLS', %(role)s::text)
 WHERE EXISTS (SELECT 1 FROM pg_roles WHERE rolname = %(role)s AND (rolsuper OR rolbypassrls))

-- name: set_password
SELECT format('ALTER ROLE %%I LOGIN PASSWORD %%L', %(role)s::text, %(password)s::text)

-- name: set_search_path
SELECT format('ALTER ROLE %%I SET search_path = %%s', %(role)s::text, %(path)s::text)

-- name: make_database
SELECT format('CREATE DATABASE %%I', %(database)s::text)
 WHERE NOT EXISTS (SELECT 1 FROM pg_database WHERE datname = %(database)s)

-- name: owner_may_create
SELECT format('GRANT CREATE ON DATABASE %%I TO rag_owner', current_database())
 WHERE NOT has_database_privilege('rag_owner', current_database(), 'CREATE')
