{{/* The classes of this installation's own handlers, as a JSON list; users provide those of custom runtimes. */}}
{{- define "kata-deploy.classes" -}}
{{- $classes := list -}}
{{- if .Values.runtimeClasses.enabled -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $suffix := ternary "" (printf "-%s" .Values.env.multiInstallSuffix) (empty .Values.env.multiInstallSuffix) -}}
{{- $variants := list "" -}}
{{- if .Values.debug }}{{ $variants = append $variants "-debug" }}{{ end -}}
{{- if .Values.devkit }}{{ $variants = append $variants "-devkit" }}{{ end -}}
{{- $default := include "kata-deploy.defaultShim" . -}}
{{- range $shim := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- $given := (get $.Values.shims $shim | default dict).runtimeClass | default dict -}}
{{- $row := get $table.shims $shim -}}
{{- $selector := hasKey $given "nodeSelector" | ternary $given.nodeSelector $row.nodeSelector | default dict -}}
{{- $overhead := dict -}}
{{- if hasKey $given "overheadEnabled" | ternary $given.overheadEnabled $.Values.runtimeClasses.overheadEnabled -}}
{{- $overhead = merge dict ($given.overhead | default dict) $row.overhead -}}
{{- end -}}
{{- $plain := printf "kata-%s%s" $shim $suffix -}}
{{- range $variant := $variants -}}
{{- $handler := printf "%s%s" $plain $variant -}}
{{- $classes = append $classes (dict "value" (printf "shims.%s" $shim) "name" $handler "handler" $handler "overhead" $overhead "nodeSelector" $selector) -}}
{{- end -}}
{{- if and $.Values.runtimeClasses.createDefault (eq $shim $default) -}}
{{- $name := printf "%s%s" $.Values.runtimeClasses.defaultName $suffix -}}
{{- $classes = append $classes (dict "value" "runtimeClasses.defaultName" "name" $name "handler" $plain "overhead" $overhead "nodeSelector" $selector) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- toJson $classes -}}
{{- end }}

{{/* Two classes must not have the same name, and an existing class must not change its handler: Kubernetes would refuse that in the middle of an upgrade. */}}
{{- define "kata-deploy.checkClasses" -}}
{{- $classes := include "kata-deploy.classes" . | fromJsonArray -}}
{{- range $handler, $custom := include "kata-deploy.customRuntimes" . | fromJson -}}
{{- $classes = append $classes (dict "value" (printf "customRuntimes.runtimes.%s" $custom.key) "name" $custom.class.metadata.name "handler" $handler) -}}
{{- end -}}
{{- $seen := dict -}}
{{- range $classes -}}
{{- if or (not (kindIs "string" .name)) (gt (len .name) 253) (not (regexMatch "^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$" .name)) }}{{ fail (printf "%s: %q is not a valid name of a RuntimeClass" .value (toString .name)) }}{{ end -}}
{{- if hasKey $seen .name }}{{ fail (printf "%s: the RuntimeClass %q is also that of %s; use another name" .value .name (get $seen .name)) }}{{ end -}}
{{- $_ := set $seen .name .value -}}
{{- $existing := lookup "node.k8s.io/v1" "RuntimeClass" "" .name -}}
{{- if and $existing (ne ($existing.handler | default "") .handler) }}{{ fail (printf "%s: the RuntimeClass %q would change its handler from %s to %s, which Kubernetes does not allow. Keep the handler (defaultShim, shims), or use another name, or delete the class right before the upgrade: kubectl delete runtimeclass %s. Running pods keep running; until the upgrade creates the class again, new pods are refused." .value .name $existing.handler .handler .name) }}{{ end -}}
{{- end -}}
{{- end }}
