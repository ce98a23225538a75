/** Exits with 1 when a source breaks a rule of source-rules.ts. */
import { join } from 'node:path';
import { checkSources } from './source-rules.ts';

const { problems } = await checkSources(join(import.meta.dirname, '..'));
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
