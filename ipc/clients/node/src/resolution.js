import { folded } from './names.js';
import { MASK, mask } from './masked.js';
import { typed } from './typed.js';

/** One field of a credential. Printed, logged or turned into JSON it shows no secret; `value` has it. */
export class Field {
  #value;

  /**
   * @param {any} item of the broker's answer
   * @param {string} value
   */
  constructor(item, value) {
    this.#value = value;
    /** The catalogue's name of it, as "api_key". @type {string} */
    this.field = item.field;
    /** The layer that it comes from. @type {string} */
    this.source = item.source;
    /** A variable's name, `tenant/name`, the name in `call` that config.toml gives it, or empty. @type {string} */
    this.from = item.from ?? '';
    /** UTC seconds since 1970, or null when the value is not known to end. @type {number | null} */
    this.expiresAt = item.expires_at ?? null;
    /** What is not said to be public is treated as a secret. @type {boolean} */
    this.secret = item.secret !== false;
    mask(this, 'Field', () => ({ ...this, value: this.secret ? MASK : this.#value }));
  }

  /** @returns {string} */
  get value() {
    return this.#value;
  }
}

/** A provider's credential, field by field, each with the place that it comes from. Shows no secret when printed. */
export class Resolution {
  #values;

  /**
   * @param {any} answer the result of credential.resolve
   * @param {Field[]} fields
   */
  constructor(answer, fields) {
    /** @type {string} */
    this.provider = answer.provider;
    /** @type {string} */
    this.tenant = answer.tenant ?? '';
    /** @type {string} */
    this.name = answer.name ?? '';
    /** Another one whenever the values are others; empty from a broker that has none. @type {string} */
    this.version = answer.version ?? '';
    /** @type {Field[]} */
    this.fields = fields;
    /** Field to layer. @type {Record<string, string>} */
    this.sources = Object.fromEntries(fields.map((one) => [one.field, one.source]));
    /** Sentences for the person. @type {string[]} */
    this.warnings = answer.warnings ?? [];
    /** Weaker places with the same field: `field`, `source`, `from`. @type {object[]} */
    this.shadowed = answer.shadowed ?? [];
    /** Stronger places that were passed over: `field`, `source`, `from`, `why`. @type {object[]} */
    this.ignored = answer.ignored ?? [];

    this.#values = Object.fromEntries(fields.map((one) => [one.field, one.value]));
    mask(this.#values, '', () => this.#shownValues());
    mask(this, 'Resolution', () => ({ ...this, values: this.#shownValues() }));
  }

  /**
   * Field to value. Printed it is masked as well; a copy (`{ ...values }`) is not.
   * @returns {Record<string, string>}
   */
  get values() {
    return this.#values;
  }

  /**
   * A field by its name however that is spelled: "apiKey" is "api_key".
   * @param {string} name
   * @returns {Field | undefined}
   */
  field(name) {
    return this.fields.find((one) => folded(one.field) === folded(name));
  }

  /**
   * The values as an object of the provider's own type, with names in camelCase and without what is not there. Printed
   * it is masked as well; a copy is not.
   * @param {string} provider "azure", "bedrock", "sagemaker", "vertex" or "vertex-anthropic"
   * @returns {Record<string, string>}
   * @throws {KeybearerError} invalid_params (another provider's), no_credential (a field that is needed was left out)
   */
  as(provider) {
    return typed(this, provider);
  }

  #shownValues() {
    return Object.fromEntries(this.fields.map((one) => [one.field, one.secret ? MASK : one.value]));
  }
}
