{{- /*
A Job of the release with its account and policy. On install it is an ordinary one, since the pods that --wait waits
for wait for it; its name carries the revision and a hash of its pod, since a Job cannot be changed (with GitOps every
revision is the first). On upgrade it is a hook that runs first (`hook`), and one that fails leaves the old version
serving; nothing of the new release is there yet, so it brings along whatever it needs.
Takes what common.podTemplate takes; spec.job names it:
  {name, onUpgrade: hook | job, weight, deadlineSeconds}
*/ -}}
{{- define "common.job" -}}
{{- $job := .spec.job -}}
{{- $hook := and .root.Release.IsUpgrade (eq $job.onUpgrade "hook") -}}
{{- $pod := omit (.values.pod | default dict) "affinity" -}}
{{- $values := set (deepCopy .values) "pod" $pod -}}
{{- $context := dict "root" .root "spec" .spec "values" $values "hook" $hook -}}
{{- $template := include "common.podTemplate" $context -}}
{{- $ending := printf "%d-%s" (int .root.Release.Revision) ($template | sha256sum | trunc 8) -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "common.name" (list .root (printf "%s-%s" $job.name (ternary "upgrade" $ending $hook))) }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
  {{- if $hook }}
  annotations:
    {{- include "common.hook" ($job.weight | default 0) | nindent 4 }}
    helm.sh/hook-output-log-policy: hook-failed
  {{- end }}
spec:
  backoffLimit: {{ ternary 1 6 $hook }}
  activeDeadlineSeconds: {{ int64 ($job.deadlineSeconds | default 900) }}
  {{- if $hook }}
  ttlSecondsAfterFinished: 3600
  {{- end }}
  template:
    {{- $template | nindent 4 }}
      restartPolicy: Never
---
{{ include "common.account" $context }}
---
{{ include "common.policy" $context }}
{{- end -}}

{{- /* Annotations of what an upgrade makes first and removes when all went well; takes the hook's weight. */ -}}
{{- define "common.hook" -}}
helm.sh/hook: pre-upgrade
helm.sh/hook-weight: {{ toString . | quote }}
helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end -}}
