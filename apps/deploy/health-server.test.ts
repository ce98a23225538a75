import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { HealthServer } from './health-server.ts';

async function statusOf(port: number, path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
}

test('is healthy at once, ready when it is set ready, and has no other paths', async () => {
  await using health = await HealthServer.listen(0);
  const seen = async (): Promise<readonly number[]> => [
    await statusOf(health.port, '/healthz'),
    await statusOf(health.port, '/readyz'),
    await statusOf(health.port, '/'),
    await statusOf(health.port, '/readyz/x'),
  ];

  expect(await seen()).toEqual([200, 503, 404, 404]);
  health.setReady();
  expect(await seen()).toEqual([200, 200, 404, 404]);
});

test('a port in use is named', async () => {
  await using health = await HealthServer.listen(0);

  await expect(HealthServer.listen(health.port)).rejects.toMatchObject({
    code: 'KATA_DEPLOY_PORT',
    message: `cannot listen on port ${health.port} for probes`,
    exitCode: 3,
  });
});

test('an idle connection does not keep it running', async () => {
  const health = await HealthServer.listen(0);
  const idle = connect(health.port, '127.0.0.1');
  await new Promise((resolve) => idle.once('connect', resolve));
  const ended = new Promise((resolve) => idle.once('close', resolve));

  await health[Symbol.asyncDispose]();
  await ended;

  expect(idle.destroyed).toBe(true);
});
