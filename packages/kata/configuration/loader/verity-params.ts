/** Parameters of dm-verity in the format of Kata's runtimes. */

const numbers = ['data_blocks', 'data_block_size', 'hash_block_size'] as const;
const sectorSize = 512;

/** An empty text is valid: nothing is measured. */
export function isVerityParams(text: string): boolean {
  if (text.trim() === '') return true;
  const fields = new Map<string, string>();
  for (const field of text.split(',').map((each) => each.trim())) {
    if (field === '') continue;
    const [key = '', ...value] = field.split('=');
    if (key === '' || value.length === 0) return false;
    fields.set(key, value.join('='));
  }
  const sizes = numbers.map((name) => fields.get(name) ?? '');
  return (
    fields.has('root_hash') &&
    (fields.get('salt') ?? '') !== '' &&
    sizes.every((size) => /^\d+$/.test(size) && Number(size) > 0) &&
    sizes.slice(1).every((size) => Number(size) % sectorSize === 0)
  );
}
