/** The money of the month. */

import { act, screen } from '@testing-library/react';

import { accounts } from './fakes';
import { item, region, show } from './panel';

describe('cost', () => {
  it("shows the person's month, the budget, the rate and the group's month", async () => {
    await show(accounts.normal);
    const money = region('Money');
    expect(money.getByText('$41.20')).toBeTruthy();
    expect(money.getByText('of $500.00')).toBeTruthy();
    expect(money.getByText('$0.80/h')).toBeTruthy();
    expect(money.getByText('$1,888.00 of $5,000.00')).toBeTruthy();
    expect(item('This server').getByText('$0.05/h')).toBeTruthy();
    expect(screen.getByText(/61 packages equal/)).toBeTruthy();
  });

  it('measures the budget, with its warning levels', async () => {
    await show(accounts.normal);
    const meter = screen.getByRole('meter', { name: 'Your November budget' });
    expect(meter.getAttribute('aria-valuetext')).toBe('$41.20 of $500.00');
    expect(meter.getAttribute('aria-valuemax')).toBe('500');
    expect(meter.style.getPropertyValue('--spent')).toBe('8.24%');
    expect(screen.getByText('95 %')).toBeTruthy();
  });

  it('shows the last fourteen days with the highest one in words', async () => {
    await show(accounts.normal);
    const bars = screen.getByRole('img', {
      name: /Your cost per day, 8 Nov to 21 Nov; the highest was \$6.02 on 21 Nov/
    });
    expect(bars.querySelectorAll('rect')).toHaveLength(14);
    expect(screen.getByText('today $6.02')).toBeTruthy();
  });

  it("measures the group's budget for a person without one, and asks for another group's figures", async () => {
    const { user, actions } = await show(accounts.normal);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Charge to' }), 'GPU');
    expect(actions.onView).toHaveBeenCalledWith({ chargeTo: 'gpu' });
    expect(screen.getByRole('meter', { name: 'November budget of GPU' }).getAttribute('aria-valuetext')).toBe(
      '$310.40 of $1,200.00'
    );
    expect(region('Money').getByText('$12.75')).toBeTruthy();
  });

  it('carries the cost on once a second while it is seen', async () => {
    jest.useFakeTimers({ now: 0 });
    await show(accounts.normal, { receivedAt: 0, heardAt: 0 });
    act(() => jest.advanceTimersByTime(3_600_000));
    expect(region('Money').getByText('$42.00')).toBeTruthy();
    expect(item('sales-join').getByText('$2.52')).toBeTruthy();
  });

  it('runs no timer while nobody sees it', async () => {
    jest.useFakeTimers({ now: 0 });
    await show(accounts.normal, {}, undefined, { visible: false });
    expect(jest.getTimerCount()).toBe(0);
  });
});
