/** Runs secondary work, whose failure is only reported. */
import { KataError } from '@kata/core';
import type { AgentContext } from './context.ts';

/** `consequence`: what does not happen when the work fails; it begins the note. */
export async function bestEffort(
  { report }: Pick<AgentContext, 'report'>,
  consequence: string,
  work: () => Promise<unknown>,
  describe: (error: KataError) => string = ({ message }) => message,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    report.note(`${consequence}: ${describe(error)}`);
  }
}
