{{- /*
Where a part's model comes from, by its one value `model`; YAML for the part's spec. Takes (dict root values component
packaged uid): `packaged` is the folder's name in the models image.
  packaged            an init container copies it from the models image into an emptyDir
  pvc://claim/path    a claim that exists, filled by whoever made it
  hf://owner/name     a claim of our own, filled by a Job from the hub or its mirror; the pod waits for its manifest
  oci://image         an image volume (Kubernetes 1.33 and later, the feature gate ImageVolume)
Gives {path, cache, volumes, mounts, inits, claim}.
*/ -}}
{{- define "common.model" -}}
{{- $root := .root -}}{{- $values := .values -}}
{{- $model := $values.model -}}
{{- $global := include "common.global" $root | fromYaml -}}
{{- $storage := $values.modelStorage -}}
{{- if eq $model "packaged" -}}
path: /models/{{ .packaged }}
cache: /tmp/cache
volumes: [{name: models, emptyDir: {sizeLimit: 2Gi}}]
mounts: [{name: models, mountPath: /models}]
inits:
  - name: copy-model
    image: {{ toJson $global.modelsImage }}
    command: [python, -m, rag_common.models, copy, {{ .packaged }}, /target]
    # The image has its models at /models; the volume must not hide them.
    mounts: [{name: models, mountPath: /target}]
claim: {}
{{- else if hasPrefix "pvc://" $model -}}
{{- $parts := trimPrefix "pvc://" $model | splitn "/" 2 -}}
{{- if not $parts._1 -}}
{{- include "common.fail" (list $root (printf "model %s names no folder; write pvc://claim/folder, for instance pvc://models/qwen2.5-7b" $model)) -}}
{{- end -}}
path: {{ printf "/models/%s" $parts._1 | quote }}
cache: /models/.cache
volumes: [{name: models, persistentVolumeClaim: {claimName: {{ $parts._0 | quote }}}}]
mounts: [{name: models, mountPath: /models}]
inits: []
claim: {single: {{ ne $storage.accessMode "ReadWriteMany" }}}
{{- else if hasPrefix "hf://" $model -}}
{{- $folder := trimPrefix "hf://" $model | replace "/" "--" | replace "@" "--" -}}
path: {{ printf "/models/%s" $folder | quote }}
cache: /models/.cache
volumes: [{name: models, persistentVolumeClaim: {claimName: {{ include "common.name" (list $root (printf "%s-models" .component)) }}}}]
mounts: [{name: models, mountPath: /models}]
inits:
  - name: wait-for-model
    command: [python, -m, rag_common.models, wait, {{ printf "/models/%s" $folder | quote }}]
claim: {single: {{ ne $storage.accessMode "ReadWriteMany" }}, fillSeconds: {{ include "common.fillSeconds" . }}}
{{- else if hasPrefix "oci://" $model -}}
path: /models
cache: /tmp/cache
volumes: [{name: models, image: {reference: {{ include "common.ociReference" (list $root (trimPrefix "oci://" $model)) | quote }}, pullPolicy: IfNotPresent}}]
mounts: [{name: models, mountPath: /models, readOnly: true}]
inits: []
claim: {}
{{- else -}}
{{- include "common.fail" (list $root (printf "model %s is of no known kind; write packaged, pvc://claim/folder, hf://owner/name or oci://image" $model)) -}}
{{- end -}}
{{- end -}}

{{- /* The claim and the Job that fills it, for a model from the hub: (dict root values component uid). */ -}}
{{- define "common.modelStorage" -}}
{{- $root := .root -}}{{- $values := .values -}}
{{- if hasPrefix "hf://" $values.model -}}
{{- $name := printf "%s-models" .component -}}
{{- $policy := (include "common.global" $root | fromYaml).networkPolicy -}}
{{- if and $policy.enabled (not $policy.models) -}}
{{- include "common.fail" (list $root (printf "model %s is fetched from a hub, but no policy lets the Job out; write global.networkPolicy.models, for instance [{ipBlock: {cidr: 0.0.0.0/0}}]" $values.model)) -}}
{{- end -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "common.name" (list $root $name) }}
  labels: {{ include "common.labels" (list $root .component) | nindent 4 }}
  annotations: {helm.sh/resource-policy: keep}
