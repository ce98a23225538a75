/** Configuration from the environment. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { exitCodes, KataError } from '@kata/core';

export interface PackagingConfig {
  /** Directory of cached build results, which may be deleted at any time. */
  readonly cacheDirectory: string;
  /** Creation time of images; undefined: 1970. */
  readonly created: Date | undefined;
}

export function readConfig(environment: NodeJS.ProcessEnv): PackagingConfig {
  const cacheHome = environment['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return {
    cacheDirectory: environment['KATA_PACKAGING_CACHE'] ?? join(cacheHome, 'kata', 'packaging'),
    created: readSourceDate(environment['SOURCE_DATE_EPOCH']),
  };
}

/** See https://reproducible-builds.org/specs/source-date-epoch/ */
function readSourceDate(text: string | undefined): Date | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,11}$/.test(text)) return new Date(Number(text) * 1000);
  throw new KataError('KATA_PACKAGING_USAGE', `SOURCE_DATE_EPOCH takes seconds, not "${text}"`, {
    exitCode: exitCodes.usage,
  });
}
