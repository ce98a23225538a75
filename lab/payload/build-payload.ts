/** Builds a payload of the lab once per content: its component archives, and the installer image around them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleProgram, helperProgram, payloadAnnotation } from '@kata/artifacts/image';
import type { Progress } from '@kata/report';
import * as z from 'zod';
import { buildOnce } from '../tools/build-once.ts';
import { buildTool } from '../tools/build-tool.ts';
import { contentKey, readSources } from '../tools/content-key.ts';
import { keepNewest } from '../tools/keep-newest.ts';
import type { PayloadSize, PayloadVersion } from './component-files.ts';

export interface WantedPayload {
  readonly version: PayloadVersion;
  readonly size: PayloadSize;
}

export interface BuiltPayload extends WantedPayload {
  /** The folder with `kata-static-<component>.tar.zst`. */
  readonly components: string;
  /** The image layout of the installer. */
  readonly image: string;
  /** Of the image, `sha256:…` */
  readonly digest: string;
  /** The id of the release that all components together become. */
  readonly payload: string;
}

const checkout = join(import.meta.dirname, '../..');
const node = join(checkout, 'node_modules/.bin/node');

export async function buildPayloads(
  payloads: readonly WantedPayload[],
  cache: string,
  progress: Progress,
): Promise<readonly BuiltPayload[]> {
  const titles = payloads.flatMap((payload) => [componentsTitle(payload), imageTitle(payload)]);
  progress.plan(['stand-in Kata shim', 'installer program', ...titles]);
  const shim = await progress.task(
    'stand-in Kata shim',
    async (say) => await buildTool('shim', { cache, say }),
  );
  const program = await progress.task('installer program', async () => await makeProgram(cache));
  const built: BuiltPayload[] = [];
  for (const payload of payloads) {
    const components = await progress.task(
      componentsTitle(payload),
      async (say) =>
        await buildComponents(payload, join(shim.directory, 'containerd-shim-kata-v2'), cache, say),
    );
    const image = await progress.task(
      imageTitle(payload),
      async (say) => await buildImage(payload, components, program, cache, say),
    );
    built.push({ ...payload, components, image, ...(await readImage(image)) });
  }
  return built;
}

/** Of its image, and of its folders. */
export function payloadTag({ version, size }: WantedPayload): string {
  return size === 'usual' ? version : `${version}-${size}`;
}

const componentsTitle = (payload: WantedPayload): string => `components of ${payloadTag(payload)}`;
const imageTitle = (payload: WantedPayload): string => `installer image ${payloadTag(payload)}`;

async function buildComponents(
  payload: WantedPayload,
  shim: string,
  cache: string,
  say: (detail: string) => void,
): Promise<string> {
  const program = fileURLToPath(import.meta.resolve('./main.ts'));
  const templates = await readSources(join(checkout, 'recipes/kata-configuration'), (path) =>
    path.endsWith('.in'),
  );
  const tag = payloadTag(payload);
  const key = contentKey([
    tag,
    await digestFile(shim),
    process.version,
    ...digestAll(await bundleProgram(checkout, program)),
    ...templates,
  ]);
  const directory = join(cache, 'payload-components', `${tag}-${key}`);
  const wasBuilt = await buildOnce({
    cache,
    directory,
    // It creates the finished folder itself under the lock: a process that waits does not build again.
    command: () => [
      ...[node, '--disable-warning=ExperimentalWarning', program],
      ...[payload.version, payload.size, shim, directory],
    ],
    onLine: say,
  });
  if (wasBuilt) await keepNewest(join(cache, 'payload-components'), tag);
  say(wasBuilt ? 'built' : 'cached');
  return directory;
}

interface Program {
  /** Of all that the image holds besides components. */
  readonly key: string;
  readonly helper: string;
}

const packagingCache = (cache: string): string => join(cache, 'packaging');

async function makeProgram(cache: string): Promise<Program> {
  const bundle = await bundleProgram(checkout);
  const helper = await helperProgram(checkout, packagingCache(cache));
  const sources = await Promise.all(
    ['packages/artifacts', 'packages/oci'].map(
      async (folder) => await readSources(join(checkout, folder), isSource),
    ),
  );
  return { key: contentKey([...digestAll(bundle), helper, process.version, ...sources.flat()]), helper };
}

function digestAll(bundle: Awaited<ReturnType<typeof bundleProgram>>): readonly string[] {
  return bundle.map((file) => digest(file.content));
}

function isSource(path: string): boolean {
  return path.endsWith('.ts') && !path.endsWith('.test.ts');
}

async function buildImage(
  payload: WantedPayload,
  components: string,
  { key: programKey, helper }: Program,
  cache: string,
  say: (detail: string) => void,
): Promise<string> {
  const tag = payloadTag(payload);
  const key = contentKey([basename(components), programKey]);
  const directory = join(cache, 'payload-images', `${tag}-${key}`);
  const program = join(checkout, 'bin/kata-packaging');
  const wasBuilt = await buildOnce({
    cache,
    directory,
    command: () => [
      ...[
        program,
        'payload',
        '--components',
        components,
        '--version',
        payload.version,
        '--output',
        directory,
      ],
      ...['--helper', helper],
    ],
    env: { KATA_PACKAGING_CACHE: packagingCache(cache) },
    onLine: (line) => {
      say(line.replaceAll(/\s+/g, ' ').trim().slice(0, 80));
    },
  });
  if (wasBuilt) await keepNewest(join(cache, 'payload-images'), tag);
  say(wasBuilt ? 'built' : 'cached');
  return directory;
}

const indexSchema = z.object({ manifests: z.array(z.object({ digest: z.string() })).length(1) });
const manifestSchema = z.object({ annotations: z.object({ [payloadAnnotation]: z.string() }) });

async function readImage(directory: string): Promise<Pick<BuiltPayload, 'digest' | 'payload'>> {
  const readJson = async (path: string): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, path), 'utf8'));
  const [found] = indexSchema.parse(await readJson('index.json')).manifests;
  const name = found?.digest ?? '';
  const manifest = manifestSchema.parse(await readJson(`blobs/${name.replace(':', '/')}`));
  return { digest: name, payload: manifest.annotations[payloadAnnotation] ?? '' };
}

async function digestFile(path: string): Promise<string> {
  return digest(await readFile(path));
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
