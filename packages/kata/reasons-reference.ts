/** The reference page of reason codes, from their tables. */
import { eventReasons, statusReasons } from './names.ts';

export function renderReasons(): string {
  return `# Reasons

Written by \`npm run reference\` from \`packages/kata/names.ts\`. Codes never change their meaning.

## Events of nodes

In the namespace \`default\`, as all Events of nodes; \`kubectl describe node\` shows them. \`reportingController\` is
\`katacontainers.io/kata-deploy\`. An Event that cannot be recorded fails nothing: the annotation is what counts.

| reason | type | meaning |
|---|---|---|
${Object.entries(eventReasons)
  .map(([reason, { type, meaning }]) => `| \`${reason}\` | ${type} | ${meaning} |`)
  .join('\n')}

## The annotation \`katacontainers.io/kata-deploy-status\`

JSON with \`phase\`, \`version\`, \`release\`, \`reason\` and \`time\` (since when it is so); \`version\` and \`release\` are empty on
a node without Kata. An installation with a suffix has an annotation of its own, whose name ends with \`-<suffix>\`.

| phase | reason | meaning |
|---|---|---|
${Object.entries(statusReasons)
  .map(([reason, { phase, meaning }]) => `| \`${phase}\` | \`${reason}\` | ${meaning} |`)
  .join('\n')}
`;
}
