/** Fields of an element or of the scene, as JSON has them. */
export type Fields = Record<string, unknown>;

function has(fields: Fields, key: string): boolean {
  return Object.hasOwn(fields, key) && fields[key] !== undefined;
}

/** Whether two JSON values are the same. An absent field and `undefined` are the same. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) {
    return true;
  }
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return false;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, at) => equal(value, b[at]));
  }
  const left = a as Fields;
  const right = b as Fields;
  const keys = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...keys].every((key) => equal(left[key], right[key]));
}

/**
 * What goes into the document for something that the drawing holds as `current`: each field that did not change since
 * `baseline` keeps the `original`'s value, or its absence. So fields that the drawing part does not know, or writes
 * in another way, come back to the letter (D08).
 */
export function outgoing(current: Fields, baseline: Fields, original: Fields): Fields {
  const out: Fields = {};
  for (const key of Object.keys(original)) {
    if (has(current, key)) {
      out[key] = has(baseline, key) && equal(current[key], baseline[key]) ? original[key] : current[key];
    } else if (!has(baseline, key)) {
      // Never known here.
      out[key] = original[key];
    }
  }
  for (const key of Object.keys(current)) {
    const filledIn = has(baseline, key) && equal(current[key], baseline[key]);
    if (!Object.hasOwn(original, key) && has(current, key) && !filledIn) {
      out[key] = current[key];
    }
  }
  return out;
}
