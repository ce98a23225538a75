import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { HealthServer } from './health-server.ts';

async function statusOf(port: number, path: string): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}${path}`)).status;
}

test('lives at once, is ready when told so, and knows nothing else', async () => {
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

test('a port that is taken is named', async () => {
  await using health = await HealthServer.listen(0);

  await expect(HealthServer.listen(health.port)).rejects.toMatchObject({
    code: 'KATA_DEPLOY_PORT',
    message: `cannot listen on port ${health.port} for probes`,
    exitCode: 3,
  });
});

test('a connection that says nothing does not keep it from ending', async () => {
  const health = await HealthServer.listen(0);
  const silent = connect(health.port, '127.0.0.1');
  await new Promise((resolve) => silent.once('connect', resolve));
  const ended = new Promise((resolve) => silent.once('close', resolve));

  await health[Symbol.asyncDispose]();
  await ended;

  expect(silent.destroyed).toBe(true);
});
