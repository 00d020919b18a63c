/** The money of the month. */

import { act, cleanup, screen, within } from '@testing-library/react';

import { accounts, first } from './fakes';
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
    expect(meter.getAttribute('aria-valuetext')).toBe('$41.20 of $500.00, forecast $212.00');
    expect(meter.style.getPropertyValue('--forecast')).toBe('42.4%');
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

  it('tells the forecast, what idle workers cost, and the hint that saves most', async () => {
    const { actions, user } = await show(accounts.normal);
    const money = region('Money');
    expect(money.getByText('Forecast').nextElementSibling?.textContent).toBe('$212.00');
    expect(money.getByText('Forecast').parentElement?.title).toMatch(/mean day of the last 14/);
    expect(money.getByText('Idle workers').nextElementSibling?.textContent).toBe('$4.31');
    expect(money.getByText(/^sales-join: You used 31 % of the memory/)).toBeTruthy();
    await user.click(money.getByRole('button', { name: 'Daily costs' }));
    expect(actions.onCosts).toHaveBeenCalledTimes(1);
  });

  it.each([
    ['passes the budget', { my_forecast: '501' }, 'Forecast, over', '$501.00'],
    ['is told without a budget', { my_forecast: '70', my_budget: null, budget: null }, 'Forecast', '$70.00'],
    ['never falls below what is spent', { my_forecast: '3' }, 'Forecast', '$41.20']
  ])('says that the forecast %s', async (_, change, word, amount) => {
    const own = first(accounts.normal.balances);
    const others = accounts.normal.balances.slice(1);
    await show({ ...accounts.normal, balances: [{ ...own, ...change }, ...others] });
    expect(region('Money').getByText(word).nextElementSibling?.textContent).toBe(amount);
  });

  it("tells the group's forecast where the meter is the group's, and none where none is known", async () => {
    const own = first(accounts.normal.balances);
    const others = accounts.normal.balances.slice(1);
    await show({ ...accounts.normal, balances: [{ ...own, my_budget: null }, ...others] });
    expect(region('Money').getByText('Forecast of Research').nextElementSibling?.textContent).toBe(
      '$2,600.00'
    );
    expect(
      screen.getByRole('meter', { name: 'November budget of Research' }).getAttribute('aria-valuetext')
    ).toMatch(/forecast \$2,600.00/);
    cleanup();
    await show({ ...accounts.normal, balances: others });
    expect(region('Money').queryByText(/Forecast/)).toBeNull();
    expect(region('Money').queryByText('Idle workers')).toBeNull();
  });

  it.each([
    ['of the person', { my_budget: '0', mine: '0' }, 'You have no budget in Research: it is $0.00 a month.'],
    [
      'of the group',
      { my_budget: null, budget: '0', spent: '0' },
      'Research has no budget: it is $0.00 a month.'
    ]
  ])('says so where the budget %s is zero, and whom to ask', async (_, change, title) => {
    const own = first(accounts.normal.balances);
    await show({ ...accounts.normal, balances: [{ ...own, ...change }] });
    const alert = within(screen.getByRole('alert'));
    expect(alert.getByText(title)).toBeTruthy();
    expect(
      alert.getByText(/Nothing that costs money can start. To change that, ask #data-platform/)
    ).toBeTruthy();
    expect(alert.getByText('[budget_exhausted]')).toBeTruthy();
  });

  it('says when running work ends, where there is no budget any more', async () => {
    const own = first(accounts.normal.balances);
    const server = first(accounts.normal.servers);
    const message = 'Running work ends at 15:10 UTC unless the budget is raised.';
    await show({
      ...accounts.normal,
      balances: [{ ...own, my_budget: null, budget: '0' }],
      servers: [{ ...server, group: own.group, state: 'running', reason: 'budget_exhausted', message }]
    });
    expect(screen.getByRole('alert').textContent).toContain(`${message} [budget_exhausted]`);
  });

  it('runs no timer while nobody sees it', async () => {
    jest.useFakeTimers({ now: 0 });
    await show(accounts.normal, {}, undefined, { visible: false });
    expect(jest.getTimerCount()).toBe(0);
  });
});
