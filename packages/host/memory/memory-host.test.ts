import { exitCodes } from '@kata/core';
import { expect, test } from 'vitest';
import { describeHost } from '../conformance/describe-host.ts';
import { systemError } from '../files/file-error.ts';
import { MemoryHost } from './memory-host.ts';

describeHost('memory', async () => ({
  host: new MemoryHost({ files: { '/work': { directory: true } } }),
  dispose: async () => undefined,
}));

test('has a snapshot of its files', () => {
  const host = new MemoryHost({
    files: {
      '/etc/hosts': 'localhost',
      '/opt/kata/bin/shim': { content: '#!', mode: 0o755 },
      '/opt/kata/current': { link: 'releases/1' },
    },
  });

  expect(host.files.snapshot('/opt/kata')).toEqual({
    '/opt/kata': 'directory 755',
    '/opt/kata/bin': 'directory 755',
    '/opt/kata/bin/shim': '755 #!',
    '/opt/kata/current': 'link -> releases/1',
  });
});

test('fails where a test throws', async () => {
  const host = new MemoryHost({
    files: { '/etc': { directory: true } },
    beforeChange: ({ operation, path }) => {
      if (operation === 'write') throw systemError('ENOSPC', 'write', path);
    },
  });

  await expect(host.files.write('/etc/file', Buffer.from('x'))).rejects.toMatchObject({
    code: 'KATA_HOST_NO_SPACE',
    message: 'cannot write /etc/file',
    exitCode: exitCodes.precondition,
  });
  expect(host.files.snapshot()).toEqual({ '/etc': 'directory 755' });
});

test('units record their restarts and start at the time of the clock', async () => {
  const host = new MemoryHost({
    units: { 'containerd.service': { active: 'failed', startedAtMs: undefined } },
  });
  host.advance(1000);
  await expect(host.units.reload('containerd.service', 1000)).rejects.toMatchObject({
    code: 'KATA_HOST_UNIT',
  });
  await host.units.restart('containerd.service', 1000);
  await host.units.reload('containerd.service', 1000);

  expect(host.units.reloads).toEqual(['containerd.service']);
  expect(host.units.restarts).toEqual(['containerd.service']);
  const first = await host.units.state('containerd.service');
  expect(first).toMatchObject({
    active: 'active',
    startedAtMs: host.now().getTime(),
  });
  await host.units.restart('containerd.service', 1000);
  expect((await host.units.state('containerd.service'))?.invocationId).not.toBe(first?.invocationId);
  expect(await host.units.state('crio.service')).toBeUndefined();
  await expect(host.units.restart('crio.service', 1000)).rejects.toMatchObject({ code: 'KATA_HOST_UNIT' });
});

test('issue 12.6: starts by other programs are limited, and do not count towards our restart', async () => {
  const units = { 'containerd.service': { active: 'active', startedAtMs: 1 } };
  const host = new MemoryHost({ units, startLimit: 3 });
  for (let starts = 0; starts < 3; starts += 1) host.units.start('containerd.service');

  expect(() => host.units.start('containerd.service')).toThrow('start-limit-hit');
  expect((await host.units.state('containerd.service'))?.active).toBe('failed');
  await host.units.restart('containerd.service', 1000);
  expect((await host.units.state('containerd.service'))?.active).toBe('active');
});
