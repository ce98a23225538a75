/** A slice of the soak: the first of its steps, on the newest containerd and the oldest. */
import { describeSoak } from '../soak/describe-soak.ts';
import { readSoakOptions } from '../soak/soak-options.ts';

/** One seed: what lands must not depend on luck; other seeds are for `make soak`. */
const slice = { SEED: '744918', SOAK_MINUTES: '3', SOAK_ENGINES: 'containerd-2.4,containerd-1.6' };

describeSoak({ lab: 'test-soak', ...readSoakOptions(slice, Date.now()) });
