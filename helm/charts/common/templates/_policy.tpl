{{- /* The NetworkPolicy of one part, made from the rows of the table of edges that name it. */ -}}
{{- define "common.policy" -}}
{{- $policy := (include "common.global" .root | fromYaml).networkPolicy -}}
{{- if $policy.enabled -}}
{{- $component := .spec.component -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root $component) | nindent 4 }}
spec:
  podSelector:
    matchLabels: {{ include "common.selector" (list .root $component) | nindent 6 }}
  policyTypes: [Ingress, Egress]
  ingress: {{ include "common.rules" (list .root $component "to" "from") | default "[]" | nindent 4 }}
  egress: {{ include "common.rules" (list .root $component "from" "to") | default "[]" | nindent 4 }}
    {{- if and $policy.telemetry .spec.service }}
    - to: {{ toYaml $policy.telemetry | nindent 8 }}
    {{- end }}
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
{{- $global := include "common.global" (index . 0) | fromYaml -}}{{- $row := index . 1 -}}
{{- if eq $row.to "external-llm" -}}
{{- include "common.urlPort" $global.llm.url -}}
{{- else if eq $row.to "external-postgres" -}}
{{- int64 $global.database.port -}}
{{- else -}}
{{- int64 $row.port -}}
{{- end -}}
{{- end -}}

{{- define "common.urlPort" -}}
{{- $port := regexFind "^[a-z]+://[^/]*:[0-9]+" . | regexFind "[0-9]+$" -}}
{{- $port | default (ternary "80" "443" (hasPrefix "http://" .)) -}}
{{- end -}}
