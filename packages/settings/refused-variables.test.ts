import { describe, expect, test } from 'vitest';
import { known, made, qemu, refusalOf, type Texts } from './testkit/resolve-texts.ts';

describe('refused', () => {
  test.each<[string, Texts, readonly string[]]>([
    [
      'an unknown shim',
      { SHIMS_X86_64: 'qemu qemuu' },
      ['SHIMS_X86_64 names an unknown shim "qemuu"', known],
    ],
    [
      'a shim of another architecture',
      { SHIMS_X86_64: 'qemu qemu-se' },
      ['SHIMS_X86_64 names the shim "qemu-se", which does not exist for x86_64', known],
    ],
    [
      'an empty list',
      { SHIMS_X86_64: ' \n' },
      [
        'SHIMS_X86_64 names no shim',
        `next: name one or more of ${made.join(', ')}, or enable custom runtimes`,
      ],
    ],
    [
      'a default shim that is not enabled',
      { ...qemu, DEFAULT_SHIM_X86_64: 'clh' },
      ['DEFAULT_SHIM_X86_64 names the shim "clh", which is not enabled', 'next: enabled are qemu'],
    ],
    [
      'a default shim that is unknown',
      { ...qemu, DEFAULT_SHIM_X86_64: 'qemuu' },
      ['DEFAULT_SHIM_X86_64 names an unknown shim "qemuu"', 'next: enabled are qemu'],
    ],
    [
      'a bad suffix',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'a23456789012345678901' },
      [
        'MULTI_INSTALL_SUFFIX "a23456789012345678901" is not a valid suffix',
        'next: MULTI_INSTALL_SUFFIX takes at most 20 of a-z, 0-9 and inner hyphens',
      ],
    ],
    [
      'a suffix that results in the handler of another shim',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'snp' },
      [
        'MULTI_INSTALL_SUFFIX "snp" would give a handler the name kata-qemu-snp, which is the name of another handler',
        'next: use a suffix that is not part of a handler name',
      ],
    ],
    [
      'the reserved suffix "default"',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'default' },
      [
        'MULTI_INSTALL_SUFFIX "default" is reserved for the installation without a suffix',
        'next: use another suffix',
      ],
    ],
    [
      'a suffix that results in a debug handler',
      { ...qemu, MULTI_INSTALL_SUFFIX: 'x-debug' },
      [
        'MULTI_INSTALL_SUFFIX "x-debug" would give a handler the name kata-qemu-x-debug, which is the name of another handler',
        'next: use a suffix that is not part of a handler name',
      ],
    ],
    [
      'a relative prefix',
      { ...qemu, INSTALLATION_PREFIX: 'srv' },
      [
        'INSTALLATION_PREFIX "srv" is not an absolute path',
        'next: INSTALLATION_PREFIX takes an absolute path without ".."',
      ],
    ],
    [
      'a prefix with ".."',
      { ...qemu, INSTALLATION_PREFIX: '/srv/../etc' },
      [
        'INSTALLATION_PREFIX "/srv/../etc" contains ".."',
        'next: INSTALLATION_PREFIX takes an absolute path without ".."',
      ],
    ],
    [
      'an invalid boolean',
      { ...qemu, DEBUG: 'yes' },
      ['DEBUG "yes" is neither true nor false', 'next: DEBUG takes true, false, 1 or 0'],
    ],
    [
      'a devkit without debug',
      { ...qemu, DEVKIT: 'true' },
      ['DEVKIT needs DEBUG', 'next: set DEBUG to true as well'],
    ],
    [
      'a pair without a value',
      { ...qemu, SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'qemu' },
      [
        'SNAPSHOTTER_HANDLER_MAPPING_X86_64 "qemu" is not a pair shim:snapshotter',
        'next: SNAPSHOTTER_HANDLER_MAPPING_X86_64 takes shim:snapshotter, separated by commas',
      ],
    ],
    [
      'a mapping for a shim that is not enabled',
      { ...qemu, SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'clh:nydus' },
      [
        'SNAPSHOTTER_HANDLER_MAPPING_X86_64 names the shim "clh", which is not enabled',
        'next: enabled are qemu',
      ],
    ],
    [
      'two values for a shim',
      { SHIMS_X86_64: 'fc', SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'fc:a,firecracker:b' },
      ['SNAPSHOTTER_HANDLER_MAPPING_X86_64 names the shim "fc" twice', 'next: give each shim one value'],
    ],
    [
      'merged erofs for a shim in Go',
      { ...qemu, SNAPSHOTTER_HANDLER_MAPPING_X86_64: 'qemu:erofs' },
      [
        'SNAPSHOTTER_HANDLER_MAPPING_X86_64 gives "qemu" the snapshotter erofs, which with merged layers supports only shims in Rust',
        'next: use a shim that is written in Rust, or set EROFS_MERGE_MODE to unmerged',
      ],
    ],
    [
      'an unknown pull type',
      { ...qemu, PULL_TYPE_MAPPING_X86_64: 'qemu:guestpull' },
      [
        'PULL_TYPE_MAPPING_X86_64 "qemu:guestpull" is not a pair shim:guest-pull or shim:default',
        'next: PULL_TYPE_MAPPING_X86_64 takes shim:guest-pull or shim:default, separated by commas',
      ],
    ],
    [
      'guest pull for a shim that is not enabled',
      { ...qemu, EXPERIMENTAL_FORCE_GUEST_PULL_X86_64: 'qemu,clh' },
      [
        'EXPERIMENTAL_FORCE_GUEST_PULL_X86_64 names the shim "clh", which is not enabled',
        'next: enabled are qemu',
      ],
    ],
    [
      'annotations for a shim that is not enabled',
      { ...qemu, ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'clh:kernel' },
      [
        'ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64 names the shim "clh", which is not enabled',
        'next: enabled are qemu',
      ],
    ],
    [
      'an empty annotation',
      { ...qemu, ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: 'qemu:kernel,' },
      [
        'ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64 "qemu:kernel," is neither annotations nor shim:annotation,annotation',
        'next: ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64 takes annotations for all shims or shim:annotation,annotation, separated by spaces; each is a regular expression',
      ],
    ],
    [
      'a proxy with a space',
      { ...qemu, AGENT_NO_PROXY: 'a, b' },
      [
        'AGENT_NO_PROXY "a, b" is neither a value without spaces nor shim=value',
        'next: AGENT_NO_PROXY takes one value for all shims, or shim=value separated by semicolons; no spaces, no quotes',
      ],
    ],
    [
      'a proxy, without showing its password',
      { ...qemu, AGENT_HTTPS_PROXY: 'qemu=http://me:se cret@proxy:3128' },
      [
        'AGENT_HTTPS_PROXY "qemu=http://…@proxy:3128" is neither a value without spaces nor shim=value',
        'next: AGENT_HTTPS_PROXY takes one value for all shims, or shim=value separated by semicolons; no spaces, no quotes',
      ],
    ],
    [
      'a proxy for a shim that is not enabled',
      { ...qemu, AGENT_HTTPS_PROXY: 'clh=http://a' },
      ['AGENT_HTTPS_PROXY names the shim "clh", which is not enabled', 'next: enabled are qemu'],
    ],
    [
      'an unknown snapshotter',
      { ...qemu, EXPERIMENTAL_SETUP_SNAPSHOTTER: 'nydus,overlay' },
      [
        'EXPERIMENTAL_SETUP_SNAPSHOTTER "overlay" is not a valid snapshotter to set up',
        'next: EXPERIMENTAL_SETUP_SNAPSHOTTER takes nydus and erofs, separated by commas or spaces',
      ],
    ],
    [
      'an unknown merge mode',
      { ...qemu, EROFS_MERGE_MODE: 'merge' },
      [
        'EROFS_MERGE_MODE "merge" is not a valid merge mode',
        'next: EROFS_MERGE_MODE takes merged or unmerged',
      ],
    ],
    [
      'an unknown snapshotter mode',
      { ...qemu, EROFS_SNAPSHOTTER_MODE: 'ram' },
      [
        'EROFS_SNAPSHOTTER_MODE "ram" is not a valid snapshotter mode',
        'next: EROFS_SNAPSHOTTER_MODE takes disk or memory',
      ],
    ],
    [
      'an invalid dm-verity setting',
      { ...qemu, EROFS_DMVERITY: 'verity' },
      [
        'EROFS_DMVERITY "verity" is neither "dmverity" nor true nor false',
        'next: EROFS_DMVERITY takes dmverity, true, false, 1 or 0',
      ],
    ],
    [
      'a bad port',
      { ...qemu, HEALTH_PORT: '65536' },
      ['HEALTH_PORT 65536 is not a valid port', 'next: HEALTH_PORT takes a number from 1 to 65535'],
    ],
    [
      'a port in letters',
      { ...qemu, HEALTH_PORT: '80 90' },
      ['HEALTH_PORT "80 90" is not a valid port', 'next: HEALTH_PORT takes a number from 1 to 65535'],
    ],
    [
      'a taint with an unknown effect',
      { ...qemu, STARTUP_TAINTS: 'kata:NoShedule' },
      [
        'STARTUP_TAINTS "kata:NoShedule" is neither key nor key:effect',
        'next: STARTUP_TAINTS takes key or key:effect, separated by commas or spaces; NoSchedule, PreferNoSchedule or NoExecute',
      ],
    ],
    [
      'a configuration file name with a directory',
      { ...qemu, CONTAINERD_CONFIG_FILE_NAME: '../config.toml' },
      [
        'CONTAINERD_CONFIG_FILE_NAME "../config.toml" is not a valid file name',
        'next: CONTAINERD_CONFIG_FILE_NAME takes a file name without a directory',
      ],
    ],
    [
      'a missing drop-in for containerd',
      { ...qemu, CONTAINERD_USER_DROP_IN_SOURCE_FILE: '/user.toml' },
      [
        'CONTAINERD_USER_DROP_IN_SOURCE_FILE names /user.toml, which does not exist',
        'next: name an existing file',
      ],
    ],
    [
      'a shim for untrusted pods that is not enabled',
      { ...qemu, KATA_UNTRUSTED_SHIM: 'fc' },
      ['KATA_UNTRUSTED_SHIM names the shim "fc", which is not enabled', 'next: enabled are qemu'],
    ],
    [
      'an invalid node name',
      { ...qemu, NODE_NAME: 'Node 1' },
      [
        'NODE_NAME "Node 1" is not a valid Kubernetes name',
        'next: NODE_NAME takes a Kubernetes name: a-z, 0-9, inner dots and hyphens',
      ],
    ],
    [
      'a missing configuration file',
      { ...qemu, KATA_DEPLOY_CONFIG: '/k.yaml' },
      ['KATA_DEPLOY_CONFIG names /k.yaml, which does not exist', 'next: name an existing file'],
    ],
    [
      'custom runtimes without their list',
      { ...qemu, CUSTOM_RUNTIMES_ENABLED: '1' },
      [
        'CUSTOM_RUNTIMES_ENABLED is set, but /custom-configs/custom-runtimes.list does not exist',
        'next: name an existing file',
      ],
    ],
  ])('%s', async (_, environment, expected) => {
    expect(await refusalOf({ environment })).toEqual(expected);
  });
});
