/** The servers, and the idle time of whatever runs. */

import { screen, within } from '@testing-library/react';

import type { ServerView } from '../contract';
import { idleChoices } from '../model/idle';
import { accounts } from './fakes';
import { item, show } from './panel';

const SOON = 'This server stops at 15:20 UTC if nobody uses it.';
const [server] = accounts.normal.servers as [ServerView];

describe('servers', () => {
  it('shows what the service says of a server, and keeps it from there', async () => {
    const servers = [{ ...server, reason: 'idle' as const, message: SOON }];
    const { actions, user } = await show({ ...accounts.normal, servers });
    expect(item('This server').getByText(SOON)).toBeTruthy();
    expect(item('This server').getByText('[idle]')).toBeTruthy();
    const keep = within(screen.getByRole('group', { name: 'Keep This server without use' }));
    expect(keep.getAllByRole('button').map(button => button.textContent)).toEqual(['2 h', '4 h']);
    keep.getByRole('button', { name: 'Keep This server for 2 h without use' }).focus();
    await user.keyboard('{Enter}');
    expect(actions.onExtend).toHaveBeenCalledWith(servers[0], 7200);
  });

  it('offers the same in the details of a server that says nothing', async () => {
    const { user } = await show(accounts.normal);
    expect(screen.queryByRole('group', { name: 'Keep This server without use' })).toBeNull();
    await user.click(screen.getByRole('button', { name: 'Details of This server' }));
    expect(item('This server').getByText('Stops after 1 h without use.')).toBeTruthy();
    expect(item('This server').getByText('Small notebook')).toBeTruthy();
    expect(screen.getByRole('group', { name: 'Keep This server without use' })).toBeTruthy();
  });

  it('lists this server first, and the others by their names', async () => {
    await show({ ...accounts.normal, servers: [{ ...server, lease: 'other', name: 'plots' }, server] });
    const list = within(screen.getByRole('list', { name: 'Servers' }));
    expect(list.getAllByRole('listitem').map(row => row.textContent)).toEqual([
      'This server$0.05/h',
      'plots$0.05/h'
    ]);
  });

  it('keeps a cluster that is about to end without opening its details', async () => {
    const clusters = accounts.normal.clusters.map((cluster, index) =>
      index === 0
        ? { ...cluster, reason: 'idle' as const, message: 'This cluster stops at 15:20 UTC.' }
        : cluster
    );
    const { actions, user } = await show({ ...accounts.normal, clusters });
    await user.click(screen.getByRole('button', { name: 'Details of sales-join' }));
    await user.click(screen.getByRole('button', { name: 'Keep sales-join for 1 h without use' }));
    expect(actions.onExtend).toHaveBeenCalledWith(clusters[0], 3600);
  });

  it.each([
    ['nothing to choose', { idle_seconds: 3600, idle_max_seconds: 0 }, []],
    ['no idle time', { idle_seconds: 0, idle_max_seconds: 7200 }, []],
    ['as long as can be', { idle_seconds: 7200, idle_max_seconds: 7200 }, []],
    ['a short profile', { idle_seconds: 600, idle_max_seconds: 1800 }, [1800]],
    ['two hours at most', { idle_seconds: 1200, idle_max_seconds: 7200 }, [3600, 7200]],
    ['a long profile', { idle_seconds: 1200, idle_max_seconds: 36000 }, [3600, 7200, 36000]],
    ['not running', { idle_seconds: 1200, idle_max_seconds: 7200, state: 'stopping' as const }, []]
  ])('offers longer times within the profile: %s', (_, told, offered) => {
    expect(idleChoices({ ...server, ...told })).toEqual(offered);
  });
});
