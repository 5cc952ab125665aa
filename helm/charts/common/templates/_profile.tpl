{{- /* The resource profile that a part names, as YAML: (list root values). */ -}}
{{- define "common.profile" -}}
{{- $root := index . 0 -}}{{- $values := index . 1 -}}
{{- $name := $values.resourceProfile -}}
{{- if not (hasKey $values.resourceProfiles $name) -}}
{{- include "common.fail" (list $root (printf "resourceProfile %s does not exist; write one of %s, or add it to resourceProfiles" $name (keys $values.resourceProfiles | sortAlpha | join ", "))) -}}
{{- end -}}
{{- merge (dict "name" $name) (deepCopy (index $values.resourceProfiles $name)) | toYaml -}}
{{- end -}}

{{- /* The image of a profile: the part's, with the ending that the profile names; YAML of (list root values profile). */ -}}
{{- define "common.profileImage" -}}
{{- $root := index . 0 -}}{{- $image := deepCopy (index . 1).image -}}{{- $profile := index . 2 -}}
{{- $suffix := $profile.tagSuffix | default "" -}}
{{- $tag := $image.tag | default $root.Chart.AppVersion -}}
{{- $_ := set $image "tag" (printf "%s%s" (trimSuffix $suffix $tag) $suffix) -}}
{{- $image | toYaml -}}
{{- end -}}

{{- /* Share of the card that a part may take, 0 for all that vLLM takes by itself: (list root profile). */ -}}
{{- define "common.gpuShare" -}}
{{- $card := float64 (include "common.global" (index . 0) | fromYaml).gpu.memoryGiB -}}
{{- $mine := float64 ((index . 1).gpuMemoryGiB | default 0) -}}
{{- if and (gt $card 0.0) (gt $mine 0.0) -}}
{{- printf "%.2f" (divf $mine $card) -}}
{{- end -}}
{{- end -}}
