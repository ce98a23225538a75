/** What the environment and the image decide. The only reader of environment variables. */
import { exitCodes, KataError } from '@kata/core';
import { kataArchitecture, shims } from '@kata/kata';
import { resolveSettings, type Settings } from '@kata/installer';

export interface DeployConfig {
  /** Where the host's root, or the parts of it that are needed, is mounted. */
  readonly hostRoot: string;
  /** The folder of payload.json. */
  readonly payload: string;
  /** Path of kata-helper. */
  readonly helper: string;
  /** Go's name. */
  readonly architecture: string;
  /** The node that we stand on; undefined where there is no cluster. */
  readonly nodeName: string | undefined;
  readonly namespace: string;
  readonly daemonSet: string;
  readonly settings: Settings;
}

const goArchitectures: Readonly<Record<string, string>> = { x64: 'amd64', ppc64: 'ppc64le' };

/** @throws KataError `KATA_CONFIG_INVALID`, naming the variable. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): DeployConfig {
  const architecture = goArchitectures[process.arch] ?? process.arch;
  const ofKata = kataArchitecture(architecture);
  if (ofKata === undefined) {
    throw new KataError('KATA_CONFIG_ARCHITECTURE', `Kata is not made for ${architecture}`, {
      exitCode: exitCodes.precondition,
    });
  }
  const variable = `SHIMS_${ofKata.toUpperCase()}`;
  const named = environment[variable];
  // Unset means upstream's default; set and empty means that nothing is wanted, and that is an error.
  const names = named === undefined ? defaultShims(ofKata) : named.split(/\s+/).filter((name) => name !== '');
  return {
    hostRoot: environment['HOST_ROOT'] ?? '/',
    payload: environment['KATA_PAYLOAD'] ?? '/opt/kata-artifacts',
    helper: environment['KATA_HELPER'] ?? '/usr/bin/kata-helper',
    architecture,
    nodeName: nonEmpty(environment['NODE_NAME']),
    namespace: nonEmpty(environment['POD_NAMESPACE']) ?? 'kube-system',
    daemonSet: nonEmpty(environment['DAEMONSET_NAME']) ?? 'kata-deploy',
    settings: resolveSettings({
      installationPrefix: environment['INSTALLATION_PREFIX'] ?? '',
      suffix: (environment['MULTI_INSTALL_SUFFIX'] ?? '').trim(),
      architecture: ofKata,
      shims: { names, source: variable },
    }),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text.trim();
}

/** All that exist for the architecture, but for the one that needs a peer elsewhere. */
function defaultShims(architecture: 'x86_64' | 'aarch64' | 's390x' | 'ppc64le'): readonly string[] {
  return [...shims.values()]
    .filter((shim) => shim.components[architecture] !== undefined && shim.name !== 'remote')
    .map((shim) => shim.name);
}
