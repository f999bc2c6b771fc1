import { inspect } from 'node:util';

/** Stands for a secret wherever an object is shown. */
export const MASK = '[secret]';

const masked = new WeakSet();

/**
 * Makes an object show `view()` wherever it is printed, logged or turned into JSON.
 * @param {object} object
 * @param {string} name shown before the view; none when empty
 * @param {() => object} view a copy without secrets
 */
export function mask(object, name, view) {
  const shown = (_depth, options) => `${name}${name && ' '}${inspect(view(), options)}`;
  // Not enumerable: a field of a provider is what a loop over the object should meet, and nothing else.
  Object.defineProperty(object, inspect.custom, { value: shown });
  Object.defineProperty(object, 'toJSON', { value: view });
  masked.add(object);
}

/** Whether JSON of this value would hold masks in the place of secrets. @param {unknown} value */
export function isMasked(value) {
  return typeof value === 'object' && value !== null && masked.has(value);
}
