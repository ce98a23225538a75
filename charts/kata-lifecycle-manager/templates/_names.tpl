{{- define "lifecycle.name" -}}
{{ .Values.fullnameOverride | default .Release.Name }}
{{- end }}

{{- define "lifecycle.labels" -}}
app.kubernetes.io/name: {{ .Values.nameOverride | default "kata-lifecycle-manager" }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: kata-containers
{{- end }}

{{/* `image.tag` may be a digest. */}}
{{- define "lifecycle.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if contains "@" .Values.image.reference -}}
{{ .Values.image.reference }}
{{- else if hasPrefix "sha256:" $tag -}}
{{ .Values.image.reference }}@{{ $tag }}
{{- else -}}
{{ .Values.image.reference }}:{{ $tag }}
{{- end -}}
{{- end }}

{{/* The names that kata-deploy and kata-lifecycle give to their objects, with the suffix of the installation. */}}
{{- define "lifecycle.installer" -}}
kata-deploy{{ with .Values.multiInstallSuffix }}-{{ . }}{{ end }}
{{- end }}

{{- define "lifecycle.management" -}}
kata-lifecycle{{ with .Values.multiInstallSuffix }}-{{ . }}{{ end }}
{{- end }}

{{/* The accounts: of the steps that change nodes, and of those that run Helm. */}}
{{- define "lifecycle.nodeAccount" -}}
{{ include "lifecycle.name" . }}-node
{{- end }}

{{- define "lifecycle.helmAccount" -}}
{{ include "lifecycle.name" . }}-helm
{{- end }}
