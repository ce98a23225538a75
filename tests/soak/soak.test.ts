/** The soak: an hour, or SOAK_MINUTES; from SEED, or from a new one. */
import { describeSoak } from './describe-soak.ts';
import { readSoakOptions } from './soak-options.ts';

describeSoak({ lab: 'soak', ...readSoakOptions(process.env, Date.now()) });
