/** The verification pods of the documents that this project was created from. */

export const seedPods = {
  smoke: `apiVersion: v1
kind: Pod
metadata:
  name: \${TEST_POD}
spec:
  runtimeClassName: kata-qemu
  restartPolicy: Never
  nodeSelector:
    kubernetes.io/hostname: \${NODE}
  tolerations:
    - operator: Exists    # Required: node is cordoned during verification
  containers:
    - name: verify
      image: quay.io/kata-containers/alpine-bash-curl:latest
      command: ["uname", "-a"]
`,
  gpu: `apiVersion: v1
kind: Pod
metadata:
  name: \${TEST_POD}
spec:
  runtimeClassName: kata-qemu-nvidia-gpu-snp # or kata-qemu-nvidia-gpu-tdx
  restartPolicy: Never
  nodeSelector:
    kubernetes.io/hostname: \${NODE}
  containers:
  - name: cuda-vectoradd
    image: nvcr.io/nvidia/k8s/cuda-sample:vectoradd-cuda12.5.0-ubuntu22.04
    resources:
      limits:
        nvidia.com/pgpu: "1"
        memory: 16Gi
`,
} as const;
