/** The values of the chart `kata-lifecycle-manager`; the source of their JSON schema. */
import { rollbackScopes } from '@kata/rollout';
import * as z from 'zod';

const plain = z.object({}).loose();
const texts = z.record(z.string(), z.string());
const objectName = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);
const optionalName = z.string().regex(/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$/);
const namespace = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const duration = z.string().regex(/^[0-9]{1,6}[smh]?$/);

const defaults = z.strictObject({
  verificationPod: z.string().max(16_384).describe('YAML of the Pod that verifies a node, or base64 of it'),
  verificationNamespace: namespace.optional(),
  verificationTimeout: duration.optional(),
  helmRelease: objectName.optional(),
  helmNamespace: namespace.optional(),
  helmSetValues: z.string().optional(),
  deploymentMode: z.enum(['', 'auto', 'daemonset']).describe('job is not supported').optional(),
  batchSize: z.int().min(1).max(999_999).optional(),
  nodeSelector: z.string().optional(),
  nodeTaintKey: z.string().optional(),
  nodeTaintValue: z.string().optional(),
  drainEnabled: z.boolean().optional(),
  drainTimeout: duration.optional(),
  rollbackScope: z.enum(rollbackScopes).optional(),
});

const chart = z
  .strictObject({
    source: z.string().min(1),
    repository: z.string(),
    plainHttp: z.boolean(),
    ca: z.strictObject({ configMap: optionalName, key: z.string().min(1) }).partial(),
    credentialsSecret: optionalName,
  })
  .partial();

const rule = z
  .strictObject({
    apiGroups: z.array(z.string()),
    resources: z.array(z.string()),
    resourceNames: z.array(z.string()),
    nonResourceURLs: z.array(z.string()),
    verbs: z.array(z.string()).min(1),
  })
  .partial()
  .required({ verbs: true });

export const lifecycleValues = z.strictObject({
  argoNamespace: namespace.optional(),
  defaults,
  chart: chart.optional(),
  multiInstallSuffix: z
    .string()
    .regex(/^([a-z0-9]([-a-z0-9]{0,18}[a-z0-9])?)?$/)
    .describe('env.multiInstallSuffix of the installation that is upgraded')
    .optional(),
  image: z
    .strictObject({ reference: z.string().min(1), tag: z.string() })
    .partial()
    .optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  imagePullSecrets: z.array(plain).optional(),
  tolerations: z.array(plain).optional(),
  nodeSelector: texts.optional(),
  resources: plain.optional(),
  rbac: z
    .strictObject({ extraRules: z.array(rule) })
    .partial()
    .optional(),
  nameOverride: optionalName.optional(),
  fullnameOverride: optionalName.optional(),
  images: plain.describe('of lifecycle-manager: refused with a hint').optional(),
  /** For charts that include this one; set by Helm. */
  global: plain.optional(),
});
