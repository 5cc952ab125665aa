{{- /* The NetworkPolicy of one part, made from the rows of the table of edges that name it. */ -}}
{{- define "common.policy" -}}
{{- $policy := (include "common.global" .root | fromYaml).networkPolicy -}}
{{- if $policy.enabled -}}
{{- $component := .spec.component -}}
{{- if not $policy.dns -}}
{{- include "common.fail" (list .root "global.networkPolicy.dns is empty, so that no part could find another; write the peers that resolve names, or leave its default") -}}
{{- end -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root $component) | nindent 4 }}
  {{- if .hook }}
  annotations: {{ include "common.hook" -1 | nindent 4 }}
  {{- end }}
spec:
  podSelector:
    matchLabels: {{ include "common.selector" (list .root $component) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: {{ include "common.rules" (list .root $component "to" "from") | default "[]" | nindent 4 }}
  egress: {{ include "common.rules" (list .root $component "from" "to") | default "[]" | nindent 4 }}
{{- end -}}
{{- end -}}

{{- /* The rules of one direction: (list root component mine theirs), the last two `from` and `to` or the other way round. */ -}}
{{- define "common.rules" -}}
{{- $root := index . 0 -}}{{- $component := index . 1 -}}{{- $mine := index . 2 -}}{{- $theirs := index . 3 -}}
{{- $rules := list -}}
{{- range include "groundwork.edges" $root | fromYamlArray -}}
{{- if and (eq (index . $mine) $component) .network -}}
{{- with include "common.peers" (list $root . (index . $theirs)) -}}
{{- $rules = append $rules . -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- join "\n" $rules -}}
{{- end -}}

{{- /* One rule: (list root row other); empty where the row's peers outside are named nowhere. */ -}}
{{- define "common.peers" -}}
{{- $root := index . 0 -}}{{- $row := index . 1 -}}{{- $other := index . 2 -}}
{{- $direction := ternary "from" "to" (eq $row.from $other) -}}
{{- if kindIs "bool" $row.network -}}
- {{ $direction }}:
    - podSelector:
        matchLabels: {{ include "common.selector" (list $root $other) | nindent 10 }}
  ports:
    - {port: {{ int64 $row.port }}, protocol: TCP}
{{- else -}}
{{- with index (include "common.global" $root | fromYaml).networkPolicy $row.network -}}
- {{ $direction }}: {{ toYaml . | nindent 4 }}
  ports:
    - {port: {{ include "common.edgePort" (list $root $row) }}, protocol: TCP}
    {{- if eq $row.to "dns" }}
    - {port: 53, protocol: UDP}
    {{- end }}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The port of a row; of those outside, the one that their address names: (list root row). */ -}}
{{- define "common.edgePort" -}}
{{- $root := index . 0 -}}{{- $row := index . 1 -}}
{{- $global := include "common.global" $root | fromYaml -}}
{{- $values := $root.Values -}}
{{- $receiver := ternary $global.telemetry.grpcEndpoint $global.telemetry.endpoint (eq $row.from "llm") -}}
{{- $addresses := dict "external-llm" $global.llm.url "external-telemetry" $receiver "external-traces" $values.exportTo -}}
{{- $_ := set $addresses "external-models" ($values.modelStorage | default dict).endpoint -}}
{{- $_ := set $addresses "external-gateway" $values.gatewayUrl -}}
{{- $_ := set $addresses "external-embedder" $values.embedderUrl -}}
{{- $_ := set $addresses "external-feedback" $values.feedbackUrl -}}
{{- if eq $row.to "external-postgres" -}}
{{- int64 $global.database.port -}}
{{- else -}}
{{- include "common.addressPort" (index $addresses $row.to | default "") | default (int64 $row.port) -}}
{{- end -}}
{{- end -}}

{{- /* The port of `http://host:port/path`, `host:port` or `https://host`; empty where none is said or meant. */ -}}
{{- define "common.addressPort" -}}
{{- $scheme := regexFind "^[a-z]+://" . -}}
{{- $host := regexReplaceAll "[/?#].*$" (trimPrefix $scheme .) "" -}}
{{- regexFind ":[0-9]+$" $host | trimPrefix ":" | default (get (dict "http://" "80" "https://" "443") $scheme) -}}
{{- end -}}
