import { connectionLost, invalidValue } from './errors.js';
import { readNamedFile, variable } from './environment.js';
import { folded } from './names.js';
import { Field, Resolution } from './resolution.js';

/**
 * Asks for the credential of a plan, which may be done again and again. The names were formed with the plan; the
 * environment is looked into each time.
 * @param {(method: string, params: object) => Promise<any>} ask
 * @param {{ params: object, own: any, environment: Record<string, string | undefined> }} plan
 * @returns {Promise<Resolution>}
 */
export async function resolved(ask, { params, own, environment }) {
  return resolveWith(await ask('credential.resolve', params), own, environment);
}

/**
 * Puts the broker's plan and the caller's own values together.
 * @param {any} answer the result of credential.resolve
 * @param {{ call: [string, string][], instance: [string, string][], offered: string[] }} own `offered`: the variables
 *   that were named to the broker
 * @param {Record<string, string | undefined>} environment
 * @returns {Promise<Resolution>}
 */
async function resolveWith(answer, own, environment) {
  const fields = [];
  for (const item of answer.fields ?? []) {
    const value = typeof item.value === 'string' ? item.value : await ownValue(item, own, environment);
    fields.push(new Field(item, value));
  }
  return new Resolution(answer, fields);
}

async function ownValue(item, own, environment) {
  if (item.source === 'environment') {
    // An answer does not choose which other variable, or which file, is read.
    if (!own.offered.includes(item.from)) {
      throw connectionLost('its answer names a variable that was not offered');
    }
    const value = variable(environment, item.from);
    if (value === undefined) {
      throw invalidValue(`the variable ${item.from} is not set any more`);
    }
    return item.file === true ? readNamedFile(item.from, value) : value;
  }
  const fields = item.source === 'call' ? own.call : item.source === 'instance' ? own.instance : [];
  // With `from`, config.toml gives the field a name of its own in the call: exactly that one.
  const found = fields.find(([name]) => (item.from ? name === item.from : folded(name) === folded(item.field)));
  if (!found) {
    throw connectionLost(`its answer has no value of ${item.field}, which comes from ${item.source}`);
  }
  return found[1];
}
