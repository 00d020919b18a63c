/** The dialog of a new cluster. */

import { act, BoundFunctions, queries, render, screen, within } from '@testing-library/react';
import userEvent, { UserEvent } from '@testing-library/user-event';

import type { Quote, Started } from '../contract';
import { IStartSource, StartingModel } from '../model/starting';
import { ServiceError } from '../request';
import { NewCluster } from '../sections/NewCluster';
import { accounts, english, FakeAccountModel, settle } from './fakes';
import { FIELDS, OFFERS, quoted } from './offers';

interface IShown {
  source: jest.Mocked<IStartSource>;
  starting: StartingModel;
  onClose: jest.Mock;
  user: UserEvent;
  rest: () => Promise<void>;
  unmount: () => void;
}

/** Open the dialog; `rest` lets the quote be asked and answered. */
async function open(change: Partial<IStartSource> = {}, chargeTo = 'research'): Promise<IShown> {
  jest.useFakeTimers();
  const source: jest.Mocked<IStartSource> = {
    offers: jest.fn(change.offers ?? (() => Promise.resolve(OFFERS))),
    fields: jest.fn(change.fields ?? (() => Promise.resolve(FIELDS))),
    quote: jest.fn(change.quote ?? (({ workers }) => Promise.resolve(quoted(workers)))),
    start: jest.fn(change.start ?? (() => Promise.resolve({ cluster: 'c1' })))
  };
  const account = new FakeAccountModel(accounts.empty);
  const starting = new StartingModel(source, account);
  const onClose = jest.fn();
  const dialog = { trans: english, starting, account, chargeTo, onClose };
  const { unmount } = render(<NewCluster {...dialog} />);
  await act(settle);
  const rest = async (): Promise<void> => {
    await act(async () => {
      jest.advanceTimersByTime(300);
      await settle();
    });
  };
  await rest();
  const user = userEvent.setup({ advanceTimers: jest.advanceTimersByTime });
  return { source, starting, onClose, user, rest, unmount };
}

const dialog = (): BoundFunctions<typeof queries> =>
  within(screen.getByRole('dialog', { name: 'New cluster' }));
const workers = (): HTMLInputElement => dialog().getByRole('spinbutton', { name: 'Workers' });
const quote = (): HTMLElement => dialog().getByRole('status', { name: 'Quote' });

afterEach(() => {
  jest.useRealTimers();
});

