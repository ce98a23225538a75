import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { stay } from './stay.ts';
import { listenForTermination } from './termination.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const readiness = async (port: number): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/readyz`)).status;

test('is not ready during the work, ready after it, and makes the cleanup decision when it is terminated', async () => {
  using termination = listenForTermination();
  const port = await freePort();
  const seen: (string | number)[] = [];

  await stay({
    port,
    termination,
    work: async () => {
      seen.push('work', await readiness(port));
    },
    onReady: (at) => {
      void readiness(at).then((status) => {
        seen.push('ready', status);
        process.emit('SIGTERM');
        // A second SIGTERM has no effect.
        process.emit('SIGTERM');
      });
    },
    atEnd: async () => {
      seen.push('end', await readiness(port));
    },
  });

  expect(seen).toEqual(['work', 503, 'ready', 200, 'end', 200]);
  await expect(readiness(port)).rejects.toThrow('fetch failed');
});

test('terminated during the work, it makes the cleanup decision and was never ready', async () => {
  using termination = listenForTermination();
  const seen: string[] = [];

  await stay({
    port: 0,
    termination,
    work: async () => {
      process.emit('SIGTERM');
      seen.push(termination.signal.aborted ? 'told' : 'not told');
    },
    onReady: () => seen.push('ready'),
    atEnd: async () => {
      seen.push('end');
    },
  });

  expect(seen).toEqual(['told', 'end']);
});

test('failed work ends it without a cleanup decision', async () => {
  using termination = listenForTermination();
  const port = await freePort();
  const seen: string[] = [];
  const staying = stay({
    port,
    termination,
    work: async () => {
      throw new Error('no space');
    },
    onReady: () => seen.push('ready'),
    atEnd: async () => {
      seen.push('end');
    },
  });

  await expect(staying).rejects.toThrow('no space');
  expect(seen).toEqual([]);
  await expect(readiness(port)).rejects.toThrow('fetch failed');
});
