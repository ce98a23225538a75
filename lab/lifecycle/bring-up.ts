/** Starts a lab: tools, namespaces, control plane, nodes. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { exitCodes, KataError, waitFor } from '@kata/core';
import type { Progress } from '@kata/report';
import { issueClusterCertificates } from '../cluster/certificates.ts';
import { admitNode } from '../cluster/node-files.ts';
import type { EngineName } from '../engines/catalog.ts';
import { inGroup, joinGroup, listProcesses } from '../namespace-host/control-groups.ts';
import { findNamespaceHost, spawnDetached, startNamespaceHost } from '../namespace-host/namespaces.ts';
import { forwardCommand, forwardGroup, setUpNetwork } from '../namespace-host/network.ts';
import { writeLabImages } from '../images/lab-images.ts';
import { pushImage } from '../images/push-image.ts';
import { baseLink, controlName, type LabPlace, network, type NodeSpec } from '../lab.ts';
import { checkMachine } from '../prerequisites/check-machine.ts';
import { installSystemPackages } from '../prerequisites/system-packages.ts';
import { type LabRecord, readRecord, writeRecord } from '../record.ts';
import { equipLab } from './build-tools.ts';
import { bootControl, prepareControl, waitForApi } from './control.ts';
import { bootNode, prepareNode, waitUntilReady } from './nodes.ts';
import { takeDown } from './take-down.ts';

export interface BringUpOptions {
  readonly place: LabPlace;
  /** One per node. */
  readonly engines: readonly EngineName[];
  readonly progress: Progress;
}

const steps = ['namespaces', 'certificates', 'machines', 'control plane', 'images', 'nodes ready'] as const;

/** Resolves when every node is ready. */
export async function bringUp(options: BringUpOptions): Promise<LabRecord> {
  const { place, progress } = options;
  const existing = await readRecord(place);
  if (existing?.complete === true && (await findNamespaceHost(place)) !== undefined) {
    return sameLab(existing, options);
  }
  if (existing !== undefined || (await listProcesses(place.group)).size > 0) {
    progress.note(`Lab "${place.name}" is incomplete after an earlier run; removing it first.`);
    await takeDown(place);
  }
  await checkMachine(options.engines.length);
  await installSystemPackages(progress);
  await joinGroup(`${place.group}/up`);
  let record = await newRecord(options);
  await writeRecord(place, record);
  await equipLab(place, options.engines, progress);
  progress.plan(steps);
  await startCluster(place, record, progress);
  record = { ...record, complete: true };
  await writeRecord(place, record);
  return record;
}

function sameLab(existing: LabRecord, options: BringUpOptions): LabRecord {
  const has = existing.nodes.map((node) => node.engine);
  if (has.length === options.engines.length && has.every((e, i) => e === options.engines[i])) {
    options.progress.note(`Lab "${existing.name}" is already running.`);
    return existing;
  }
  throw new KataError(
    'KATA_LAB_EXISTS',
    `lab "${existing.name}" is already running with other nodes (${has.join(', ')})`,
    {
      exitCode: exitCodes.conflict,
      hint: 'add a node (lab node add), create a lab with another name (--name), or remove this one (lab down)',
    },
  );
}

async function newRecord(options: BringUpOptions): Promise<LabRecord> {
  return {
    name: options.place.name,
    createdAt: new Date().toISOString(),
    complete: false,
    apiPort: await freePort(),
    registryPort: await freePort(),
    nodes: options.engines.map((engine, i): NodeSpec => ({ name: `n${i + 1}`, engine, index: i + 1 })),
  };
}

async function startCluster(place: LabPlace, record: LabRecord, progress: Progress): Promise<void> {
  const [namespaceHostPid] = await Promise.all([
    progress.task('namespaces', async () => await startNetworkedNamespaceHost(place, record)),
    progress.task('certificates', async () => {
      await issueClusterCertificates(place);
    }),
  ]);
  await progress.task('machines', async (say) => {
    say(controlName);
    await prepareControl(place);
    await bootControl(place, namespaceHostPid);
    for (const node of record.nodes) {
      say(node.name);
      await prepareNode(place, node);
      await bootNode(place, node, namespaceHostPid);
    }
    say([controlName, ...record.nodes.map((node) => node.name)].join(', '));
  });
  await Promise.all([
    progress.task('control plane', async () => {
      await waitForApi(place, record);
      for (const node of record.nodes) await admitNode(place, node);
    }),
    progress.task('images', async (say) => {
      await pushLabImages(place, record, say);
    }),
  ]);
  await progress.task('nodes ready', async (say) => {
    await waitUntilReady(
      place,
      record.nodes.map((node) => node.name),
      say,
    );
  });
}

async function startNetworkedNamespaceHost(place: LabPlace, record: LabRecord): Promise<number> {
  const namespaceHostPid = await startNamespaceHost(place);
  await setUpNetwork(namespaceHostPid);
  const targets = [
    [record.apiPort, network.apiPort],
    [record.registryPort, network.registryPort],
  ] as const;
  for (const [port, target] of targets) {
    const argv = forwardCommand(namespaceHostPid, port, `${network.control}:${target}`);
    spawnDetached(await inGroup(forwardGroup(place), argv));
  }
  return namespaceHostPid;
}

async function pushLabImages(
  place: LabPlace,
  record: LabRecord,
  say: (detail: string) => void,
): Promise<void> {
  const layouts = await writeLabImages(baseLink(place), join(place.directory, 'images'));
  for (const [reference, directory] of layouts) {
    say(reference);
    const what = `the lab's registry to accept ${reference}`;
    await waitFor(
      { what, timeoutMs: 60_000 },
      async () => await pushImage(record, `oci:${directory}`, reference),
    );
  }
  say([...layouts.keys()].join(', '));
}

/** A loopback port on which no process listens at this moment. */
async function freePort(): Promise<number> {
  return await new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => {
        resolve(port);
      });
    });
  });
}
