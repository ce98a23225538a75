{{/* Checks that the values schema cannot express. Each message names the value. */}}
{{- define "lifecycle.check" -}}
{{- if not (trim .Values.defaults.verificationPod) }}{{ fail "defaults.verificationPod: is required, because no node is upgraded without a verification; give the YAML of a Pod: --set-file defaults.verificationPod=verification-pod.yaml" }}{{ end -}}
{{- if not (regexMatch "(?m)(^|[{,])\\s*[\"']?kind[\"']?\\s*:\\s*[\"']?Pod\\b" (include "lifecycle.verificationPod" . | b64dec)) }}{{ fail "defaults.verificationPod: is not the YAML of a Pod, nor base64 of it; give the content of the file, not its name: --set-file defaults.verificationPod=verification-pod.yaml" }}{{ end -}}
{{- if .Values.images }}{{ fail "images: the steps have one image here; set image.reference and image.tag instead" }}{{ end -}}
{{- if and .Values.defaults.nodeTaintValue (not .Values.defaults.nodeTaintKey) }}{{ fail "defaults.nodeTaintValue: needs defaults.nodeTaintKey" }}{{ end -}}
{{- if and .Values.chart.repository (contains "://" .Values.chart.source) }}{{ fail "chart.repository: chart.source must be the name of a chart there, not a URL" }}{{ end -}}
{{- end }}

{{/* In base64: the text may contain what Argo would take for one of its own parameters. */}}
{{- define "lifecycle.verificationPod" -}}
{{- $text := .Values.defaults.verificationPod -}}
{{- $compact := regexReplaceAll "\\s" $text "" -}}
{{- if regexMatch "^[-A-Za-z0-9+/_]+={0,2}$" $compact -}}{{ $compact }}{{- else -}}{{ b64enc $text }}{{- end -}}
{{- end }}
