// What the server can do: the same for every protocol revision.
import { setTimeout as pause } from 'node:timers/promises';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/server';
import * as z from 'zod';
import { fingerprint } from './access.mjs';

const said = (value) => ({ content: [{ type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }] });

/** A tool that needs mcp:write, and one that needs mcp:admin: scopeOf() is asked before the call reaches the server. */
const SCOPES = { write: 'mcp:write', admin: 'mcp:admin' };
export const scopeOf = (tool) => SCOPES[tool] ?? 'mcp:read';

async function steps({ count, ms }, ctx) {
  const { mcpReq } = ctx;
  const token = mcpReq._meta?.progressToken;
  for (let step = 1; step <= count; step += 1) {
    if (mcpReq.signal.aborted) throw new Error('cancelled');
    if (token !== undefined) {
      const params = { progressToken: token, progress: step, total: count };
      await mcpReq.notify({ method: 'notifications/progress', params });
    }
    await pause(ms);
  }
  return said(`${count} steps`);
}

export function newServer({ announce } = {}) {
  const server = new McpServer({ name: 'lab', version: '1.0.0' }, { capabilities: { logging: {}, tools: { listChanged: true } } });
  const tool = (name, inputSchema, act) => server.registerTool(name, { description: name, inputSchema: z.object(inputSchema) }, act);
  const whoami = (args, { http }) => said({
    sub: http.authInfo.extra.sub,
    scopes: http.authInfo.scopes,
    token: fingerprint(http.authInfo.token),
  });

  tool('echo', { text: z.string() }, ({ text }) => said(text));
  tool('whoami', {}, whoami);
  tool('write', {}, whoami);
  tool('admin', {}, whoami);
  tool('large', { bytes: z.number() }, ({ bytes }) => said('x'.repeat(bytes)));
  tool('steps', { count: z.number(), ms: z.number() }, steps);
  tool('announce', {}, async () => {
    await announce?.(server);
    return said('announced');
  });
  tool('region', {
    where: z.object({ region: z.string().meta({ 'x-mcp-header': 'Region' }) }),
    dry: z.boolean().optional().meta({ 'x-mcp-header': 'Dry-Run' }),
  }, ({ where }) => said(where.region));
  server.registerResource('note', new ResourceTemplate('note://{name}', { list: undefined }), { description: 'a note' },
    (uri) => ({ contents: [{ uri: uri.href, text: `note ${uri.href}` }] }));
  return server;
}
