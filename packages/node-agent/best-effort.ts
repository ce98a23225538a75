/** What is done beside the work itself: that it failed is said, and nothing else. */
import { KataError } from '@kata/core';
import type { AgentContext } from './context.ts';

/** `consequence`: of the failure. */
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
