import { KataError } from '@kata/core';
import { type CustomRuntime, type Shim, type ShimOptions, shims } from '@kata/kata';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldList, variableName } from './model.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { Settings } from './settings.ts';

const kataArchitecture = 'x86_64';
const made = [...shims.values()].filter((shim) => shim.components[kataArchitecture] !== undefined);

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
const toml = name.map((key) => `${key} = 1\n`);
const proxy = fc
  .stringMatching(/^https?:\/\/[a-z=;,.]{1,12}:[0-9]{1,4}\/$/)
  .filter((url) => !url.includes(';'));

const options: fc.Arbitrary<ShimOptions> = fc.record({
  hypervisorAnnotations: fc.uniqueArray(name, { maxLength: 3 }).map((names) => names.toSorted()),
  httpsProxy: maybe(proxy),
  noProxy: maybe(fc.stringMatching(/^[a-z0-9.,/]{1,12}$/)),
  forceGuestPull: fc.boolean(),
  snapshotter: maybe(name.filter((word) => word !== 'erofs')),
  pullType: maybe(fc.constant('guest-pull')),
  dropIn: maybe(toml),
});

const customRuntimes: fc.Arbitrary<readonly CustomRuntime[]> = fc.uniqueArray(
  fc.record({
    handler: name.map((word) => `kata-my-${word}`),
    base: fc.constantFrom(...made),
    snapshotter: maybe(name.filter((word) => word !== 'erofs')),
    pullType: maybe(fc.constant('guest-pull')),
    dropIn: maybe(toml),
  }),
  { selector: (runtime) => runtime.handler, maxLength: 3 },
);

/** A base that is not enabled itself has only annotations and proxies. */
function optionsFor(
  chosen: readonly Shim[],
  custom: readonly CustomRuntime[],
): fc.Arbitrary<ReadonlyMap<string, ShimOptions>> {
  const names = [...new Set([...chosen, ...custom.map(({ base }) => base)])].map((shim) => shim.name);
  const others = {
    forceGuestPull: false,
    snapshotter: undefined,
    pullType: undefined,
    dropIn: undefined,
  };
  const isChosen = (name: string): boolean => chosen.some((shim) => shim.name === name);
  return fc.tuple(...names.map(() => options)).map(
    (found) =>
      new Map(
        names.map((name, i): [string, ShimOptions] => {
          const one = found[i] as ShimOptions;
          return [name, isChosen(name) ? one : { ...one, ...others }];
        }),
      ),
  );
}

function settingsOf(chosen: readonly Shim[]): fc.Arbitrary<Settings> {
  const suffix = fc.oneof(fc.constant(''), fc.stringMatching(/^x[a-z0-9]{0,6}$/));
  return fc.record({ prefix: fc.constantFrom('', '/srv', '/mnt/kata data'), suffix }).chain((place) =>
    customRuntimes.chain((custom) =>
      fc.record({
        prefix: fc.constant(
          `${place.prefix}/opt/kata${place.suffix === '' ? '' : `-${place.suffix}`}` as const as `/${string}`,
        ),
        suffix: fc.constant(place.suffix),
        kataArchitecture: fc.constant(kataArchitecture),
        shims: fc.constant(chosen),
        options: optionsFor(chosen, custom),
        customRuntimes: fc.constant(custom),
        defaultShim: fc.constantFrom(...chosen),
        debug: fc.constant(true),
        devkit: fc.boolean(),
        snapshotters: fc.record({
          setup: fc.uniqueArray(fc.constantFrom('nydus' as const, 'erofs' as const)),
          erofsMergeMode: fc.constantFrom('merged' as const, 'unmerged' as const),
          erofsSnapshotterMode: fc.constantFrom('disk' as const, 'memory' as const),
          erofsDmverity: fc.boolean(),
        }),
        startupTaints: fc.array(
          fc.record({
            key: name,
            effect: maybe(fc.constantFrom('NoSchedule', 'PreferNoSchedule', 'NoExecute')),
          }),
          { maxLength: 3 },
        ),
        containerd: fc.oneof(
          fc.record({ configFileName: name, isConfigFileGiven: fc.constant(true) }),
          fc.record({
            configFileName: name,
            isConfigFileGiven: fc.constant(true),
            userDropIn: fc.record({ text: toml, source: fc.constant('/user.toml') }),
          }),
        ),
        distribution: maybe(name),
        containerRuntimeVersion: maybe(name.map((version) => `containerd://${version}`)),
        nodeMachineId: maybe(name),
        healthPort: fc.integer({ min: 1, max: 65_535 }),
      }),
    ),
  );
}

const anySettings = fc
  .uniqueArray(fc.constantFrom(...made), { minLength: 1, maxLength: 4 })
  .chain(settingsOf);

interface Written {
  readonly environment: Readonly<Record<string, string>>;
  readonly files: ReadonlyMap<string, string>;
}

function write(settings: Settings): Written {
  const files = new Map<string, string>();
  for (const [shim, { dropIn }] of settings.options) {
    if (dropIn !== undefined) files.set(`/custom-configs/dropin-${shim}.toml`, dropIn);
  }
  for (const { handler, dropIn } of settings.customRuntimes) {
    if (dropIn !== undefined) files.set(`/custom-configs/dropin-${handler}.toml`, dropIn);
  }
  const list = settings.customRuntimes.map((runtime) =>
    [runtime.handler, runtime.base.name, runtime.snapshotter ?? '', runtime.pullType ?? ''].join(':'),
  );
  files.set('/custom-configs/custom-runtimes.list', list.join('\n'));
  const { userDropIn } = settings.containerd;
  if (userDropIn !== undefined) files.set(userDropIn.source, userDropIn.text);
  return { environment: writeEnvironment(settings), files };
}

