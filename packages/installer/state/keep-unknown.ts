/** Copies fields that this version does not know, because a newer version wrote them, to the next text of a document. Pure. */
import * as z from 'zod';

type Fields = Readonly<Record<string, unknown>>;

/** `after`, plus the fields of `before` that `schema` does not have; entries of lists are matched by `name` or `path`. */
export function keepUnknown<T>(schema: z.ZodType<T>, before: unknown, after: T): T {
  return merge(schema, before, after) as T;
}

function merge(schema: unknown, before: unknown, after: unknown): unknown {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault) {
    return merge(schema.unwrap(), before, after);
  }
  if (schema instanceof z.ZodArray && Array.isArray(before) && Array.isArray(after)) {
    return after.map((each: unknown) => {
      const known = before.find((other: unknown) => isSameEntry(other, each)) as unknown;
      return merge(schema.element, known, each);
    });
  }
  if (!isFields(before) || !isFields(after)) return after;
  if (schema instanceof z.ZodRecord) {
    return mapFields(after, (key, value) => merge(schema.valueType, before[key], value));
  }
  if (!(schema instanceof z.ZodObject)) return after;
  const { shape } = schema as z.ZodObject;
  const unknown = Object.entries(before).filter(([key]) => !(key in shape));
  return {
    ...mapFields(after, (key, value) => merge(shape[key], before[key], value)),
    ...Object.fromEntries(unknown),
  };
}

function mapFields(fields: Fields, change: (key: string, value: unknown) => unknown): Fields {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, change(key, value)]));
}

function isSameEntry(one: unknown, other: unknown): boolean {
  if (!isFields(one) || !isFields(other)) return false;
  const key = ['name', 'path'].find((each) => each in other);
  return key !== undefined && one[key] === other[key];
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
