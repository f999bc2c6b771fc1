// An MCP server on stdio whose one tool says what it was given: a hash of each variable that is asked for, and null for
// one that is not there.
import { createHash } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/server';
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import * as z from 'zod';

const hashed = (text) => (text === undefined ? null : createHash('sha256').update(text).digest('hex'));

serveStdio(() => {
  const server = new McpServer({ name: 'lab-stdio', version: '1.0.0' });
  server.registerTool('given', { description: 'given', inputSchema: z.object({ names: z.array(z.string()) }) }, ({ names }) => {
    const found = Object.fromEntries(names.map((name) => [name, hashed(process.env[name])]));
    return { content: [{ type: 'text', text: JSON.stringify(found) }] };
  });
  return server;
});
