{{- /* What gateway and worker are told alike; YAML: (list root role). */ -}}
{{- define "gateway.env" -}}
{{- $root := index . 0 -}}{{- $values := $root.Values -}}
{{- $global := include "common.global" $root | fromYaml -}}
{{- $mode := $values.answerMode | default "quote" -}}{{- $packaged := ne $mode "write" -}}
DATABASE_URL: {{ include "common.databaseUrl" (list $root (index . 1) "") | quote }}
EMBEDDER_URL: {{ $values.embedderUrl | default (include "common.url" (list $root "embedder" 8081)) | quote }}
FEEDBACK_URL: {{ $values.feedbackUrl | default (include "common.url" (list $root "feedback" 8082)) | quote }}
LLM_URL: {{ $global.llm.url | default (printf "%s/v1" (include "common.url" (list $root "llm" 8000))) | quote }}
LLM_MODEL: {{ $global.llm.model | quote }}
EMBEDDING_MODEL: {{ $global.embeddingModel | quote }}
RERANKER: {{ ternary "true" "false" (ne $global.reranker "") | quote }}
ANSWER_MODE: {{ $mode }}
CONDENSE_BY: {{ ternary "rule" "model" $packaged }}
PROMPT_BUDGET_TOKENS: {{ $values.promptBudgetTokens | default (ternary 100 1500 $packaged) | int64 | toString | quote }}
PROMPT_SOURCES: {{ $values.promptSources | default (ternary 1 100 $packaged) | int64 | toString | quote }}
MAX_ANSWER_TOKENS: {{ $values.maxAnswerTokens | default (ternary 256 512 $packaged) | int64 | toString | quote }}
REQUEST_DEADLINE_S: {{ $values.requestDeadlineSeconds | int64 | toString | quote }}
MAX_UPLOAD_BYTES: {{ $values.maxUploadBytes | int64 | toString | quote }}
OPERATIONS_PORT: "9080"
{{- end -}}

{{- define "gateway.spec" -}}
{{- $global := include "common.global" . | fromYaml -}}
{{- $key := $global.llm.apiKeySecret | default dict -}}
{{- if lt (int .Values.lifecycle.drainSeconds) (int .Values.requestDeadlineSeconds) -}}
{{- include "common.fail" (list . (printf "lifecycle.drainSeconds is %d, but an answer may take requestDeadlineSeconds: %d; write at least that" (int .Values.lifecycle.drainSeconds) (int .Values.requestDeadlineSeconds))) -}}
{{- end -}}
{{- if and (or .Values.embedderUrl .Values.feedbackUrl) $global.networkPolicy.enabled (not $global.networkPolicy.neighbours) -}}
{{- include "common.fail" (list . "embedderUrl or feedbackUrl names a part of another release, but no policy lets us reach it; write global.networkPolicy.neighbours, for instance [{podSelector: {matchLabels: {app.kubernetes.io/instance: other}}}]") -}}
{{- end -}}
component: gateway
uid: 10001
service: true
database: true
command: [python, -m, rag_gateway]
ports: {http: 8080, operations: 9080}
probes: {port: http, alive: /healthz, ready: /readyz}
files: {{ include "gateway.files" (list . "rag_app_password") | nindent 2 }}
otherSecrets: {{ include "gateway.llmKey" . | nindent 2 }}
env: {{ include "gateway.env" (list . "rag_app") | nindent 2 }}
  PORT: "8080"
inits: [{name: wait-for-schema, command: [python, -m, rag_gateway.wait]}]
{{- end -}}

{{- /* The worker takes another port for probes and metrics, and another role. */ -}}
{{- define "gateway.worker.spec" -}}
component: worker
uid: 10001
service: true
database: true
batch: true
command: [python, -m, rag_gateway.worker]
ports: {operations: 9080}
probes: {port: operations, alive: /healthz, ready: /readyz}
files: {{ include "gateway.files" (list . "rag_worker_password") | nindent 2 }}
otherSecrets: {{ include "gateway.llmKey" . | nindent 2 }}
env: {{ include "gateway.env" (list . "rag_worker") | nindent 2 }}
inits: [{name: wait-for-schema, command: [python, -m, rag_gateway.wait]}]
{{- end -}}

{{- define "gateway.files" -}}
database_password: {{ index . 1 }}
service_token: service_token
api_key_pepper: api_key_pepper
{{- if not (include "common.global" (index . 0) | fromYaml).llm.url }}
llm_api_key: llm_api_key
{{- end }}
{{- end -}}

{{- /* A model elsewhere has a key of its own, in a Secret of its own. */ -}}
{{- define "gateway.llmKey" -}}
{{- $llm := (include "common.global" . | fromYaml).llm -}}
{{- if and $llm.url $llm.apiKeySecret.name -}}
- secret: {name: {{ $llm.apiKeySecret.name | quote }}, items: [{key: {{ $llm.apiKeySecret.key | quote }}, path: llm_api_key}]}
{{- else -}}
[]
{{- end -}}
{{- end -}}

{{- define "gateway.migrate.spec" -}}
{{- $global := include "common.global" . | fromYaml -}}
component: migrate
uid: 10001
database: true
command: [python, -m, rag_gateway.migrate]
job: {name: migrate, onUpgrade: hook, weight: 0}
files:
  {{- if $global.database.adminUser }}
  database_admin_password: postgres_password
  {{- end }}
  rag_owner_password: rag_owner_password
  rag_app_password: rag_app_password
  rag_worker_password: rag_worker_password
  rag_feedback_password: rag_feedback_password
  api_key_pepper: api_key_pepper
  bootstrap_key: bootstrap_key
  webapp_key: webapp_key
env:
  DEPLOYMENT: production
  LOG_LEVEL: {{ $global.logLevel }}
  {{- if $global.database.adminUser }}
  DATABASE_ADMIN_URL: {{ include "common.databaseUrl" (list . $global.database.adminUser "postgres") | quote }}
  {{- end }}
  DATABASE_OWNER_URL: {{ include "common.databaseUrl" (list . "rag_owner" "") | quote }}
  EMBEDDING_MODEL: {{ $global.embeddingModel | quote }}
  EMBEDDING_DIM: {{ $global.embeddingDim | int64 | toString | quote }}
{{- end -}}
