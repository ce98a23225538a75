{{/* The parts that the pods of this chart share: mounts of the node, environment, security context. */}}

{{- define "kata-deploy.nodeVolumes" -}}
- name: opt
  hostPath: { path: {{ include "kata-deploy.opt" . }}, type: DirectoryOrCreate }
# Directories, not sockets: systemd and the container runtime create their sockets again when they start.
- name: systemd
  hostPath: { path: /run/systemd, type: Directory }
{{- range .Values.containerRuntimes | default (list "containerd") }}
- name: {{ . }}-config
  hostPath: { path: /etc/{{ . }}, type: DirectoryOrCreate }
- name: {{ . }}
  hostPath: { path: /run/{{ . }}, type: DirectoryOrCreate }
{{- end }}
- name: own-lock
  hostPath: { path: /run/kata-deploy, type: DirectoryOrCreate }
- name: lock
  hostPath: { path: /run/lock, type: DirectoryOrCreate }
- name: sandboxes-go
  hostPath: { path: /run/vc/sbs, type: DirectoryOrCreate }
- name: sandboxes-rust
  hostPath: { path: /run/kata, type: DirectoryOrCreate }
{{- end }}

{{- define "kata-deploy.nodeMounts" -}}
- { name: opt, mountPath: /host{{ include "kata-deploy.opt" . }} }
- { name: systemd, mountPath: /host/run/systemd }
{{- range .Values.containerRuntimes | default (list "containerd") }}
- { name: {{ . }}-config, mountPath: /host/etc/{{ . }} }
- { name: {{ . }}, mountPath: /host/run/{{ . }} }
{{- end }}
- { name: own-lock, mountPath: /host/run/kata-deploy }
- { name: lock, mountPath: /host/run/lock }
- { name: sandboxes-go, mountPath: /host/run/vc/sbs }
- { name: sandboxes-rust, mountPath: /host/run/kata }
{{- end }}

{{/* All that a removal needs: the place of the installation on the node, the identity of this pod, and the format of its log. */}}
{{- define "kata-deploy.identity" -}}
- name: HOST_ROOT
  value: /host
- name: NODE_NAME
  valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
- name: POD_NAMESPACE
  valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
- name: POD_UID
  valueFrom: { fieldRef: { fieldPath: metadata.uid } }
- name: DAEMONSET_NAME
  value: {{ include "kata-deploy.name" . }}
- name: MULTI_INSTALL_SUFFIX
  value: {{ .Values.env.multiInstallSuffix | quote }}
- name: INSTALLATION_PREFIX
  value: {{ .Values.env.installationPrefix | quote }}
{{- with .Values.progress }}
- name: KATA_PROGRESS
  value: {{ . | quote }}
{{- end }}
{{- end }}

{{- define "kata-deploy.graceSeconds" -}}600{{- end }}

{{/* The type `spc_t` may change the node; where SELinux is off, container runtimes ignore it. */}}
{{- define "kata-deploy.security" -}}
runAsUser: 0
privileged: false
readOnlyRootFilesystem: true
{{- with .Values.seLinuxOptions }}
seLinuxOptions:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "kata-deploy.opt" -}}
{{ trimSuffix "/" .Values.env.installationPrefix }}/opt
{{- end }}

{{/* Shared by the containers of the waiter and of the installation. */}}
{{- define "kata-deploy.container" -}}
image: {{ include "kata-deploy.image" . }}
imagePullPolicy: {{ .Values.imagePullPolicy }}
securityContext:
  {{- include "kata-deploy.security" . | nindent 2 }}
{{- with .Values.resources }}
resources:
  {{- toYaml . | nindent 2 }}
{{- end }}
env:
  {{- include "kata-deploy.identity" . | nindent 2 }}
  - name: TERMINATION_GRACE_SECONDS
    value: {{ include "kata-deploy.graceSeconds" . | quote }}
  {{- include "kata-deploy.environment" . | trim | nindent 2 }}
volumeMounts:
  {{- include "kata-deploy.nodeMounts" . | nindent 2 }}
  {{- if include "kata-deploy.configs" . }}
  - { name: configs, mountPath: /custom-configs, readOnly: true }
  {{- end }}
  {{- if include "kata-deploy.looksAtFirmware" . }}
  - { name: firmware, mountPath: /host/sys/firmware, readOnly: true }
  {{- end }}
{{- end }}

{{- define "kata-deploy.volumes" -}}
{{ include "kata-deploy.nodeVolumes" . }}
{{- if include "kata-deploy.configs" . }}
- name: configs
  configMap: { name: {{ include "kata-deploy.name" . }}-configs }
{{- end }}
{{- if include "kata-deploy.looksAtFirmware" . }}
# Container runtimes hide this path from containers; `doctor` checks there for Secure Execution.
- name: firmware
  hostPath: { path: /sys/firmware, type: Directory }
{{- end }}
{{- end }}

{{- define "kata-deploy.looksAtFirmware" -}}
{{- $enabled := include "kata-deploy.enabled" . | fromJsonArray -}}
{{- if or (has "qemu-se" $enabled) (has "qemu-se-runtime-rs" $enabled) }}true{{ end -}}
{{- end }}

{{/* The user's affinity, restricted to the architectures for which a shim is enabled; as JSON, empty without any rule. */}}
{{- define "kata-deploy.affinity" -}}
{{- $affinity := deepCopy (.Values.affinity | default dict) -}}
{{- $table := include "kata-deploy.table" . | fromJson -}}
{{- $served := include "kata-deploy.architectures" . | fromJsonArray -}}
{{- if lt (len $served) (len $table.architectures) -}}
{{- $rule := dict "key" "kubernetes.io/arch" "operator" "In" "values" $served -}}
{{- $nodes := $affinity.nodeAffinity | default dict -}}
{{- $required := $nodes.requiredDuringSchedulingIgnoredDuringExecution | default dict -}}
{{- $terms := list -}}
{{- range $required.nodeSelectorTerms | default (list dict) -}}
{{- $terms = append $terms (set (deepCopy .) "matchExpressions" (append (.matchExpressions | default list) $rule)) -}}
{{- end -}}
{{- $_ := set $nodes "requiredDuringSchedulingIgnoredDuringExecution" (dict "nodeSelectorTerms" $terms) -}}
{{- $_ := set $affinity "nodeAffinity" $nodes -}}
{{- end -}}
{{- if $affinity -}}{{- toJson $affinity -}}{{- end -}}
{{- end }}
