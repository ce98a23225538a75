import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  configuration,
  image,
  install,
  useMakePayload,
  makeStore,
  payloadRelease,
  trees,
} from './testkit/store-payloads.ts';
import { archiveOf } from './payload-directory.ts';
import { planRelease } from './plan-release.ts';
import { encodeManifest, listReleases, readManifest, removeLeftovers, removeRelease } from './store.ts';
import { verifyRelease } from './verify-release.ts';
import { writeRelease } from './write-release.ts';

const makePayload = useMakePayload();

test('a release has the files of its components and a manifest', async () => {
  const store = makeStore();
  const payload = await makePayload('1.0.0', trees('5'));

  const { id, ...progress } = await install(store, payload);

  const { [`/opt/kata/releases/${id}/manifest.json`]: manifest, ...snapshot } = store.files.snapshot(
    `/opt/kata/releases/${id}`,
  );
  const at = (path: string): string => `/opt/kata/releases/${id}${path}`;
  expect(snapshot).toEqual({
    [at('')]: 'directory 755',
    [at('/VERSION')]: '644 1\n',
    [at('/bin')]: 'directory 755',
    [at('/bin/qemu')]: '755 a hypervisor',
    [at('/share')]: 'directory 755',
    [at('/share/defaults')]: 'directory 755',
    [at('/share/defaults/kata-containers')]: 'directory 755',
    [at(`/${configuration}`)]: '644 path = "qemu"\n',
    [at('/share/kata.img')]: `644 ${image}`,
    [at('/share/vmlinux-5')]: '644 kernel 5',
    [at('/share/vmlinux.container')]: 'link -> vmlinux-5',
  });
  expect(JSON.parse((manifest ?? '').replace(/^644 /, ''))).toEqual(payloadRelease(payload));
  const manifestBytes = encodeManifest(payloadRelease(payload)).length;
  expect(progress).toEqual({
    filesLinked: 0,
    filesWritten: 6,
    bytesWritten: 300_000 + 8 + 12 + 14 + 2 + manifestBytes,
  });
  expect(await listReleases(store)).toEqual([id]);
  expect(await verifyRelease(store, id)).toEqual([]);
});

test('unchanged files are shared with the previous release, without reading their archives', async () => {
  const store = makeStore();
  await install(store, await makePayload('1.0.0', trees('5')));
  const payload = await makePayload('1.1.0', trees('6'));
  for (const component of ['qemu', 'image']) await rm(archiveOf(payload, component).path);

  const { id, ...progress } = await install(store, payload);

  // The kernel and the manifest are new; the configuration, which an administrator may edit, is a copy.
  const manifestBytes = encodeManifest(payloadRelease(payload)).length;
  expect(progress).toEqual({ filesLinked: 3, filesWritten: 3, bytesWritten: 8 + 14 + manifestBytes });
  expect(await verifyRelease(store, id)).toEqual([]);
  expect((await store.files.info(`/opt/kata/releases/${id}/share/kata.img`))?.linkCount).toBe(2);
  expect((await store.files.info(`/opt/kata/releases/${id}/${configuration}`))?.linkCount).toBe(1);
});

test('a modified file of the previous release is unpacked instead', async () => {
  const store = makeStore();
  const before = await install(store, await makePayload('1.0.0', trees('5')));
  const old = `/opt/kata/releases/${before.id}` as const;
  await store.files.write(`${old}/bin/qemu`, Buffer.from('a hypervisoR'));
  await store.files.write(`${old}/${configuration}`, Buffer.from('path = "mine"\n'));

  const { id, filesLinked } = await install(store, await makePayload('1.1.0', trees('6')));

  expect(filesLinked).toBe(2);
  expect(await verifyRelease(store, id)).toEqual([]);
  expect((await verifyRelease(store, before.id)).map(({ path, problem }) => ({ path, problem }))).toEqual([
    { path: 'bin/qemu', problem: 'content' },
    { path: configuration, problem: 'content' },
  ]);
});

test('a run that is killed at any change leaves no release, and the next one completes', async () => {
  const payload = await makePayload('1.0.0', trees('5'));
  const upgrade = await makePayload('1.1.0', trees('6'));
  const wanted = makeStore();
  await install(wanted, payload);
  await install(wanted, upgrade);
  let kills = 0;
  for (let isWhole = false; !isWhole; kills += 1) {
    let left = Infinity;
    const store = makeStore({
      beforeChange: () => {
        left -= 1;
        if (left < 0) throw new Error('killed');
      },
    });
    const { id } = await install(store, payload);
    const releasesBefore = store.files.snapshot(`/opt/kata/releases/${id}`);
    left = kills;
    isWhole = await install(store, upgrade).then(
      () => true,
      () => false,
    );
    left = Infinity;

    expect(await listReleases(store)).toHaveLength(isWhole ? 2 : 1);
    expect(store.files.snapshot(`/opt/kata/releases/${id}`)).toEqual(releasesBefore);
    await install(store, upgrade);
    expect(store.files.snapshot()).toEqual(wanted.files.snapshot());
  }
  expect(kills).toBeGreaterThan(10);
});

test('a damaged release is replaced on request', async () => {
  const store = makeStore();
  const payload = await makePayload('1.0.0', trees('5'));
  const { id } = await install(store, payload);
  const sound = store.files.snapshot();
  await store.files.remove(`/opt/kata/releases/${id}/bin/qemu`);
  const plan = await planRelease(store, payloadRelease(payload));

  const left = await writeRelease(store, payload, plan);
  const damaged = await verifyRelease(store, id);
  await writeRelease(store, payload, plan, { replaces: true });

  expect(left).toEqual({ filesLinked: 0, filesWritten: 0, bytesWritten: 0 });
  expect(damaged).toEqual([
    { path: 'bin/qemu', component: 'qemu', problem: 'missing', found: 'nothing', expected: 'file' },
  ]);
  expect(store.files.snapshot()).toEqual(sound);
});

test('removeRelease removes a release, and removeLeftovers the left-overs of killed runs', async () => {
  const store = makeStore({
    files: {
      '/opt/kata/releases/1.0.0-00000000.new/bin/x': 'half',
      '/opt/kata/releases/1.0.0-00000001.removed/bin/x': 'half',
      '/opt/kata/releases/notes.new/todo': 'not ours',
    },
  });
  const { id } = await install(store, await makePayload('1.0.0', trees('5')));

  await removeRelease(store, id);
  const removed = await removeLeftovers(store);

  expect(removed).toEqual(['1.0.0-00000000.new', '1.0.0-00000001.removed']);
  expect(await store.files.list('/opt/kata/releases')).toEqual(['notes.new']);
  expect(await readManifest(store, id)).toBeUndefined();
});
