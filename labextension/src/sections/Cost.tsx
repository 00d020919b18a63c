/** This month's money of the charged group: mine, the budget's, and the rate at which it goes. */

import type { ReactElement } from 'react';

import { Days } from '../components/Days';
import { Meter } from '../components/Meter';
import { useTrans } from '../components/translation';
import type { Account, Balance } from '../contract';
import { clockTime, fullTime, money, monthName, rate } from '../format';
import { figures, IFigures } from '../model/carry';
import { Credits } from './Credits';

interface ICostProps {
  account: Account;
  balance: Balance;
  /** How long the account is carried on. */
  hours: number;
  /** When the figures are no longer live: the time they are from. */
  staleSince: number | null;
}

/** The block on top of the panel. */
export function Cost({ account, balance, hours, staleSince }: ICostProps): ReactElement {
  const trans = useTrans();
  const { currency } = account;
  const shown = figures(balance, hours);
  const daily = [...balance.daily.slice(0, -1).map(Number), shown.today];
  return (
    <section
      className={staleSince === null ? 'gh-block gh-money' : 'gh-block gh-money gh-stale'}
      aria-label={trans.__('Money')}
    >
      <Figures balance={balance} shown={shown} currency={currency} staleSince={staleSince} />
      {shown.meter && <BudgetMeter balance={balance} meter={shown.meter} currency={currency} />}
      <Credits balance={balance} hours={hours} />
      <Days daily={daily} month={balance.month} currency={currency} />
      <dl className="gh-kv">
        <dt>
          {shown.meter?.of === 'group' && <i className="gh-swatch solid" />}
          {balance.title}
        </dt>
        <dd>
          {balance.budget === null
            ? money(shown.spent, currency)
            : trans.__('%1 of %2', money(shown.spent, currency), money(balance.budget, currency))}
        </dd>
      </dl>
    </section>
  );
}

interface IFiguresProps {
  balance: Balance;
  shown: IFigures;
  currency: string;
  staleSince: number | null;
}

function Figures({ balance, shown, currency, staleSince }: IFiguresProps): ReactElement {
  const trans = useTrans();
  const own = shown.meter?.of === 'me' ? shown.meter : null;
  const over = shown.meter === null ? 0 : shown.meter.spent - shown.meter.budget;
  const at = staleSince === null ? null : clockTime(staleSince);
  return (
    <div className="gh-figures">
      <div>
        <div className="gh-small gh-dim">
          {own && <i className={over >= 0 ? 'gh-swatch over' : 'gh-swatch solid'} />}
          {at === null
            ? trans.__('Spent in %1', monthName(balance.month, 'short'))
            : trans.__('Spent, at %1', at)}
        </div>
        <div>
          <span className="gh-figure">{money(shown.mine, currency)}</span>{' '}
          {own && <span className="gh-dim">{trans.__('of %1', money(own.budget, currency))}</span>}
        </div>
      </div>
      {over >= 0.005 ? (
        <div className="gh-middle">
          <div className="gh-small gh-dim">{trans.__('Over')}</div>
          <div className="gh-num gh-strong gh-v">{money(over, currency)}</div>
        </div>
      ) : (
        <div />
      )}
      <div
        title={
          staleSince === null
            ? trans.__('What your running work in %1 costs', balance.title)
            : fullTime(staleSince)
        }
      >
        <div className="gh-small gh-dim">{at === null ? trans.__('Now') : trans.__('At %1', at)}</div>
        <div className="gh-num gh-strong gh-v">{rate(balance.my_burn_rate, currency)}</div>
      </div>
    </div>
  );
}

interface IBudgetMeterProps {
  balance: Balance;
  meter: NonNullable<IFigures['meter']>;
  currency: string;
}

function BudgetMeter({ balance, meter, currency }: IBudgetMeterProps): ReactElement {
  const trans = useTrans();
  const month = monthName(balance.month);
  return (
    <Meter
      label={
        meter.of === 'me'
          ? trans.__('Your %1 budget', month)
          : trans.__('%1 budget of %2', month, balance.title)
      }
      valueText={trans.__('%1 of %2', money(meter.spent, currency), money(meter.budget, currency))}
      spent={meter.spent}
      budget={meter.budget}
      warnAt={balance.warn_at}
    />
  );
}
