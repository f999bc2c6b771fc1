export { Client } from './src/client.js';
export { KeybearerError } from './src/errors.js';
export { Lease } from './src/lease.js';
export { Login } from './src/login.js';
export { Field, Resolution } from './src/resolution.js';
export { DpopProof, Token } from './src/token.js';
