{{/* What the pods of this chart share: the parts of the node that they see, and what they are told. */}}
{{- define "kata-deploy.volumes" }}
{{- $opt := printf "%s/opt" (trimSuffix "/" .Values.env.installationPrefix) }}
volumes:
  - name: opt
    hostPath: { path: {{ $opt }}, type: DirectoryOrCreate }
  - name: containerd-config
    hostPath: { path: /etc/containerd, type: DirectoryOrCreate }
  # Directories, not sockets: systemd and the engine make their sockets anew when they start.
  - name: systemd
    hostPath: { path: /run/systemd, type: Directory }
  - name: containerd
    hostPath: { path: /run/containerd, type: DirectoryOrCreate }
  - name: lock
    hostPath: { path: /run/lock, type: DirectoryOrCreate }
  - name: sandboxes-go
    hostPath: { path: /run/vc/sbs, type: DirectoryOrCreate }
  - name: sandboxes-rust
    hostPath: { path: /run/kata, type: DirectoryOrCreate }
{{- end }}

{{- define "kata-deploy.container" }}
{{- $opt := printf "%s/opt" (trimSuffix "/" .Values.env.installationPrefix) }}
securityContext:
  runAsUser: 0
  privileged: false
  readOnlyRootFilesystem: true
env:
  - name: HOST_ROOT
    value: /host
  - name: NODE_NAME
    valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
  - name: POD_NAMESPACE
    valueFrom: { fieldRef: { fieldPath: metadata.namespace } }
  - name: DAEMONSET_NAME
    value: {{ include "kata-deploy.name" . }}
  - name: MULTI_INSTALL_SUFFIX
    value: {{ .Values.env.multiInstallSuffix | quote }}
  - name: STARTUP_TAINTS
    value: {{ join "," .Values.startupTaints | quote }}
  - name: INSTALLATION_PREFIX
    value: {{ .Values.env.installationPrefix | quote }}
  {{- $supported := dict "X86_64" (list "qemu" "clh") "AARCH64" (list "qemu" "clh") "S390X" (list "qemu") "PPC64LE" (list "qemu") }}
  {{- range $architecture, $known := $supported }}
  {{- $names := list }}
  {{- range splitList " " (include "kata-deploy.shims" $) }}
  {{- if has . $known }}{{ $names = append $names . }}{{ end }}
  {{- end }}
  - name: SHIMS_{{ $architecture }}
    value: {{ join " " $names | quote }}
  {{- end }}
volumeMounts:
  - { name: opt, mountPath: /host{{ $opt }} }
  - { name: containerd-config, mountPath: /host/etc/containerd }
  - { name: systemd, mountPath: /host/run/systemd }
  - { name: containerd, mountPath: /host/run/containerd }
  - { name: lock, mountPath: /host/run/lock }
  - { name: sandboxes-go, mountPath: /host/run/vc/sbs }
  - { name: sandboxes-rust, mountPath: /host/run/kata }
{{- end }}
