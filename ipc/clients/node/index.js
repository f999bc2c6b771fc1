export { Client } from './src/client.js';
export { KeybearerError } from './src/errors.js';
export { Lease } from './src/lease.js';
export { Field, Resolution } from './src/resolution.js';
export { Token } from './src/token.js';
