/**
 * Wordings that a platform engineer does not expect, and the field's term for each. `npm run check` refuses them in prose;
 * codes, keys, flags and identifiers keep their names.
 *
 * Checked by reading only, because they are ordinary English in other senses: "kept", "carried" and "used" (but for
 * handlers), "engine" in comments and tests, "ask" of a user, "turn" (but for "by turns"), "says" (but of nodes and
 * statuses), "knows", "undo" and "undone", "nobody" and "others", "an administrator's". Names of code in the table of
 * words ("endsOpen", "asOnDisk", "releaseRights") are found by the compiler, not here.
 */

export interface RefusedWord {
  /** A regular expression for whole words in any case; a space matches all white space. */
  readonly phrase: string;
  readonly write: string;
  /** Refused only in what users read; the word is one of our code. */
  readonly onlyForUsers?: boolean;
  /** Lines where it does not count: part of a line, and why. */
  readonly exempt?: readonly Exemption[];
}

interface Exemption {
  readonly path: string;
  readonly line: string;
  readonly reason: string;
}

const actors = '(?:the |an? )?(?:engine|containerd|kubelet|API server|systemd|kernel|cluster|runtime)';
const running = '(?:sandbox(?:es)?|pods?|containers?)';

export const refusedWords: readonly RefusedWord[] = [
  { phrase: 'told to (?:end|stop)', write: 'terminated (SIGTERM)' },
  { phrase: 'go(?:es)? on where (?:it|they) ended', write: 'resumes where it stopped' },
  { phrase: 'in force', write: 'active' },
  { phrase: '(?:gives?|gave|giving|given) way', write: 'is replaced by' },
  { phrase: 'mend(?:s|ed|ing)?', write: 'fix' },
  { phrase: String.raw`put(?:s|ting)? (?:[\w-]+ ){0,3}back`, write: 'restore, roll back, undo' },
  { phrase: 'in vain', write: 'timed out waiting for' },
  { phrase: 'would miss', write: 'missing prerequisites' },
  {
    phrase:
      '(?<!there )(?:is|are) no (?:valid )?(?:port|id|path|word|name|line|pair|image layout|file name|number|archive|release|TOML|YAML|JSON|regular expression|absolute path|machine|machines)',
    write: 'is not a valid …',
  },
  { phrase: "somebody else(?:'s)?", write: 'another process, user or program' },
  { phrase: '(?:we|it) may not', write: 'forbidden (HTTP 403)' },
  { phrase: `ask(?:s|ed|ing)? ${actors}`, write: 'query, request; cannot reach the …' },
  { phrase: `${actors} (?:is|was|are) asked`, write: 'is queried' },
  { phrase: "engines?(?:'s)?", write: 'container runtime', onlyForUsers: true },
  { phrase: "(?:an?|the|that|this|which) person(?:'s)?", write: 'user; user-provided' },
  { phrase: 'wish(?:es|ed|ing)?', write: 'the desired configuration' },
  { phrase: `${running} (?:that )?lives?`, write: 'is running, keeps running' },
  { phrase: 'lives? on', write: 'keeps running' },
  { phrase: `(?:living|live) ${running}`, write: 'running' },
  { phrase: '(?:takes?|took|taken|taking) over', write: 'adopts, is adopted' },
  { phrase: 'takeovers?', write: 'adoption; retained handlers' },
  { phrase: '(?:carried|kept|used) handlers?', write: 'retained handlers' },
  { phrase: 'at a glance', write: 'metadata' },
  { phrase: 'former', write: 'backup (a file), previous (a value)' },
  { phrase: '(?:machine|node|host|lab)s? lacks?', write: 'a prerequisite is missing' },
  { phrase: 'lacks something', write: 'a prerequisite is missing' },
  { phrase: '(?:take|takes|took) too long', write: 'timed out' },
  { phrase: 'done in part', write: 'partially complete' },
  { phrase: 'refused or undone', write: 'verification failed; changes were rolled back' },
  { phrase: 'not as planned', write: 'differs from the plan' },
  { phrase: 'nobody needs', write: 'unused' },
  { phrase: 'unneeded', write: 'unused' },
  { phrase: 'undecided', write: 'cleanup decision unknown' },
  { phrase: 'kept rights', write: 'retained RBAC' },
  { phrase: '(?:node|nodes|status|annotation|label) says?', write: 'reports' },
  { phrase: 'sight', write: 'visibility' },
  { phrase: 'witness(?:es)?', write: 'reference path' },
  { phrase: 'silent (?:engine|runtime|container runtime)s?', write: 'unresponsive' },
  { phrase: '(?:engine|runtime|containerd) (?:is|was|stays) silent', write: 'is unresponsive' },
  { phrase: 'appearance', write: 'create and remove atomically' },
  { phrase: 'sweeps?', write: 'exhaustive (tests), remove left-overs' },
  { phrase: 'by turns', write: 'alternately' },
  { phrase: "(?:the|its?|their|lab's) ground", write: 'namespace host' },
  { phrase: 'beside', write: 'next to, in addition to' },
  { phrase: 'by hand', write: 'manually' },
  { phrase: 'courtesy', write: 'best effort' },
  { phrase: 'forgets?', write: 'deletes, drops' },
  { phrase: 'do(?:es)? not know yet', write: 'has not registered yet' },
  { phrase: '(?:is|are|was|were) to be', write: 'must be, will be; name who does it' },
];
