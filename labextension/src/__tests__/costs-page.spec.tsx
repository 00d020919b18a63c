/** The page of daily costs. */

import { act, render, screen, within } from '@testing-library/react';
import userEvent, { UserEvent } from '@testing-library/user-event';

import type { MonthCosts } from '../contract';
import { AskMonth, GATHER, MonthModel } from '../model/months';
import { ServiceError } from '../request';
import { Costs } from '../sections/Costs';
import { accounts, english, FakeAccountModel, FakeClock, monthCosts, settle } from './fakes';

interface IShown {
  account: FakeAccountModel;
  ask: jest.Mock<Promise<MonthCosts>, [string]>;
  clock: FakeClock;
  model: MonthModel;
  onCopy: jest.Mock;
  user: UserEvent;
}

async function show(answer: AskMonth = () => Promise.resolve(monthCosts())): Promise<IShown> {
  const account = new FakeAccountModel(accounts.normal);
  const ask = jest.fn(answer);
  const clock = new FakeClock();
  const model = new MonthModel(ask, account, clock);
  const onCopy = jest.fn();
  await act(async () => {
    render(<Costs trans={english} model={model} onCopy={onCopy} />);
    model.show(true);
    await settle();
  });
  return { account, ask, clock, model, onCopy, user: userEvent.setup() };
}

const rows = (table: string): string[] =>
  within(screen.getByRole('table', { name: table }))
    .getAllByRole('row')
    .map(row => [...row.children].map(cell => cell.textContent.trim()).join('|'));

describe('the page of daily costs', () => {
  it('shows each day with a sentence, and who is how much of the month', async () => {
    await show();
    const chart = screen.getByRole('img', {
      name: 'Your cost per day in November: $6.00 in all; the highest was $3.05 on 1 Nov'
    });
    expect([...chart.querySelectorAll('rect title')].map(title => title.textContent)).toEqual([
      '1 Nov, sales-join (Standard workers): $1.00',
      '2 Nov, sales-join (Standard workers): $2.50',
      '1 Nov, tiles (Standard workers): $2.00',
      '2 Nov, Small notebook: $0.45',
      '1 Nov, 3 others: $0.05'
    ]);
    expect(rows('What it went for')).toEqual([
      'What|Charged to|Cost|Share',
      'sales-join (Standard workers)|Research|$3.50|58 %',
      'tiles (Standard workers)|GPU|$2.00|33 %',
      'Small notebook|Research|$0.45|8 %',
      '3 others||$0.05|1 %',
      'Total||$6.00|'
    ]);
  });

  it('stacks the bars of a day: each begins where the one below ends', async () => {
    await show();
    const bars = [...screen.getByRole('img').querySelectorAll('rect')];
    const [first, , second] = bars.map(bar => ({
      top: Number(bar.getAttribute('y')),
      bottom: Number(bar.getAttribute('y')) + Number(bar.getAttribute('height'))
    }));
    expect(first?.bottom).toBeCloseTo(200);
    expect(second?.bottom).toBeCloseTo(first?.top ?? NaN);
  });

  it('splits by group and by kind, and has the same figures as a table', async () => {
    const { user } = await show();
    await user.click(screen.getByRole('radio', { name: 'By group' }));
    expect(rows('What it went for').slice(1, 3)).toEqual(['Research|$4.00|67 %', 'GPU|$2.00|33 %']);
    await user.click(screen.getByRole('radio', { name: 'Servers and clusters' }));
    expect(rows('Cost per day')).toEqual([
      'Day (UTC)|Clusters|Servers|Total',
      '1 Nov|$3.05|$0.00|$3.05',
      '2 Nov|$2.50|$0.45|$2.95'
    ]);
  });

  it('asks for another month, and a late answer to an earlier question does not come back', async () => {
    const waiting: ((costs: MonthCosts) => void)[] = [];
    const { ask, user } = await show(() => new Promise(resolve => waiting.push(resolve)));
    await act(async () => {
      waiting[0]?.(monthCosts());
      await settle();
    });
    await user.selectOptions(screen.getByRole('combobox', { name: 'Month' }), 'October 2026');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Month' }), 'November 2026');
    expect(ask.mock.calls).toEqual([[''], ['2026-10'], ['2026-11']]);
    await act(async () => {
      waiting[2]?.(monthCosts({ total: '7.00' }));
      await settle();
      waiting[1]?.(monthCosts({ month: '2026-10', total: '1.00' }));
      await settle();
    });
    expect(screen.getByText('$7.00', { selector: '.gh-figure' })).toBeTruthy();
  });

  it('follows the pushed account, at most four times a minute, while it is seen and shows this month', async () => {
    const { account, ask, clock, model, user } = await show();
    const push = async (): Promise<void> => {
      await act(async () => {
        account.changed.emit();
        await settle();
      });
    };
    await push();
    expect(ask).toHaveBeenCalledTimes(1);
    clock.time += GATHER;
    await push();
    expect(ask).toHaveBeenCalledTimes(2);
    clock.time += GATHER;
    model.show(false);
    await push();
    expect(ask).toHaveBeenCalledTimes(2);
    act(() => model.show(true));
    await act(settle);
    await user.selectOptions(screen.getByRole('combobox', { name: 'Month' }), 'October 2026');
    expect(ask).toHaveBeenCalledTimes(4);
    clock.time += GATHER;
    await push();
    expect(ask).toHaveBeenCalledTimes(4);
  });

  it('says why there are no figures, and asks again', async () => {
    const away = new ServiceError(503, 'service_unavailable', 'The usage service is not answering.');
    let broken = true;
    const { user } = await show(() => (broken ? Promise.reject(away) : Promise.resolve(monthCosts())));
    expect(screen.getByRole('alert').textContent).toBe(
      'The usage service is not answering. [service_unavailable]'
    );
    broken = false;
    await user.click(screen.getByRole('button', { name: 'Refresh' }));
    await act(settle);
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByRole('img')).toBeTruthy();
  });

  it('says that nothing ran', async () => {
    await show(() => Promise.resolve(monthCosts({ lines: [], total: '0' })));
    expect(screen.getByText('Nothing of yours ran in this month.')).toBeTruthy();
    expect(screen.getByRole('img', { name: 'Your cost per day in November: nothing' })).toBeTruthy();
  });

  it('copies the exact amounts as CSV', async () => {
    const { onCopy, user } = await show();
    await user.click(screen.getByRole('button', { name: 'Copy as CSV' }));
    const [[text]] = onCopy.mock.calls as [[string]];
    expect(text.split('\r\n').slice(0, 3)).toEqual([
      'day,kind,group,name,profile,lease,count,currency,cost',
      '2026-11-01,cluster,research,sales-join,Standard workers,sales-join,1,USD,1.00',
      '2026-11-02,cluster,research,sales-join,Standard workers,sales-join,1,USD,2.50'
    ]);
  });
});
