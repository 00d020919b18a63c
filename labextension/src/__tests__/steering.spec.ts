/** What a person asks of a cluster: sent after a rest, shown until it is told, put back when it fails. */

import type { ClusterView } from '../contract';
import { PATIENCE, REST, SteeringModel, Wish } from '../model/steering';
import { ServiceError } from '../request';
import { accounts, FakeAccountModel, FakeClock, settle } from './fakes';

const REFUSED = new ServiceError(409, 'not_found', 'The cluster is not running.');
const [FIRST] = accounts.normal.clusters;
const ID = FIRST?.id ?? '';

const workers = (count: number): Wish => ({ kind: 'workers', workers: count });

/** A model at a gateway that notes what it is told, and answers when the test lets it. */
function start() {
  const clock = new FakeClock();
  const account = new FakeAccountModel(accounts.normal);
  const told: unknown[] = [];
  const gateway = { answer: (): Promise<string> => Promise.resolve('') };
  const note = (...what: unknown[]): Promise<string> => {
    told.push(what);
    return gateway.answer();
  };
  const model = new SteeringModel(
    {
      scale: (cluster, count) => note('scale', cluster, count),
      adapt: (cluster, bounds) => note('adapt', cluster, bounds),
      restart: async cluster => {
        await note('restart', cluster);
      }
    },
    account,
    clock
  );
  const say = (change: Partial<ClusterView>): void => {
    const [first, ...rest] = account.state.account?.clusters ?? [];
    const clusters = [{ ...first, ...change } as ClusterView, ...rest];
    account.state = { ...account.state, account: { ...accounts.normal, clusters } };
    account.changed.emit();
  };
  return { clock, account, told, gateway, model, say };
}

describe('SteeringModel', () => {
  it('sends the last of several wishes once, after a moment without another', async () => {
    const { model, clock, told } = start();
    model.soon(ID, workers(3));
    await clock.turn(REST - 1);
    model.soon(ID, workers(4));
    await clock.turn(REST - 1);
    expect(told).toEqual([]);
    await clock.turn(1);
    expect(told).toEqual([['scale', ID, 4]]);
  });

  it('does not wait where it is told not to, and then sends nothing again', async () => {
    const { model, clock, told } = start();
    model.soon(ID, workers(4));
    model.flush(ID);
    await clock.turn(REST);
    model.flush(ID);
    await settle();
    expect(told).toEqual([['scale', ID, 4]]);
  });

  it('sends nothing of what is taken back', async () => {
    const { model, clock, told } = start();
    model.soon(ID, workers(4));
    model.withdraw(ID);
    await clock.turn(REST);
    expect(told).toEqual([]);
    expect(model.state.wishes.size).toBe(0);
  });

  it('shows a wish from the first moment until the account tells it', async () => {
    const { model, clock, say } = start();
    model.soon(ID, workers(4));
    expect(model.state.wishes.get(ID)).toEqual(workers(4));
    await clock.turn(REST);
    say({ wanted: 40 });
    expect(model.state.wishes.get(ID)).toEqual(workers(4));
    say({ wanted: 4 });
    expect(model.state.wishes.has(ID)).toBe(false);
  });

  it.each<[string, Wish, Partial<ClusterView>]>([
    ['bounds', { kind: 'bounds', minimum: 0, maximum: 5 }, { adaptive_minimum: 0, adaptive_maximum: 5 }],
    ['no bounds', { kind: 'fixed' }, { adaptive_minimum: null, adaptive_maximum: null }],
    ['a number instead of bounds', workers(7), { adaptive_maximum: null, wanted: 7 }]
  ])('knows when the account tells %s', async (_, wish, change) => {
    const { model, say } = start();
    say({ adaptive_minimum: 1, adaptive_maximum: 2 });
    await model.ask(ID, wish);
    expect(model.state.wishes.has(ID)).toBe(true);
    say(change);
    expect(model.state.wishes.has(ID)).toBe(false);
  });

  it('puts a wish back that failed, and says why until the next one', async () => {
    const { model, clock, gateway } = start();
    gateway.answer = () => Promise.reject(REFUSED);
    model.soon(ID, workers(4));
    await clock.turn(REST);
    expect(model.state.wishes.has(ID)).toBe(false);
    expect(model.state.errors.get(ID)).toBe(REFUSED);
    model.soon(ID, workers(5));
    expect(model.state.errors.has(ID)).toBe(false);
  });

  it('tells who asks at once what the gateway says, or why not', async () => {
    const { model, gateway } = start();
    gateway.answer = () => Promise.resolve('Grown to 12 of 40 workers');
    await expect(model.ask(ID, workers(40))).resolves.toBe('Grown to 12 of 40 workers');
    gateway.answer = () => Promise.reject(REFUSED);
    await expect(model.ask(ID, workers(41))).rejects.toBe(REFUSED);
  });

  it('sends one wish after the other, and leaves out what was overtaken', async () => {
    const { model, told, gateway } = start();
    let answer: (said: string) => void = () => undefined;
    gateway.answer = () => new Promise<string>(resolve => (answer = resolve));
    const first = model.ask(ID, workers(1));
    await settle();
    const second = model.ask(ID, workers(2));
    const third = model.ask(ID, workers(3));
    await settle();
    expect(told).toEqual([['scale', ID, 1]]);
    gateway.answer = () => Promise.resolve('');
    answer('');
    await Promise.all([first, second, third]);
    expect(told).toEqual([
      ['scale', ID, 1],
      ['scale', ID, 3]
    ]);
    expect(model.state.wishes.get(ID)).toEqual(workers(3));
  });

  it('keeps a wish that is not answered, also where an older account happens to tell it', async () => {
    const { model, told, clock, say } = start();
    await model.ask(ID, workers(2));
    model.soon(ID, workers(40));
    say({ wanted: 40 });
    await clock.turn(REST);
    expect(told).toEqual([
      ['scale', ID, 2],
      ['scale', ID, 40]
    ]);
  });

  it('gives up a wish that is never told, but not while the service is away', async () => {
    const { model, clock, account } = start();
    await model.ask(ID, workers(4));
    account.state = { ...account.state, phase: 'away' };
    await clock.turn(PATIENCE);
    expect(model.state.wishes.has(ID)).toBe(true);
    account.state = { ...account.state, phase: 'live' };
    await clock.turn(PATIENCE);
    expect(model.state.wishes.has(ID)).toBe(false);
  });

  it('lets go of a wish whose cluster ends', () => {
    const { model, say } = start();
    model.soon(ID, workers(4));
    say({ state: 'stopping' });
    expect(model.state.wishes.has(ID)).toBe(false);
  });

  it('knows whose workers are being restarted, also when that fails', async () => {
    const { model, gateway } = start();
    gateway.answer = () => Promise.reject(REFUSED);
    const done = model.restart(ID);
    expect(model.state.restarting.has(ID)).toBe(true);
    await expect(done).rejects.toBe(REFUSED);
    expect(model.state.restarting.has(ID)).toBe(false);
  });
});
