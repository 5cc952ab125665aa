{{- define "common.product" -}}groundwork{{- end -}}

{{- /* Stops the render with a sentence that says what to write. Takes (list root sentence). */ -}}
{{- define "common.fail" -}}
{{- $root := index . 0 -}}
{{- fail (printf "\n\n%s: %s\n" $root.Chart.Name (index . 1)) -}}
{{- end -}}

{{- /* The name of a part's objects: (list root component). */ -}}
{{- define "common.name" -}}
{{- $root := index . 0 -}}
{{- $name := printf "%s-%s" $root.Release.Name (index . 1) -}}
{{- if gt (len $name) 63 -}}
{{- include "common.fail" (list $root (printf "the name %s is longer than 63 letters; choose a shorter release name" $name)) -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- /* What a Service or a policy selects: (list root component). */ -}}
{{- define "common.selector" -}}
app.kubernetes.io/name: {{ include "common.product" . }}
app.kubernetes.io/instance: {{ (index . 0).Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end -}}

{{- /* Every label of an object: (list root component). */ -}}
{{- define "common.labels" -}}
{{- $root := index . 0 -}}
{{ include "common.selector" . }}
app.kubernetes.io/part-of: {{ include "common.product" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* The reference of an image, a digest before a tag: (list root image). */ -}}
{{- define "common.image" -}}
{{- $root := index . 0 -}}{{- $image := index . 1 -}}
{{- $global := include "common.global" $root | fromYaml -}}
{{- $registry := $global.imageRegistry | default $image.registry -}}
{{- $name := $image.repository -}}
{{- if $registry -}}{{- $name = printf "%s/%s" $registry $image.repository -}}{{- end -}}
{{- if regexMatch "^sha256:0{56}" ($image.digest | default "") -}}
{{- include "common.fail" (list $root (printf "the digest of the image %s is a placeholder; write the one that `make images PUSH=` prints" $name)) -}}
{{- else if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else if $global.requireDigests -}}
{{- include "common.fail" (list $root (printf "global.requireDigests is on, but the image %s has no digest; write its image.digest: sha256:…" $name)) -}}
{{- else -}}
{{- $tag := $image.tag | default $root.Chart.AppVersion -}}
{{- if regexMatch "^latest(-|$)" (toString $tag) -}}
{{- include "common.fail" (list $root (printf "the image %s has the tag latest, which names another image tomorrow; write a version or a digest" $name)) -}}
{{- end -}}
{{- printf "%s:%s" $name $tag -}}
{{- end -}}
{{- end -}}

{{- /* Name of the Secret with the release's passwords and keys. */ -}}
{{- define "common.secretName" -}}
{{- $global := include "common.global" . | fromYaml -}}
{{- if $global.existingSecret -}}
{{- $global.existingSecret -}}
{{- else if .Chart.IsRoot | and (ne .Chart.Name (include "common.product" .)) -}}
{{- include "common.fail" (list . "installed alone, this chart makes no secret; write global.existingSecret: the name of a Secret with the keys that helm/README.md lists") -}}
{{- else -}}
{{- include "common.name" (list . "secrets") -}}
{{- end -}}
{{- end -}}

{{- /* The name of the objects of (dict root spec): the component's, or `name` where two charts share a component. */ -}}
{{- define "common.specName" -}}
{{- $name := .spec.name | default .spec.component -}}
{{- include "common.name" (list .root (ternary (printf "%s-upgrade" $name) $name (.hook | default false))) -}}
{{- end -}}
