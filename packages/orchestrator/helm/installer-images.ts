/** The images of a chart's DaemonSets: those that install Kata on the nodes. */
import { parseAllDocuments } from 'yaml';
import * as z from 'zod';

const containers = z.array(z.object({ image: z.string() })).default([]);
const daemonSetSchema = z.object({
  kind: z.literal('DaemonSet'),
  spec: z.object({
    template: z.object({ spec: z.object({ containers, initContainers: containers }) }),
  }),
});

/** Sorted, each once; of the manifest of a release. */
export function installerImages(manifest: string): readonly string[] {
  const images = parseAllDocuments(manifest, { uniqueKeys: false })
    .map((document) => daemonSetSchema.safeParse(document.toJS()))
    .flatMap(({ data }) => {
      if (data === undefined) return [];
      const { spec } = data.spec.template;
      return [...spec.initContainers, ...spec.containers].map(({ image }) => image);
    });
  return [...new Set(images)].toSorted();
}
