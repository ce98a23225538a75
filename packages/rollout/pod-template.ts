/** The fields of a verification pod that rendering reads or changes; all others are kept as they are. */
import * as z from 'zod';

const texts = z.record(z.string(), z.string()).nullish();

const requirement = z.looseObject({
  key: z.string(),
  operator: z.string(),
  values: z.array(z.string()).nullish(),
});

const term = z.looseObject({
  matchExpressions: z.array(requirement).nullish(),
  matchFields: z.array(requirement).nullish(),
});

const nodeAffinity = z.looseObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .looseObject({ nodeSelectorTerms: z.array(term).nullish() })
    .nullish(),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(z.looseObject({ preference: term.nullish() }))
    .nullish(),
});

const toleration = z.looseObject({
  key: z.string().nullish(),
  operator: z.string().nullish(),
  value: z.string().nullish(),
  effect: z.string().nullish(),
});

const restartPolicy = z.string().nullish();

export const podTemplateSchema = z.looseObject({
  metadata: z
    .looseObject({
      name: z.string().nullish(),
      generateName: z.string().nullish(),
      namespace: z.string().nullish(),
      annotations: texts,
    })
    .nullish(),
  spec: z
    .looseObject({
      containers: z.array(z.looseObject({ name: z.string().nullish(), restartPolicy })).nullish(),
      restartPolicy,
      runtimeClassName: z.string().nullish(),
      nodeName: z.string().nullish(),
      nodeSelector: texts,
      affinity: z.looseObject({ nodeAffinity: nodeAffinity.nullish() }).nullish(),
      tolerations: z.array(toleration).nullish(),
    })
    .nullish(),
});

export type PodTemplate = z.infer<typeof podTemplateSchema>;
export type PodTemplateSpec = NonNullable<PodTemplate['spec']>;
export type PodTerm = z.infer<typeof term>;
export type PodToleration = z.infer<typeof toleration>;
