/** What containerd must serve and what we report about it, written down for the conformance suite: never derived. */
import type { Expected } from '../../conformance/trial.ts';

export const expected: Expected = {
  handler: ({ name, shimPath, configPath, snapshotter }, version) => {
    const option = snapshotter === undefined ? {} : { snapshotter };
    // Containerd 1.6 finds the shim by its type. From 2.0 on a separate plugin pulls images.
    const start = version.startsWith('1.6.')
      ? { runtime_type: shimPath }
      : { runtime_type: `io.containerd.${name}.v2`, runtime_path: shimPath };
    const runtime = {
      ...start,
      privileged_without_host_devices: true,
      pod_annotations: ['io.katacontainers.*'],
      container_annotations: ['io.kubernetes.container.terminationMessage*'],
      options: { ConfigPath: configPath },
      ...option,
    };
    const table = [runtime, version.startsWith('1.') ? {} : option];
    return { shimPath, configPath, snapshotter, table };
  },
  withSetting: (text, name) => {
    const [, mark = '', lines = ''] = /^(\uFEFF?)([^]*)$/.exec(text) ?? [];
    const end = lines === '' || lines.endsWith('\n') ? '' : '\n';
    return {
      text: `${mark}# ${name}\n${lines}${end}[proxy_plugins.${name}]\naddress = "/run/${name}"\n`,
      settings: { [`proxy_plugins ${name} address`]: `/run/${name}` },
    };
  },
  faults: {
    missing: ({ name }) => `the handler ${name} would differ from the plan`,
    surplus: ({ name }) => `the handler ${name} would not be removed`,
    lost: (name) => `the foreign setting proxy_plugins.${name} would change`,
    unreadDropIn: (source) => `containerd would not read ${source}`,
    staleDropIn: (path) => `containerd would still read ${path}`,
  },
};
