import { TomlDocument } from '@kata/toml';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { expect, test } from 'vitest';
import { type Shim, shims } from '../shims.ts';
import { allowAnnotations, editedCopy } from './edited-copy.ts';

const name = fc.stringMatching(/^[a-z_.*"\\]{1,8}$/);
const names = fc.array(name, { maxLength: 6 });
const around = fc.constantFrom(
  '',
  '# enable_annotations = ["x"]\n',
  'kernel_params = "a=b"   # keep\n\n',
  'a=1\n',
);
const layout = fc.constantFrom(', ', ' ,  # a comment\n  ', ',\n');

function source(
  head: string,
  present: readonly string[],
  separator: string,
  tail: string,
): [string, string, string] {
  const array = `[${present.map((each) => JSON.stringify(each)).join(separator)}]`;
  return [`${head}[hypervisor.qemu]\nenable_annotations = `, array, `\t# why\n${tail}[runtime]\n`];
}

test('allowing annotations changes just the array, to a sorted superset, once', () => {
  fc.assert(
    fc.property(around, names, layout, around, names, (head, present, separator, tail, wanted) => {
      const [before, array, after] = source(head, present, separator, tail);
      const document = TomlDocument.parse(before + array + after);

      const { text } = allowAnnotations(document, 'qemu', wanted);

      expect(text.startsWith(before) && text.endsWith(after)).toBe(true);
      const { enable_annotations: allowed } = (
        parse(text) as { hypervisor: { qemu: Record<string, string[]> } }
      ).hypervisor.qemu;
      expect(allowed).toEqual(
        wanted.length === 0 ? present : [...new Set([...present, ...wanted])].toSorted(),
      );
      expect(allowAnnotations(TomlDocument.parse(text), 'qemu', wanted).text).toBe(text);
    }),
  );
});

function copy(shimName: string, text: string): string {
  const shim = shims.get(shimName) as Shim;
  const desired = { hypervisorAnnotations: [], forceGuestPull: true };
  return editedCopy(TomlDocument.parse(text), { shim, hypervisor: 'qemu', desired }).text;
}

test.each([
  ['qemu', '[runtime]\nname = "x"\n', '[runtime]\nname = "x"\nexperimental_force_guest_pull = true\n'],
  [
    'qemu-tdx',
    '[runtime]\nexperimental_force_guest_pull = false # why\n',
    '[runtime]\nexperimental_force_guest_pull = true # why\n',
  ],
  [
    'qemu-snp',
    '[runtime]\n# experimental_force_guest_pull = true\n[agent.kata]\n',
    '[runtime]\nexperimental_force_guest_pull = true\n# experimental_force_guest_pull = true\n[agent.kata]\n',
  ],
  [
    'qemu-tdx-runtime-rs',
    '[runtime]\nexperimental = []\n',
    '[runtime]\nexperimental = ["force_guest_pull"]\n',
  ],
  [
    'qemu-snp-runtime-rs',
    '[runtime]\nexperimental = ["other"]\n',
    '[runtime]\nexperimental = ["other", "force_guest_pull"]\n',
  ],
])('the shim %s pulls images in the guest', (shim, before, after) => {
  expect(copy(shim, before)).toBe(after);
  expect(copy(shim, after)).toBe(after);
});
