import { describeEngine } from '../conformance/describe-engine.ts';
import { fixturesOf, tested } from './conformance-machines.ts';

// One of each generation; the sweep has all versions.
describeEngine('containerd', tested, ['1.6.20', '1.7.30', '2.2.1', '2.4.2'].flatMap(fixturesOf));
