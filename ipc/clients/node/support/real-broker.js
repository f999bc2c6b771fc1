import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateFolder } from './fake-broker.js';

const run = promisify(execFile);

/** Where the programs under test are. */
export function binaries() {
  const folder = process.env.KEYBEARER_BIN_DIR;
  if (!folder) {
    throw new Error('set KEYBEARER_BIN_DIR to the folder with keybearer and keybearerd');
  }
  return folder;
}

/**
 * A fresh home with a keychain, and the broker that serves it.
 * @param {string} [config] its config.toml
 * @param {string[]} [accounts] names of accounts that are signed out, because signing in takes a server; the broker's
 *   refusal names the one that it chose
 * @param {string} [policy] "ask" is what people have
 */
export async function startRealBroker(config = '', accounts = [], policy = 'allow') {
  const program = join(binaries(), 'keybearer');
  const home = await privateFolder();
  await mkdir(join(home, 'config'), { mode: 0o700 });
  await writeFile(join(home, 'config', 'config.toml'), `policy = "${policy}"\n${config}`, { mode: 0o600 });
  if (accounts.length > 0) {
    await mkdir(join(home, 'data'), { mode: 0o700 });
    const listed = JSON.stringify({ version: 1, accounts: accounts.map(signedOut) });
    await writeFile(join(home, 'data', 'accounts.json'), listed, { mode: 0o600 });
  }
  const environment = {
    KEYBEARER_HOME: home,
    HOME: process.env.HOME,
    PATH: `${binaries()}:/usr/local/bin:/usr/bin:/bin`,
  };
  const keybearer = (...words) => run(program, words, { env: environment });
  await keybearer('keychain', 'migrate', '--to', 'file', '--no-passphrase'); // starts the broker as well
  return {
    home,
    environment,
    keybearer,
    async close() {
      await keybearer('daemon', 'stop');
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** An entry of accounts.json. */
function signedOut(name) {
  return {
    id: `id-of-${name}`,
    name,
    provider: '',
    issuer: 'https://as.example',
    subject: '',
    label: '',
    client_id: 'test',
    scope: '',
    login_required: 'it was signed out',
    created_at: 0,
    confidential: false,
  };
}
