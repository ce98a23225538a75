{{- define "kata-deploy.labels" -}}
app.kubernetes.io/name: kata-deploy
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* `image.tag` may be a digest. */}}
{{- define "kata-deploy.image" -}}
{{- $tag := .Values.image.tag | default .Chart.AppVersion -}}
{{- if contains "@" .Values.image.reference -}}
{{ .Values.image.reference }}
{{- else if hasPrefix "sha256:" $tag -}}
{{ .Values.image.reference }}@{{ $tag }}
{{- else -}}
{{ .Values.image.reference }}:{{ $tag }}
{{- end -}}
{{- end }}

{{/* The name of all objects that two installations must not share. */}}
{{- define "kata-deploy.name" -}}
kata-deploy{{ with .Values.env.multiInstallSuffix }}-{{ . }}{{ end }}
{{- end }}

{{/* The node label that marks this installation. */}}
{{- define "kata-deploy.mark" -}}
kata-deploy.katacontainers.io/{{ .Values.env.multiInstallSuffix | default "default" }}
{{- end }}

{{/* Helm and Argo CD retain these objects on uninstall. */}}
{{- define "kata-deploy.retained" -}}
helm.sh/resource-policy: keep
argocd.argoproj.io/sync-options: Delete=false
{{- end }}
