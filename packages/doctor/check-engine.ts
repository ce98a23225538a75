/** Checks that the engine answers, that its version is supported, and that its configuration can be edited. */
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { HostPath } from '@kata/host';
import type { DoctorFacts, EngineConfiguration, EngineView } from './facts.ts';

const whyAnswers = 'the installer queries the container runtime for its version and its handlers';
const whyVersion = 'the format of its configuration depends on its version';
const whyConfiguration =
  'the installer adds handlers to it, and a container runtime that cannot read it does not start';

export function checkEngine({ engine }: DoctorFacts): readonly CheckResult[] {
  const check = 'engine';
  const why = whyAnswers;
  switch (engine.kind) {
    case 'foreign':
      return [
        { check, state: 'problem', seen: engine.message, why, next: engine.hint },
        ...unknownRest('the container runtime'),
      ];
    case 'hidden':
      return [hiddenResult(check, why, engine.directory), ...unknownRest(engine.title)];
    case 'unresponsive': {
      const next = `see: journalctl --unit ${engine.unit}`;
      return [{ check, state: 'problem', seen: engine.message, why, next }, ...unknownRest(engine.title)];
    }
    case 'answers':
      return [
        { check, state: 'ok', seen: `${engine.title} answers`, why },
        ...checkVersions(engine),
        checkConfiguration(engine.configuration),
      ];
  }
}

function unknownRest(title: string): readonly CheckResult[] {
  const seen = `${title} does not answer or cannot be reached from here`;
  return [
    {
      check: 'engine-version',
      state: 'unknown',
      seen,
      why: whyVersion,
      next: 'see the check of the container runtime above',
    },
    {
      check: 'engine-configuration',
      state: 'unknown',
      seen,
      why: whyConfiguration,
      next: 'see the check of the container runtime above',
    },
  ];
}

function checkVersions({
  title,
  versions,
}: EngineView & { readonly kind: 'answers' }): readonly CheckResult[] {
  return versions.map(({ version, judgement: { summary, ...judgement } }, i) => {
    const named = `${title} ${version}${summary === '' ? '' : `, ${summary}`}`;
    const seen = i === 0 ? named : `${named}; installed on disk, it runs after the next restart`;
    return { check: 'engine-version', why: whyVersion, ...judgement, seen };
  });
}

function checkConfiguration(configuration: EngineConfiguration): CheckResult {
  const check = 'engine-configuration';
  const why = whyConfiguration;
  switch (configuration.kind) {
    case 'hidden':
      return hiddenResult(check, why, configuration.directory);
    case 'refused': {
      const { messages, hint } = configuration;
      return { check, state: 'problem', seen: messages.join('; '), why, next: hint };
    }
    case 'sound': {
      const { files, unloaded, answer } = configuration;
      if (answer?.kind === 'refuses') {
        const next = `correct the reported error in ${files.join(', ')}`;
        const refused = `the container runtime would not load it after an installation: ${answer.words}`;
        return { check, state: 'problem', seen: refused, why, next };
      }
      if (unloaded.length > 0) return unloadedResult(unloaded);
      const plain =
        files.length === 0
          ? 'there is no configuration file: defaults apply'
          : `${files.join(', ')} can be edited`;
      const seen =
        answer?.kind === 'unavailable' ? `${plain}, as far as kata-deploy can tell: ${answer.why}` : plain;
      return { check, state: 'ok', seen, why };
    }
  }
}

/** An error in them would show at the restart that an installation needs, and look like its fault. */
function unloadedResult(unloaded: readonly HostPath[]): CheckResult {
  return {
    check: 'engine-configuration',
    state: 'warning',
    seen: `${unloaded.join(', ')} changed after the container runtime was started, which may not have loaded the change`,
    why: 'the next restart of the container runtime activates the change, for whatever reason it is restarted',
    next: 'restart the container runtime at a suitable time, or revert the change',
  };
}
