/** The phases of a node during a run, and the words that its annotation and label `kata-upgrade-status` carry. */

export const phases = {
  preparing: { word: 'preparing', isEnd: false },
  cordoned: { word: 'cordoned', isEnd: false },
  draining: { word: 'draining', isEnd: false },
  upgrading: { word: 'upgrading', isEnd: false },
  verifying: { word: 'verifying', isEnd: false },
  completed: { word: 'completed', isEnd: true },
  /** The installer switches to the earlier release. */
  'rolling-back': { word: 'rolling-back', isEnd: false },
  /** The user's pod runs on the earlier release. */
  rechecking: { word: 'rolling-back', isEnd: false },
  'rolled-back': { word: 'rolled-back', isEnd: true },
  failed: { word: 'failed', isEnd: true },
} as const satisfies Readonly<Record<string, { readonly word: string; readonly isEnd: boolean }>>;

export type Phase = keyof typeof phases;

export type EndPhase = { [P in Phase]: (typeof phases)[P]['isEnd'] extends true ? P : never }[Phase];
export type ActivePhase = Exclude<Phase, EndPhase>;

export function hasEnded(phase: Phase): phase is EndPhase {
  return phases[phase].isEnd;
}
