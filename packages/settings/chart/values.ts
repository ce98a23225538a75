/** The values of the chart `kata-deploy`, built from the model of settings; the source of their JSON schema. */
import { goArchitectures } from '@kata/core';
import { shims } from '@kata/kata';
import * as z from 'zod';
import {
  annotationPattern,
  fileNamePattern,
  kinds,
  proxyPattern,
  pullTypes,
  snapshotterPattern,
  taintPattern,
} from '../kinds.ts';
import { type Field, type FieldName, fields } from '../model.ts';

/** Those of upstream's chart; the table of the templates lists the supported ones. */
const distributions = ['k8s', 'k3s', 'rke2', 'k0s', 'microk8s'] as const;

const shimNames = [...shims.keys()];
const plain = z.object({}).loose();
const texts = z.record(z.string(), z.string());
const quantity = z.union([z.string().regex(/^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$/), z.number().min(0)]);
const className = z.string().regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/);

/** A value of the chart that becomes the setting of this name. */
function as<T extends z.ZodType>(name: FieldName, schema: T): z.ZodOptional<T> {
  const field: Field = fields[name];
  return schema
    .describe(field.detail === undefined ? field.meaning : `${field.meaning}. ${field.detail}`)
    .optional();
}

/** Matches `pattern`, or empty for unset; without named groups, which older versions of Helm refuse. */
function text(pattern: RegExp): z.ZodString {
  const unnamed = pattern.source.replaceAll(/\(\?<\w+>/g, '(').replace(/^\^(.*)\$$/s, '$1');
  return z.string().regex(new RegExp(`^(${unnamed})?$`, pattern.flags));
}

const overhead = z.strictObject({ memory: quantity.optional(), cpu: quantity.optional() });

const shim = z
  .strictObject({
    enabled: z.boolean().nullable().describe('unset: see shims.disableAll').optional(),
    supportedArches: z
      .array(z.enum(goArchitectures))
      .describe(
        'some of the architectures that it supports; unset: all of them; clh, clh-runtime-rs, dragonball and fc: amd64 only',
      )
      .optional(),
    allowedHypervisorAnnotations: as('hypervisorAnnotations', z.array(z.string().regex(annotationPattern))),
    containerd: z
      .strictObject({
        snapshotter: as('snapshotterMapping', text(snapshotterPattern)),
        forceGuestPull: as('forceGuestPull', z.boolean()),
      })
      .optional(),
    crio: z.strictObject({ guestPull: as('pullTypeMapping', z.boolean()) }).optional(),
    agent: z
      .strictObject({
        // Semicolons separate the shims in the variable.
        httpsProxy: as('httpsProxy', proxy()),
        noProxy: as('noProxy', proxy()),
      })
      .optional(),
    dropIn: as('customConfigs', z.string()),
    runtimeClass: z
      .strictObject({
        nodeSelector: texts
          .describe('replaces the node selector of the shim, in addition to the labels of kata-deploy')
          .optional(),
        overheadEnabled: z.boolean().optional(),
        overhead: overhead.optional(),
      })
      .optional(),
  })
  .meta({ id: 'shim' });

function proxy(): z.ZodString {
  return text(new RegExp(proxyPattern.source.replaceAll('[^', '[^;'), proxyPattern.flags));
}

const customRuntime = z
  .strictObject({
    baseConfig: z.enum([...shimNames]).describe('the shim that it is based on'),
    runtimeClass: z
      .string()
      .min(1)
      .describe('YAML of its RuntimeClass; the handler there is its name in the container runtime'),
    dropIn: z.string().describe('TOML that is merged over the configuration of baseConfig').optional(),
    containerd: z.strictObject({ snapshotter: text(snapshotterPattern).optional() }).optional(),
    crio: z.strictObject({ pullType: z.enum(['', ...pullTypes]).optional() }).optional(),
    inheritBaseOverhead: z.boolean().optional(),
  })
  .meta({ id: 'customRuntime' });

const installation = {
  debug: as('debug', z.boolean()),
  devkit: as('devkit', z.boolean()),
  k8sDistribution: as('distribution', z.enum(distributions)),
  shims: z
    .strictObject({
      disableAll: z.boolean().describe('true: a shim is enabled only by its own enabled: true').optional(),
      ...Object.fromEntries(shimNames.map((name) => [name, shim.optional()])),
    })
    .describe(fields.shims.meaning)
    .optional(),
  defaultShim: as(
    'defaultShim',
    z.strictObject(Object.fromEntries(goArchitectures.map((name) => [name, shimOrNone().optional()]))),
  ),
  customRuntimes: z
    .strictObject({
      enabled: as('customRuntimesEnabled', z.boolean()),
      runtimes: z.record(z.string(), customRuntime).optional(),
    })
    .optional(),
  containerd: z
    .strictObject({
      configFileName: as('containerdConfigFileName', text(fileNamePattern)),
      userDropIn: as('containerdUserDropIn', z.string()),
      untrustedShim: as('untrustedShim', shimOrNone()),
    })
    .optional(),
  snapshotter: z
    .strictObject({
      setup: as('snapshotterSetup', z.array(z.enum(['nydus', 'erofs']))),
      erofsMergeMode: as('erofsMergeMode', z.enum(['', 'merged', 'unmerged'])),
      erofsSnapshotterMode: as('erofsSnapshotterMode', z.enum(['', 'disk', 'memory'])),
      erofsDmverity: as('erofsDmverity', z.boolean()),
    })
    .optional(),
  env: z
    .strictObject({
      installationPrefix: as('prefix', kinds.prefix.schema),
      multiInstallSuffix: as('suffix', kinds.suffix.schema),
      hostOS: as('hostOs', kinds.line.schema),
    })
    .optional(),
  drift: as('drift', z.enum(['', 'repair', 'report'])),
  progress: as('progress', z.enum(['', 'plain', 'json'])),
  startupTaints: as('startupTaints', z.array(text(taintPattern))),
} as const;

const cluster = {
  image: z
    .strictObject({ reference: z.string().min(1), tag: z.string() })
    .partial()
    .optional(),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  imagePullSecrets: z.array(plain).optional(),
  deploymentMode: z.literal('daemonset').describe('the only supported mode').optional(),
  runtimeClasses: z
    .strictObject({
      enabled: z.boolean(),
      createDefault: z.boolean(),
      defaultName: className,
      overheadEnabled: z.boolean(),
    })
    .partial()
    .optional(),
  containerRuntimes: z
    .array(z.enum(['containerd', 'crio']))
    .min(1)
    .describe('the container runtimes of the nodes, whose directories the pods mount: a missing one is made')
    .optional(),
  nodeSelector: texts.optional(),
  tolerations: z.array(plain).optional(),
  affinity: plain.optional(),
  podLabels: texts.optional(),
  podAnnotations: texts.optional(),
  priorityClassName: z.string().optional(),
  updateStrategy: plain.optional(),
  resources: plain.optional(),
  seLinuxOptions: z
    .strictObject({ type: z.string(), level: z.string(), role: z.string(), user: z.string() })
    .partial()
    .nullable()
    .describe('of the containers; without effect where SELinux is off')
    .optional(),
  doctor: z
    .strictObject({
      askKubelet: z.boolean().describe("allow doctor to read kubelet's configuration (nodes/configz)"),
    })
    .partial()
    .optional(),
  cleanup: z.strictObject({ node: z.string() }).partial().optional(),
  /** For charts that include this one; set by Helm. */
  global: plain.optional(),
} as const;

export const chartValues = z.strictObject({ ...cluster, ...installation });

function shimOrNone(): z.ZodEnum {
  return z.enum(['', ...shimNames]);
}
