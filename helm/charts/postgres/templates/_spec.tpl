{{- /* Our image and the public pgvector one take the same: variables, user 999, programs on PATH. */ -}}
{{- define "postgres.spec" -}}
component: postgres
uid: 999
ports: {postgres: 5432}
# While it recovers it listens and refuses: alive, however long that takes, and not ready.
probes: {port: postgres, alive: tcp, ready: [pg_isready, --quiet, --host=127.0.0.1, --username=postgres]}
args:
  - postgres
  {{- range $name, $value := .Values.configuration }}
  - -c
  - {{ printf "%s=%s" $name $value | quote }}
  {{- end }}
files: {postgres_password: postgres_password}
env:
  POSTGRES_USER: postgres
  POSTGRES_DB: {{ .Values.database | quote }}
  POSTGRES_PASSWORD_FILE: /run/secrets/stack/postgres_password
  POSTGRES_INITDB_ARGS: --data-checksums
  PGDATA: /var/lib/postgresql/data/pgdata
mounts:
  - {name: data, mountPath: /var/lib/postgresql/data}
  - {name: shm, mountPath: /dev/shm}
  - {name: run, mountPath: /var/run/postgresql}
volumes:
  - {name: shm, emptyDir: {medium: Memory, sizeLimit: 256Mi}}
  - {name: run, emptyDir: {sizeLimit: 1Mi}}
{{- end -}}
