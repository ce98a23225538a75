/** The installer image: a minimal base, Node, our program, the helper, the payload; one layer per component. */
import { type LayerEntry, writeImageLayout } from '@kata/oci';
import { compareText } from '../compare-text.ts';
import { payloadFile, type PayloadManifest, tarballsFolder } from '../payload.ts';
import { choosePayload } from '../payload-tree.ts';
import { payloadId } from '../release.ts';
import { parentsOf } from '../safe-path.ts';
import { type BundleFile, bundleMain } from './program-bundle.ts';

export interface InstallerProgram {
  /** Shared libraries, at their paths. */
  readonly libraries: readonly LayerEntry[];
  /** Path of the Node binary on this machine. */
  readonly node: string;
  readonly bundle: readonly BundleFile[];
  /** Path of the static helper on this machine. */
  readonly helper: string;
}

export interface InstallerImageOptions {
  /** The image layout is written there. */
  readonly directory: string;
  readonly payload: PayloadManifest;
  /** Directory of the archives on this machine. */
  readonly archives: string;
  readonly program: InstallerProgram;
  /** Of layers other than components. Default: `fastZstdLevel`. */
  readonly zstdLevel?: number;
  /** Default: 1970. */
  readonly created?: Date;
}

export interface InstallerImage {
  /** Of the image's manifest, `sha256:…` */
  readonly digest: string;
  /** The id of the release with all components. */
  readonly payload: string;
  readonly layers: readonly {
    readonly name: string;
    readonly digest: string;
    readonly size: number;
  }[];
}

interface NamedLayer {
  readonly name: string;
  readonly entries: readonly LayerEntry[];
  /** It contains an archive that is already compressed. */
  readonly isArchive?: true;
}

/** Node's binary goes from 108 to 38 MB in two seconds; level 9 saves 4 MB more in seven, 19 8 MB in minutes. */
const fastZstdLevel = 3;
/** Higher levels need more memory for decompression than engines must provide. */
export const highestZstdLevel = 19;
export const artifactsDirectory = '/opt/kata-artifacts';
/** Of the image's manifest: the id of the release with all components. */
export const payloadAnnotation = 'io.katacontainers.payload';
/** With a small space for young objects, Node does not keep tens of megabytes of unused buffers. */
export const imageEnvironment = { PATH: '/usr/bin', NODE_OPTIONS: '--max-semi-space-size=1' } as const;
const programDirectory = 'usr/lib/kata-deploy';
const programPath = `${programDirectory}/${bundleMain}`;

export async function writeInstallerImage(options: InstallerImageOptions): Promise<InstallerImage> {
  const { directory, payload, created, zstdLevel = fastZstdLevel } = options;
  const layers = installerLayers(options);
  const id = payloadId(payload.version, choosePayload(payload).entries);
  const written = await writeImageLayout(directory, {
    tag: payload.version,
    architecture: payload.architecture,
    config: {
      Entrypoint: ['/usr/bin/node', `/${programPath}`],
      Env: Object.entries(imageEnvironment).map(([name, value]) => `${name}=${value}`),
      WorkingDir: '/',
      User: '0:0',
    },
    annotations: {
      'org.opencontainers.image.title': 'kata-deploy',
      'org.opencontainers.image.version': payload.version,
      'org.opencontainers.image.licenses': 'Apache-2.0',
      [payloadAnnotation]: id,
    },
    layers: layers.map(({ entries, isArchive }) => ({
      entries: withParents(entries),
      ...(isArchive === true ? {} : { zstdLevel }),
    })),
    ...(created === undefined ? {} : { created }),
  });
  return {
    digest: written.manifest.digest,
    payload: id,
    layers: written.layers.map(({ digest, size }, i) => ({ name: layers[i]?.name ?? '', digest, size })),
  };
}

/** Rarely changing layers come first, because engines unpack all layers above a changed one again. */
function installerLayers({ payload, archives, program }: InstallerImageOptions): readonly NamedLayer[] {
  const tarballs = `${artifactsDirectory.slice(1)}/${tarballsFolder}`;
  const components = payload.components.map(({ name, archive }): NamedLayer => ({
    name,
    isArchive: true,
    entries: [{ kind: 'copy', path: `${tarballs}/${archive}`, from: `${archives}/${archive}` }],
  }));
  const { libraries, node, bundle, helper } = program;
  return [
    { name: 'base', entries: [...baseEntries(), ...libraries] },
    { name: 'node', entries: [{ kind: 'copy', path: 'usr/bin/node', from: node, mode: 0o755 }] },
    ...components,
    { name: 'helper', entries: [{ kind: 'copy', path: 'usr/bin/kata-helper', from: helper, mode: 0o755 }] },
    {
      name: 'program',
      entries: [
        ...bundle.map(({ name, content }): LayerEntry => {
          const mode = name === bundleMain ? 0o755 : 0o644;
          return { kind: 'file', path: `${programDirectory}/${name}`, content, mode };
        }),
        // The command of upstream's chart.
        { kind: 'link', path: 'usr/bin/kata-deploy', target: `../${programPath.slice('usr/'.length)}` },
      ],
    },
    {
      name: 'payload',
      entries: [
        {
          kind: 'file',
          path: `${artifactsDirectory.slice(1)}/${payloadFile}`,
          content: Buffer.from(`${JSON.stringify(payload)}\n`),
        },
      ],
    },
  ];
}

/** The image has no shell, no package manager and no certificates. */
function baseEntries(): readonly LayerEntry[] {
  const text = (path: string, content: string): LayerEntry => ({
    kind: 'file',
    path,
    content: Buffer.from(content),
  });
  return [
    text('etc/group', 'root:x:0:\n'),
    text('etc/nsswitch.conf', 'hosts: files dns\n'),
    text('etc/passwd', 'root:x:0:0:root:/:/sbin/nologin\n'),
    { kind: 'directory', path: 'tmp', mode: 0o1777 },
  ];
}

/** Adds the parent directories, so that the layer does not depend on the layers below. */
function withParents(entries: readonly LayerEntry[]): readonly LayerEntry[] {
  const paths = new Set(entries.flatMap((entry) => parentsOf(entry.path)));
  const folders = [...paths].map((path): LayerEntry => ({ kind: 'directory', path }));
  return [...folders, ...entries].toSorted((a, b) => compareText(a.path, b.path));
}
