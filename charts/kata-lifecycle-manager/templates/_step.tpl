{{/* The parts that the pods of the steps share. */}}

{{/* `account`: the helper of its name; `changes`: the input with the node that the pod changes. */}}
{{- define "lifecycle.step" -}}
serviceAccountName: {{ include .account .root }}
tolerations:
  - { key: node-role.kubernetes.io/control-plane, operator: Exists }
  - { key: node-role.kubernetes.io/master, operator: Exists }
  - { key: node.kubernetes.io/unschedulable, operator: Exists, effect: NoSchedule }
  {{- with .root.Values.tolerations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .root.Values.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .changes }}
# Another node than the one that it changes, when there is one: what happens there should not end this pod.
affinity:
  nodeAffinity:
    preferredDuringSchedulingIgnoredDuringExecution:
      - weight: 100
        preference:
          matchFields:
            - { key: metadata.name, operator: NotIn, values: ['{{ printf "{{inputs.parameters.%s}}" . }}'] }
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  seccompProfile: { type: RuntimeDefault }
volumes:
  - name: scratch
    emptyDir: {}
  {{- if .chart }}
  {{- with .root.Values.chart.ca.configMap }}
  - name: chart-ca
    configMap: { name: {{ . }} }
  {{- end }}
  {{- with .root.Values.chart.credentialsSecret }}
  - name: chart-credentials
    secret: { secretName: {{ . }} }
  {{- end }}
  {{- end }}
container:
  image: {{ include "lifecycle.image" .root }}
  imagePullPolicy: {{ .root.Values.imagePullPolicy }}
  command: [kata-lifecycle]
  args:
    {{- range .args }}
    - {{ . | quote }}
    {{- end }}
    {{- if .chart }}
    {{- include "lifecycle.chartArguments" .root | nindent 4 }}
    {{- end }}
  securityContext:
    allowPrivilegeEscalation: false
    readOnlyRootFilesystem: true
    capabilities: { drop: [ALL] }
  {{- with .root.Values.resources }}
  resources:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  volumeMounts:
    - { name: scratch, mountPath: /tmp }
    {{- if .chart }}
    {{- if .root.Values.chart.ca.configMap }}
    - { name: chart-ca, mountPath: /etc/kata-lifecycle/ca, readOnly: true }
    {{- end }}
    {{- if .root.Values.chart.credentialsSecret }}
    - { name: chart-credentials, mountPath: /etc/kata-lifecycle/credentials, readOnly: true }
    {{- end }}
    {{- end }}
{{- end }}

{{- define "lifecycle.chartArguments" -}}
- {{ printf "--chart=%s" .Values.chart.source | quote }}
{{- with .Values.chart.repository }}
- {{ printf "--chart-repository=%s" . | quote }}
{{- end }}
{{- if .Values.chart.plainHttp }}
- --plain-http
{{- end }}
{{- if .Values.chart.ca.configMap }}
- {{ printf "--chart-ca-file=/etc/kata-lifecycle/ca/%s" .Values.chart.ca.key | quote }}
{{- end }}
{{- if .Values.chart.credentialsSecret }}
- --chart-credentials-file=/etc/kata-lifecycle/credentials/.dockerconfigjson
{{- end }}
{{- end }}

{{/* A step of a run: its only input, except for the node, is the run. */}}
{{- define "lifecycle.stepOfRun" -}}
{{- $inputs := .inputs | default (list "run") -}}
{{- $args := concat (list "step" .name "--workflow={{workflow.uid}}" "--run={{inputs.parameters.run}}") (.more | default list) -}}
inputs:
  parameters: [{{ range $i, $name := $inputs }}{{ if $i }}, {{ end }}{ name: {{ $name }} }{{ end }}]
{{ include "lifecycle.step" (merge (dict "args" $args) .) }}
{{- end }}
