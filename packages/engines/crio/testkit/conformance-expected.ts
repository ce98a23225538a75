/** What CRI-O must serve and what we report about it, written down for the conformance suite: never derived. */
import type { Expected } from '../../conformance/trial.ts';

export const expected: Expected = {
  handler: ({ shimPath, configPath, pullType }) => ({
    shimPath,
    configPath,
    snapshotter: undefined,
    table: {
      runtime_path: shimPath,
      runtime_type: 'vm',
      runtime_root: '/run/vc',
      runtime_config_path: configPath,
      privileged_without_host_devices: true,
      ...(pullType === 'guest-pull' ? { runtime_pull_image: true } : {}),
    },
  }),
  withSetting: (text, name) => {
    const end = text === '' || text.endsWith('\n') ? '' : '\n';
    return {
      text: `${text}${end}# ${name}\n[crio.runtime.workloads.${name}]\nactivation_annotation = "example.com/${name}"\n`,
      settings: { [`crio runtime workloads ${name}`]: { activation_annotation: `example.com/${name}` } },
    };
  },
  faults: {
    missing: ({ name }) => `the handler ${name} would differ from the plan`,
    surplus: ({ name }) => `the handler ${name} would not be removed`,
    lost: (name) => `the foreign setting crio.runtime.workloads.${name} would change`,
    unreadDropIn: (source) => `CRI-O would not read ${source}`,
    staleDropIn: (path) => `CRI-O would still read ${path}`,
  },
};
