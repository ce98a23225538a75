/** Schemas of the two manifests: everything in them is validated before it becomes a path. */
import * as z from 'zod';
import { isReleaseId } from './release.ts';
import { isReleasePath, isSafeLinkTarget } from './safe-path.ts';

const path = z.string().refine(isReleasePath, 'is not a valid path inside a release');
const mode = z.int().min(0).max(0o777);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const size = z.int().min(0);
/** Also the first part of a release id, which names a directory and a label value. */
const version = z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,53}$/);
const architecture = z.string().regex(/^[a-z0-9]+$/);
const componentName = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/);

const fileShape = { kind: z.literal('file'), path, mode, size, sha256 };
const linkShape = { kind: z.literal('link'), path, target: z.string() };
const directoryShape = { kind: z.literal('directory'), path, mode };

function staysInside(entry: {
  readonly kind: string;
  readonly path: string;
  readonly target?: string;
}): boolean {
  return entry.kind !== 'link' || isSafeLinkTarget(entry.path, entry.target ?? '');
}

const leadsOut = 'is a link out of the release';

const payloadEntry = z
  .discriminatedUnion('kind', [z.object(fileShape), z.object(linkShape), z.object(directoryShape)])
  .refine(staysInside, leadsOut);

const component = componentName;
const releaseEntry = z
  .discriminatedUnion('kind', [
    z.object({ ...fileShape, component }),
    z.object({ ...linkShape, component }),
    z.object({ ...directoryShape, component }),
  ])
  .refine(staysInside, leadsOut);

export const payloadSchema = z.object({
  schema: z.literal(1),
  version,
  architecture,
  components: z
    .array(
      z
        .object({
          name: componentName,
          archive: z.string(),
          archiveSize: size,
          archivePiecesSha256: sha256,
          entries: z.array(payloadEntry),
        })
        .refine(
          (found) => found.archive === `kata-static-${found.name}.tar.zst`,
          'has an archive with another name',
        ),
    )
    .min(1),
  shimInfo: z.record(z.string(), sha256).optional(),
});

const hostPath = z.templateLiteral(['/', z.string()]);
const releaseShape = {
  id: z.string().refine(isReleaseId, 'is not a valid release id'),
  version,
  architecture,
  entries: z.array(releaseEntry),
  shimInfo: z.record(z.string(), sha256).optional(),
};

export const releaseSchema = z.discriminatedUnion('schema', [
  z.object({ schema: z.literal(1), ...releaseShape }),
  z.object({
    schema: z.literal(2),
    ...releaseShape,
    generated: z.array(z.object({ path, mode, size, sha256 })),
    handlers: z.array(
      z.object({
        name: z.string(),
        shimPath: hostPath,
        configPath: hostPath,
        snapshotter: z.string().optional(),
        pullType: z.string().optional(),
      }),
    ),
    engine: z.object({
      configFileName: z.string(),
      debug: z.boolean(),
      userDropIn: z.object({ text: z.string(), source: z.string() }).optional(),
    }),
  }),
]);
