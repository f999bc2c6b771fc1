import { KeybearerError, invalidParams } from './errors.js';
import { MASK, mask } from './masked.js';

const AWS = { needed: ['access_key_id', 'secret_access_key'], more: ['session_token', 'region'] };
const VERTEX = {
  needed: [], // one of three ways in is enough
  more: ['project_id', 'location', 'api_key', 'service_account_key', 'client_email', 'private_key'],
};

/** The fields of the providers that want more than a key and an address; `needed` is in every whole credential. */
export const TYPED = {
  azure: { needed: ['api_key'], more: ['endpoint', 'resource_name', 'deployment_name', 'api_version'] },
  bedrock: AWS,
  sagemaker: { needed: AWS.needed, more: [...AWS.more, 'endpoint'] },
  vertex: VERTEX,
  'vertex-anthropic': VERTEX,
};

/**
 * A resolution as an object with the provider's fields in camelCase.
 * @param {import('./resolution.js').Resolution} resolution
 * @param {string} provider a name in {@link TYPED}
 * @returns {Record<string, string>}
 */
export function typed(resolution, provider) {
  if (!Object.hasOwn(TYPED, provider)) {
    throw invalidParams(`there is no such type of credential; there are: ${Object.keys(TYPED).join(', ')}`);
  }
  if (resolution.provider !== provider) {
    throw invalidParams(`this is a credential of ${resolution.provider}, not of ${provider}`);
  }
  const { needed, more } = TYPED[provider];
  const missing = needed.find((name) => !resolution.field(name));
  if (missing) {
    throw new KeybearerError('no_credential', `this credential of ${provider} was resolved without ${missing}`);
  }
  const fields = [...needed, ...more].map((name) => resolution.field(name)).filter((field) => field !== undefined);
  const shown = (valueOf) => Object.fromEntries(fields.map((field) => [camelCase(field.field), valueOf(field)]));
  const values = shown((field) => field.value);
  mask(values, '', () => shown((field) => (field.secret ? MASK : field.value)));
  return values;
}

function camelCase(name) {
  return name.replace(/_(\w)/g, (_, letter) => letter.toUpperCase());
}
