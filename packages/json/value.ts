/** The data of a JSON text: reads, compares and changes it. */
import { isDeepStrictEqual } from 'node:util';

/** The names of the keys from the root down; no part of it leads into an array. */
export type JsonPath = readonly string[];

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: JsonValue;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isEqualValue(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return isDeepStrictEqual(a, b);
}

export function getIn(object: JsonObject, path: JsonPath): JsonValue | undefined {
  let current: JsonValue | undefined = object;
  for (const name of path) {
    // A key may be named `__proto__`: only own properties are data.
    if (!isObject(current) || !Object.hasOwn(current, name)) return undefined;
    current = current[name];
  }
  return current;
}

/** Creates missing objects; undefined when the path leads through a value that is not an object, such as null. */
export function setIn(object: JsonObject, path: JsonPath, value: JsonValue): JsonObject | undefined {
  const [name, ...rest] = path;
  if (name === undefined) return isObject(value) ? value : undefined;
  const child = rest.length > 0 && Object.hasOwn(object, name) ? object[name] : {};
  if (!isObject(child)) return undefined;
  const changed = rest.length === 0 ? value : setIn(child, rest, value);
  return changed === undefined ? undefined : { ...object, [name]: changed };
}

/** Leaves objects that become empty. */
export function deleteIn(object: JsonObject, path: JsonPath): JsonObject {
  const [name, ...rest] = path;
  if (name === undefined || !Object.hasOwn(object, name)) return object;
  if (rest.length === 0) return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
  const child = object[name];
  return isObject(child) ? { ...object, [name]: deleteIn(child, rest) } : object;
}
