{{- /* Base URL of a neighbour: (list root component port). */ -}}
{{- define "common.url" -}}
http://{{ include "common.name" (list (index . 0) (index . 1)) }}:{{ index . 2 }}
{{- end -}}

{{- /* A role's connection without its password, which is a file: (list root role database). */ -}}
{{- define "common.databaseUrl" -}}
{{- $root := index . 0 -}}
{{- $global := include "common.global" $root | fromYaml -}}
{{- $database := $global.database -}}
{{- $host := $database.host | default (include "common.name" (list $root "postgres")) -}}
{{- $name := index . 2 | default $database.name -}}
{{- $mode := $database.sslMode | default (ternary "verify-full" "" (ne $database.host "")) -}}
{{- $url := printf "postgresql://%s@%s:%d/%s" (index . 1) $host (int64 $database.port) $name -}}
{{- if not $mode -}}
{{- $url -}}
{{- else if not (hasPrefix "verify-" $mode) -}}
{{- printf "%s?sslmode=%s" $url $mode -}}
{{- else if $database.caSecret.name -}}
{{- printf "%s?sslmode=%s&sslrootcert=/run/secrets/database-ca/ca.crt" $url $mode -}}
{{- else -}}
{{- printf "%s?sslmode=%s&sslrootcert=/etc/ssl/certs/ca-certificates.crt" $url $mode -}}
{{- end -}}
{{- end -}}

{{- /* OTLP over HTTP, empty where nothing is sent. */ -}}
{{- define "common.otlpHttp" -}}
{{- $telemetry := (include "common.global" . | fromYaml).telemetry -}}
{{- if $telemetry.enabled -}}
{{- if $telemetry.endpoint -}}{{- $telemetry.endpoint -}}
{{- else if not .Chart.IsRoot -}}{{- include "common.url" (list . "collector" 4318) -}}{{- end -}}
{{- end -}}
{{- end -}}

{{- /* OTLP over gRPC, which vLLM speaks; empty where nothing is sent. */ -}}
{{- define "common.otlpGrpc" -}}
{{- $telemetry := (include "common.global" . | fromYaml).telemetry -}}
{{- if $telemetry.enabled -}}
{{- if $telemetry.endpoint -}}{{- $telemetry.grpcEndpoint -}}
{{- else if not .Chart.IsRoot -}}{{- include "common.url" (list . "collector" 4317) -}}{{- end -}}
{{- end -}}
{{- end -}}
