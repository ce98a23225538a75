/** The installer image: a minimal base, Node, our program, the helper, the payload; one layer per component. */
import { type LayerEntry, writeImageLayout } from '@kata/oci';
import { payloadFile, type PayloadManifest, tarballsFolder } from '../payload.ts';
import { choosePayload } from '../payload-tree.ts';
import { payloadId } from '../release.ts';
import { baseEntries, fastZstdLevel, imageEnvironment, programEntries, withParents } from './base-layers.ts';
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

export interface ImageOfLayers {
  /** Of the image's manifest, `sha256:…` */
  readonly digest: string;
  readonly layers: readonly {
    readonly name: string;
    readonly digest: string;
    readonly size: number;
  }[];
}

export interface InstallerImage extends ImageOfLayers {
  /** The id of the release with all components. */
  readonly payload: string;
}

interface NamedLayer {
  readonly name: string;
  readonly entries: readonly LayerEntry[];
  /** It contains an archive that is already compressed. */
  readonly isArchive?: true;
}

export const artifactsDirectory = '/opt/kata-artifacts';
/** Of the image's manifest: the id of the release with all components. */
export const payloadAnnotation = 'io.katacontainers.payload';
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
        ...programEntries(programDirectory, bundle),
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
