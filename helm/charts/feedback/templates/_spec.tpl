{{- define "feedback.spec" -}}
component: feedback
uid: 10001
service: true
database: true
command: [python, -m, rag_feedback]
ports: {http: 8082}
probes: {port: http, alive: /healthz, ready: /readyz}
files: {database_password: rag_feedback_password, service_token: service_token}
env:
  PORT: "8082"
  DATABASE_URL: {{ include "common.databaseUrl" (list . "rag_feedback" "") | quote }}
inits: [{name: wait-for-schema, command: [python, -m, rag_feedback.wait]}]
{{- end -}}

{{- define "feedback.migrate.spec" -}}
component: migrate
name: feedback-migrate
uid: 10001
database: true
command: [python, -m, rag_feedback.migrate]
job: {name: feedback-migrate, onUpgrade: hook, weight: 1}
files: {rag_owner_password: rag_owner_password}
env:
  DATABASE_OWNER_URL: {{ include "common.databaseUrl" (list . "rag_owner" "") | quote }}
{{- end -}}
