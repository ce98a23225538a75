import { handlerName } from '@kata/kata';
import { describe, expect, test } from 'vitest';
import { known, made, qemu, refusalOf } from './testkit/resolve-texts.ts';

describe('refused', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'an empty list',
      '# nothing\n',
      ['/l names no runtime', 'next: name one, or leave CUSTOM_RUNTIMES_ENABLED out'],
    ],
    [
      'a line without a base',
      'kata-x',
      [
        '/l, line 1, "kata-x" is not a valid custom runtime',
        'next: write handler:baseConfig:snapshotter:pullType',
      ],
    ],
    [
      'a line with too many parts',
      'kata-x:qemu:::',
      [
        '/l, line 1, "kata-x:qemu:::" is not a valid custom runtime',
        'next: write handler:baseConfig:snapshotter:pullType',
      ],
    ],
    ['an unknown base', 'kata-x:qemuu', ['/l, line 1, names an unknown shim "qemuu"', known]],
    [
      'a handler that is not a valid label value',
      '../x:qemu',
      [
        '/l, line 1, "../x" is not a valid name of a handler',
        'next: use at most 63 of a-z, 0-9 and inner hyphens',
      ],
    ],
    [
      'a handler twice',
      'kata-x:qemu\nkata-x:clh',
      ['/l, line 2, names the handler "kata-x" again', 'next: name each handler once'],
    ],
    [
      'an unknown pull type',
      'kata-x:qemu::pull',
      ['/l, line 1, "pull" is not a valid pull type', 'next: pull types are guest-pull and default'],
    ],
    [
      'a snapshotter that is not a valid name',
      'kata-x:qemu:a/b',
      [
        '/l, line 1, "a/b" is not a valid name of a snapshotter',
        'next: use the name of a snapshotter of the container runtime',
      ],
    ],
    [
      'merged erofs on a shim in Go',
      'kata-x:qemu:erofs',
      [
        'CUSTOM_RUNTIMES_ENABLED gives "kata-x" the snapshotter erofs, which with merged layers supports only shims in Rust',
        'next: use a shim that is written in Rust, or set EROFS_MERGE_MODE to unmerged',
      ],
    ],
  ])('in the list of custom runtimes: %s', async (_, list, expected) => {
    const problems = await refusalOf({
      environment: { ...qemu, CUSTOM_RUNTIMES_ENABLED: 'true' },
      files: { '/custom-configs/custom-runtimes.list': list },
    });

    expect(problems.map((line) => line.replaceAll('/custom-configs/custom-runtimes.list', '/l'))).toEqual(
      expected,
    );
  });

  test('only custom runtimes that do not exist for the architecture', async () => {
    const environment = { SHIMS_X86_64: '', CUSTOM_RUNTIMES_ENABLED: 'true' };
    const files = { '/custom-configs/custom-runtimes.list': 'kata-x:qemu-se' };

    expect(await refusalOf({ environment, files })).toEqual([
      'SHIMS_X86_64 names no shim, and no custom runtime is made for x86_64',
      `next: name one or more of ${made.join(', ')}`,
    ]);
  });

  test.each([
    handlerName('clh', ''),
    handlerName('clh', 'blue'),
    'kata-clh-debug',
    'kata-clh-blue-devkit',
    'qemu',
    'runc',
  ])('a handler name that is in use: %s', async (handler) => {
    const environment = { ...qemu, MULTI_INSTALL_SUFFIX: 'blue', CUSTOM_RUNTIMES_ENABLED: 'true' };
    const files = { '/custom-configs/custom-runtimes.list': `${handler}:qemu` };

    expect(await refusalOf({ environment, files })).toEqual([
      `/custom-configs/custom-runtimes.list, line 1, the name of handler "${handler}" is already in use`,
      'next: give the handler a unique name',
    ]);
  });

  test.each<[string, string, readonly string[]]>([
    [
      'a line that is not valid YAML',
      'shims: [qemu\ndebug: true\n',
      [
        '/k.yaml is not valid YAML at line 2, column 1: Flow sequence in block collection must be sufficiently indented and end with a ]',
        'next: write it as YAML with lines "key: value", or as JSON',
      ],
    ],
    [
      'a list',
      '[qemu]',
      ['/k.yaml is not a mapping of settings', 'next: write it as YAML with lines "key: value", or as JSON'],
    ],
    [
      'a value of another type',
      'healthPort: [1]',
      [
        '/k.yaml: healthPort […] is not a valid port',
        'next: /k.yaml: healthPort takes a number from 1 to 65535',
      ],
    ],
    [
      'an item of another type',
      'shims: [qemu, {}]',
      [
        '/k.yaml: shims {…} is not a valid name',
        'next: /k.yaml: shims takes names of shims, separated by spaces or commas',
      ],
    ],
    ['an unknown shim', 'shims: [qemuu, qemu]', ['/k.yaml: shims names an unknown shim "qemuu"', known]],
  ])('in the configuration file: %s', async (_, text, expected) => {
    expect(await refusalOf({ flags: { config: '/k.yaml' }, files: { '/k.yaml': text } })).toEqual(expected);
  });

  test('an unknown key, and one that is not allowed in the file', async () => {
    const [first, second, hint] = await refusalOf({
      flags: { config: '/k.yaml' },
      files: { '/k.yaml': 'shimz: [qemu]\nconfig: /other.yaml' },
    });

    expect([first, second]).toEqual([
      '/k.yaml: there is no setting "shimz"',
      '/k.yaml: there is no setting "config"',
    ]);
    expect(hint).toMatch(/^next: known are shims, defaultShim, .*, helper$/);
  });

  test.each([
    ['/custom-configs/dropin-qemu.toml', {}],
    ['/custom-configs/dropin-kata-x.toml', { CUSTOM_RUNTIMES_ENABLED: 'true' }],
    ['/user.toml', { CONTAINERD_USER_DROP_IN_SOURCE_FILE: '/user.toml' }],
  ])('TOML that does not parse, in %s', async (path, variables) => {
    const files = { '/custom-configs/custom-runtimes.list': 'kata-x:qemu', [path]: 'a = 1\nb = ' };

    expect(await refusalOf({ environment: { ...qemu, ...variables }, files })).toEqual([
      `${path} is not valid TOML at line 2, column 5: Unspecified values are invalid`,
      'next: correct the TOML',
    ]);
  });

  test('a file that cannot be read', async () => {
    expect(
      await refusalOf({ environment: qemu, files: { '/custom-configs/dropin-qemu.toml': 'unreadable' } }),
    ).toEqual([
      '/custom-configs/dropin-qemu.toml cannot be read: EACCES: permission denied',
      'next: make it readable for this program',
    ]);
  });

  test('all problems together, each with its source', async () => {
    expect(
      await refusalOf({
        flags: { suffix: 'Blue!', config: '/k.yaml' },
        environment: { ...qemu, DEBUG: 'yes', DEVKIT: 'no' },
        files: { '/k.yaml': 'healthPort: 0' },
      }),
    ).toEqual([
      'DEBUG "yes" is neither true nor false',
      'DEVKIT "no" is neither true nor false',
      '--suffix "Blue!" is not a valid suffix',
      '/k.yaml: healthPort 0 is not a valid port',
      'next: DEBUG takes true, false, 1 or 0; DEVKIT takes true, false, 1 or 0; --suffix takes at most 20 of a-z, 0-9 and inner hyphens; /k.yaml: healthPort takes a number from 1 to 65535',
    ]);
  });
});
