/** The controls that steer a cluster. */

import { act, fireEvent, screen } from '@testing-library/react';

import type { ClusterView } from '../contract';
import type { ISteeringState } from '../model/steering';
import { ServiceError } from '../request';
import { accounts, FakeSteering } from './fakes';
import { item, show } from './panel';

const [FIRST] = accounts.normal.clusters;
const ID = FIRST?.id ?? '';
const ADAPTS = { adaptive_minimum: 1, adaptive_maximum: 5 };

/** Show the first cluster alone, with what a test changes of it. */
async function steer(change: Partial<ClusterView> = {}) {
  const steering = new FakeSteering();
  const clusters = [{ ...FIRST, ...change } as ClusterView];
  const shown = await show({ ...accounts.normal, clusters }, {}, undefined, {}, steering);
  const wish = (state: Partial<ISteeringState>): void => {
    steering.state = { ...steering.state, ...state };
    act(() => steering.changed.emit());
  };
  return { ...shown, steering, wish };
}

const slider = (): HTMLInputElement => screen.getByRole('slider', { name: 'Workers of sales-join' });
const count = (): HTMLInputElement => screen.getByRole('spinbutton', { name: 'Workers of sales-join' });
const adapt = (): HTMLElement => screen.getByRole('switch', { name: 'Adapt sales-join to its load' });

describe('workers', () => {
  it('shows what is wanted, from nothing to the most that the profile allows', async () => {
    await steer();
    expect(slider().value).toBe('40');
    expect(slider().getAttribute('aria-valuetext')).toBe('40 workers');
    expect([slider().min, slider().max]).toEqual(['0', '63']);
    expect(count().value).toBe('40');
  });

  it.each([
    ['{ArrowRight}', 41],
    ['{ArrowUp}', 41],
    ['{ArrowLeft}', 39],
    ['{ArrowDown}', 39],
    ['{PageUp}', 50],
    ['{PageDown}', 30],
    ['{Home}', 0],
    ['{End}', 63]
  ])('is moved by the key %s', async (key, workers) => {
    const { steering, user } = await steer();
    slider().focus();
    await user.keyboard(key);
    expect(steering.soon.mock.calls).toEqual([[ID, { kind: 'workers', workers }]]);
  });

  it('stays within its bounds', async () => {
    const { steering, user } = await steer({ wanted: 60 });
    slider().focus();
    await user.keyboard('{PageUp}');
    expect(steering.soon).toHaveBeenCalledWith(ID, { kind: 'workers', workers: 63 });
  });

  it('goes on from what was wished, and shows it until it is told', async () => {
    const { steering, user, wish, say } = await steer();
    wish({ wishes: new Map([[ID, { kind: 'workers', workers: 45 }]]) });
    expect([slider().value, count().value]).toEqual(['45', '45']);
    slider().focus();
    await user.keyboard('{ArrowRight}');
    expect(steering.soon).toHaveBeenCalledWith(ID, { kind: 'workers', workers: 46 });
    say({ account: { ...accounts.normal, clusters: [{ ...FIRST, wanted: 45 } as ClusterView] } });
    wish({ wishes: new Map() });
    expect(slider().value).toBe('45');
  });

  it('is moved by the pointer, and does not wait after Enter', async () => {
    const { steering, user } = await steer();
    fireEvent.change(slider(), { target: { value: '12' } });
    expect(steering.soon).toHaveBeenCalledWith(ID, { kind: 'workers', workers: 12 });
    slider().focus();
    await user.keyboard('{Enter}');
    expect(steering.flush).toHaveBeenCalledWith(ID);
  });

  it('takes a typed number, and nothing that is none', async () => {
    const { steering, user } = await steer();
    await user.clear(count());
    await user.type(count(), '12');
    expect(steering.soon.mock.calls.map(([, wish]) => wish)).toEqual([
      { kind: 'workers', workers: 1 },
      { kind: 'workers', workers: 12 }
    ]);
    expect(count().getAttribute('aria-invalid')).toBe('false');
    steering.withdraw.mockClear();
    await user.type(count(), '5');
    expect(count().value).toBe('125');
    expect(count().getAttribute('aria-invalid')).toBe('true');
    expect(steering.withdraw).toHaveBeenCalledWith(ID);
    expect(steering.soon).toHaveBeenCalledTimes(2);
    await user.tab();
    expect(count().value).toBe('40');
    count().focus();
    await user.keyboard('{PageUp}{Enter}');
    expect(steering.soon).toHaveBeenLastCalledWith(ID, { kind: 'workers', workers: 50 });
    expect(steering.flush).toHaveBeenCalledTimes(1);
  });

  it('is put back where it failed, and says why', async () => {
    const { wish } = await steer();
    wish({ wishes: new Map([[ID, { kind: 'workers', workers: 45 }]]) });
    const error = new ServiceError(503, 'service_unavailable', 'The Dask Gateway is not answering.');
    wish({ wishes: new Map(), errors: new Map([[ID, error]]) });
    expect(count().value).toBe('40');
    expect(screen.getByRole('alert').textContent).toBe(
      'The Dask Gateway is not answering. [service_unavailable]'
    );
  });

  it('waits until the cluster runs, and is gone when it is over', async () => {
    const { say } = await steer({ state: 'starting' });
    expect(slider().disabled).toBe(true);
    expect(slider().title).toBe('When the cluster runs');
    expect(adapt().getAttribute('aria-disabled')).toBe('true');
    say({ stopping: new Set([ID]) });
    expect(screen.queryByRole('slider')).toBeNull();
  });
});

