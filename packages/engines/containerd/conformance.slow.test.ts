import { describeEngine } from '../conformance/describe-engine.ts';
import { fixturesOf, tested } from './testkit/conformance-machines.ts';

// One version for each way to read files; containerd.exhaustive.ts has all versions, also 1.6.
const everywhere = ['1.7.30', '2.2.1', '2.4.2'].flatMap(fixturesOf);
const relative = ['1.6.28', '1.7.15'].flatMap(fixturesOf).filter(({ name }) => name === 'a relative pattern');

describeEngine('containerd', tested, [...everywhere, ...relative]);
