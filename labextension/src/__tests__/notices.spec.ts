/** What is told: from one account to the next. */

import type { Account, BudgetWarning, ClusterView, Refusal, ServerView } from '../contract';
import { fit, INotice, isOver, LONGEST, news } from '../model/notices';
import { accounts, english, first } from './fakes';

const WARNING: BudgetWarning = {
  level: 0.8,
  group: 'research',
  user: 'alice',
  message: '$400.10 of $500.00. At 100 %, nothing new starts.',
  at: '2026-11-21T15:00:00Z'
};
const SOON: Partial<ClusterView> = {
  reason: 'idle',
  message: 'This cluster stops at 15:10 UTC if it computes nothing until then.',
  ends_at: '2026-11-21T15:10:00Z',
  price_per_hour: '0.60'
};
const REFUSED: Refusal = {
  id: 'd-1',
  at: '2026-11-21T15:04:00Z',
  kind: 'cluster',
  title: 'Standard workers',
  name: 'big',
  reason: 'quota_exceeded',
  message: "Research's quota of 64 cores is full."
};

/** The normal account with its first cluster, its server, and the rest changed. */
function account(
  cluster: Partial<ClusterView> = {},
  more: Partial<Account> = {},
  server: Partial<ServerView> = {}
): Account {
  return {
    ...accounts.normal,
    refused: [],
    clusters: [{ ...first(accounts.normal.clusters), ...cluster }],
    servers: [{ ...first(accounts.normal.servers), ...server }],
    ...more
  };
}

const told = (before: Account | null, after: Account): readonly INotice[] => news(before, after, english);
const words = (before: Account | null, after: Account): readonly string[] =>
  told(before, after).map(({ message }) => message);

