{{- define "kata-deploy.labels" -}}
app.kubernetes.io/name: kata-deploy
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "kata-deploy.shims" -}}
{{- $names := list -}}
{{- range $name, $shim := .Values.shims -}}
{{- if $shim.enabled }}{{ $names = append $names $name }}{{ end -}}
{{- end -}}
{{- if not $names }}{{ fail "shims: at least one shim must be enabled" }}{{ end -}}
{{- if not (has .Values.defaultShim $names) }}{{ fail (printf "defaultShim: %q is not an enabled shim (%s)" .Values.defaultShim (join ", " $names)) }}{{ end -}}
{{- join " " $names -}}
{{- end }}

{{- define "kata-deploy.image" -}}
{{ .Values.image.reference }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Of everything that two installations must not share. */}}
{{- define "kata-deploy.name" -}}
kata-deploy{{ with .Values.env.multiInstallSuffix }}-{{ . }}{{ end }}
{{- end }}

{{/* The name of this installation in the marks on nodes. */}}
{{- define "kata-deploy.mark" -}}
kata-deploy.katacontainers.io/{{ .Values.env.multiInstallSuffix | default "default" }}
{{- end }}

{{/* Kept on uninstall: by Helm, and by Argo CD. */}}
{{- define "kata-deploy.kept" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Delete=false
{{- end }}
