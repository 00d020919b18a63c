/** The panel before, beside and without its figures. */

import { act, screen, within } from '@testing-library/react';

import { ServiceError } from '../request';
import { accounts } from './fakes';
import { AWAY, item, region, show } from './panel';

describe('states', () => {
  it('says in a sentence what it waits for before the first answer', async () => {
    await show(null, { phase: 'connecting' });
    expect(screen.getByText('Asking the usage service what you run and what it costs.')).toBeTruthy();
  });

  it('is live, with the time at which the service was last heard', async () => {
    await show(accounts.normal);
    const footer = within(screen.getByRole('contentinfo'));
    expect(footer.getByRole('status').textContent).toBe('Usage service is live');
    expect(footer.getByText(/^\d\d:\d\d:\d\d$/)).toBeTruthy();
  });

  it('keeps the figures while the service is away, with their time and the next try', async () => {
    jest.useFakeTimers({ now: 3_600_000 });
    const { model } = await show(accounts.normal, {
      phase: 'away',
      error: AWAY,
      receivedAt: 0,
      heardAt: 3_600_000 - 6 * 60_000,
      retryAt: 3_608_000
    });
    const alert = within(screen.getByRole('alert'));
    expect(alert.getByText('Usage service is not answering; what runs goes on.')).toBeTruthy();
    expect(alert.getByText(/Figures are from \d\d:\d\d, 6 min ago/)).toBeTruthy();
    expect(alert.getByText('next try in 8 s')).toBeTruthy();
    act(() => jest.advanceTimersByTime(3000));
    expect(alert.getByText('next try in 5 s')).toBeTruthy();
    expect(region('Money').getByText('$41.92')).toBeTruthy(); // 0.9 h, until it was last heard
    expect(item('sales-join').getByText(/running at/)).toBeTruthy();
    alert.getByRole('button', { name: 'Retry now' }).click();
    expect(model.retry).toHaveBeenCalledTimes(1);
  });

  it('offers to log in again after the login has expired', async () => {
    const error = new ServiceError(403, 'login_expired', 'You logged out; log in again and repeat.');
    const { actions, user } = await show(accounts.empty, { phase: 'expired', error });
    await user.click(screen.getByRole('button', { name: 'Log in again' }));
    expect(actions.onLogin).toHaveBeenCalledTimes(1);
    expect(screen.getByText('[login_expired]')).toBeTruthy();
    expect(screen.getByText(/what you have not saved stays in this one/)).toBeTruthy();
  });

  it('leads to the hub where the login of this server itself has ended: no other login helps', async () => {
    const error = new ServiceError(401, 'login_expired', 'Stop and start the server at the hub.');
    const { actions, user } = await show(accounts.empty, { phase: 'expired', error });
    expect(screen.getByRole('alert').textContent).toContain("This server's login has expired.");
    expect(screen.queryByRole('button', { name: 'Log in again' })).toBeNull();
    expect(screen.queryByText(/in a new tab/)).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Open the hub' }));
    expect(actions.onHub).toHaveBeenCalledTimes(1);
  });

  it('says what is missing where there is no service', async () => {
    await show(null, {
      phase: 'refused',
      error: new ServiceError(404, 'not_found', 'GATEHOUSE_URL is not set.')
    });
    expect(screen.getByRole('alert').textContent).toContain('GATEHOUSE_URL is not set. [not_found]');
    expect(screen.queryByText(/next try/)).toBeNull();
  });

  it('tells a person without a group who they are and whom to ask', async () => {
    const { actions, user, model } = await show(accounts.noGroup);
    expect(screen.getByText('[no_group]')).toBeTruthy();
    expect(screen.getByText('/teams/geo-viz')).toBeTruthy();
    expect(screen.getByText(/Ask #data-platform/)).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Copy request' }));
    expect(actions.onCopy).toHaveBeenCalledWith(expect.stringContaining('ana.lopez@example.org'));
    await user.click(screen.getByRole('button', { name: 'Check again' }));
    expect(model.retry).toHaveBeenCalledTimes(1);
  });

  it.each([
    [0.8, '80 % of a budget is spent.', '[budget_warning]'],
    [1, 'A budget is used up.', '[budget_exhausted]']
  ])('shows the newest warning of the chosen group, level %d', async (level, title, code) => {
    const others = {
      level: 1,
      group: 'gpu',
      user: '',
      message: 'Of another group.',
      at: '2026-11-21T15:00:00Z'
    };
    const ours = { ...others, level, group: 'research', message: 'Running work ends at 15:10 UTC.' };
    await show({ ...accounts.normal, warnings: [others, ours] });
    const alert = within(screen.getByRole('alert'));
    expect(alert.getByText(title)).toBeTruthy();
    expect(alert.getByText(/Running work ends at 15:10 UTC/)).toBeTruthy();
    expect(alert.getByText(code)).toBeTruthy();
  });

  it('says that the budget is used up, when it starts anew, and where some is left', async () => {
    await show(accounts.overBudget);
    const alert = within(screen.getByRole('alert'));
    expect(alert.getByText('Your November budget of $500.00 is used up.')).toBeTruthy();
    expect(
      alert.getByText(/starts anew on 1 December.*ask #data-platform.*Production has \$10,790.00 left/)
    ).toBeTruthy();
    expect(screen.getByText('Over').nextElementSibling?.textContent).toBe('$0.05');
  });
});
