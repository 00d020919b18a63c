/** The clusters. */

import { act, screen, within } from '@testing-library/react';

import { ServiceError } from '../request';
import { accounts, first, settle } from './fakes';
import { item, region, show, startSource } from './panel';

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

  it('shows what the workers did, what was paid for nothing, and the hint', async () => {
    await show(accounts.normal);
    const cluster = item('sales-join');
    expect(cluster.getByText(/70 % busy, 4 % starting, 26 % idle/)).toBeTruthy();
    expect(
      cluster.getByRole('img', { name: 'Time of the workers: 70 % busy, 4 % starting, 26 % idle' })
    ).toBeTruthy();
    expect(cluster.getByText('Idle and starting workers cost $0.52.')).toBeTruthy();
    expect(cluster.getByText(/Small workers would have cost \$0.74 less/)).toBeTruthy();
  });

  it('says nothing of workers of which nothing is known, and rounds nothing away', async () => {
    const cluster = first(accounts.normal.clusters);
    const shares = { busy_share: 0.998, idle_share: 0.002, starting_share: 0, idle_cost: '0', hint: '' };
    const { say } = await show({ ...accounts.normal, clusters: [{ ...cluster, ...shares }] });
    expect(item('sales-join').getByText(/100 % busy, < 1 % idle/)).toBeTruthy();
    expect(item('sales-join').queryByText(/Idle and starting/)).toBeNull();
    say({ account: { ...accounts.normal, clusters: [{ ...cluster, busy_share: null }] } });
    expect(item('sales-join').queryByRole('img', { name: /Time of the workers/ })).toBeNull();
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

  it('offers to make one: at its head, and where there is none with what the chosen group has', async () => {
    const { actions, user } = await show(accounts.empty);
    const empty = region('Clusters');
    expect(empty.getByText('What you may start in Research')).toBeTruthy();
    expect(empty.getByText('Highmem').nextElementSibling?.textContent).toBe('$0.05/h each');
    for (const button of empty.getAllByRole('button', { name: 'New cluster' })) {
      await user.click(button);
    }
    expect(actions.onNew.mock.calls).toEqual([['research'], ['research']]);
  });

  it('keeps what was asked for until the account shows it', async () => {
    const { starting, say } = await show(accounts.empty);
    await act(() => starting.start({ options: {}, workers: 2 }, 'sales-join', () => true));
    expect(region('Clusters').getByText('sales-join')).toBeTruthy();
    expect(region('Clusters').getByText('asked, waiting for the gateway')).toBeTruthy();
    say({ account: accounts.normal });
    expect(region('Clusters').getByText('asked, waiting for the gateway')).toBeTruthy();
    const cluster = first(accounts.normal.clusters);
    say({ account: { ...accounts.normal, clusters: [{ ...cluster, id: 'c1' }] } });
    await act(settle);
    expect(region('Clusters').queryByText('asked, waiting for the gateway')).toBeNull();
  });

  it('says why one was not started that nobody waited for, until that is dismissed', async () => {
    const refusal = new ServiceError(409, 'user_limit', 'Not started: you hold 2 of the 2 clusters.');
    const server = startSource(refusal);
    const { starting, user } = await show(accounts.empty, {}, undefined, {}, undefined, server);
    await act(() => starting.start({ options: {}, workers: 2 }, 'join', () => false).catch(() => undefined));
    expect(region('Clusters').getByRole('alert').textContent).toContain('2 clusters. [user_limit]');
    await user.click(region('Clusters').getByRole('button', { name: 'Dismiss join' }));
    expect(region('Clusters').queryByRole('alert')).toBeNull();
  });

  it('says of a cluster that ended by itself why it did', async () => {
    const cluster = first(accounts.normal.clusters);
    const ended = { state: 'stopped', reason: 'scheduler_ended', message: 'It did not start.' } as const;
    await show({ ...accounts.normal, clusters: [{ ...cluster, ...ended }] });
    expect(item('sales-join').getByText(/It did not start\./)).toBeTruthy();
    expect(item('sales-join').getByText('[scheduler_ended]')).toBeTruthy();
  });

  it('closes the section and asks to remember it', async () => {
    const { actions, user } = await show(accounts.normal);
    await user.click(screen.getByRole('button', { name: 'Clusters', expanded: true }));
    expect(actions.onView).toHaveBeenCalledWith({ clustersOpen: false });
    expect(screen.queryByRole('list', { name: 'Clusters' })).toBeNull();
  });
});
