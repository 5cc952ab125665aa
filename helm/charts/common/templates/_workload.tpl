{{- /* Everything of one part that is a Deployment; takes what common.podTemplate takes. */ -}}
{{- define "common.part" -}}
{{- $claim := .spec.claim | default dict -}}
{{- $alone := and $claim.single true -}}
{{- $replicas := int .values.replicas -}}
{{- if and $alone (gt $replicas 1) -}}
{{- include "common.fail" (list .root (printf "%s: replicas is %d, but its volume can be written from one node; write modelStorage.accessMode: ReadWriteMany, or replicas: 1" .spec.component $replicas)) -}}
{{- end -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
spec:
  replicas: {{ $replicas }}
  revisionHistoryLimit: 3
  progressDeadlineSeconds: {{ add (include "common.startupSeconds" . | int) 600 ($claim.fillSeconds | default 0 | int) }}
  {{- if $alone }}
  strategy: {type: Recreate}
  {{- else if eq ((.spec.profile | default dict).device | default "cpu") "cuda" }}
  # A card that is in use is not there twice.
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 0, maxUnavailable: 1}}
  {{- else }}
  strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1, maxUnavailable: 0}}
  {{- end }}
  selector:
    matchLabels: {{ include "common.selector" (list .root .spec.component) | nindent 6 }}
  template: {{ include "common.podTemplate" . | nindent 4 }}
---
{{ include "common.beside" . }}
{{- end -}}

{{- /* What stands beside any workload: Service, account, budget, policy. */ -}}
{{- define "common.beside" -}}
{{- if .spec.ports -}}
{{ include "common.service" . }}
---
{{- end }}
{{ include "common.account" . }}
---
{{ include "common.budget" . }}
---
{{ include "common.policy" . }}
{{- end -}}

{{- define "common.service" -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
spec:
  type: ClusterIP
  selector: {{ include "common.selector" (list .root .spec.component) | nindent 4 }}
  {{- if .spec.sticky }}
  sessionAffinity: ClientIP
  {{- end }}
  ports:
    {{- range $name, $number := .spec.ports }}
    - {name: {{ $name }}, port: {{ int64 $number }}, targetPort: {{ $name }}, protocol: TCP}
    {{- end }}
{{- end -}}

{{- define "common.account" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
  {{- $annotations := (.values.pod | default dict).accountAnnotations | default dict }}
  {{- if .hook }}{{ $annotations = merge (include "common.hook" -1 | fromYaml) $annotations }}{{ end }}
  {{- with $annotations }}
  annotations: {{ toYaml . | nindent 4 }}
  {{- end }}
automountServiceAccountToken: false
{{- end -}}

{{- define "common.budget" -}}
{{- $replicas := int (.values.replicas | default 1) -}}
{{- $wanted := .values.podDisruptionBudget | default "auto" -}}
{{- if and (eq $wanted "always") (lt $replicas 2) -}}
{{- include "common.fail" (list .root (printf "%s: podDisruptionBudget is always, but with one replica it would block every drain of a node; write replicas: 2, or podDisruptionBudget: auto" .spec.component)) -}}
{{- end -}}
{{- if and (ne $wanted "never") (gt $replicas 1) -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "common.specName" . }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
spec:
  maxUnavailable: 1
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector:
    matchLabels: {{ include "common.selector" (list .root .spec.component) | nindent 6 }}
{{- end -}}
{{- end -}}
