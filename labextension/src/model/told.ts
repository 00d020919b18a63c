/** What was told, for all tabs of this browser: nobody wants to read the same thing twice. */

/** Milliseconds by which two occasions differ. Clocks of gateways and service make the same one move by less. */
const SAME = 30_000;
const KEPT = 40 * 24 * 3_600_000;
const MOST = 200;

/** The part of the browser's storage that is needed. */
export type IStore = Pick<Storage, 'getItem' | 'setItem'>;

/** Does work while no other tab does work of this name. */
export type Exclusively = (name: string, work: () => void) => Promise<void>;

interface IEntry {
  /** The occasion. */
  at: number;
  /** When it was told. */
  told: number;
}

/** Remembers what one person was told in this browser. */
export class Told {
  private readonly name: string;

  constructor(
    person: string,
    private readonly store: IStore = window.localStorage,
    private readonly exclusively: Exclusively = locked,
    private readonly now: () => number = Date.now
  ) {
    this.name = `jupyterlab-gatehouse:told:${person}`;
  }

  /** Return those that nobody was told yet, and remember them as told. */
  async take<T extends { readonly key: string; readonly at: number }>(
    notices: readonly T[]
  ): Promise<readonly T[]> {
    let found: readonly T[] = [];
    if (notices.length > 0) {
      await this.exclusively(this.name, () => {
        const known = this.read();
        found = notices.filter(({ key, at }) => {
          const before = known.get(key);
          return before === undefined || at > before.at + SAME;
        });
        this.write(known, found);
      });
    }
    return found;
  }

  private read(): Map<string, IEntry> {
    try {
      const entries = JSON.parse(this.store.getItem(this.name) ?? '[]') as [string, IEntry][];
      return new Map(entries.filter(([, { told }]) => told > this.now() - KEPT));
    } catch {
      return new Map(); // somebody else's, or storage is forbidden: then it is told once a page
    }
  }

  private write(
    known: Map<string, IEntry>,
    found: readonly { readonly key: string; readonly at: number }[]
  ): void {
    if (found.length === 0) {
      return;
    }
    for (const { key, at } of found) {
      known.delete(key);
      known.set(key, { at, told: this.now() });
    }
    try {
      this.store.setItem(this.name, JSON.stringify([...known].slice(-MOST)));
    } catch {
      // Storage is full or forbidden: then it is told once a page.
    }
  }
}

/** By the browser's own locks; a page without TLS has none, and two windows may then both tell in the same instant. */
async function locked(name: string, work: () => void): Promise<void> {
  const { locks } = navigator as Partial<Navigator>;
  if (locks === undefined) {
    work();
    return;
  }
  await locks.request(name, work);
}
