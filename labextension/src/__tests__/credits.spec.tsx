/** Burst credits as a person meets them. */

import { render, screen } from '@testing-library/react';

import { TranslationProvider } from '../components/translation';
import type { Balance } from '../contract';
import { Credits } from '../sections/Credits';
import { accounts, english } from './fakes';

const [RESEARCH, GPU] = accounts.normal.balances as [Balance, Balance];

function show(balance: Balance, hours = 0): void {
  render(
    <TranslationProvider value={english}>
      <Credits balance={balance} hours={hours} />
    </TranslationProvider>
  );
}

it('tells how many are left in a meter and in words', () => {
  show(RESEARCH);
  const meter = screen.getByRole('meter', { name: 'Burst credits of Research' });
  expect(meter.getAttribute('aria-valuetext')).toBe('3,120 of 5,000 core-minutes');
  expect(meter.getAttribute('aria-valuenow')).toBe('3120.5');
  expect(screen.getByText('Draining, the burst ends in 41 min')).toBeTruthy();
});

it('shows nothing for a group that needs none', () => {
  show(GPU);
  expect(screen.queryByRole('meter')).toBeNull();
});

it.each([
  ['Draining, overdrawn in 41 min', { credits_mode: 'overdraft' }],
  ['Overdrawn, the burst goes on', { credits_mode: 'overdraft', credits: -8 }],
  ['Overdrawn, no new burst yet', { credits_mode: 'overdraft', credits: -8, credits_rate: 4 }],
  ['Filling, full in 18 min', { credits_rate: 100 }],
  ['Full', { credits: 5000, credits_rate: 0 }],
  ['Neither filling nor draining', { credits_rate: 0 }],
  ['Used up, no burst until they fill', { credits: 0, credits_rate: 0 }]
] as const)('says: %s', (words, change) => {
  show({ ...RESEARCH, ...change });
  expect(screen.getByText(words)).toBeTruthy();
});
