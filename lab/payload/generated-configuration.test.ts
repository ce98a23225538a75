/** What the installer generates from upstream's templates, which the lab has; the code under test is in packages/kata. */
import {
  type DesiredConfiguration,
  effectiveConfiguration,
  type GeneratedConfiguration,
  generateConfiguration,
  loadConfiguration,
  neededTexts,
  referencedFiles,
  type DesiredHandler,
  type Shim,
  type ShimOptions,
  shims,
  shippedConfiguration,
} from '@kata/kata';
import { renderDocument } from '@kata/toml';
import { expect, test } from 'vitest';
import { kataConfiguration } from './kata-configuration.ts';

const release = '3.24.0-0a1b2c3d';
const rootHash = 'root_hash=12ab,salt=34cd,data_blocks=1024,data_block_size=4096,hash_block_size=4096\n';

const everything: ShimOptions = {
  hypervisorAnnotations: ['default_maxvcpus', 'kernel_params', 'image'],
  httpsProxy: 'http://proxy.example:3128',
  noProxy: '.svc,10.0.0.0/8',
  forceGuestPull: true,
  snapshotter: 'nydus',
  pullType: 'guest-pull',
  dropIn: '# of a user\n[runtime]\nenable_pprof = true\n',
};

function desiredFor(shim: Shim, changes: Partial<DesiredConfiguration> = {}): DesiredConfiguration {
  const runtime = { handler: 'kata-mine', base: shim, snapshotter: undefined, pullType: undefined };
  return {
    prefix: '/srv/opt/kata-blue',
    suffix: 'blue',
    shims: [shim],
    options: new Map([[shim.name, everything]]),
    customRuntimes: [{ ...runtime, dropIn: '[runtime]\nname = "mine"\n' }],
    debug: true,
    devkit: true,
    kubeletRoot: '/var/lib/k0s/kubelet',
    ...changes,
  };
}

async function generate(desired: DesiredConfiguration): Promise<GeneratedConfiguration> {
  const texts = new Map<string, string>();
  for (const path of neededTexts(desired)) {
    const shim = [...shims.values()].find((each) => shippedConfiguration(each) === path);
    texts.set(path, shim === undefined ? rootHash : await kataConfiguration(shim.name));
  }
  return generateConfiguration(desired, texts)(release);
}

/** The configuration of a handler and its drop-ins, in the order in which they are merged. */
function textsOf({ directory }: DesiredHandler, { files }: GeneratedConfiguration): readonly string[] {
  const inside = (folder: string): readonly string[] =>
    [...files.keys()].filter((path) => path.slice(0, path.lastIndexOf('/')) === folder).toSorted();
  return [...inside(directory), ...inside(`${directory}/config.d`)].map(
    (path) => files.get(path)?.text ?? '',
  );
}

/** Of the copies, only the lines that differ from the shipped file. */
function show({ files }: GeneratedConfiguration, shipped: string): string {
  const lines = new Set(shipped.split('\n'));
  return [...files]
    .map(([path, { text, isExecutable }]) => {
      const isCopy = path.split('/').at(-1)?.startsWith('configuration-') === true;
      const shown = isCopy ? text.split('\n').filter((line) => !lines.has(line)) : [text.trimEnd()];
      return `=== ${path}${isExecutable ? ' (program)' : ''}${isCopy ? ' (differs)' : ''}\n${shown.join('\n')}\n`;
    })
    .join('\n');
}

test.each(['qemu', 'qemu-runtime-rs', 'clh', 'fc', 'dragonball', 'qemu-nvidia-gpu-snp', 'remote'])(
  'everything that is generated for %s with all settings',
  async (name) => {
    const generated = await generate(desiredFor(shims.get(name) as Shim));

    await expect(show(generated, await kataConfiguration(name))).toMatchFileSnapshot(
      `golden/generated-for-${name}.txt`,
    );
  },
);

test.each([...shims.values()])('$name: the configuration names only files of the release', async (shim) => {
  const generated = await generate(desiredFor(shim));
  const directory = `/srv/opt/kata-blue/releases/${release}`;

  for (const handler of generated.handlers) {
    const texts = textsOf(handler, generated);
    const [main = '', ...dropIns] = texts;
    const entries = dropIns.map((text, i) => ({
      name: `${i}`,
      kind: 'file' as const,
      content: Buffer.from(text),
    }));
    const loaded = loadConfiguration({ language: shim.language, version: '4.1.0' }, main, entries);
    expect(renderDocument(effectiveConfiguration(texts))).not.toMatch(/"\/opt\/kata/);
    expect(loaded.refusals).toEqual([]);
    const named = referencedFiles(shim.language, loaded).map(({ path }) => path);
    expect(named.filter((path) => !path.startsWith(`${directory}/`))).toEqual([]);
  }
  const drops = [...generated.files].filter(([path]) => !path.includes('/configuration-'));
  expect(drops.filter(([, { text }]) => /(?<!\/srv)\/opt\/kata/.test(text))).toEqual([]);
});

test.each([...shims.values()])('$name: debugging does not change the plain handler', async (shim) => {
  const without = await generate(desiredFor(shim, { debug: false, devkit: false, customRuntimes: [] }));
  const withAll = await generate(desiredFor(shim));

  for (const [path, file] of without.files) expect(withAll.files.get(path)).toEqual(file);
});
