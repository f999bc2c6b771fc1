// The SDK's own client, told what to do line by line on stdin and telling what comes of it line by line on stdout.
// argv[2] is JSON: {command, args, env} starts a server on stdio; {url, token} speaks HTTP itself. `mode` is "legacy",
// "auto" or {"pin": "2026-07-28"}.
//   {"do": NAME, "id": N, ...}   see `actions`; the answer is {"id": N, "result" | "error": ...}
// What happens meanwhile is {"event": "notification" | "progress" | "stderr" | "close" | "error", ...}.
import { createInterface } from 'node:readline';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const options = JSON.parse(process.argv[2]);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

function newTransport() {
  const { url, token, command, args, env } = options;
  if (url) return new StreamableHTTPClientTransport(new URL(url), { authProvider: { token: async () => token } });
  const transport = new StdioClientTransport({ command, args, env, stderr: 'pipe' });
  transport.stderr.on('data', (text) => say({ event: 'stderr', text: String(text) }));
  return transport;
}

const client = new Client({ name: 'lab-client', version: '1.0.0' }, { versionNegotiation: { mode: options.mode ?? 'legacy' } });
const transport = newTransport();
client.fallbackNotificationHandler = async ({ method, params }) => say({ event: 'notification', method, params });
client.onclose = () => say({ event: 'close' });
client.onerror = (error) => say({ event: 'error', message: error.message });

const running = new Map(); // id -> AbortController
let listening;

const actions = {
  connect: async () => {
    await client.connect(transport);
    return { protocol: client.getNegotiatedProtocolVersion(), server: client.getServerVersion() };
  },
  list: () => client.listTools(),
  read: ({ uri }) => client.readResource({ uri }),
  call: async ({ id, name, args, progress, timeout }) => {
    const abort = new AbortController();
    running.set(id, abort);
    const more = progress ? { onprogress: (step) => say({ event: 'progress', of: id, ...step }) } : {};
    const { content, isError } = await client.callTool({ name, arguments: args ?? {} }, { signal: abort.signal, timeout, ...more });
    return { text: content[0]?.text, isError };
  },
  listen: async () => {
    listening = await client.listen({ toolsListChanged: true });
    return {};
  },
  cancel: ({ of }) => running.get(of).abort(new Error('cancelled by the test')),
  close: () => client.close(),
};

for await (const line of createInterface({ input: process.stdin })) {
  const step = JSON.parse(line);
  Promise.resolve().then(() => actions[step.do](step)).then(
    (result) => say({ id: step.id, result: result ?? {} }),
    (error) => say({ id: step.id, error: { name: error.name, code: error.code, message: error.message } }),
  );
}
await client.close();
