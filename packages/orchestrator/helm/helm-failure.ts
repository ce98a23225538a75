/** Turns what Helm writes to its standard error into an error with a code, a cause and a next step. */
import { type ExitCode, exitCodes, KataError } from '@kata/core';

interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: `KATA_HELM_${string}`;
  readonly exitCode: ExitCode;
  readonly hint: string;
}

const precondition = exitCodes.precondition;
const conflict = exitCodes.conflict;

/** The first that matches counts: what the API server or registry answered comes before that it could not be reached. */
const failures: readonly KnownFailure[] = [
  {
    // Also when only the revision is missing.
    ...{ code: 'KATA_HELM_RELEASE_ABSENT', exitCode: precondition },
    pattern: /^release: not found$|has no deployed releases/m,
    hint: 'check the names with `helm list --all --all-namespaces`',
  },
  {
    // The second: two Helms create the same revision.
    ...{ code: 'KATA_HELM_BUSY', exitCode: conflict },
    pattern:
      /another operation \(install\/upgrade\/rollback\) is in progress|sh\.helm\.release\.\S+ already exists/,
    hint: 'another Helm is changing this release: wait until it is done, then run this again',
  },
  {
    ...{ code: 'KATA_HELM_FORBIDDEN', exitCode: precondition },
    pattern: /is forbidden: |attempting to grant RBAC permissions not currently held/,
    hint: 'give the account that runs Helm the permission that the API server names',
  },
  {
    ...{ code: 'KATA_HELM_CREDENTIALS', exitCode: precondition },
    pattern:
      /asked for the client to provide credentials|basic credential not found|authentication required|401 Unauthorized|403 Forbidden|: unauthorized|: denied: /i,
    hint: 'check the credentials for the registry of the chart, or for the cluster',
  },
  {
    ...{ code: 'KATA_HELM_TLS', exitCode: precondition },
    pattern: /x509: |tls: |server gave HTTP response to HTTPS client/,
    hint: 'name the CA of the server, or say that it serves plain HTTP',
  },
  {
    ...{ code: 'KATA_HELM_UNREACHABLE', exitCode: exitCodes.temporary },
    pattern:
      /cluster unreachable|connection (?:refused|reset)|no such host|i\/o timeout|handshake timeout|deadline exceeded|: EOF$|request timed out|Service Unavailable|Too Many Requests/im,
    hint: 'check the address that Helm reports, then run this again',
  },
  {
    ...{ code: 'KATA_HELM_CHART_ABSENT', exitCode: precondition },
    pattern: /chart "[^"]*" .*not found|: not found$|404 Not Found|manifest unknown/m,
    hint: 'check the source of the chart and its versions',
  },
];

const mostLines = 12;
const mostCharacters = 2000;

/** `what` completes "cannot …"; it never contains values of the release, which may be secret. */
export function helmFailure(what: string, stderr: string, how: string): KataError {
  const text = errorText(stderr);
  const known = failures.find(({ pattern }) => pattern.test(text));
  return new KataError(known?.code ?? 'KATA_HELM_FAILED', `cannot ${what}`, {
    exitCode: known?.exitCode ?? exitCodes.precondition,
    hint: known?.hint ?? 'fix the cause that Helm reports, then run this again',
    cause: new Error(text === '' ? `helm ${how}` : `helm ${how}: ${text}`),
  });
}

/** From "Error: " on, without warnings, bounded. */
function errorText(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line !== '' && !/^(?:WARNING|W\d{4}|level=WARN)/i.test(line));
  const start = Math.max(
    0,
    lines.findLastIndex((line) => line.startsWith('Error: ')),
  );
  const text = lines
    .slice(start, start + mostLines)
    .join('\n')
    .replace(/^Error: /, '');
  return text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters)} …`;
}
