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

{{- /*
Share of the card that one replica may take: (list root profile). Empty where it has a card, or an isolated part of
one (a MIG instance looks like a whole card to who runs on it), to itself.
*/ -}}
{{- define "common.gpuShare" -}}
{{- $root := index . 0 -}}{{- $profile := index . 1 -}}
{{- $card := float64 (include "common.global" $root | fromYaml).gpu.memoryGiB -}}
{{- $mine := float64 ($profile.gpuMemoryGiB | default 0) -}}
{{- if and (gt $mine 0.0) (not $profile.isolated) -}}
{{- if not (gt $card 0.0) -}}
{{- include "common.fail" (list $root (printf "the resource profile %s takes %g GiB of a shared card, and nothing says how many it has; write global.gpu.memoryGiB" $profile.name $mine)) -}}
{{- end -}}
{{- $share := divf $mine $card -}}
{{- if or (lt $share 0.01) (gt $share 1.0) -}}
{{- include "common.fail" (list $root (printf "the resource profile %s takes %g of a card's %g GiB; write a gpuMemoryGiB between a hundredth and all of global.gpu.memoryGiB" $profile.name $mine $card)) -}}
{{- end -}}
{{- printf "%.2f" $share -}}
{{- end -}}
{{- end -}}
