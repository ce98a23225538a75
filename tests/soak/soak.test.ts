/** The soak: an hour, or SOAK_MINUTES; with SEED, or a new seed. */
import { describeSoak } from './describe-soak.ts';
import { readSoakOptions } from './soak-options.ts';

describeSoak({ lab: 'soak', ...readSoakOptions(process.env, Date.now()) });
