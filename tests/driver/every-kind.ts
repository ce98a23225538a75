/** Values with which the chart kata-deploy renders each kind of object that it can render. */
export const everyKind = {
  ...{ debug: true, containerd: { userDropIn: 'a = 1\n' }, doctor: { askKubelet: true } },
  customRuntimes: {
    enabled: true,
    runtimes: { x: { baseConfig: 'qemu', runtimeClass: 'metadata: {name: x}\nhandler: x\n' } },
  },
};
