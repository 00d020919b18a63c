/** The panel as a person meets it: queried by role and name, in every state. */

import { act, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { Signal } from '@lumino/signaling';

import type { Account, PackageComparison } from '../contract';
import { Compare, EnvironmentModel } from '../model/environment';
import { ServiceError } from '../request';
import { IPanelActions, IView, Panel } from '../sections/Panel';
import type { IAccountState } from '../tokens';
import { accounts, comparison, english, FakeAccountModel, settle } from './fakes';

const AWAY = new ServiceError(503, 'service_unavailable', 'The usage service is not answering.');

/** Render the panel; `say` lets the model say something else. */
async function show(
  account: Account | null,
  change: Partial<IAccountState> = {},
  compare: Compare = () => Promise.resolve(comparison()),
  look: Partial<IView> = {}
) {
  const model = new FakeAccountModel(account, change);
  const view = {
    state: {
      visible: true,
      clustersOpen: true,
      environmentOpen: true,
      chargeTo: '',
      kernel: { name: 'python3', title: 'Python 3' },
      ...look
    },
    changed: new Signal<object, void>({})
  };
  const actions = {
    dashboard: jest.fn((cluster: { id: string }) => `/gateway/clusters/${cluster.id}/status`),
    onInsertCode: jest.fn(),
    onStop: jest.fn(),
    onLogin: jest.fn(),
    onCopy: jest.fn(),
    onView: jest.fn((kept: Partial<IView>) => {
      view.state = { ...view.state, ...kept };
      act(() => view.changed.emit());
    })
  } satisfies IPanelActions;
  await act(async () => {
    render(
      <Panel
        trans={english}
        account={model}
        environment={new EnvironmentModel(compare)}
        view={view}
        actions={actions}
        serverName=""
      />
    );
    await settle();
  });
  const say = (next: Partial<IAccountState>): void => {
    model.state = { ...model.state, ...next };
    act(() => model.changed.emit());
  };
  return { model, actions, say, user: userEvent.setup() };
}

const region = (name: string) => within(screen.getByRole('region', { name }));
const item = (name: string) => {
  const found = screen.getByRole('button', { name: `Details of ${name}` }).closest('li');
  return within(found as HTMLElement);
};

afterEach(() => {
  jest.useRealTimers();
});

describe('cost', () => {
  it("shows the person's month, the budget, the rate and the group's month", async () => {
    await show(accounts.normal);
    const money = region('Money');
    expect(money.getByText('$41.20')).toBeTruthy();
    expect(money.getByText('of $500.00')).toBeTruthy();
    expect(money.getByText('$0.80/h')).toBeTruthy();
    expect(money.getByText('$1,888.00 of $5,000.00')).toBeTruthy();
    expect(money.getByText('This server').nextElementSibling?.textContent).toBe('$0.05/h');
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

describe('clusters', () => {
  it('lists every cluster with its state in a word, and counts those that are not over', async () => {
    await show(accounts.normal);
    const list = within(screen.getByRole('list', { name: 'Clusters' }));
    expect(list.getAllByRole('listitem')).toHaveLength(4);
    expect(item('sales-join').getByText('running')).toBeTruthy();
    expect(item('tmp-check').getByText('starting')).toBeTruthy();
    expect(item('geo-tiles').getByText('3 workers left')).toBeTruthy();
    expect(item('old-run').getByText('$3.10 in all')).toBeTruthy();
    expect(region('Clusters').getByText('3')).toBeTruthy();
  });

  it('says why there are fewer workers than wanted, with the code in brackets', async () => {
    await show(accounts.normal);
    const cluster = item('sales-join');
    expect(cluster.getByText('12 of 40 workers')).toBeTruthy();
    expect(cluster.getByRole('img', { name: 'Workers: 12 run, 28 wait' })).toBeTruthy();
    expect(cluster.getByText(/28 wait: Research's quota of 64 cores is full/)).toBeTruthy();
    expect(cluster.getByText('[quota_exceeded]')).toBeTruthy();
  });

  it('tells workers that are granted and starting from those that wait', async () => {
    await show({
      ...accounts.normal,
      clusters: accounts.normal.clusters.slice(0, 1).map(cluster => ({ ...cluster, running: 9 }))
    });
    expect(screen.getByRole('img', { name: 'Workers: 9 run, 3 are starting, 28 wait' })).toBeTruthy();
  });

  it('offers dashboard, code and stop of a running cluster', async () => {
    const { actions, user } = await show(accounts.normal);
    const toolbar = within(screen.getByRole('toolbar', { name: 'Actions for sales-join' }));
    const link = toolbar.getByRole('link', { name: 'Dashboard' });
    expect(link.getAttribute('href')).toBe('/gateway/clusters/0123456789abcdef0123456789abcde0/status');
    expect(link.getAttribute('target')).toBe('_blank');
    await user.click(toolbar.getByRole('button', { name: 'Insert code' }));
    await user.click(toolbar.getByRole('button', { name: 'Stop' }));
    expect(actions.onInsertCode).toHaveBeenCalledTimes(1);
    expect(actions.onStop).toHaveBeenCalledTimes(1);
  });

  it('opens the details by keyboard; what cannot be done yet keeps its place and says when', async () => {
    const { actions, user } = await show(accounts.normal);
    screen.getByRole('button', { name: 'Details of tmp-check' }).focus();
    await user.keyboard('{Enter}');
    const insert = item('tmp-check').getByRole('button', { name: 'Insert code' });
    expect(insert.getAttribute('aria-disabled')).toBe('true');
    expect(insert.getAttribute('title')).toBe('When the cluster runs');
    await user.click(insert);
    expect(actions.onInsertCode).not.toHaveBeenCalled();
  });

  it('shows a cluster as stopping from the click on', async () => {
    const { say } = await show(accounts.normal);
    say({ stopping: new Set(['0123456789abcdef0123456789abcde0']) });
    expect(item('sales-join').getByText('stopping')).toBeTruthy();
    expect(item('sales-join').getByRole('button', { name: 'Stop' }).getAttribute('aria-disabled')).toBe(
      'true'
    );
  });

  it('says how to make one where there is none', async () => {
    await show(accounts.empty);
    expect(region('Clusters').getByText(/Gateway\(\)\.new_cluster\(\)/)).toBeTruthy();
    expect(region('Environment').getByText(/No cluster is running/)).toBeTruthy();
    expect(screen.getByText('first this month')).toBeTruthy();
  });

  it('closes the section and asks to remember it', async () => {
    const { actions, user } = await show(accounts.normal);
    await user.click(screen.getByRole('button', { name: 'Clusters', expanded: true }));
    expect(actions.onView).toHaveBeenCalledWith({ clustersOpen: false });
    expect(screen.queryByRole('list', { name: 'Clusters' })).toBeNull();
  });
});

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
    const error = new ServiceError(401, 'login_expired', 'Your login has expired; log in again and repeat.');
    const { actions, user } = await show(accounts.empty, { phase: 'expired', error });
    await user.click(screen.getByRole('button', { name: 'Log in again' }));
    expect(actions.onLogin).toHaveBeenCalledTimes(1);
    expect(screen.getByText('[login_expired]')).toBeTruthy();
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
