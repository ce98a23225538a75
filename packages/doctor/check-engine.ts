/** The engine: whether it answers, whether we know its version, and whether its configuration can be edited. */
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { HostPath } from '@kata/host';
import type { DoctorFacts, EngineConfiguration, EngineView } from './facts.ts';

const whyAnswers = 'the installer asks the engine for its version and its handlers';
const whyVersion = 'how the configuration must be edited differs from version to version';
const whyConfiguration = 'handlers are added to it, and an engine that cannot read it does not start again';

export function checkEngine({ engine }: DoctorFacts): readonly CheckResult[] {
  const check = 'engine';
  const why = whyAnswers;
  switch (engine.kind) {
    case 'foreign':
      return [
        { check, state: 'problem', seen: engine.message, why, next: engine.hint },
        ...later('the engine'),
      ];
    case 'hidden':
      return [hiddenResult(check, why, engine.directory), ...later(engine.title)];
    case 'silent': {
      const next = `see: journalctl --unit ${engine.unit}`;
      return [{ check, state: 'problem', seen: engine.message, why, next }, ...later(engine.title)];
    }
    case 'answers':
      return [
        { check, state: 'ok', seen: `${engine.title} answers`, why },
        ...checkVersions(engine),
        checkConfiguration(engine.configuration),
      ];
  }
}

function later(title: string): readonly CheckResult[] {
  const seen = `${title} was not asked, or does not answer`;
  return [
    { check: 'engine-version', state: 'unknown', seen, why: whyVersion, next: 'see engine' },
    { check: 'engine-configuration', state: 'unknown', seen, why: whyConfiguration, next: 'see engine' },
  ];
}

function checkVersions({
  title,
  versions,
}: EngineView & { readonly kind: 'answers' }): readonly CheckResult[] {
  return versions.map(({ version, judgement: { summary, ...judgement } }, i) => {
    const named = `${title} ${version}${summary === '' ? '' : `, ${summary}`}`;
    const seen = i === 0 ? named : `${named}; it is on disk, and the next start of the engine runs it`;
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
        const next = `correct what it names, in ${files.join(', ')}`;
        const refused = `the engine would not load it after an installation: ${answer.words}`;
        return { check, state: 'problem', seen: refused, why, next };
      }
      if (unloaded.length > 0) return unloadedResult(unloaded);
      const plain = files.length === 0 ? 'there is none: defaults' : `${files.join(', ')} can be edited`;
      const seen = answer?.kind === 'unavailable' ? `${plain}, by our own reading: ${answer.why}` : plain;
      return { check, state: 'ok', seen, why };
    }
  }
}

/** A mistake in them would show at the restart that an installation needs, and look like its fault. */
function unloadedResult(unloaded: readonly HostPath[]): CheckResult {
  return {
    check: 'engine-configuration',
    state: 'warning',
    seen: `${unloaded.join(', ')} changed after the engine was started, and perhaps it has not loaded that yet`,
    why: 'the next restart of the engine brings them in force, whoever restarts it',
    next: 'restart the engine at a time of your own, or take the changes back',
  };
}
