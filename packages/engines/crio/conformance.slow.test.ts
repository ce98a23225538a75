import { describeEngine } from '../conformance/describe-engine.ts';
import { fixturesOf, tested } from './testkit/conformance-machines.ts';

describeEngine('CRI-O', tested, fixturesOf('1.36.1'));
