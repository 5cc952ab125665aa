{{- /*
A pod of a part, restricted in all that Pod Security asks for. Takes a dict:
  root    the chart's context
  hook    true in a Job that an upgrade runs first
  values  the part's block of values (image, resources, lifecycle, startupSeconds, pod, …)
  spec    what the chart knows of the part, all optional but the first two:
    component, uid
    command        list; empty leaves the image's own
    ports          {name: number}
    probes         {port, alive, ready}; alive and ready are a path, `tcp`, or a command as a list
    env, files     {NAME: value}, {file: key of the release's Secret}
    affinity       where the pod stands unless the values say so
    inits          list of {name, image, command, env, mounts, resources}: run first, in order
    volumes, mounts  as Kubernetes writes them; `/tmp` is always there
    config         any text whose change must restart the pod
    slowStart      true for a part that loads for longer than a moment
    service        true for our own servers, which are told HOST, PORT, DRAIN_S, …
*/ -}}
{{- define "common.podTemplate" -}}
{{- $spec := .spec -}}{{- $values := .values -}}{{- $root := .root -}}
{{- $pod := $values.pod | default dict -}}
{{- $global := include "common.global" $root | fromYaml -}}
metadata:
  labels:
    {{- include "common.selector" (list $root $spec.component) | nindent 4 }}
    {{- with omit ($pod.labels | default dict) "app.kubernetes.io/name" "app.kubernetes.io/instance" "app.kubernetes.io/component" }}{{ toYaml . | nindent 4 }}{{ end }}
  annotations:
    checksum/config: {{ list $spec.env $spec.files $spec.config | toJson | sha256sum }}
    {{- with $pod.annotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "common.specName" . }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  {{- if $spec.slowStart }}
  # The first process of a container ignores SIGTERM until it has said what to do; while a model loads nobody has.
  shareProcessNamespace: true
  {{- end }}
  {{- with $global.imagePullSecrets }}
  imagePullSecrets: {{ toYaml . | nindent 4 }}
  {{- end }}
  terminationGracePeriodSeconds: {{ include "common.grace" . }}
  securityContext:
    runAsNonRoot: true
    runAsUser: {{ $spec.uid | int64 }}
    runAsGroup: {{ $spec.uid | int64 }}
    fsGroup: {{ $spec.uid | int64 }}
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile: {type: RuntimeDefault}
  {{- include "common.scheduling" . | nindent 2 }}
  {{- with $spec.inits }}
  initContainers:
    {{- range . }}
    {{- include "common.init" (dict "root" $root "init" . "spec" $spec "values" $values) | nindent 4 }}
    {{- end }}
  {{- end }}
  containers:
    - name: {{ $spec.component }}
      {{- include "common.container" . | nindent 6 }}
  volumes:
    - {name: tmp, emptyDir: {sizeLimit: {{ $spec.tmpSize | default "512Mi" }}}}
    {{- include "common.secretVolumes" . | nindent 4 }}
    {{- with $spec.volumes }}{{ toYaml . | nindent 4 }}{{ end }}
    {{- with $pod.extraVolumes }}{{ toYaml . | nindent 4 }}{{ end }}
{{- end -}}

{{- /* Where a pod may run and how important it is. */ -}}
{{- define "common.scheduling" -}}
{{- $pod := .values.pod | default dict -}}
{{- $profile := .spec.profile | default dict -}}
{{- $global := include "common.global" .root | fromYaml -}}
{{- /* A class that this release makes is not there yet when a hook runs. */}}
{{- with $pod.priorityClassName | default (ternary "" (include "common.priorityClass" .) (.hook | default false)) }}
priorityClassName: {{ . | quote }}
{{- end }}
{{- with $pod.runtimeClassName | default $profile.runtimeClassName }}
runtimeClassName: {{ . | quote }}
{{- end }}
{{- with mergeOverwrite (deepCopy ($profile.nodeSelector | default dict)) ($pod.nodeSelector | default dict) }}
nodeSelector: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with concat ($profile.tolerations | default list) ($pod.tolerations | default list) }}
tolerations: {{ toYaml . | nindent 2 }}
{{- end }}
{{- with $pod.affinity | default .spec.affinity }}
affinity: {{ toYaml . | nindent 2 }}
{{- end }}
{{- if gt (int (.values.replicas | default 1)) 1 }}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: {{ $global.spread.topologyKey | quote }}
    whenUnsatisfiable: {{ $global.spread.whenUnsatisfiable }}
    # Each version is spread by itself, and not over nodes that its pods may not use.
    matchLabelKeys: [pod-template-hash]
    nodeTaintsPolicy: Honor
    labelSelector:
      matchLabels: {{ include "common.selector" (list .root .spec.component) | nindent 8 }}
{{- end }}
{{- end -}}

{{- /* The class of a part: `batch` for what may wait, `serving` for the rest; empty = the cluster's default. */ -}}
{{- define "common.priorityClass" -}}
{{- $kind := ternary "batch" "serving" (.spec.batch | default false) -}}
{{- $classes := (include "common.global" .root | fromYaml).priorityClasses -}}
{{- if $classes.create -}}
{{- index $classes $kind | default (printf "%s-%s-%s" .root.Release.Namespace .root.Release.Name $kind) -}}
{{- else -}}
{{- index $classes $kind -}}
{{- end -}}
{{- end -}}