spec:
  accessModes: [{{ $values.modelStorage.accessMode }}]
  {{- with $values.modelStorage.storageClass }}
  storageClassName: {{ . | quote }}
  {{- end }}
  resources: {requests: {storage: {{ $values.modelStorage.size | quote }}}}
---
{{- $folder := trimPrefix "hf://" $values.model | replace "/" "--" | replace "@" "--" }}
{{- $spec := dict "component" "models" "name" $name "uid" .uid "batch" true }}
{{- $_ := set $spec "job" (dict "name" $name "onUpgrade" "job" "deadlineSeconds" (include "common.fillSeconds" . | int)) }}
{{- $_ := set $spec "command" (list "python" "-m" "rag_llm.download" $values.model (printf "/models/%s" $folder)) }}
{{- $_ := set $spec "env" (dict "HF_ENDPOINT" $values.modelStorage.endpoint) }}
{{- $_ := set $spec "volumes" (list (dict "name" "models" "persistentVolumeClaim" (dict "claimName" (include "common.name" (list $root $name))))) }}
{{- $_ := set $spec "mounts" (list (dict "name" "models" "mountPath" "/models")) }}
{{- if $values.modelStorage.tokenSecret.name }}
{{- $token := dict "name" "hub-token" "secret" (dict "secretName" $values.modelStorage.tokenSecret.name "defaultMode" 288 "items" (list (dict "key" $values.modelStorage.tokenSecret.key "path" "hf_token"))) }}
{{- $_ := set $spec "volumes" (append $spec.volumes $token) }}
{{- $_ := set $spec "mounts" (append $spec.mounts (dict "name" "hub-token" "mountPath" "/run/secrets/stack" "readOnly" true)) }}
{{- $_ := set $spec.env "SECRETS_DIR" "/run/secrets/stack" }}
{{- end }}
{{- /* A volume of one node is attached where its reader runs. */}}
{{- $reader := dict "topologyKey" "kubernetes.io/hostname" "labelSelector" (dict "matchLabels" (include "common.selector" (list $root .component) | fromYaml)) }}
{{- if ne $values.modelStorage.accessMode "ReadWriteMany" }}
{{- $_ := set $spec "affinity" (dict "podAffinity" (dict "requiredDuringSchedulingIgnoredDuringExecution" (list $reader))) }}
{{- end }}
{{- $profile := include "common.profile" (list $root $values) | fromYaml }}
{{- $_ := set $spec "profile" (pick $profile "nodeSelector" "tolerations") }}
{{- $image := $values.loaderImage | default (include "common.profileImage" (list $root $values $profile) | fromYaml) }}
{{- $pod := omit ($values.pod | default dict) "extraEnv" "extraVolumes" "extraVolumeMounts" }}
{{- $loader := dict "pod" $pod "image" $image "resources" (dict "requests" (dict "cpu" "100m" "memory" "512Mi") "limits" (dict "memory" "2Gi")) }}
{{ include "common.job" (dict "root" $root "spec" $spec "values" $loader) }}
{{- end -}}
{{- end -}}

{{- /* Longest time that the Job may take to fill a claim; whoever waits for the model waits as long. */ -}}
{{- define "common.fillSeconds" -}}14400{{- end -}}


{{- /* An image that is a model obeys the rules of the other images: (list root reference). */ -}}
{{- define "common.ociReference" -}}
{{- $root := index . 0 -}}
{{- $path := regexReplaceAll "@.*$" (index . 1) "" -}}
{{- $digest := trimPrefix $path (index . 1) | trimPrefix "@" -}}
{{- $tag := regexFind ":[^/:]+$" $path -}}
{{- $path = trimSuffix $tag $path -}}
{{- $first := splitn "/" 2 $path -}}
{{- $hasRegistry := and $first._1 (or (contains "." $first._0) (contains ":" $first._0) (eq $first._0 "localhost")) -}}
{{- $image := dict "repository" $path "tag" (trimPrefix ":" $tag | default "latest") "digest" $digest -}}
{{- if $hasRegistry -}}{{- $image = mergeOverwrite $image (dict "registry" $first._0 "repository" $first._1) -}}{{- end -}}
{{- include "common.image" (list $root $image) -}}
{{- end -}}
