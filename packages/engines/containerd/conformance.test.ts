import { describeEngine } from '../conformance/describe-engine.ts';
import { fixturesOf, tested } from './conformance-machines.ts';

// One version for each way to read files; containerd.exhaustive.ts has all versions, also 1.6.
describeEngine('containerd', tested, ['1.7.30', '2.2.1', '2.4.2'].flatMap(fixturesOf));
