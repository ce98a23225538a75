/** Detects the engine that serves kubelet on a node, from its node object, its systemd and the settings. Pure. */
import { exitCodes, KataError } from '@kata/core';
import type { Host } from '@kata/host';

export type EngineKind = 'containerd' | 'crio' | 'docker' | 'k3s' | 'rke2' | 'k0s' | 'microk8s';

export interface EngineSigns {
  /** From the node object, such as `containerd://2.2.1` or `cri-o://1.34.0`; undefined: unknown. */
  readonly containerRuntimeVersion: string | undefined;
  /** The user's setting; undefined: none. */
  readonly distribution: string | undefined;
  /** Of `engineUnits`, those that are active. */
  readonly activeUnits: readonly string[];
}

const microk8sUnit = 'snap.microk8s.daemon-containerd.service';

/** Units that include their own engine, by priority. */
const distributionUnits: readonly (readonly [unit: string, kind: EngineKind])[] = [
  ['rke2-agent.service', 'rke2'],
  ['rke2-server.service', 'rke2'],
  ['k3s-agent.service', 'k3s'],
  ['k3s.service', 'k3s'],
  ['k0scontroller.service', 'k0s'],
  ['k0sworker.service', 'k0s'],
];

/** Units of engines that no distribution brings. */
const plainUnits: readonly (readonly [unit: string, kind: EngineKind])[] = [
  ['containerd.service', 'containerd'],
  ['crio.service', 'crio'],
];

const engineUnits: readonly string[] = [
  microk8sUnit,
  ...[...distributionUnits, ...plainUnits].map(([unit]) => unit),
];

const distributions: readonly string[] = ['k3s', 'rke2', 'k0s', 'microk8s'];

export async function activeEngineUnits(host: Host): Promise<readonly string[]> {
  return await host.units.activeAmong(engineUnits);
}

/** @throws KataError `KATA_ENGINE_UNKNOWN` or, when the node contradicts the setting, `KATA_ENGINE_DISTRIBUTION` */
export function detectEngine(signs: EngineSigns): EngineKind {
  const { distribution } = signs;
  const kind = findKind(signs);
  // Every distribution can use CRI-O.
  if (distribution === undefined || kind === 'crio') return kind;
  const said = distributions.includes(distribution) ? distribution : 'k8s';
  const found = distributions.includes(kind) ? kind : 'k8s';
  if (said === found) return kind;
  throw new KataError(
    'KATA_ENGINE_DISTRIBUTION',
    `the node is configured as ${distribution}, but its container runtime is that of ${found}`,
    {
      exitCode: exitCodes.precondition,
      hint: `set K8S_DISTRIBUTION (value k8sDistribution) to ${found}, or unset it`,
      details: { distribution, kind },
    },
  );
}

function findKind({ containerRuntimeVersion, distribution, activeUnits }: EngineSigns): EngineKind {
  // Its snap may be stopped temporarily.
  if (distribution === 'microk8s' || activeUnits.includes(microk8sUnit)) return 'microk8s';
  const version = containerRuntimeVersion?.trim().toLowerCase();
  if (version !== undefined && /cri-?o/.test(version)) return 'crio';
  const brought = distributionUnits.find(([unit]) => activeUnits.includes(unit));
  if (brought !== undefined) return brought[1];
  if (version === undefined) return findPlain(activeUnits);
  const [name] = version.split(':');
  if (name === 'containerd' || name === 'docker') return name;
  throw new KataError(
    'KATA_ENGINE_UNKNOWN',
    `unknown container runtime ${JSON.stringify(containerRuntimeVersion)}`,
    {
      exitCode: exitCodes.precondition,
      hint: 'set CONTAINER_RUNTIME_VERSION to the value in the node object, such as containerd://2.2.1',
    },
  );
}

/** Without a version: the one that runs, or containerd where none does. */
function findPlain(activeUnits: readonly string[]): EngineKind {
  const running = plainUnits.filter(([unit]) => activeUnits.includes(unit));
  const [first, second] = running;
  if (second === undefined) return first?.[1] ?? 'containerd';
  throw new KataError(
    'KATA_ENGINE_AMBIGUOUS',
    `${running.map(([unit]) => unit).join(' and ')} are active; which of them kubelet uses is unknown`,
    {
      exitCode: exitCodes.precondition,
      hint: 'set CONTAINER_RUNTIME_VERSION to the value in the node object: kubectl get node -o wide shows it',
    },
  );
}
