import { describeEngine } from '../conformance/describe-engine.ts';
import { fixturesOf, tested } from './conformance-machines.ts';

// One of each way to read files; the sweep has all versions, 1.6 too.
describeEngine('containerd', tested, ['1.7.30', '2.2.1', '2.4.2'].flatMap(fixturesOf));
