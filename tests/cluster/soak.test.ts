/** The first minutes of the soak, on the newest containerd and the oldest. */
import { describeSoak } from '../soak/describe-soak.ts';
import { readSoakOptions } from '../soak/soak-options.ts';

/** A fixed seed, so that this test is deterministic; `make soak` uses other seeds. */
const slice = { SEED: '744918', SOAK_MINUTES: '3', SOAK_ENGINES: 'containerd-2.4,containerd-1.6' };

describeSoak({ lab: 'test-soak', ...readSoakOptions(slice, Date.now()) });
