/** The image of kata-lifecycle for the steps of a workflow: a minimal base, Node, Helm, and the program. */
import { rootCertificates } from 'node:tls';
import { type LayerEntry, writeImageLayout } from '@kata/oci';
import type { Progress } from '@kata/report';
import { baseEntries, fastZstdLevel, imageEnvironment, programEntries, withParents } from './base-layers.ts';
import { checkOutput, megabytes, replaceOutput } from './image-output.ts';
import type { ImageOfLayers } from './installer-image.ts';
import { checkoutNode, libraryEntries } from './node-program.ts';
import { bundleMain, bundleProgram } from './program-bundle.ts';

export interface PackLifecycleOptions {
  /** Also the tag of the image. */
  readonly version: string;
  /** Go's name. */
  readonly architecture: string;
  /** A static Helm for that architecture. */
  readonly helm: string;
  /** Directory of the image layout; an existing layout is replaced. */
  readonly output: string;
  readonly sources: {
    /** This repository, with `node_modules`. */
    readonly checkout: string;
    /** Directory of cached build results. */
    readonly cache: string;
    /** The entry file of the bundle. Default: `apps/lifecycle/main.ts` of the checkout. */
    readonly program?: string;
    /** Used as it is. Default: the checkout's Node, stripped. */
    readonly node?: string;
    /** Default: the shared libraries of Node on this machine. */
    readonly libraries?: readonly LayerEntry[];
  };
  readonly zstdLevel?: number;
  /** Default: 1970. */
  readonly created?: Date;
  readonly progress: Progress;
}

const titles = { program: 'bundling the program', image: 'writing the image' };
const programDirectory = 'usr/lib/kata-lifecycle';
/** No user of the base: the steps need no file of their own, and no right on the node. */
const user = '65532:65532';

export async function packLifecycle(options: PackLifecycleOptions): Promise<ImageOfLayers> {
  const { output, progress } = options;
  await checkOutput(output);
  progress.plan(Object.values(titles));
  const layers = await progress.task(titles.program, async () => await lifecycleLayers(options));
  return await progress.task(titles.image, async (report) => {
    const made = await replaceOutput(output, async (directory) => await write(directory, layers, options));
    report(`${made.layers.length} layers, ${megabytes(made.layers)} MB`);
    return made;
  });
}

interface NamedLayer {
  readonly name: string;
  readonly entries: readonly LayerEntry[];
}

/** Rarely changing layers come first, because engines unpack all layers above a changed one again. */
async function lifecycleLayers(options: PackLifecycleOptions): Promise<readonly NamedLayer[]> {
  const { architecture, helm } = options;
  const { checkout, cache, program = 'apps/lifecycle/main.ts', ...given } = options.sources;
  const bundle = await bundleProgram(checkout, program);
  const node = given.node ?? (await checkoutNode({ architecture, checkout, cache }));
  const libraries = given.libraries ?? (await libraryEntries(node));
  const link = `../${programDirectory.slice('usr/'.length)}/${bundleMain}`;
  return [
    { name: 'base', entries: [...baseEntries(), authorities(), ...libraries] },
    { name: 'node', entries: [{ kind: 'copy', path: 'usr/bin/node', from: node, mode: 0o755 }] },
    { name: 'helm', entries: [{ kind: 'copy', path: 'usr/bin/helm', from: helm, mode: 0o755 }] },
    {
      name: 'program',
      entries: [
        ...programEntries(programDirectory, bundle),
        { kind: 'link', path: 'usr/bin/kata-lifecycle', target: link },
      ],
    },
  ];
}

/** Helm verifies registries with the authorities that Node contains. */
function authorities(): LayerEntry {
  const content = Buffer.from(`${rootCertificates.join('\n')}\n`);
  return { kind: 'file', path: 'etc/ssl/certs/ca-certificates.crt', content };
}

async function write(
  directory: string,
  layers: readonly NamedLayer[],
  { version, architecture, zstdLevel = fastZstdLevel, created }: PackLifecycleOptions,
): Promise<ImageOfLayers> {
  const written = await writeImageLayout(directory, {
    tag: version,
    architecture,
    config: {
      Entrypoint: ['/usr/bin/kata-lifecycle'],
      Env: Object.entries(imageEnvironment).map(([name, value]) => `${name}=${value}`),
      WorkingDir: '/',
      User: user,
    },
    annotations: {
      'org.opencontainers.image.title': 'kata-lifecycle-manager',
      'org.opencontainers.image.version': version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
    },
    layers: layers.map(({ entries }) => ({ entries: withParents(entries), zstdLevel })),
    ...(created === undefined ? {} : { created }),
  });
  return {
    digest: written.manifest.digest,
    layers: written.layers.map(({ digest, size }, i) => ({ name: layers[i]?.name ?? '', digest, size })),
  };
}
