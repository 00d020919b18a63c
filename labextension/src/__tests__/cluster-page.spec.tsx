/** The page of one cluster. */

import { act, render, screen, within } from '@testing-library/react';
import userEvent, { UserEvent } from '@testing-library/user-event';

import history from '../../../tests/support/cluster_page/history.json';
import logs from '../../../tests/support/cluster_page/logs.json';
import type { ClusterHistory, ClusterLogs, ClusterView } from '../contract';
import { ClusterPageModel, FOLLOW_MILLISECONDS, IClusterSource } from '../model/clusterPage';
import { ServiceError } from '../request';
import { ClusterPage, IClusterPageActions } from '../sections/ClusterPage';
import { accounts, english, FakeAccountModel, FakeClock, FakePage, settle } from './fakes';

const HISTORY = history as unknown as ClusterHistory;
const LOGS = logs as unknown as ClusterLogs;
const ID = HISTORY.cluster.id;

interface IOpened {
  account: FakeAccountModel;
  source: jest.Mocked<IClusterSource>;
  model: ClusterPageModel;
  page: FakePage;
  clock: FakeClock;
  actions: jest.Mocked<Pick<IClusterPageActions, 'dashboard' | 'onInsertCode' | 'onStop'>>;
  user: UserEvent;
}

async function open(
  change: Partial<IClusterSource> = {},
  account = new FakeAccountModel(accounts.normal)
): Promise<IOpened> {
  const source = {
    history: jest.fn(() => Promise.resolve(HISTORY)),
    logs: jest.fn(() => Promise.resolve(LOGS)),
    ...change
  } as jest.Mocked<IClusterSource>;
  const [page, clock] = [new FakePage(), new FakeClock()];
  const model = new ClusterPageModel(ID, account, source, clock, page);
  const actions = {
    dashboard: jest.fn<string | null, [ClusterView]>(() => '/status'),
    onInsertCode: jest.fn(),
    onStop: jest.fn()
  };
  await act(async () => {
    model.show(true);
    render(
      <ClusterPage
        trans={english}
        cluster={ID}
        account={account}
        page={model}
        actions={{
          ...actions,
          onSource: name => model.choose(name),
          onFollow: following => model.follow(following),
          onRefresh: () => model.refresh()
        }}
      />
    );
    await settle();
  });
  return { account, source, model, page, clock, actions, user: userEvent.setup() };
}

const refused = (message: string): Promise<never> =>
  Promise.reject(new ServiceError(404, 'not_found', message));

