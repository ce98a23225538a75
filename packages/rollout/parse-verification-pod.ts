/** Reads the user's verification pod: YAML (or JSON), or base64 of it, with exactly one Pod. */
import { readKubernetesYaml } from './kubernetes-yaml.ts';
import { hidePlaceholders } from './placeholders.ts';
import { podInvalid } from './pod-invalid.ts';
import { type PodTemplate, podTemplateSchema } from './pod-template.ts';

export interface VerificationPod {
  /** With its placeholders. */
  readonly template: PodTemplate;
  /** Its own; undefined when it names none. */
  readonly namespace: string | undefined;
  readonly runtimeClass: string | undefined;
}

/** @throws KataError `KATA_ROLLOUT_POD_INVALID` */
export function parseVerificationPod(text: string): VerificationPod {
  const template = templateOf(onlyDocument(decode(text)));
  refuseGeneratedName(template);
  refuseEndless(template);
  return {
    template,
    namespace: template.metadata?.namespace || undefined,
    runtimeClass: template.spec?.runtimeClassName || undefined,
  };
}

const example = 'give one complete Pod, as for kubectl apply';

/** A Pod in YAML always has a colon, base64 never. */
function decode(text: string): string {
  const compact = text.replaceAll(/\s/g, '');
  if (!/^[-A-Za-z0-9+/_]+={0,2}$/.test(compact)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(compact, 'base64'));
  } catch (error) {
    if (error instanceof TypeError) return text;
    throw error;
  }
}

function onlyDocument(text: string): unknown {
  const hidden = hidePlaceholders(text);
  const result = readKubernetesYaml(hidden.text);
  if (result.kind === 'invalid') throw podInvalid(`it ${hidden.restore(result.problem)}`, example);
  const [document, ...others] = result.documents;
  if (document === undefined) throw podInvalid('it is empty', example);
  if (others.length > 0) throw podInvalid(`it has ${others.length + 1} YAML documents`, example);
  return hidden.restore(document);
}

function templateOf(document: unknown): PodTemplate {
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw podInvalid('it is not a mapping', 'give the content of the file, not its name');
  }
  const { apiVersion, kind } = document as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (apiVersion !== 'v1' || kind !== 'Pod') {
    throw podInvalid(
      `its apiVersion is ${shown(apiVersion)} and its kind ${shown(kind)}`,
      'set apiVersion: v1 and kind: Pod; give the Pod itself, not what creates it',
    );
  }
  const parsed = podTemplateSchema.safeParse(document);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw podInvalid(`${issue?.path.join('.')}: ${issue?.message}`, example);
  }
  return parsed.data;
}

function shown(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

function refuseGeneratedName({ metadata }: PodTemplate): void {
  if (!metadata?.generateName) return;
  throw podInvalid(
    'it has metadata.generateName, under which a pod could not be found again',
    'write metadata.name: ${TEST_POD}',
  );
}

/** Only a pod of which every container ends can succeed. An unset policy is rendered as Never. */
function refuseEndless({ spec }: PodTemplate): void {
  const containers = spec?.containers ?? [];
  if (containers.length === 0) throw podInvalid('it has no containers', example);
  const endless = containers.find(({ restartPolicy }) => (restartPolicy ?? spec?.restartPolicy) === 'Always');
  if (endless === undefined) return;
  throw podInvalid(
    `restartPolicy Always restarts container "${endless.name ?? ''}" each time it ends, so the pod never succeeds`,
    'set restartPolicy: Never',
  );
}
