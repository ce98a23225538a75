/** The reference page of reason codes, from their tables. */
import { controllerName, eventReasons, statusReasons } from './names.ts';

export function renderReasons(): string {
  return `# Reasons

Written by \`npm run reference\` from \`packages/kata/names.ts\`. Codes never change their meaning.

## Events of nodes

In the namespace \`default\`, as all Events of nodes; \`kubectl describe node\` shows them. \`reportingController\` is
\`${controllerName}\`. An Event that cannot be recorded fails nothing: the annotation is what counts.

| reason | type | meaning |
|---|---|---|
${Object.entries(eventReasons)
  .map(([reason, { type, meaning }]) => `| \`${reason}\` | ${type} | ${meaning} |`)
  .join('\n')}

## The annotation \`katacontainers.io/kata-deploy-status\`

JSON. An installation with a suffix has an annotation of its own, whose name ends with \`-<suffix>\`. Readers ignore fields
that they do not know, and writers keep them. While a node is \`drifted\`, a label of the same name says so, too:
\`kubectl get nodes -l katacontainers.io/kata-deploy-status=drifted\`.

| field | meaning |
|---|---|
| \`phase\`, \`reason\` | see below |
| \`time\` | since when it is so |
| \`version\`, \`release\` | of the current release; empty on a node without Kata |
| \`offered\` | id of the release that the payload is with the settings of the last run |
| \`approved\` | the approval that was acted on |
| \`current\`, \`previous\` | ids of the current release and of the one that \`kata-deploy rollback\` goes back to |
| \`podUid\` | uid of the pod that reported |
| \`code\`, \`message\` | of the error, where the phase is \`failed\` or \`incomplete\`; what differs, where it is \`drifted\` |
| \`before\` | of a \`drifted\` node: what it said before, unless that was \`installed\`; a repair makes it say so again |
| \`attempt\` | counts the runs that reported on this node |

| phase | reason | meaning |
|---|---|---|
${Object.entries(statusReasons)
  .map(([reason, { phase, meaning }]) => `| \`${phase}\` | \`${reason}\` | ${meaning} |`)
  .join('\n')}
`;
}
