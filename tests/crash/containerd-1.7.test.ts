/** The installer killed on a node with containerd 1.7, whose main file is edited. */
import { describeKills } from './describe-kills.ts';

describeKills('containerd-1.7');