describe('news', () => {
  const calm = account();
  const used = { ...WARNING, level: 1, message: 'The budget is used up; running work ends at 15:10 UTC.' };

  it.each<[string, Account | null, Account, readonly RegExp[]]>([
    ['nothing', calm, calm, []],
    ['nothing at the first look', null, calm, []],
    [
      'a level of a budget',
      calm,
      account({}, { warnings: [WARNING] }),
      [/^Your budget in Research passed 80 %\n\$400.10 of \$500.00. .*\[budget_warning\]$/]
    ],
    ['a level that was there before the first look', null, account({}, { warnings: [WARNING] }), []],
    [
      'a budget that is used up, also at the first look: what runs ends',
      null,
      account({}, { warnings: [{ ...used, user: '' }] }),
      [/^The budget of Research is used up\n.*15:10 UTC. \[budget_exhausted\]$/]
    ],
    [
      'a used-up budget while nothing runs, at the first look',
      null,
      account({ state: 'stopped' }, { warnings: [used], servers: [] }),
      []
    ],
    ['a cluster that stops soon', calm, account(SOON), [/^sales-join stops at \d\d:10\nIt computes nothing/]],
    ['the same at the first look', null, account(SOON), [/^sales-join stops at \d\d:10\n/]],
    [
      'a server that stops soon',
      calm,
      account({}, {}, { reason: 'idle', message: 'x', ends_at: '2026-11-21T15:10:00Z' }),
      [/^Your server stops at \d\d:10\nNobody uses it/]
    ],
    [
      'a cluster without a client',
      calm,
      account({ ...SOON, reason: 'no_client' }),
      [/No client is connected.*\[no_client\]$/]
    ],
    [
      'a cluster that is too old, in the words of the service',
      calm,
      account({ ...SOON, reason: 'lifetime', message: 'It stops at 15:10 UTC: 4 h is the longest.' }),
      [/4 h is the longest. \[lifetime\]$/]
    ],
    ['nothing of a deadline of what is stopped already', null, account({ ...SOON, state: 'stopping' }), []],
    [
      'workers that were taken',
      calm,
      account({ granted: 6, reason: 'reclaimed', message: 'Production took back 6 cores.' }),
      [/^Shrinking sales-join to 6 workers\nProduction took back 6 cores. \[reclaimed\]$/]
    ],
    [
      'why workers were taken, and not again how many',
      calm,
      account({
        granted: 1,
        reason: 'user_limit',
        message: 'Grown to 1 of 40 workers: you hold 3 of the 3 cores. Stop something of yours.'
      }),
      [
        /^Shrinking sales-join to 1 worker\nYou hold 3 of the 3 cores. Stop something of yours. \[user_limit\]$/
      ]
    ],
    ['nothing where the person asked for fewer', calm, account({ granted: 6, wanted: 6 }), []],
    ['nothing where a grant grows', calm, account({ granted: 14, reason: 'quota_exceeded' }), []],
    [
      'a cluster that Gatehouse ended',
      calm,
      account({ state: 'stopping', reason: 'idle', message: 'It was not used for 20 min.', cost: '1.87' }),
      [/^sales-join was stopped; it cost \$1.87\nIt was not used for 20 min. \[idle\]$/]
    ],
    [
      'nothing of a cluster that the person stopped',
      calm,
      account({ state: 'stopped', reason: 'quota_exceeded', message: '28 wait' }),
      []
    ],
    [
      'nothing of an end that was told when it began',
      account({ state: 'stopping', reason: 'idle' }),
      account({ state: 'stopped', reason: 'idle' }),
      []
    ],
    [
      'a start that was refused',
      calm,
      account({}, { refused: [REFUSED] }),
      [/^big did not start\nResearch's quota of 64 cores is full. \[quota_exceeded\]$/]
    ],
    [
      'why a start was refused, and not again that it was',
      calm,
      account({}, { refused: [{ ...REFUSED, message: `Not started: you hold 2 of 2 clusters.` }] }),
      [/^big did not start\nYou hold 2 of 2 clusters. \[quota_exceeded\]$/]
    ],
    [
      'nothing of a refusal that is known',
      account({}, { refused: [REFUSED] }),
      account({}, { refused: [REFUSED] }),
      []
    ]
  ])('tells %s', (_, before, after, expected) => {
    const found = words(before, after);
    expect(found).toHaveLength(expected.length);
    expected.forEach((pattern, index) => expect(found[index]).toMatch(pattern));
  });

  it('offers to keep an idle cluster for the next longer time, with what that costs, and to stop it', () => {
    const [notice] = told(calm, account(SOON));
    expect(notice?.actions).toEqual([
      { do: 'stop', label: 'Stop now', cluster: '0123456789abcdef0123456789abcde0' },
      expect.objectContaining({ do: 'keep', label: 'Keep 1 h ($0.40)', lease: 'lease-1', seconds: 3600 })
    ]);
  });

  it('shows a cluster that cannot be kept', () => {
    const [notice] = told(calm, account({ ...SOON, reason: 'lifetime', message: 'x' }));
    expect(notice?.actions.map(action => action.do)).toEqual(['stop', 'show']);
  });

  it('distinguishes two occasions by their time, and nothing else', () => {
    const [early] = told(calm, account(SOON));
    const [later] = told(calm, account({ ...SOON, ends_at: '2026-11-21T16:10:00Z' }));
    expect(early?.key).toBe(later?.key);
    expect((later?.at ?? 0) - (early?.at ?? 0)).toBe(3_600_000);
  });
});

describe('a notice', () => {
  it.each<[string, Account, Account]>([
    ['a budget that was raised', account({}, { warnings: [WARNING] }), account()],
    ['a cluster that is used again', account(SOON), account()],
    [
      'a cluster that got its workers back',
      account({ granted: 6, reason: 'reclaimed' }),
      account({ granted: 40, reason: null })
    ],
    ['a refusal that is old', account({}, { refused: [REFUSED] }), account()],
    [
      'a cluster that is no longer listed',
      account({ state: 'stopped', reason: 'idle' }),
      account({}, { clusters: [] })
    ]
  ])('is over with %s', (_, during, after) => {
    const [notice] = told(account(), during) as [INotice];
    expect(isOver(notice, during, english)).toBe(false);
    expect(isOver(notice, after, english)).toBe(true);
  });
});

describe('the words', () => {
  it.each([
    ['First. Second; third.', 'idle' as const, 'T\nFirst. Second; third. [idle]'],
    [`First. ${'x'.repeat(140)}.`, 'idle' as const, 'T\nFirst. [idle]'],
    [`First; ${'x'.repeat(140)}.`, null, 'T\nFirst.'],
    ['', 'idle' as const, 'T\n [idle]']
  ])('are as many whole sentences as fit: %#', (text, reason, expected) => {
    expect(fit('T', text, reason)).toBe(expected);
  });

  it('are never longer than JupyterLab shows, and keep their code', () => {
    const found = fit('Title', 'word '.repeat(60), 'quota_exceeded');
    expect(found.length).toBeLessThanOrEqual(LONGEST);
    expect(found).toMatch(/… \[quota_exceeded\]$/);
  });
});
