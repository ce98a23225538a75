/** Brings a lab up: tools, ground, control plane, nodes. */
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { exitCodes, KataError, waitFor } from '@kata/core';
import type { Progress } from '@kata/report';
import { bootstrapObjects } from '../cluster/bootstrap-objects.ts';
import { issueClusterCertificates, readKeyPair } from '../cluster/certificates.ts';
import { controlFiles } from '../cluster/control-files.ts';
import { renderKubeconfig } from '../cluster/kubeconfig.ts';
import { admitNode } from '../cluster/node-files.ts';
import type { EngineName } from '../engines/catalog.ts';
import { inGroup, joinGroup, listProcesses } from '../ground/control-groups.ts';
import { findGround, spawnDetached, startGround } from '../ground/namespaces.ts';
import { forwardCommand, forwardGroup, setUpNetwork } from '../ground/network.ts';
import { writeLabImages } from '../images/lab-images.ts';
import { pushImage } from '../images/push-image.ts';
import { baseLink, controlName, type LabPlace, network, type NodeSpec } from '../lab.ts';
import { bootMachine } from '../machines/boot-machine.ts';
import { prepareMachine } from '../machines/prepare-machine.ts';
import { checkMachine } from '../prerequisites/check-machine.ts';
import { installSystemPackages } from '../prerequisites/system-packages.ts';
import { type LabRecord, readRecord, writeRecord } from '../record.ts';
import { kubeconfigFile, kubectl } from './api-client.ts';
import { equipLab } from './build-tools.ts';
import { bootNode, prepareNode, waitUntilReady } from './nodes.ts';
import { takeDown } from './take-down.ts';

export interface BringUpOptions {
  readonly place: LabPlace;
  /** One per node. */
  readonly engines: readonly EngineName[];
  readonly progress: Progress;
}

const steps = ['ground', 'certificates', 'machines', 'control plane', 'images', 'nodes ready'] as const;

/** Resolves when every node is ready. */
export async function bringUp(options: BringUpOptions): Promise<LabRecord> {
  const { place, progress } = options;
  await checkMachine(options.engines.length);
  const existing = await readRecord(place);
  if (existing?.complete === true && (await findGround(place)) !== undefined) {
    return sameLab(existing, options);
  }
  if (existing !== undefined || (await listProcesses(place.group)).size > 0) {
    progress.note(`An earlier lab "${place.name}" was left unfinished; it is taken down first.`);
    await takeDown(place);
  }
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
    options.progress.note(`Lab "${existing.name}" is up already.`);
    return existing;
  }
  throw new KataError(
    'KATA_LAB_EXISTS',
    `lab "${existing.name}" is up with other nodes (${has.join(', ')})`,
    {
      exitCode: exitCodes.conflict,
      hint: 'add a node (lab node add), give the new lab another name (--name), or take this one down (lab down)',
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

async function startCluster(
  place: LabPlace,
  record: LabRecord,
  progress: Progress,
): Promise<void> {
  const [groundPid] = await Promise.all([
    progress.task('ground', async () => await startNetworkedGround(place, record)),
    progress.task('certificates', async () => {
      await issueClusterCertificates(place);
    }),
  ]);
  await progress.task('machines', async (say) => {
    say(controlName);
    await startControl(place, groundPid);
    for (const node of record.nodes) {
      say(node.name);
      await prepareNode(place, node);
      await bootNode(place, node, groundPid);
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

async function startNetworkedGround(place: LabPlace, record: LabRecord): Promise<number> {
  const groundPid = await startGround(place);
  await setUpNetwork(groundPid);
  const targets = [
    [record.apiPort, network.apiPort],
    [record.registryPort, network.registryPort],
  ] as const;
  for (const [port, target] of targets) {
    const argv = forwardCommand(groundPid, port, `${network.control}:${target}`);
    spawnDetached(await inGroup(forwardGroup(place), argv));
  }
  return groundPid;
}

async function startControl(place: LabPlace, groundPid: number): Promise<void> {
  await prepareMachine({ place, name: controlName, files: await controlFiles(place) });
  await bootMachine({ place, name: controlName, groundPid, tools: ['kube'] });
}

async function waitForApi(place: LabPlace, record: LabRecord): Promise<void> {
  const kubeconfig = renderKubeconfig({
    name: `lab-${place.name}`,
    server: `https://127.0.0.1:${record.apiPort}`,
    authority: (await readKeyPair(place, 'ca')).certificate,
    user: 'lab-admin',
    credentials: await readKeyPair(place, 'admin'),
  });
  await writeFile(kubeconfigFile(place), kubeconfig, { mode: 0o600 });
  const hint = `lab logs ${controlName} kube-apiserver --name ${place.name}`;
  await waitFor(
    { what: 'the API server', timeoutMs: 120_000, hint },
    async () => await kubectl(place, ['get', '--raw=/readyz', '--request-timeout=2s']),
  );
  // Where its default objects come from is a controller of the API server itself: it may need a moment more.
  await waitFor(
    { what: 'the bootstrap objects', timeoutMs: 60_000, hint },
    async () =>
      await kubectl(place, ['apply', '--server-side', '--filename=-'], {
        input: bootstrapObjects()
          .map((object) => JSON.stringify(object))
          .join('\n---\n'),
      }),
  );
}

async function pushLabImages(
  place: LabPlace,
  record: LabRecord,
  say: (detail: string) => void,
): Promise<void> {
  const layouts = await writeLabImages(baseLink(place), join(place.directory, 'images'));
  for (const [reference, directory] of layouts) {
    say(reference);
    const what = `the lab's registry to take ${reference}`;
    await waitFor(
      { what, timeoutMs: 60_000 },
      async () => await pushImage(record, `oci:${directory}`, reference),
    );
  }
  say([...layouts.keys()].join(', '));
}

/** A loopback port that nobody listens on at this moment. */
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
