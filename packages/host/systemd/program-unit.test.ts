import { expect, test } from 'vitest';
import { programProperties } from './program-unit.ts';

test('issue 12.2: a program runs with literal arguments, read-only, without network, with limited output', () => {
  const properties = programProperties({
    unit: 'x.service',
    description: 'asks',
    program: '/usr/bin/containerd',
    arguments: ['--config', '/etc/$A.toml'],
    output: '/run/x/output',
    timeoutMs: 1500,
  });

  const values = Object.fromEntries(properties.map(([name, { value }]) => [name, value]));
  expect(values).toMatchObject({
    ExecStart: [['/usr/bin/containerd', ['/usr/bin/containerd', '--config', '/etc/$$A.toml'], false]],
    StandardOutputFile: '/run/x/output',
    TimeoutStartUSec: 1_500_000n,
    LimitFSIZE: 16_777_216n,
    ProtectSystem: 'strict',
    PrivateNetwork: true,
  });
});
