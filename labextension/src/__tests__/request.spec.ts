/**
 * Every failure of a request is one line for a person, with a reason code.
 *
 * @jest-environment node
 */

import { createServer, Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { ServerConnection } from '@jupyterlab/services';

import { openStream, requestAPI } from '../request';

const REFUSAL = {
  error: { status: 409, reason: 'quota_exceeded', message: 'Not started.', retry_at: null, decision: null }
};
const ANSWERS: Record<string, { status: number; text: string }> = {
  '/user/alice/gatehouse/account': { status: 200, text: '{"a": 1}' },
  '/user/alice/gatehouse/stop': { status: 204, text: '' },
  '/user/alice/gatehouse/stream': { status: 200, text: 'event: account\n\n' },
  '/user/alice/gatehouse/refused': { status: 409, text: JSON.stringify(REFUSAL) },
  '/user/alice/gatehouse/page': { status: 502, text: '<html>Bad Gateway</html>' },
  '/user/alice/gatehouse/shape': { status: 500, text: '{"message": "x"}' }
};

let server: Server;
let settings: ServerConnection.ISettings;

beforeAll(async () => {
  server = createServer((request, response) => {
    const answer = ANSWERS[(request.url ?? '').replace(/\?.*/, '')] ?? { status: 404, text: '' };
    response.writeHead(answer.status).end(answer.text);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const init = { cache: 'no-store' } as const;
  settings = ServerConnection.makeSettings({ baseUrl: `http://127.0.0.1:${port}/user/alice/`, init });
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

describe('requestAPI', () => {
  it("asks below this server's own address", async () => {
    await expect(requestAPI('account', settings)).resolves.toEqual({ a: 1 });
  });

  it('returns nothing for an answer without a body', async () => {
    await expect(requestAPI('stop', settings, { method: 'POST' })).resolves.toBeUndefined();
  });

  it.each([
    ['refused', { status: 409, reason: 'quota_exceeded', message: 'Not started.' }],
    ['page', { status: 0, reason: 'service_unavailable' }],
    ['shape', { status: 0, reason: 'service_unavailable' }]
  ])('turns a failed answer (%s) into a ServiceError', async (path, error) => {
    await expect(requestAPI(path, settings)).rejects.toMatchObject({ name: 'ServiceError', ...error });
  });

  it('turns a server that is gone into a ServiceError', async () => {
    const gone = ServerConnection.makeSettings({ baseUrl: 'http://127.0.0.1:1/' });
    await expect(requestAPI('account', gone)).rejects.toMatchObject({ reason: 'service_unavailable' });
  });
});

describe('openStream', () => {
  it('returns the body as it arrives', async () => {
    const body = await openStream('stream', settings, new AbortController().signal);
    const { value } = await body.getReader().read();
    expect(new TextDecoder().decode(value)).toBe('event: account\n\n');
  });

  it('fails as a request does', async () => {
    await expect(openStream('refused', settings, new AbortController().signal)).rejects.toMatchObject({
      status: 409
    });
  });
});
