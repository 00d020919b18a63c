/** Sample offers, fields and quotes for the dialog of a new cluster. */

import type { ClusterFields, GroupOffer, Offers, OptionField, ProfileOffer, Quote } from '../contract';
import { accounts } from './fakes';

const GIB = 2 ** 30;

/** A cluster profile. */
export function profile(name: string, change: Partial<ProfileOffer> = {}): ProfileOffer {
  return {
    name,
    kind: 'cluster',
    title: name.charAt(0).toUpperCase() + name.slice(1),
    description: 'Most joins',
    shape: { cores: 1, memory: 2 * GIB, gpus: {} },
    scheduler: { cores: 1, memory: GIB, gpus: {} },
    workers_max: 1000,
    price_per_hour: '0.05',
    scheduler_price_per_hour: '0.05',
    idle_seconds: 1200,
    no_client_seconds: 600,
    stops_with_server: true,
    lifetime_seconds: 43200,
    available: true,
    reason: null,
    message: '',
    retry_at: null,
    options: [],
    ...change
  };
}

function group(name: string, title: string, profiles: ProfileOffer[]): GroupOffer {
  const [balance] = accounts.normal.balances;
  if (balance === undefined) {
    throw new Error('the sample account has a balance');
  }
  return {
    group: name,
    title,
    balance: { ...balance, group: name, title },
    cores: { used: 0, quota: 64, mine: 0, borrowed: null, lent: null },
    profiles
  };
}

/** Standard in two groups, highmem in Research, and a GPU that cannot start now. */
export const OFFERS: Offers = {
  identity: { name: 'alice', groups: [] },
  as_of: '2026-11-21T15:04:00Z',
  currency: 'USD',
  groups: [
    group('research', 'Research', [
      profile('standard'),
      profile('highmem', { shape: { cores: 2, memory: 16 * GIB, gpus: {} }, workers_max: 50 }),
      profile('l4', {
        title: 'One L4 each',
        shape: { cores: 4, memory: 16 * GIB, gpus: { l4: 1 } },
        available: false,
        reason: 'quota_exceeded',
        message: 'Not now: Research has used all 2 L4 of its quota.'
      }),
      profile('notebook', { kind: 'server' })
    ]),
    group('production', 'Production', [profile('standard')])
  ],
  may: [],
  leads: [],
  contact: '#data-platform',
  group_titles: []
};

const FIELD: OptionField = {
  name: '',
  label: '',
  type: 'string',
  default: '',
  choices: [],
  min: null,
  max: null
};

/** Our own fields, and two that an administrator has added. */
export const FIELDS: ClusterFields = {
  fields: [
    { ...FIELD, name: 'profile', label: 'Profile', type: 'select', default: 'standard' },
    { ...FIELD, name: 'charge_to', label: 'Charge to', type: 'select', default: 'research' },
    { ...FIELD, name: 'name', label: 'Name' },
    { ...FIELD, name: 'workers', label: 'Workers', type: 'int', default: 0 },
    { ...FIELD, name: 'zone', label: 'Zone', type: 'select', default: 'a', choices: ['a', 'b'] },
    { ...FIELD, name: 'spot', label: 'Spot machines', type: 'bool', default: false },
    { ...FIELD, name: 'hours', label: 'Hours', type: 'float', default: 1.5, max: 12 }
  ]
};

/** A quote for this many workers of which this many are granted. */
export function quoted(workers: number, granted = workers, change: Partial<Quote> = {}): Quote {
  return {
    as_of: OFFERS.as_of,
    currency: 'USD',
    profile: 'standard',
    title: 'Standard',
    kind: 'cluster',
    group: 'research',
    workers,
    granted,
    borrowed: 0,
    allowed: true,
    reason: granted < workers ? 'borrowing_limit' : null,
    message: '',
    cause: granted < workers ? 'nothing more may be borrowed.' : '',
    retry_at: null,
    trace: [],
    price_per_hour: String((workers + 1) * 0.05),
    granted_price_per_hour: String((granted + 1) * 0.05),
    budget_minutes: 2700,
    granted_budget_minutes: 3900,
    credits_minutes: null,
    granted_credits_minutes: null,
    ...change
  };
}
