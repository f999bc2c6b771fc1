import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { join } from 'node:path';
import { variable } from './environment.js';

// `keybearer daemon start` gives up by itself before that.
const START_TIMEOUT_MS = 30_000;

/**
 * Runs `keybearer daemon start`, which exits 0 when a broker serves and passes none of a provider's variables on.
 * @param {Record<string, string | undefined>} environment
 * @returns {Promise<string | null>} why it did not work, or null
 */
export function startBroker(environment) {
  const program = findProgram('keybearer', environment);
  if (!program) {
    return Promise.resolve('keybearer was not found in PATH');
  }
  return new Promise((resolve) => {
    const child = spawn(program, ['daemon', 'start'], {
      env: environment,
      stdio: 'ignore',
      timeout: START_TIMEOUT_MS,
    });
    child.once('error', (error) => resolve(`keybearer could not be run (${error.code})`));
    child.once('exit', (code, signal) => {
      resolve(code === 0 ? null : `keybearer daemon start ended with ${code ?? signal}`);
    });
  });
}

// A relative entry of PATH would run what lies in the current folder.
function findProgram(name, environment) {
  const folders = (variable(environment, 'PATH') ?? '').split(':').filter((folder) => folder.startsWith('/'));
  return folders.map((folder) => join(folder, name)).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
