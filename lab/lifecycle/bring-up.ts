/** Starts a lab: tools, namespaces, control plane, nodes. */
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '@kata/core';
import { writeImageLayout } from '@kata/oci';
import type { Progress } from '@kata/report';
import { startController } from '../argo/controller.ts';
import { executorImage, executorReference } from '../argo/executor-image.ts';
import { applyArgoObjects } from '../argo/objects.ts';
import { issueClusterCertificates } from '../cluster/certificates.ts';
import { admitNode } from '../cluster/node-files.ts';
import { inGroup, joinGroup, listProcesses } from '../namespace-host/control-groups.ts';
import { findNamespaceHost, spawnDetached, startNamespaceHost } from '../namespace-host/namespaces.ts';
import { forwardCommand, forwardGroup, setUpNetwork } from '../namespace-host/network.ts';
import { labImages } from '../images/lab-images.ts';
import { pushImage } from '../images/push-image.ts';
import { baseLink, controlName, type LabPlace, network, type NodeSpec, toolLink } from '../lab.ts';
import { checkMachine } from '../prerequisites/check-machine.ts';
import { installSystemPackages } from '../prerequisites/system-packages.ts';
import { type LabRecord, readRecord, writeRecord } from '../record.ts';
import { equipLab, neededTools } from './build-tools.ts';
import { bootControl, prepareControl, waitForApi } from './control.ts';
import { bootNode, prepareNode, waitUntilReady } from './nodes.ts';
import { requireSameLab, type WantedLab } from './same-lab.ts';
import { takeDown } from './take-down.ts';

export interface BringUpOptions extends WantedLab {
  readonly place: LabPlace;
  readonly progress: Progress;
}

const steps = ['namespaces', 'certificates', 'machines', 'control plane', 'images', 'nodes ready'] as const;
const argoStep = 'Argo Workflows';

/** Resolves when every node is ready. */
export async function bringUp(options: BringUpOptions): Promise<LabRecord> {
  const { place, progress } = options;
  const existing = await readRecord(place);
  if (existing?.complete === true && (await findNamespaceHost(place)) !== undefined) {
    requireSameLab(existing, options);
    progress.note(`Lab "${existing.name}" is already running.`);
    return existing;
  }
  if (existing !== undefined || (await listProcesses(place.group)).size > 0) {
    progress.note(`Lab "${place.name}" is incomplete after an earlier run; removing it first.`);
    await takeDown(place);
  }
  await checkMachine(options.engines.length);
  const needed = neededTools(options.engines);
  const tools = options.argo ? [...needed, 'argo' as const] : needed;
  await installSystemPackages(tools, progress);
  await joinGroup(`${place.group}/up`);
  let record = await newRecord(options);
  await writeRecord(place, record);
  await equipLab(place, tools, progress);
  progress.plan(record.argo ? [...steps, argoStep] : steps);
  await startCluster(place, record, progress);
  record = { ...record, complete: true };
  await writeRecord(place, record);
  return record;
}

async function newRecord(options: BringUpOptions): Promise<LabRecord> {
  return {
    name: options.place.name,
    createdAt: new Date().toISOString(),
    complete: false,
    apiPort: await freePort(),
    registryPort: await freePort(),
    argo: options.argo,
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
    await prepareControl(place, record);
    await bootControl(place, record, namespaceHostPid);
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
  const nodesReady = progress.task('nodes ready', async (say) => {
    await waitUntilReady(
      place,
      record.nodes.map((node) => node.name),
      say,
    );
  });
  await Promise.all([nodesReady, ...(record.argo ? [startArgo(place, progress)] : [])]);
}

async function startArgo(place: LabPlace, progress: Progress): Promise<void> {
  await progress.task(argoStep, async (say) => {
    say('CRDs and roles');
    await applyArgoObjects(place);
    say('controller');
    await startController(place);
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
  const images = {
    ...(await labImages(baseLink(place))),
    ...(record.argo ? { [executorReference]: await executorImage(toolLink(place, 'argo')) } : {}),
  };
  for (const [reference, image] of Object.entries(images)) {
    say(reference);
    const directory = join(place.directory, 'images', reference.replace(':', '-'));
    await rm(directory, { recursive: true, force: true });
    await writeImageLayout(directory, image);
    const what = `the lab's registry to accept ${reference}`;
    await waitFor(
      { what, timeoutMs: 60_000 },
      async () => await pushImage(record, `oci:${directory}`, reference),
    );
  }
  say(Object.keys(images).join(', '));
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
