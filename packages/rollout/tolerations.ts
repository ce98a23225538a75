/** Whether a pod tolerates a taint, as the scheduler decides it. */

export interface SeenTaint {
  readonly key: string;
  readonly effect: string;
  readonly value?: unknown;
}

/** What is left out, or empty, matches everything. */
export interface Toleration {
  readonly key?: string | null | undefined;
  readonly operator?: string | null | undefined;
  readonly value?: string | null | undefined;
  readonly effect?: string | null | undefined;
}

export function tolerates(tolerations: readonly Toleration[], taint: SeenTaint): boolean {
  return tolerations.some((toleration) => matches(toleration, taint));
}

function matches({ key, operator, value, effect }: Toleration, taint: SeenTaint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  switch (operator || 'Equal') {
    case 'Exists':
      return true;
    case 'Equal':
      return Boolean(key) && (value ?? '') === (taint.value ?? '');
    default:
      // `Gt` and `Lt`: whether they count depends on a feature gate.
      return false;
  }
}
