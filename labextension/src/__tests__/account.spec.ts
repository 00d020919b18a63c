/** The model: one stream, opened again with growing pauses, at rest while nobody looks. */

import { AccountModel } from '../model/account';
import { ServiceError } from '../request';
import { PAUSES, SILENCE } from '../stream/connection';
import { accountEvent, accounts, FakeClock, FakePage, FakeStream, settle } from './fakes';

const AWAY = new ServiceError(503, 'service_unavailable', 'The usage service is not answering.');
const EXPIRED = new ServiceError(401, 'login_expired', 'Your login has expired.');
const NOWHERE = new ServiceError(404, 'not_found', 'GATEHOUSE_URL is not set.');

/** A model at a server that answers what `answer` says; `opened` counts the streams. */
function start() {
  const clock = new FakeClock();
  const page = new FakePage();
  const server = {
    opened: 0,
    signal: null as AbortSignal | null,
    stream: new FakeStream(),
    answer: null as ServiceError | null,
    stopError: null as ServiceError | null
  };
  const model = new AccountModel(
    {
      stream: signal => {
        server.opened += 1;
        server.signal = signal;
        server.stream = new FakeStream();
        return server.answer ? Promise.reject(server.answer) : Promise.resolve(server.stream.body);
      },
      extend: () => Promise.resolve('This cluster now stops after 1 h without use.'),
      stop: () => (server.stopError ? Promise.reject(server.stopError) : Promise.resolve())
    },
    clock,
    page,
    () => 0.5
  );
  model.start();
  return { clock, page, server, model };
}

describe('AccountModel', () => {
  it('is live with the account as soon as the first event came', async () => {
    const { model, server, clock } = start();
    expect(model.state.phase).toBe('connecting');
    await server.stream.send(accountEvent(accounts.normal));
    expect(model.state).toMatchObject({
      phase: 'live',
      account: accounts.normal,
      receivedAt: clock.time,
      error: null
    });
  });

  it('keeps the last account when the service goes away, and says when it asks again', async () => {
    const { model, server, clock } = start();
    await server.stream.send(accountEvent(accounts.normal));
    server.answer = AWAY;
    await server.stream.end();
    expect(model.state).toMatchObject({
      phase: 'away',
      error: { status: 503, reason: 'service_unavailable' }
    });
    await clock.turn(1000);
    expect(model.state).toMatchObject({
      phase: 'away',
      account: accounts.normal,
      error: AWAY,
      retryAt: clock.time + (PAUSES[1] ?? 0) * 1000
    });
  });

  it('waits longer after each failure, and starts anew once it was heard', async () => {
    const { server, clock, model } = start();
    server.answer = AWAY;
    model.retry();
    await settle();
    const waits: number[] = [];
    for (let turn = 0; turn < PAUSES.length + 1; turn += 1) {
      const wait = (model.state.retryAt ?? 0) - clock.time;
      waits.push(wait / 1000);
      await clock.turn(wait);
    }
    expect(waits).toEqual([...PAUSES, 60]);
    server.answer = null;
    await clock.turn(60_000);
    await server.stream.send(': still here\n\n');
    await server.stream.end();
    expect((model.state.retryAt ?? 0) - clock.time).toBe(1000);
  });

  it.each([
    ['an expired login', EXPIRED, 'expired'],
    ['a server without a service', NOWHERE, 'refused']
  ] as const)('does not ask again by itself after %s', async (_, error, phase) => {
    const { server, clock, model } = start();
    server.answer = error;
    model.retry();
    await settle();
    const { opened } = server;
    await clock.turn(3_600_000);
    expect(model.state).toMatchObject({ phase, retryAt: null });
    expect(server.opened).toBe(opened);
  });

  it('asks at once when the person says so', async () => {
    const { server, model } = start();
    server.answer = EXPIRED;
    model.retry();
    await settle();
    server.answer = null;
    model.retry();
    await settle();
    await server.stream.send(accountEvent(accounts.normal));
    expect(model.state.phase).toBe('live');
  });

  it('takes a silent stream for dead', async () => {
    const { server, clock, model } = start();
    await server.stream.send(accountEvent(accounts.normal));
    await clock.turn(SILENCE - 1);
    expect(model.state.phase).toBe('live');
    await clock.turn(1);
    expect(model.state.phase).toBe('away');
  });

  it('takes a comment for a sign of life', async () => {
    const { server, clock, model } = start();
    await server.stream.send(accountEvent(accounts.normal));
    await clock.turn(SILENCE - 1);
    await server.stream.send(': still here\n\n');
    await clock.turn(SILENCE - 1);
    expect(model.state.phase).toBe('live');
    expect(model.state.receivedAt).toBeLessThan(model.state.heardAt);
  });

  it('holds no stream, runs no timer and asks nothing while the tab is hidden', async () => {
    const { server, clock, page, model } = start();
    await server.stream.send(accountEvent(accounts.normal));
    await page.show(false);
    expect(server.signal?.aborted).toBe(true);
    expect(clock.waiting).toBe(0);
    await clock.turn(3_600_000);
    expect(server.opened).toBe(1);
    expect(model.state).toMatchObject({ phase: 'live', error: null });
  });

  it('connects at once when the tab is seen again', async () => {
    const { server, page, model } = start();
    await page.show(false);
    await page.show(true);
    await server.stream.send(accountEvent(accounts.empty));
    expect(server.opened).toBe(2);
    expect(model.state.account).toEqual(accounts.empty);
  });

  it('does not connect while the tab is hidden, whoever asks', async () => {
    const { server, page, model } = start();
    await page.show(false);
    model.retry();
    expect(server.opened).toBe(1);
  });

  it('calls a planned try off when the tab is hidden', async () => {
    const { server, clock, page, model } = start();
    server.answer = AWAY;
    model.retry();
    await settle();
    const { opened } = server;
    await page.show(false);
    expect(clock.waiting).toBe(0);
    expect(server.opened).toBe(opened);
  });

  it('shows a cluster as stopping from the click until the account says so', async () => {
    const { server, model } = start();
    const id = accounts.normal.clusters[0]?.id ?? '';
    await server.stream.send(accountEvent(accounts.normal));
    await model.stop(id);
    expect([...model.state.stopping]).toEqual([id]);
    await server.stream.send(accountEvent(accounts.normal));
    expect([...model.state.stopping]).toEqual([id]);
    await server.stream.send(accountEvent(accounts.empty));
    expect([...model.state.stopping]).toEqual([]);
  });

  it('takes a refused stop back and passes the refusal on', async () => {
    const { server, model } = start();
    server.stopError = AWAY;
    await expect(model.stop('a')).rejects.toBe(AWAY);
    expect([...model.state.stopping]).toEqual([]);
  });
});
