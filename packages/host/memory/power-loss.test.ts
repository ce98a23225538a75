import { expect, test } from 'vitest';
import type { HostFiles } from '../host.ts';
import { MemoryHost } from './memory-host.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

function* once(text: string): Generator<Uint8Array> {
  yield bytes(text);
}

interface Case {
  readonly name: string;
  readonly act: (files: HostFiles) => Promise<unknown>;
}

const durable: readonly Case[] = [
  { name: 'makeDirectory', act: async (files) => await files.makeDirectory('/work/a/b', 0o750) },
  { name: 'write', act: async (files) => await files.write('/work/file', bytes('new'), { mode: 0o755 }) },
  { name: 'setLink', act: async (files) => await files.setLink('/work/link', 'new') },
  { name: 'rename', act: async (files) => await files.rename('/work/full', '/work/moved') },
  { name: 'exchange', act: async (files) => await files.exchange('/work/full/file', '/work/link') },
  { name: 'remove', act: async (files) => await files.remove('/work/file') },
  { name: 'removeDirectory', act: async (files) => await files.removeDirectory('/work/empty') },
  { name: 'removeTree', act: async (files) => await files.removeTree('/work/full') },
  {
    name: 'syncTree',
    act: async (files) => {
      await files.makeDirectory('/work/new');
      await files.writeStream('/work/new/stream', once('text'), 0o755);
      await files.hardLink('/work/file', '/work/new/hard');
      await files.syncTree('/work/new');
    },
  },
];

function newHost(beforeStep?: () => void): MemoryHost {
  return new MemoryHost({
    files: {
      '/work/file': 'old',
      '/work/link': { link: 'old' },
      '/work/full/file': 'x',
      '/work/empty': { directory: true },
    },
    ...(beforeStep === undefined ? {} : { beforeStep }),
  });
}

/** Every possible tree after a power loss, by all choices. */
function outcomes(host: MemoryHost): readonly string[] {
  const found = new Set<string>();
  for (let next: readonly number[] | undefined = []; next !== undefined;) {
    const given: readonly number[] = next;
    const taken: { readonly chosen: number; readonly of: number }[] = [];
    const after = host.powerLoss((count) => {
      const chosen = given[taken.length] ?? 0;
      taken.push({ chosen, of: count });
      return chosen;
    });
    found.add(JSON.stringify(after.files.snapshot('/work')));
    const last = taken.findLastIndex(({ chosen, of }) => chosen + 1 < of);
    next =
      last < 0 ? undefined : taken.slice(0, last + 1).map(({ chosen }, i) => chosen + Number(i === last));
  }
  return [...found];
}

test.each(durable)('$name is durable when it resolves', async ({ act }) => {
  const host = newHost();
  await act(host.files);

  expect(outcomes(host)).toEqual([JSON.stringify(host.files.snapshot('/work'))]);
});

test('a stream that was not synced may be missing, empty, truncated, zeroed or have a stricter mode', async () => {
  const host = new MemoryHost({ files: { '/work': { directory: true } } });
  await host.files.writeStream('/work/file', once('text'), 0o644);

  const contents = ['', 'te', 'text', '\0\0\0\0'];
  const trees = ['600', '644'].flatMap((mode) =>
    contents.map((content) => ({ '/work': 'directory 755', '/work/file': `${mode} ${content}` })),
  );
  const expected = [{ '/work': 'directory 755' }, ...trees].map((tree) => JSON.stringify(tree));
  expect(outcomes(host).toSorted()).toEqual(expected.toSorted());
});

test('a hard link that was not synced may be missing', async () => {
  const host = newHost();
  await host.files.hardLink('/work/file', '/work/hard');

  expect(new Set(outcomes(host).map((tree) => tree.includes('/work/hard')))).toEqual(new Set([false, true]));
});

test.each(['write', 'setLink'])(
  '%s has happened completely or not at all after a power loss at any time',
  async (name) => {
    const path = name === 'write' ? '/work/file' : '/work/link';
    const found = new Set<string>();
    const host = newHost(() => {
      for (const tree of outcomes(host)) found.add((JSON.parse(tree) as Record<string, string>)[path] ?? '');
    });
    await durable.find((each) => each.name === name)?.act(host.files);

    expect([...found]).toEqual(name === 'write' ? ['644 old', '755 new'] : ['link -> old', 'link -> new']);
  },
);

test('a machine after a power loss has another boot id, no lock, an empty /run and started units', async () => {
  const host = new MemoryHost({
    files: { '/run/vc/sbs/sandbox': { directory: true } },
    units: { 'containerd.service': { active: 'failed', startedAtMs: undefined } },
  });
  await host.lock('/run/lock', { holder: 'first', timeoutMs: 100 });
  host.advance(5000);

  const after = host.powerLoss(() => 0);

  expect(await after.bootId()).not.toBe(await host.bootId());
  expect(await after.files.list('/run')).toEqual([]);
  await (await after.lock('/run/lock', { holder: 'second', timeoutMs: 100 })).release();
  expect(await after.units.state('containerd.service')).toMatchObject({
    active: 'active',
    startedAtMs: host.now().getTime(),
  });
});