describe('the dialog of a new cluster', () => {
  it('offers each profile with price, shape and bounds; what cannot start now says why', async () => {
    await open();
    const cards = dialog().getByRole('radiogroup', { name: 'Profile' });
    expect(within(cards).getAllByRole('radio')).toHaveLength(3);
    expect(cards.textContent).toContain('Highmem2 cores, 16 GiB$0.05/h each');
    expect(cards.textContent).toContain('up to 1,000 workers');
    const off = dialog().getByRole<HTMLInputElement>('radio', { name: 'One L4 each' });
    expect(off.disabled).toBe(true);
    expect(cards.textContent).toContain('all 2 L4 of its quota. [quota_exceeded]');
  });

  it('begins at the workers, of the first profile, charged to the group of the panel', async () => {
    const { source } = await open({}, 'production');
    expect(document.activeElement).toBe(workers());
    expect(dialog().getByRole<HTMLInputElement>('radio', { name: 'Standard' }).checked).toBe(true);
    expect(dialog().getByRole<HTMLSelectElement>('combobox', { name: 'Charge to' }).value).toBe('production');
    expect(source.quote.mock.calls).toEqual([[{ profile: 'standard', workers: 2, chargeTo: 'production' }]]);
  });

  it('asks whom to charge only where several groups fit', async () => {
    const { user } = await open();
    await user.click(dialog().getByRole('radio', { name: 'Highmem' }));
    expect(dialog().queryByRole('combobox', { name: 'Charge to' })).toBeNull();
    expect(dialog().getByLabelText('Charge to').textContent).toBe('Research');
  });

  it('says what starts now, what is borrowed and what waits, in words, a bar and money', async () => {
    const found = quoted(200, 140, { borrowed: 76, granted_credits_minutes: 42 });
    await open({ quote: jest.fn(() => Promise.resolve(found)) });
    expect(quote().textContent).toContain('140 of 200 workers start now, the other 60 wait[borrowing_limit]');
    expect(
      within(quote()).getByRole('img', { name: '64 within the quota, 76 borrowed, 60 waiting' })
    ).toBeTruthy();
    const rows = within(quote())
      .getAllByRole('row')
      .map(row => row.textContent);
    expect(rows).toEqual([
      'per hourbudget lastsat most, 12 h',
      'Now, 140 workers and scheduler$7.05/h2 d$84.60',
      'If all 200 run$10.05/h45 h$120.60'
    ]);
    expect(quote().textContent).toContain('Nothing more may be borrowed.');
    expect(quote().textContent).toContain('Burst credits last 42 min for 76 borrowed workers');
    expect(quote().textContent).toContain(
      'It stops after 20 min without use, after 10 min with nobody connected, with your last notebook server and after 12 h in any case.'
    );
    expect(dialog().getByRole('button', { name: 'Start for $7.05/h' })).toBeTruthy();
  });

  it('asks 300 ms after the last change, and only the newest answer counts', async () => {
    const answers: ((quote: Quote) => void)[] = [];
    const { source, user, rest } = await open({
      quote: jest.fn(() => new Promise<Quote>(resolve => answers.push(resolve)))
    });
    await user.clear(workers());
    await user.type(workers(), '30');
    await rest();
    expect(source.quote.mock.calls.map(([wish]) => wish.workers)).toEqual([2, 30]);
    await act(async () => {
      answers[1]?.(quoted(30));
      await settle();
      answers[0]?.(quoted(2));
      await settle();
    });
    expect(quote().textContent).toContain('All 30 workers start now');
    await user.type(workers(), '0');
    expect(quote().getAttribute('aria-busy')).toBe('true');
    expect(quote().textContent).toContain('All 30 workers start now');
  });

  it.each(['', '0', '1001', '2.5'])('does not start "%s" workers', async text => {
    const { source, user } = await open();
    await user.clear(workers());
    await user.type(workers(), `${text}{Enter}`);
    expect(workers().getAttribute('aria-invalid')).toBe('true');
    expect(dialog().getByText('A whole number from 1 to 1,000')).toBeTruthy();
    expect(source.start).not.toHaveBeenCalled();
  });

  it('starts on Enter with everything that was chosen, also in fields that an administrator added', async () => {
    const { source, starting, onClose, user } = await open();
    await user.type(dialog().getByRole('textbox', { name: 'Name' }), ' sales-join ');
    await user.selectOptions(dialog().getByRole('combobox', { name: 'Zone' }), 'b');
    await user.click(dialog().getByRole('checkbox', { name: 'Spot machines' }));
    await user.clear(workers());
    await user.type(workers(), '3{Enter}');
    await act(settle);
    const further = { zone: 'b', spot: true, hours: 1.5 };
    const options = { profile: 'standard', charge_to: 'research', name: 'sales-join', ...further };
    expect(source.start.mock.calls).toEqual([[{ options, workers: 3 }]]);
    expect(onClose).toHaveBeenCalledTimes(1);
    expect(starting.state).toEqual([{ key: 1, name: 'sales-join', cluster: 'c1', error: null }]);
  });

  it('asks only for what the gateway has a field for', async () => {
    const fields = { fields: FIELDS.fields.filter(({ name }) => name === 'profile') };
    const { source, user } = await open({ fields: jest.fn(() => Promise.resolve(fields)) });
    expect(dialog().queryByRole('spinbutton')).toBeNull();
    await user.click(dialog().getByRole('button', { name: /^Start/ }));
    expect(source.start.mock.calls).toEqual([[{ options: { profile: 'standard' }, workers: 0 }]]);
  });

  it('says in the dialog why it was not started; the focus stays, and it can be tried again', async () => {
    const refusal = new ServiceError(409, 'user_limit', 'Not started: you hold 2 of the 2 clusters.');
    let refuse: (cause: unknown) => void = () => undefined;
    const start = jest.fn(() => new Promise<Started>((_, reject) => (refuse = reject)));
    const { source, starting, onClose, user } = await open({ start });
    await user.type(workers(), '{Enter}');
    await act(async () => {
      refuse(refusal);
      await settle();
    });
    expect(dialog().getByRole('alert').textContent).toContain('you hold 2 of the 2 clusters. [user_limit]');
    expect(document.activeElement).toBe(workers());
    expect(onClose).not.toHaveBeenCalled();
    expect(starting.state).toEqual([]);
    start.mockImplementation(() => Promise.resolve({ cluster: 'c2' }));
    await user.type(workers(), '{Enter}');
    await act(settle);
    expect(source.start).toHaveBeenCalledTimes(2);
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('starts once, however often it is asked while the gateway thinks', async () => {
    const { source, user } = await open({ start: jest.fn(() => new Promise<Started>(() => undefined)) });
    await user.type(workers(), '{Enter}{Enter}');
    expect(source.start).toHaveBeenCalledTimes(1);
    expect(dialog().getByText('Asking the gateway.')).toBeTruthy();
  });

  it('says that a start would be refused, and lets the gateway decide', async () => {
    const refused = quoted(2, 0, {
      allowed: false,
      reason: 'budget_exhausted',
      message: 'Not started: no money.'
    });
    await open({ quote: jest.fn(() => Promise.resolve(refused)) });
    expect(quote().textContent).toContain('This would not start now[budget_exhausted]Not started: no money.');
    expect(dialog().getByRole('button', { name: 'Start' })).toBeTruthy();
  });

  it('says why nothing can be chosen', async () => {
    const away = new ServiceError(503, 'service_unavailable', 'The usage service is not answering.');
    const { onClose, user } = await open({ offers: jest.fn(() => Promise.reject(away)) });
    expect(dialog().getByRole('alert').textContent).toContain('[service_unavailable]');
    await user.click(dialog().getByRole('button', { name: 'Close' }));
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it('keeps a refusal that came after the dialog was closed, until it is dismissed', async () => {
    let refuse: (cause: unknown) => void = () => undefined;
    const start = jest.fn(() => new Promise<Started>((_, reject) => (refuse = reject)));
    const { starting, user, unmount } = await open({ start });
    await user.type(workers(), '{Enter}');
    expect(starting.state).toEqual([{ key: 1, name: 'Standard', cluster: null, error: null }]);
    unmount();
    refuse(new ServiceError(409, 'user_limit', 'Not started.'));
    await settle();
    expect(starting.state.map(({ error }) => error?.reason)).toEqual(['user_limit']);
    starting.dismiss(1);
    expect(starting.state).toEqual([]);
  });
});
