import { expect, test } from 'vitest';
import { type TomlDocument, TomlDocument as Document } from './document.ts';

interface Case {
  readonly name: string;
  readonly text: string;
  readonly edit: (document: TomlDocument) => TomlDocument;
  readonly after: string;
}

const runtimes = ['plugins', 'io.containerd.grpc.v1.cri', 'containerd', 'runtimes'];

const cases: readonly Case[] = [
  {
    name: 'sets a value and keeps tabs and the comment after it',
    text: '[debug]\n\tlevel\t=  "info"\t# loud\n\tuid = 0\n',
    edit: (document) => document.set(['debug', 'level'], 'debug'),
    after: '[debug]\n\tlevel\t=  "debug"\t# loud\n\tuid = 0\n',
  },
  {
    name: 'adds a key after the last one of its table, with its indentation',
    text: '[a]\n\tx = 1 # one\n\n# about b\n[b]\ny = 2\n',
    edit: (document) => document.set(['a', 'z'], true),
    after: '[a]\n\tx = 1 # one\n\tz = true\n\n# about b\n[b]\ny = 2\n',
  },
  {
    name: 'adds a key to a table without keys',
    text: '[a]\n[b]\n',
    edit: (document) => document.set(['a', 'z'], 1),
    after: '[a]\nz = 1\n[b]\n',
  },
  {
    name: 'adds a key of the root after the last one, which is an array on several lines',
    text: 'imports = [\n  "/a", # a\n]\n# about b\n[b]\n',
    edit: (document) => document.set(['version'], 2),
    after: 'imports = [\n  "/a", # a\n]\nversion = 2\n# about b\n[b]\n',
  },
  {
    name: 'adds the first key of the root above the first table',
    text: '[b]\ny = 2\n',
    edit: (document) => document.set(['version'], 2),
    after: 'version = 2\n\n[b]\ny = 2\n',
  },
  {
    name: 'adds the first key of a text after its comments',
    text: '# nothing here yet\n',
    edit: (document) => document.set(['version'], 2),
    after: '# nothing here yet\nversion = 2\n',
  },
  {
    name: 'keeps the byte order mark and CRLF',
    text: '\uFEFFversion = 2\r\n[a]\r\nx = 1\r\n',
    edit: (document) =>
      document
        .set(['a', 'y'], 2)
        .set(['root'], '/r')
        .set(['c', 'd'], { e: 1, f: { g: 2 } }),
    after:
      '\uFEFFversion = 2\r\nroot = "/r"\r\n[a]\r\nx = 1\r\ny = 2\r\n\r\n[c.d]\r\ne = 1\r\n\r\n[c.d.f]\r\ng = 2\r\n',
  },
  {
    name: 'adds no final newline to a text without one',
    text: 'version = 2\n[a]\nx = 1',
    edit: (document) => document.set(['a', 'y'], 2).set(['b'], { z: 3 }),
    after: 'version = 2\n[a]\nx = 1\ny = 2\n\n[b]\nz = 3',
  },
  {
    name: 'removes the newline that it added',
    text: '[a]\nx = 1',
    edit: (document) => document.set(['b'], { z: 3 }).delete(['b']),
    after: '[a]\nx = 1',
  },
  {
    name: 'fills an empty text',
    text: '',
    edit: (document) => document.set(['a', 'b'], 1),
    after: '[a]\nb = 1\n',
  },
  {
    name: 'appends new tables to the text',
    text: '# head\n[plugins]\n  [plugins."io.containerd.grpc.v1.cri"]\n    x = 1 # last\n',
    edit: (document) => document.set([...runtimes, 'kata'], { type: 't', options: { path: 'p' } }),
    after:
      '# head\n[plugins]\n  [plugins."io.containerd.grpc.v1.cri"]\n    x = 1 # last\n\n' +
      '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata]\ntype = "t"\n\n' +
      '[plugins."io.containerd.grpc.v1.cri".containerd.runtimes.kata.options]\npath = "p"\n',
  },
  {
    name: 'changes only what differs in an existing table',
    text: '[a] # mine\nx = 1 # keep\ny = 2\n[a.b]\nz = 3\n',
    edit: (document) => document.set(['a'], { x: 1, b: { z: 4 }, n: 'new' }),
    after: '[a] # mine\nx = 1 # keep\nn = "new"\n[a.b]\nz = 4\n',
  },
  {
    name: 'adds to an inline table, also through it',
    text: 'a = { x = 1 } # c\nb = {}\n',
    edit: (document) => document.set(['a', 'y'], 2).set(['a', 'p', 'q'], 'r').set(['b', 'x'], { s: [] }),
    after: 'a = { x = 1, y = 2, p.q = "r" } # c\nb = { x = { s = [] } }\n',
  },
  {
    name: 'removes keys from an inline table, at its start and all dotted keys of a name',
    text: 'a = { x = 1, y.u = 2, y.v = 3, z = 4 }\n',
    edit: (document) => document.delete(['a', 'x']).delete(['a', 'y']),
    after: 'a = { z = 4 }\n',
  },
  {
    name: 'removes the last key of an inline table',
    text: 'a = { x = 1, y = 2 }\n',
    edit: (document) => document.delete(['a', 'y']).delete(['a', 'x']),
    after: 'a = {  }\n',
  },
  {
    name: 'adds next to dotted keys',
    text: '[t]\n  p.q = 1 # one\n  "x y".z = 2\n',
    edit: (document) => document.set(['t', 'p', 'r'], 3).set(['t', 'x y', 'w'], 4),
    after: '[t]\n  p.q = 1 # one\n  p.r = 3\n  "x y".z = 2\n  "x y".w = 4\n',
  },
  {
    name: 'finds literal and quoted keys',
    text: "[plugins.'io.x'.\"a b\"]\n'k.l' = 1\n",
    edit: (document) =>
      document.set(['plugins', 'io.x', 'a b', 'k.l'], 2).set(['plugins', 'io.x', 'a b', 'm n'], 3),
    after: '[plugins.\'io.x\'."a b"]\n\'k.l\' = 2\n"m n" = 3\n',
  },
  {
    name: 'deletes a key with its line and keeps the comments around it',
    text: '[a]\n# before\nx = 1 # x\n# after\ny = 2\n',
    edit: (document) => document.delete(['a', 'x']),
    after: '[a]\n# before\n# after\ny = 2\n',
  },
  {
    name: 'deletes a table with its subtables and keeps the comment of the next section',
    text: '[a]\nx = 1\n\n[a.b]\ny = 2\n[a.b.c]\n\n# about d\n[d]\n\n[[a.b.e]]\nf = 1\n',
    edit: (document) => document.delete(['a', 'b']),
    after: '[a]\nx = 1\n\n# about d\n[d]\n',
  },
  {
    // Found by the soak: the empty line that came with our tables stayed.
    name: 'deletes what it added, also when another program has since written right below',
    text: '[a]\nx = 1\n\n[b]\ny = 2\n\n  [b.c]\n  z = 3\n# begin d\n[d]\n# end d\n',
    edit: (document) => document.delete(['b']),
    after: '[a]\nx = 1\n# begin d\n[d]\n# end d\n',
  },
  {
    name: 'deletes dotted keys of a table that has no header',
    text: 'a.b = 1\nc = 2\na.d.e = 3\n',
    edit: (document) => document.delete(['a']),
    after: 'c = 2\n',
  },
  {
    name: 'replaces a table with a value',
    text: 'v = 1\n[a]\nx = 1\n[a.b]\n',
    edit: (document) => document.set(['a'], 7),
    after: 'v = 1\na = 7\n',
  },
  {
    name: 'replaces a value with a table',
    text: 'a = 7 # c\n',
    edit: (document) => document.set(['a'], { x: 1 }),
    after: 'a = { x = 1 } # c\n',
  },
  {
    name: 'empties a table',
    text: '[a]\nx = 1\n[b]\n',
    edit: (document) => document.set(['a'], {}),
    after: '[a]\n[b]\n',
  },
  {
    name: 'adds to an array on one line',
    text: 'i = ["a", "b"] # c\n',
    edit: (document) => document.addToArray(['i'], 'x').addToArray(['i'], 'a'),
    after: 'i = ["a", "b", "x"] # c\n',
  },
  {
    name: 'adds to an array on several lines, after the comment of the last item',
    text: 'i = [\n\t"a", # a\n\t"b", # b\n\t# end\n]\n',
    edit: (document) => document.addToArray(['i'], 'x'),
    after: 'i = [\n\t"a", # a\n\t"b", # b\n\t"x",\n\t# end\n]\n',
  },
  {
    name: 'adds the comma that is missing on the last line',
    text: 'i = [\r\n  "a", # a\r\n  "b" # b\r\n]\r\n',
    edit: (document) => document.addToArray(['i'], 'x'),
    after: 'i = [\r\n  "a", # a\r\n  "b", # b\r\n  "x",\r\n]\r\n',
  },
  {
    name: 'adds before a bracket on the line of the last item',
    text: 'i = [\n  "a",\n  "b"]\nj = ["a",\n  "b", ]\n',
    edit: (document) => document.addToArray(['i'], 'x').addToArray(['j'], 'x'),
    after: 'i = [\n  "a",\n  "b", "x"]\nj = ["a",\n  "b", "x", ]\n',
  },
  {
    name: 'adds to an empty array and keeps the comment in it',
    text: 'i = []\nj = [ # none yet\n]\n',
    edit: (document) => document.addToArray(['i'], 'x').addToArray(['j'], 'x').addToArray(['k'], 'x'),
    after: 'i = ["x"]\nj = ["x" # none yet\n]\nk = ["x"]\n',
  },
  {
    name: 'removes items from an array on one line',
    text: 'i = ["a", "b" , "c"]\nj = ["b", "a", "b"]\n',
    edit: (document) =>
      document.removeFromArray(['i'], 'b').removeFromArray(['i'], 'c').removeFromArray(['j'], 'b'),
    after: 'i = ["a"]\nj = ["a"]\n',
  },
  {
    name: 'removes the only item',
    text: 'i = ["a"]\nj = [\n  "a"\n]\n',
    edit: (document) => document.removeFromArray(['i'], 'a').removeFromArray(['j'], 'a'),
    after: 'i = []\nj = [\n]\n',
  },
  {
    name: 'removes an item on its own line and keeps the comments of other items',
    text: 'i = [ # all\n  "a", # a\n  # about b\n  "b", # b\n  "c"\n  , "d", # d\n]\n',
    edit: (document) => document.removeFromArray(['i'], 'b').removeFromArray(['i'], 'c'),
    after: 'i = [ # all\n  "a", # a\n  # about b\n  \n  "d", # d\n]\n',
  },
  {
    name: 'changes nothing when the text has all values already',
    text: 'a = 0x10\n[b] # b\n',
    edit: (document) =>
      document.set(['a'], 16).set(['b'], {}).delete(['c', 'd']).removeFromArray(['i'], 'x').delete([]),
    after: 'a = 0x10\n[b] # b\n',
  },
];

