/** The kernel against the workers. */

import { screen, within } from '@testing-library/react';

import type { PackageComparison } from '../contract';
import type { Compare } from '../model/environment';
import { accounts, comparison } from './fakes';
import { AWAY, region, show } from './panel';

describe('environment', () => {
  const pandas: PackageComparison = {
    name: 'pandas',
    verdict: 'different',
    kernel: '2.3.1',
    scheduler: '2.2.3',
    workers: ['2.2.3', null]
  };
  const lacks = (name: string): PackageComparison => ({
    name,
    verdict: 'missing',
    kernel: '1.0',
    scheduler: null,
    workers: [null]
  });

  it('shows what differs as a table', async () => {
    await show(accounts.normal, {}, () => Promise.resolve(comparison(pandas, lacks('polars'))));
    const table = within(screen.getByRole('table', { name: /Packages that differ/ }));
    expect(table.getByText('2 of 63 differ')).toBeTruthy();
    const row = within(table.getByRole('row', { name: /pandas/ }));
    expect(row.getAllByRole('cell').map(cell => cell.textContent)).toEqual([
      '2.3.1',
      '2.2.3, missing',
      'the workers are not all the same'
    ]);
    expect(
      within(table.getByRole('row', { name: /polars/ }))
        .getAllByRole('cell')
        .map(cell => cell.textContent)
    ).toEqual(['1.0', 'missing']);
  });

  it('cuts a long list of what one side lacks, and shows the rest on demand', async () => {
    const many = Array.from({ length: 20 }, (_, index) => lacks(`package-${index}`));
    const { user } = await show(accounts.normal, {}, () => Promise.resolve(comparison(...many)));
    await user.click(screen.getByRole('button', { name: 'Show 14 more' }));
    expect(screen.getAllByRole('row')).toHaveLength(22);
  });

  it('says in a sentence that it compares', async () => {
    await show(accounts.normal, {}, () => new Promise(() => undefined));
    expect(region('Environment').getByText(/Comparing Python 3 with sales-join/)).toBeTruthy();
  });

  it('says what went wrong, with a way to try again', async () => {
    const compare = jest.fn<ReturnType<Compare>, Parameters<Compare>>(() => Promise.reject(AWAY));
    const { user } = await show(accounts.normal, {}, compare);
    await user.click(screen.getByRole('button', { name: 'Compare again' }));
    expect(region('Environment').getByText('[service_unavailable]')).toBeTruthy();
    expect(compare).toHaveBeenCalledTimes(2);
  });

  it('asks nothing while its section is closed or nobody sees the panel', async () => {
    const compare = jest.fn<ReturnType<Compare>, Parameters<Compare>>();
    await show(accounts.normal, {}, compare, { environmentOpen: false });
    await show(accounts.normal, {}, compare, { visible: false });
    expect(compare).not.toHaveBeenCalled();
  });
});
