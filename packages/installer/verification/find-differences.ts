/** Finds differences between an installation and its record. Pure. */
import { describeError, KataError } from '@kata/core';
import type { EngineFacts } from '../engine/engine-facts.ts';
import { planEdits } from '../engine/plan-edits.ts';
import { planLinks } from '../plan/plan-switch.ts';
import type { OwnershipRecord } from '../state/record.ts';
import type { HandlerFacts, NamedFile, ReleaseFacts, VerificationFacts } from './facts.ts';
import type { Finding } from './finding.ts';

/** Empty when all is as installed. */
export function findDifferences(facts: VerificationFacts): readonly Finding[] {
  return [
    ...releaseFindings(facts.release),
    ...linkFindings(facts),
    ...engineFindings(facts),
    ...facts.handlers.flatMap(handlerFindings),
    ...runFindings(facts),
  ];
}

function releaseFindings({ id, broken, differences, surplus }: ReleaseFacts): readonly Finding[] {
  const whole: Finding[] =
    broken === undefined ? [] : [problem('release', id, 'manifest', broken, 'its own manifest')];
  return [
    ...whole,
    ...differences.map(({ path, problem: what, found, expected }) =>
      problem('release', path, what, found, expected),
    ),
    ...surplus.map((path) => information(problem('release', path, 'surplus', 'a file', 'nothing'))),
  ];
}

/** Links that a plan would set. */
function linkFindings({ prefix, release, links }: VerificationFacts): readonly Finding[] {
  return planLinks(prefix, release, { links }).map(({ path, before, target }) =>
    problem('link', path, before === undefined ? 'missing' : 'target', before ?? 'no link', target),
  );
}

function engineFindings({ engine, record }: VerificationFacts): readonly Finding[] {
  if (engine.problem !== undefined) {
    const why = describeError(engine.problem).replaceAll('\n  ', '; ');
    return [problem('engine', 'containerd', 'silent', why, 'an answer')];
  }
  const unloaded = engine.unloaded.map((path) =>
    information(
      problem('engine', path, 'perhaps not loaded', `changed after the start of ${engine.unit}`, 'loaded'),
    ),
  );
  return [...configurationFindings(engine, record), ...unloaded, ...servedFindings(engine, record)];
}

function configurationFindings(engine: EngineFacts, record: OwnershipRecord): readonly Finding[] {
  try {
    return planEdits(engine, record.handlers, record).map(({ path, before, after }) =>
      problem(
        'engine',
        path,
        before === undefined ? 'missing' : 'configuration',
        before === undefined ? 'no file' : 'different content',
        after === undefined ? 'no file' : 'the handlers as they were installed',
      ),
    );
  } catch (error) {
    if (!(error instanceof KataError)) throw error;
    return [
      problem('engine', engine.title, 'configuration', error.message, 'a configuration that can be loaded'),
    ];
  }
}

function servedFindings({ served }: EngineFacts, { handlers }: OwnershipRecord): readonly Finding[] {
  return handlers
    .filter(({ name }) => served?.includes(name) !== true)
    .map(({ name }) =>
      problem('handler', name, 'not served', 'not listed by the container runtime', 'served'),
    );
}

export function handlerFindings({ handler, shim, configuration }: HandlerFacts): readonly Finding[] {
  const { name, shimPath, configPath } = handler;
  const findings: Finding[] = [];
  if (shim?.kind !== 'file') {
    findings.push(problem('handler', name, 'shim', shim?.kind ?? 'nothing', shimPath));
  } else if ((shim.mode & 0o111) === 0) {
    findings.push(
      problem('handler', name, 'shim', `mode 0${shim.mode.toString(8)}`, `${shimPath}, executable`),
    );
  }
  switch (configuration.kind) {
    case 'missing':
      return [...findings, problem('handler', name, 'configuration', 'nothing', configPath)];
    case 'read':
      return [...findings, ...configurationProblems(name, configuration)];
  }
}

function configurationProblems(
  handler: string,
  { refusals, missing, unseen }: Extract<HandlerFacts['configuration'], { readonly kind: 'read' }>,
): readonly Finding[] {
  const named = (what: string, { path, namedBy }: NamedFile): Finding =>
    problem(
      'handler',
      handler,
      'named file',
      namedBy === undefined ? what : `${what}, named by ${namedBy}`,
      path,
    );
  return [
    ...refusals.map((found) =>
      problem('handler', handler, 'refused', found, 'a configuration that Kata loads'),
    ),
    ...missing.map((file) => named('nothing', file)),
    ...unseen.map((file) => information(named('not mounted here', file))),
  ];
}

function runFindings({ unfinished }: VerificationFacts): readonly Finding[] {
  if (unfinished === undefined) return [];
  return [information(problem('run', 'journal', 'interrupted', unfinished, 'a completed run'))];
}

function problem(
  area: Finding['area'],
  subject: string,
  what: string,
  found: string,
  expected: string,
): Finding {
  return { area, state: 'problem', subject, problem: what, found, expected };
}

function information(finding: Finding): Finding {
  return { ...finding, state: 'information' };
}
