/** Formats a verification as text. */
import type { Finding, Verification } from '@kata/installer';
import { versionOf } from '@kata/node';
import { formatTable } from '@kata/report';

export function formatVerification(verification: Verification): string {
  const { prefix, release, compared, handlers, findings } = verification;
  if (release === null) return `Nothing is installed in ${prefix}.`;
  const problems = findings.filter(({ state }) => state === 'problem').length;
  const table = formatTable([
    ['STATE', 'AREA', 'WHAT', 'WRONG', 'FOUND', 'EXPECTED'],
    ...findings.map(formatFinding),
  ]);
  return [
    `Release ${release} in ${prefix}: ${compared} entries compared, ${handlers.length} handlers.`,
    ...(findings.length === 0 ? [] : ['', table, '']),
    ...(problems === 0
      ? ['All is as it was installed.']
      : [`Problems: ${problems}.`, ...nextSteps(release, findings)]),
  ].join('\n');
}

function nextSteps(release: string, findings: readonly Finding[]): readonly string[] {
  const silent = findings.find(({ problem }) => problem === 'silent');
  const invalid = findings.find(({ area, problem }) => area === 'engine' && problem === 'configuration');
  const repairable = findings.filter(
    (finding) => finding.state === 'problem' && finding !== silent && finding !== invalid,
  );
  return [
    ...(silent === undefined
      ? []
      : [
          `  container runtime does not answer: ${silent.found}`,
          `  next: systemctl status ${silent.subject}; what it serves was not verified`,
        ]),
    ...(invalid === undefined
      ? []
      : [`  next: correct the configuration of the container runtime: ${invalid.found}`]),
    ...(repairable.length === 0
      ? []
      : [`  next: with the image of version ${versionOf(release)}: kata-deploy install --once --repair`]),
  ];
}

function formatFinding({ state, area, subject, problem, found, expected }: Finding): readonly string[] {
  const text = (value: string): string => (/^[0-9a-f]{64}$/.test(value) ? value.slice(0, 12) : value);
  return [state, area, subject, problem, text(found), text(expected)];
}
