/** The engine: whether it answers, whether we know its version, and whether its configuration can be edited. */
import type { Settings } from '../settings/index.ts';
import { type CheckResult, hiddenResult } from './check-result.ts';
import type { DoctorFacts, EngineConfiguration } from './facts.ts';

const supported: readonly string[] = ['1.6', '1.7', '2.0', '2.1', '2.2', '2.3', '2.4'];

const whyAnswers = 'the installer asks the engine for its version and its handlers';
const whyVersion = 'how the configuration must be edited differs from version to version';
const whyConfiguration = 'handlers are added to it, and an engine that cannot read it does not start again';

export function checkEngine({ engine }: DoctorFacts, settings: Settings): readonly CheckResult[] {
  const later = (check: string, why: string): CheckResult => ({
    check,
    state: 'unknown',
    seen: 'containerd was not asked, or does not answer',
    why,
    next: 'see engine',
  });
  const rest = [later('engine-version', whyVersion), later('engine-configuration', whyConfiguration)];
  switch (engine.kind) {
    case 'hidden':
      return [hiddenResult('engine', whyAnswers, engine.directory), ...rest];
    case 'silent': {
      const next = 'see: journalctl --unit containerd.service';
      return [{ check: 'engine', state: 'problem', seen: engine.message, why: whyAnswers, next }, ...rest];
    }
    case 'answers':
      return [
        { check: 'engine', state: 'ok', seen: 'containerd answers', why: whyAnswers },
        checkVersion(engine.version, settings),
        checkConfiguration(engine.configuration),
      ];
  }
}

function checkVersion(version: string, settings: Settings): CheckResult {
  const check = 'engine-version';
  const seen = `containerd ${version}`;
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  const mapped = [...(settings.options ?? [])].filter(([, { snapshotter }]) => snapshotter !== undefined);
  if (major === '1' && minor === '6' && mapped.length > 0) {
    const names = mapped.map(([name]) => name).join(', ');
    return {
      check,
      state: 'problem',
      seen: `${seen}, and a snapshotter is set for ${names}`,
      why: 'containerd 1.6 knows one snapshotter for all handlers',
      next: 'use containerd 1.7 or newer, or set no snapshotter',
    };
  }
  if (supported.includes(`${major}.${minor}`)) return { check, state: 'ok', seen, why: whyVersion };
  const isNewer = Number(major) > 2 || (major === '2' && Number(minor) > 4);
  const next = `use one of containerd ${supported.join(', ')}`;
  return isNewer
    ? { check, state: 'warning', seen: `${seen}, newer than what was tried`, why: whyVersion, next }
    : { check, state: 'problem', seen: `${seen}, which is not supported`, why: whyVersion, next };
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
      const { files } = configuration;
      const seen = files.length === 0 ? 'there is none: defaults' : `${files.join(', ')} can be edited`;
      return { check, state: 'ok', seen, why };
    }
  }
}
