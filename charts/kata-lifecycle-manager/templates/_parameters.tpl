{{/* The workflow's parameters: files/parameters.json has them in their order. */}}

{{/* The default of a parameter, from the value of the same name. */}}
{{- define "lifecycle.default" -}}
{{- if eq .name "verification-pod" -}}
{{ include "lifecycle.verificationPod" .root }}
{{- else -}}
{{- $key := .name | replace "-" "_" | camelcase | untitle -}}
{{- if hasKey .root.Values.defaults $key -}}{{ get .root.Values.defaults $key }}{{- end -}}
{{- end -}}
{{- end }}

{{/* `field`: `value` for the workflow, `default` for a template, which a `templateRef` calls with some of them. */}}
{{- define "lifecycle.parameters" -}}
{{- range .root.Files.Get "files/parameters.json" | fromJsonArray }}
{{- if or (not $.only) (has .name $.only) }}
- name: {{ .name }}
  description: {{ .description | quote }}
  {{ $.field }}: {{ include "lifecycle.default" (dict "root" $.root "name" .name) | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* Hands the inputs of these names on. */}}
{{- define "lifecycle.pass" -}}
{{- range . }}
- name: {{ . }}
  value: {{ printf "{{inputs.parameters.%s}}" . | quote }}
{{- end }}
{{- end }}

{{- define "lifecycle.names" -}}
{{- $names := list -}}
{{- range .Files.Get "files/parameters.json" | fromJsonArray -}}{{- $names = append $names .name -}}{{- end -}}
{{- toJson $names -}}
{{- end }}
