/** How a run proceeds: plain data. Durations are in milliseconds. */
import * as z from 'zod';

export const rollbackScopes = ['node', 'run', 'none'] as const;
export type RollbackScope = (typeof rollbackScopes)[number];

export const policySchema = z.object({
  /** Nodes at a time. */
  batchSize: z.int().min(1),
  /** Null: no pod is evicted. */
  drain: z.object({ timeoutMs: z.int().min(0) }).nullable(),
  /** For the installer: to offer a release, and to report on an approved one. */
  installMs: z.int().min(0),
  /** Failed runs of the installer in a row that count as failure. */
  installAttempts: z.int().min(1),
  /** Further verification pods when one is ended from outside, such as by an eviction. */
  verificationRetries: z.int().min(0),
  /** Which nodes go back to their earlier release when one fails. */
  rollbackScope: z.enum(rollbackScopes),
});

export type Policy = Readonly<z.infer<typeof policySchema>>;

export const defaultPolicy: Policy = {
  batchSize: 1,
  drain: null,
  installMs: 600_000,
  installAttempts: 3,
  verificationRetries: 2,
  rollbackScope: 'node',
};