test.each(cases)('$name', ({ text, edit, after }) => {
  expect(edit(Document.parse(text)).text).toBe(after);
});

test('integers that a number cannot hold are kept exactly', () => {
  const document = Document.parse('big = 9223372036854775807\nx = 1\n').set(['x'], 2n ** 60n);

  expect(document.text).toBe('big = 9223372036854775807\nx = 1152921504606846976\n');
  expect(document.value).toEqual({ big: 9223372036854775807n, x: 1152921504606846976n });
});

test('a key may be named __proto__', () => {
  const document = Document.parse('[__proto__]\nx = 1\n').set(['__proto__', 'y'], 2);

  expect(document.text).toBe('[__proto__]\nx = 1\ny = 2\n');
  expect(document.get(['__proto__'])).toEqual({ x: 1, y: 2 });
  expect(document.get(['constructor'])).toBe(undefined);
});

test.each([
  { name: 'a broken line', text: 'a = 1\nb == 2\n', line: 2, column: 4 },
  { name: 'a duplicate key', text: 'a = 1\na = 2\n', line: 2, column: 1 },
  { name: 'a template', text: '{{ template "base" . }}\n', line: 1, column: 1 },
])('refuses $name and reports the position', ({ text, line, column }) => {
  expect(() => Document.parse(text, '/etc/x.toml')).toThrow(
    expect.objectContaining({
      code: 'KATA_TOML_PARSE',
      message: `/etc/x.toml is not valid TOML at line ${line}, column ${column}`,
      details: { file: '/etc/x.toml', line, column },
    }) as Error,
  );
});

test.each([
  { name: 'below a value', text: 'a = 1\n', edit: (d: TomlDocument) => d.set(['a', 'b'], 1) },
  { name: 'in a list of tables', text: '[[a]]\nx = 1\n', edit: (d: TomlDocument) => d.set(['a', 'b'], 1) },
  {
    name: 'to a value that is not an array',
    text: 'a = 1\n',
    edit: (d: TomlDocument) => d.addToArray(['a'], 1),
  },
  { name: 'to a list of tables', text: '[[a]]\nx = 1\n', edit: (d: TomlDocument) => d.addToArray(['a'], 1) },
])('refuses to add $name', ({ text, edit }) => {
  expect(() => edit(Document.parse(text, 'f'))).toThrow(
    expect.objectContaining({ code: 'KATA_TOML_EDIT' }) as Error,
  );
});