function writeEnvironment(settings: Settings): Readonly<Record<string, string>> {
  const byShim = (
    pick: (one: ShimOptions) => string | undefined,
    [between, after]: readonly [string, string],
  ): string =>
    [...settings.options]
      .flatMap(([shim, one]) => {
        const value = pick(one);
        return value === undefined || value === '' ? [] : [`${shim}${between}${value}`];
      })
      .join(after);
  const { snapshotters, containerd } = settings;
  return {
    SHIMS_X86_64: settings.shims.map((shim) => shim.name).join(' '),
    DEFAULT_SHIM_X86_64: settings.defaultShim?.name ?? '',
    ALLOWED_HYPERVISOR_ANNOTATIONS_X86_64: byShim((one) => one.hypervisorAnnotations.join(','), [':', ' ']),
    SNAPSHOTTER_HANDLER_MAPPING_X86_64: byShim((one) => one.snapshotter, [':', ',']),
    PULL_TYPE_MAPPING_X86_64: byShim((one) => one.pullType, [':', ',']),
    EXPERIMENTAL_FORCE_GUEST_PULL_X86_64: [...settings.options]
      .flatMap(([shim, one]) => (one.forceGuestPull ? [shim] : []))
      .join(','),
    AGENT_HTTPS_PROXY: byShim((one) => one.httpsProxy, ['=', ';']),
    AGENT_NO_PROXY: byShim((one) => one.noProxy, ['=', ';']),
    CUSTOM_RUNTIMES_ENABLED: String(settings.customRuntimes.length > 0),
    INSTALLATION_PREFIX: settings.prefix.slice(0, settings.prefix.lastIndexOf('/opt/kata')),
    MULTI_INSTALL_SUFFIX: settings.suffix,
    DEBUG: String(settings.debug),
    DEVKIT: String(settings.devkit),
    EXPERIMENTAL_SETUP_SNAPSHOTTER: snapshotters.setup.join(','),
    EROFS_MERGE_MODE: snapshotters.erofsMergeMode,
    EROFS_SNAPSHOTTER_MODE: snapshotters.erofsSnapshotterMode,
    EROFS_DMVERITY: snapshotters.erofsDmverity ? 'dmverity' : '',
    STARTUP_TAINTS: settings.startupTaints
      .map(({ key, effect }) => (effect === undefined ? key : `${key}:${effect}`))
      .join(','),
    CONTAINERD_CONFIG_FILE_NAME: containerd.configFileName,
    CONTAINERD_USER_DROP_IN_SOURCE_FILE: containerd.userDropIn?.source ?? '',
    K8S_DISTRIBUTION: settings.distribution ?? '',
    CONTAINER_RUNTIME_VERSION: settings.containerRuntimeVersion ?? '',
    NODE_MACHINE_ID: settings.nodeMachineId ?? '',
    HEALTH_PORT: String(settings.healthPort),
  };
}

test('settings are the same after they are written to variables and files and read again', async () => {
  await fc.assert(
    fc.asyncProperty(anySettings, async (settings) => {
      const { environment, files } = write(settings);

      const read = await resolveSettings({
        flags: {},
        environment,
        kataArchitecture,
        readFile: async (path) => files.get(path),
      });

      expect(read.settings).toEqual(settings);
    }),
    { numRuns: 100 },
  );
});

const words = fc.constantFrom(
  'qemu',
  'clh',
  'firecracker',
  'x',
  'true',
  'erofs',
  '/f',
  '__proto__',
  ':',
  '=',
  ';',
  ',',
  ' ',
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(words, { maxLength: 8 }).map((found) => found.join('')),
  fc.constantFrom('&a [*a]', '*b', '!!x y', '{ shims: {a: [1]} }', '? [x]', 'a = 1', 'kata-x:qemu'),
);
const anyFileText = fc.oneof(
  anyText,
  fc
    .dictionary(fc.constantFrom(...fieldList.map(([key]) => key)), fc.jsonValue({ maxDepth: 3 }), {
      maxKeys: 5,
    })
    .map((content) => JSON.stringify(content)),
);

test('any text is either valid or a KataError', async () => {
  const sources = fc.record({
    environment: fc.dictionary(
      fc.constantFrom(...fieldList.map(([, field]) => variableName(field, kataArchitecture))),
      anyText,
    ),
    flags: fc.dictionary(fc.constantFrom(...fieldList.map(([key]) => key)), fc.oneof(anyText, fc.anything())),
    config: anyFileText,
    other: fc.oneof(anyText, fc.constant(undefined)),
    hasConfig: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(sources, async ({ environment, flags, config, other, hasConfig }) => {
      const readFile = async (path: string): Promise<string | undefined> =>
        path === '/k.yaml' ? config : other;
      try {
        await resolveSettings({
          flags: hasConfig ? { ...flags, config: '/k.yaml' } : flags,
          environment,
          kataArchitecture,
          readFile,
        });
      } catch (error) {
        expect(error).toBeInstanceOf(KataError);
        expect(error).toMatchObject({ code: 'KATA_CONFIG_INVALID', exitCode: 2 });
      }
    }),
    { numRuns: 500 },
  );
});