describe('adaptive scaling', () => {
  it('is switched on between none and what is wanted now', async () => {
    const { steering, user } = await steer({ wanted: 12 });
    expect(adapt().getAttribute('aria-checked')).toBe('false');
    await user.click(adapt());
    expect(steering.ask.mock.calls).toEqual([[ID, { kind: 'bounds', minimum: 0, maximum: 12 }]]);
  });

  it('is switched on up to the most that there can be where nothing is wanted now', async () => {
    const { steering, user } = await steer({ wanted: 0 });
    adapt().focus();
    await user.keyboard(' ');
    expect(steering.ask).toHaveBeenCalledWith(ID, { kind: 'bounds', minimum: 0, maximum: 63 });
  });

  it('opens its bounds, and then the number is not ours to choose', async () => {
    const { steering, user } = await steer(ADAPTS);
    expect(adapt().getAttribute('aria-checked')).toBe('true');
    expect(slider().disabled).toBe(true);
    expect(slider().title).toBe('It follows the load; switch Adapt off to choose a number');
    await user.click(adapt());
    expect(steering.ask).toHaveBeenCalledWith(ID, { kind: 'fixed' });
  });

  it.each([
    ['Fewest', '{ArrowUp}', { minimum: 2, maximum: 5 }],
    ['Fewest', '{PageUp}', { minimum: 11, maximum: 11 }],
    ['Most', '{ArrowUp}', { minimum: 1, maximum: 6 }],
    ['Most', '{PageDown}', { minimum: 0, maximum: 0 }]
  ])('moves its bounds, %s by %s, and never crosses them', async (which, key, bounds) => {
    const { steering, user } = await steer(ADAPTS);
    screen.getByRole('spinbutton', { name: `${which} workers of sales-join` }).focus();
    await user.keyboard(key);
    expect(steering.soon.mock.calls).toEqual([[ID, { kind: 'bounds', ...bounds }]]);
  });

  it('shows what was wished before it is told', async () => {
    const { wish } = await steer();
    wish({ wishes: new Map([[ID, { kind: 'bounds', minimum: 2, maximum: 9 }]]) });
    expect(adapt().getAttribute('aria-checked')).toBe('true');
    const most: HTMLInputElement = screen.getByRole('spinbutton', { name: 'Most workers of sales-join' });
    expect(most.value).toBe('9');
  });

  it('stays as it is when a switch fails: the model says why, nothing is thrown', async () => {
    const { steering, user } = await steer();
    steering.ask.mockRejectedValueOnce(new ServiceError(403, 'forbidden', 'Not yours.'));
    await user.click(adapt());
    expect(adapt().getAttribute('aria-checked')).toBe('false');
  });
});

describe('actions on workers', () => {
  it('connects the notebook and restarts workers of a running cluster', async () => {
    const { actions, user, wish } = await steer();
    await user.click(item('sales-join').getByRole('button', { name: 'Connect' }));
    await user.click(item('sales-join').getByRole('button', { name: 'Restart workers' }));
    expect(actions.onConnect).toHaveBeenCalledTimes(1);
    expect(actions.onRestart).toHaveBeenCalledTimes(1);
    wish({ restarting: new Set([ID]) });
    const restart = item('sales-join').getByRole('button', { name: 'Restart workers' });
    expect(restart.getAttribute('title')).toBe('They are being restarted');
    await user.click(restart);
    expect(actions.onRestart).toHaveBeenCalledTimes(1);
  });

  it('has nothing to restart without workers', async () => {
    await steer({ running: 0 });
    const restart = item('sales-join').getByRole('button', { name: 'Restart workers' });
    expect(restart.getAttribute('aria-disabled')).toBe('true');
    expect(restart.getAttribute('title')).toBe('It has no workers');
  });
});
