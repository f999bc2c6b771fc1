/**
 * What every function of this library fails with. `message` is a sentence for the person and holds no secret.
 */
export class KeybearerError extends Error {
  /**
   * @param {string} kind the broker's `data.kind`, or one of this library's own: "no_broker", "connection_lost",
   *   "timeout" (the connection), "unsafe" (the place of the socket)
   * @param {string} message
   * @param {object} [data] what the broker said besides, as `looked_at` or `retry_after` (seconds)
   */
  constructor(kind, message, data = {}) {
    super(message);
    this.name = 'KeybearerError';
    this.kind = kind;
    this.data = data;
  }
}

/** @param {string} why @returns {KeybearerError} */
export function connectionLost(why) {
  return new KeybearerError('connection_lost', `the connection to the broker was lost: ${why}`);
}

/** @param {string} message @returns {KeybearerError} */
export function invalidParams(message) {
  return new KeybearerError('invalid_params', message);
}

/** @param {string} message @returns {KeybearerError} */
export function invalidValue(message) {
  return new KeybearerError('invalid_value', message);
}
