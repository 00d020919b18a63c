/** The kernel against the workers. */

import { screen, within } from '@testing-library/react';

import type { EnvironmentComparison } from '../contract';
import type { Compare } from '../model/environment';
import { accounts, comparison, row } from './fakes';
import { AWAY, region, show } from './panel';

describe('environment', () => {
  const pandas = row('pandas', '2.3.1', '2.2.3', { severity: 'critical', effect: 'pickles may break' });
  const mylib = row('mylib', 'a81c2', '1f3c9', { severity: 'imported', effect: 'your edit is not there' });
  const cells = (name: RegExp): (string | null)[] =>
    within(within(screen.getByRole('table')).getByRole('row', { name }))
      .getAllByRole('cell')
      .map(cell => cell.textContent);
  const answers =
    (answer: EnvironmentComparison): Compare =>
    () =>
      Promise.resolve(answer);

  it('shows what differs as a table, with severity and effect in words', async () => {
    await show(accounts.normal, {}, answers(comparison(pandas, mylib)));
    const table = within(screen.getByRole('table', { name: 'What differs between kernel and workers' }));
    expect(table.getByText('2 of 63 differ')).toBeTruthy();
    expect(cells(/^pandas/)).toEqual(['2.3.1', '2.2.3', 'High: pickles may break']);
    expect(cells(/^mylib/)).toEqual(['a81c2', '1f3c9', 'Medium: your edit is not there']);
    expect(cells(/^Python/)).toEqual(['3.11.7', '3.11.7']);
    expect(cells(/^System/)).toEqual(['Linux x86_64']);
    expect(table.getAllByRole('rowheader').map(header => header.textContent)).toEqual([
      'pandas',
      'mylib',
      'Python',
      'System'
    ]);
  });

  it('says when an edit was made that is not there', async () => {
    const edited = { ...mylib, edited_at: new Date(Date.now() - 4.5 * 60_000).toISOString() };
    await show(accounts.normal, {}, answers(comparison(edited)));
    expect(cells(/^mylib/)).toEqual(['edited', '1f3c9', 'Medium: your edit of 4 min ago is not there']);
  });

  it('says which workers differ, or that only the scheduler does', async () => {
    const some = { ...pandas, workers: ['2.3.1', null], differing: 1, example: 'w-7' };
    const scheduler = { ...mylib, workers: ['a81c2'], differing: 0, example: null };
    await show(accounts.normal, {}, answers(comparison(some, scheduler)));
    expect(cells(/^pandas/)).toEqual([
      '2.3.1',
      'missing',
      'High: pickles may break, 1 of 12 workers, such as w-7'
    ]);
    expect(cells(/^mylib/)[2]).toBe('Medium: your edit is not there, scheduler: 1f3c9');
  });

  it('tells on demand why, with the next step', async () => {
    const { user } = await show(accounts.normal, {}, answers(comparison(pandas)));
    const name = screen.getByRole('button', { name: 'pandas', expanded: false });
    await user.click(name);
    expect(name.getAttribute('aria-expanded')).toBe('true');
    expect(document.getElementById(name.getAttribute('aria-controls') ?? '')?.textContent).toBe(pandas.why);
  });

  it('folds what is of low severity', async () => {
    const low = Array.from({ length: 20 }, (_, index) => row(`package-${index}`, '1.0', null));
    const { user } = await show(accounts.normal, {}, answers(comparison(pandas, ...low)));
    expect(screen.getAllByRole('row')).toHaveLength(4);
    await user.click(screen.getByRole('button', { name: '20 of low severity', expanded: false }));
    expect(screen.getAllByRole('row')).toHaveLength(24);
    expect(cells(/^package-3/)).toEqual(['1.0', 'missing']);
    await user.click(screen.getByRole('button', { name: '20 of low severity', expanded: true }));
    expect(screen.getAllByRole('row')).toHaveLength(4);
  });

  it.each([
    ['all is equal', comparison(), '61 packages equal, Python 3.11.7 and Linux x86_64 too.'],
    [
      'only what is not imported differs',
      comparison(row('polars', '1', '2')),
      'All 4 packages that this notebook imports are equal, Python 3.11.7 and Linux x86_64 too.'
    ],
    [
      'there is no notebook',
      { ...comparison(row('polars', '1', '2')), imports: null },
      'Nothing differs that breaks pickles or the connection, Python 3.11.7 and Linux x86_64 too.'
    ]
  ])('says in one sentence that %s', async (_, answer, sentence) => {
    await show(accounts.normal, {}, answers(answer));
    expect(screen.queryByRole('table')).toBeNull();
    expect(region('Environment').getByText(sentence)).toBeTruthy();
  });

  it('says what it does not know', async () => {
    const limits = { ...comparison(), imports: null, unread: 2, partly_read: ['big'] };
    await show(accounts.normal, {}, answers(limits));
    expect(
      region('Environment').getByText(
        /^No notebook is in front.* 2 cells could not be read as Python.* Of big only the first files/
      )
    ).toBeTruthy();
  });

  it('puts another Python first, whatever its packages', async () => {
    const other = row('Python', '3.11.7', '3.12.1', {
      severity: 'critical',
      effect: 'functions cannot be sent'
    });
    await show(accounts.normal, {}, answers({ ...comparison(pandas), python: other }));
    expect(screen.getAllByRole('rowheader')[0]?.textContent).toBe('Python');
    expect(cells(/^Python/)[2]).toBe('High: functions cannot be sent');
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
