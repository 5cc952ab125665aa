{{- /*
A Job of the release: on install an ordinary one, since the pods that --wait waits for wait for it; its name carries
the revision, since a Job cannot be changed. On upgrade it is a hook that runs first (`hook: pre-upgrade`), and one
that fails leaves the old version serving. Takes what common.podTemplate takes; spec.job names it:
  {name, onUpgrade: hook | job, weight, deadlineSeconds}
*/ -}}
{{- define "common.job" -}}
{{- $job := .spec.job -}}
{{- $hook := and .root.Release.IsUpgrade (eq $job.onUpgrade "hook") -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "common.name" (list .root (printf "%s-%s" $job.name (ternary "upgrade" (toString .root.Release.Revision) $hook))) }}
  labels: {{ include "common.labels" (list .root .spec.component) | nindent 4 }}
  {{- if $hook }}
  annotations:
    helm.sh/hook: pre-upgrade
    helm.sh/hook-weight: {{ $job.weight | default 0 | toString | quote }}
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
    helm.sh/hook-output-log-policy: hook-failed
  {{- end }}
spec:
  backoffLimit: {{ ternary 1 6 $hook }}
  activeDeadlineSeconds: {{ int64 ($job.deadlineSeconds | default 900) }}
  {{- if $hook }}
  ttlSecondsAfterFinished: 3600
  {{- end }}
  template:
    {{- include "common.podTemplate" . | nindent 4 }}
      restartPolicy: Never
{{- end -}}
