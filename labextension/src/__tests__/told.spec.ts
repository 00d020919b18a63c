/** What was told, over reloads and in other tabs. */

import { Exclusively, IStore, Told } from '../model/told';

/** One browser's storage, as all of its tabs see it. */
class Store implements IStore {
  readonly items = new Map<string, string>();
  getItem = (name: string): string | null => this.items.get(name) ?? null;
  setItem = (name: string, value: string): void => {
    this.items.set(name, value);
  };
}

const NOW = Date.parse('2026-11-21T15:00:00Z');
const DAY = 24 * 3_600_000;
const alone: Exclusively = (_, work) => {
  work();
  return Promise.resolve();
};

describe('what was told', () => {
  let store: Store;
  let now: number;
  const tab = (person = 'alice', exclusively = alone): Told =>
    new Told(person, store, exclusively, () => now);
  const keys = async (told: Told, ...notices: [string, number][]): Promise<string[]> =>
    (await told.take(notices.map(([key, at]) => ({ key, at })))).map(({ key }) => key);

  beforeEach(() => {
    store = new Store();
    now = NOW;
  });

  it('is told once, also after a reload and in another tab', async () => {
    expect(await keys(tab(), ['a', 1], ['b', 2])).toEqual(['a', 'b']);
    expect(await keys(tab(), ['a', 1], ['c', 0])).toEqual(['c']);
  });

  it('is told again on a later occasion, but not for clocks that differ a little', async () => {
    await keys(tab(), ['a', NOW]);
    expect(await keys(tab(), ['a', NOW + 20_000])).toEqual([]);
    expect(await keys(tab(), ['a', NOW + 300_000])).toEqual(['a']);
    expect(await keys(tab(), ['a', NOW + 300_000])).toEqual([]);
  });

  it("is each person's own", async () => {
    await keys(tab(), ['a', 1]);
    expect(await keys(tab('bob'), ['a', 1])).toEqual(['a']);
  });

  it('is told by one of two windows that hear of it at once', async () => {
    let last: Promise<void> = Promise.resolve();
    const lock: Exclusively = (_, work) => (last = last.then(work));
    const found = await Promise.all([keys(tab('alice', lock), ['a', 1]), keys(tab('alice', lock), ['a', 1])]);
    expect(found.flat()).toEqual(['a']);
  });

  it('is forgotten after forty days, and does not grow without end', async () => {
    await keys(tab(), ['a', 1]);
    now += 41 * DAY;
    expect(await keys(tab(), ['a', 1])).toEqual(['a']);
    for (let n = 0; n < 300; n += 1) {
      await keys(tab(), [`n${n}`, 1]);
    }
    expect((JSON.parse([...store.items.values()][0] ?? '[]') as unknown[]).length).toBe(200);
  });

  it.each([
    ['holds something else', (): string | null => '{"not": "ours"}'],
    ['holds no JSON', (): string | null => 'x'],
    [
      'is forbidden',
      (): string | null => {
        throw new Error('SecurityError');
      }
    ]
  ])('is told where storage %s', async (_, getItem) => {
    const broken: IStore = {
      getItem,
      setItem: () => {
        throw new Error('QuotaExceededError');
      }
    };
    const told = new Told('alice', broken, alone, () => now);
    expect(await keys(told, ['a', 1])).toEqual(['a']);
  });
});
