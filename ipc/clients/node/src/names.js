import { invalidParams } from './errors.js';

/** A field's or provider's name without what people spell differently: "apiKey" is "api_key". @param {string} name */
export function folded(name) {
  return name.replace(/[_-]/g, '').toLowerCase();
}

/**
 * The options that were given. A misspelt one is refused rather than silently without effect, as the broker does it.
 * @param {string} where the function, for the message
 * @param {Record<string, any>} options
 * @param {string[]} known
 * @returns {Record<string, any>} those that are neither undefined nor null
 */
export function given(where, options, known) {
  const entries = Object.entries(options);
  const unknown = entries.find(([name]) => !known.includes(name));
  if (unknown) {
    throw invalidParams(`${where} has no option "${unknown[0]}"; it has: ${known.join(', ')}`);
  }
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined && value !== null));
}

/**
 * The caller's own fields that have a value.
 * @param {Record<string, string | undefined | null> | null} [fields]
 * @returns {[string, string][]}
 */
export function ownFields(fields = {}) {
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw invalidParams('a credential is given as an object: field and value');
  }
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  const wrong = entries.find(([, value]) => typeof value !== 'string');
  if (wrong) {
    throw invalidParams(`the value of ${wrong[0]} is not a string`);
  }
  return /** @type {[string, string][]} */ (entries);
}