describe('the page of a cluster', () => {
  it('says what it is and costs, and when it ends', async () => {
    const { actions, user } = await open();
    expect(screen.getByRole('heading', { name: 'sales-join' })).toBeTruthy();
    expect(screen.getByText('running')).toBeTruthy();
    expect(screen.getByText(/^Standard workers, charged to Research, since/)).toBeTruthy();
    expect(screen.getByText('12 workers, 1 scheduler')).toBeTruthy();
    expect(screen.getByText('30 %')).toBeTruthy();
    expect(screen.getByText('$0.52 of $1.87')).toBeTruthy();
    expect(screen.getByText('or after 20 min idle')).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Stop' }));
    expect(actions.onStop).toHaveBeenCalledTimes(1);
    expect(screen.queryByRole('button', { name: 'Logs' })).toBeNull();
  });

  it('draws workers and busy share with a sentence, and tells them as a table', async () => {
    const stopped = { ...HISTORY.cluster, state: 'stopped', ended_at: '2026-11-21T15:04:00Z' } as const;
    await open(
      { history: () => Promise.resolve({ ...HISTORY, cluster: stopped }) },
      new FakeAccountModel(accounts.empty)
    );
    const picture = screen.getByRole('img', { name: /^Workers from/ });
    expect(picture.getAttribute('aria-label')).toContain(
      'at most 24 ran. In the end 12 ran, 12 were granted and 40 wanted.'
    );
    expect(picture.querySelectorAll('path.wanted, path.granted, path.area')).toHaveLength(3);
    expect(picture.querySelectorAll('path.gap title')).toHaveLength(2);
    expect(screen.getByRole('img', { name: /^Busy share.*: 7\d % on the average/ })).toBeTruthy();
    const table = within(screen.getByRole('table', { name: 'Workers as time went by' }));
    expect(table.getAllByRole('row').length).toBeGreaterThan(10);
    expect(screen.getByText('wanted 40')).toBeTruthy();
  });

  it('lists lines by source, and asks the gateway for the one that is chosen', async () => {
    const { source, user } = await open();
    const log = screen.getByRole('log', { name: 'Logs' });
    expect(log.textContent).toContain('Spilled 412 MiB');
    expect(log.textContent).toContain('[reclaimed]');
    expect(screen.getByText('newest first, kept 7 days after the end')).toBeTruthy();
    expect(screen.getByText('3 older lines are left out.')).toBeTruthy();
    await user.selectOptions(screen.getByLabelText('Written by'), 'worker-w03');
    expect(source.logs).toHaveBeenLastCalledWith(ID, 'worker-w03');
    expect(log.textContent).not.toContain('Spilled');
    await user.selectOptions(screen.getByLabelText('Level'), 'serious');
    await user.selectOptions(screen.getByLabelText('Written by'), '');
    expect(log.textContent).not.toContain('Shuffle of joined');
    expect(within(log).getByText('error')).toBeTruthy();
  });

  it('asks once when it is told to, follows only while it is seen, and asks nothing while it is hidden', async () => {
    const { source, user, clock, page, model } = await open();
    expect(source.logs).toHaveBeenCalledTimes(1);
    await user.click(screen.getByRole('button', { name: 'Refresh' }));
    expect(source.logs).toHaveBeenCalledTimes(2);
    await act(() => clock.turn(60_000));
    expect(source.logs).toHaveBeenCalledTimes(2);
    await user.click(screen.getByRole('switch', { name: 'Follow' }));
    expect(source.logs).toHaveBeenCalledTimes(3);
    await act(() => clock.turn(2 * FOLLOW_MILLISECONDS));
    expect(source.logs).toHaveBeenCalledTimes(5);
    await act(() => page.show(false));
    await act(() => clock.turn(60_000));
    expect(source.logs).toHaveBeenCalledTimes(5);
    expect(clock.waiting).toBe(0);
    await act(() => page.show(true));
    act(() => model.show(false));
    await act(() => clock.turn(60_000));
    expect(source.logs).toHaveBeenCalledTimes(5);
    act(() => model.dispose());
  });

  it('asks for the history again only when the account says that the cluster changed', async () => {
    const { account, source } = await open();
    const say = async (change: object): Promise<void> => {
      const [first, ...rest] = account.state.account?.clusters ?? [];
      const clusters = [{ ...first, ...change }, ...rest] as typeof rest;
      account.state = { ...account.state, account: { ...accounts.normal, clusters } };
      await act(async () => {
        account.changed.emit();
        await settle();
      });
    };
    expect(source.history).toHaveBeenCalledTimes(1);
    await say({ cost: '9.99' });
    expect(source.history).toHaveBeenCalledTimes(1);
    await say({ running: 13 });
    expect(source.history).toHaveBeenCalledTimes(2);
  });

  it('goes through its tabs by the arrows, and from a worker to its log', async () => {
    const { user, source } = await open();
    screen.getByRole('tab', { name: 'Logs' }).focus();
    await user.keyboard('{ArrowRight}');
    const workers = screen.getByRole('tab', { name: 'Workers 24', selected: true });
    expect(document.activeElement).toBe(workers);
    const table = within(screen.getByRole('table', { name: 'Workers, newest first' }));
    expect(table.getAllByText('running')).toHaveLength(12);
    await user.click(table.getByRole('button', { name: 'worker-w03' }));
    expect(source.logs).toHaveBeenLastCalledWith(ID, 'worker-w03');
    expect(screen.getByRole('tab', { name: 'Logs', selected: true })).toBeTruthy();
    await user.click(screen.getByRole('tab', { name: 'Decisions 3' }));
    const decisions = screen.getByRole('list', { name: 'Decisions, newest first' });
    expect(within(decisions).getAllByRole('listitem')).toHaveLength(3);
    expect(decisions.textContent).toContain('[reclaimed]');
  });

  it('keeps its logs when the service does not know the cluster, and the other way round', async () => {
    await open({ history: () => refused('You have no such cluster.') }, new FakeAccountModel(accounts.empty));
    expect(screen.getByRole('alert').textContent).toContain('You have no such cluster. [not_found]');
    expect(screen.getByRole('log').textContent).toContain('Spilled');
  });

  it('says why there are no logs, beside everything else', async () => {
    await open({ logs: () => refused('There are no logs.') });
    expect(screen.getByRole('alert').textContent).toContain('There are no logs. [not_found]');
    expect(screen.getByRole('img', { name: /^Workers from/ })).toBeTruthy();
  });

  it('shows a stopped cluster as it ended', async () => {
    const stopped = {
      ...HISTORY.cluster,
      state: 'stopped',
      reason: 'idle',
      message: '',
      ended_at: '2026-11-21T15:04:00Z',
      busy_share: null
    } as const;
    await open(
      {
        history: () =>
          Promise.resolve({ ...HISTORY, cluster: stopped, stops_at: null, busy: [], workers: [] })
      },
      new FakeAccountModel(accounts.empty)
    );
    expect(screen.getByText('stopped')).toBeTruthy();
    expect(screen.getByText('[idle]')).toBeTruthy();
    expect(screen.getByText('nothing runs')).toBeTruthy();
    expect(screen.getByText('not known yet')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Stop' })).toBeNull();
    expect(screen.getByRole('img', { name: /nothing is known yet/ })).toBeTruthy();
  });
});
