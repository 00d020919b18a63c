/** The money's three figures: spent, expected or over, and the rate now. */

import type { ReactElement } from 'react';

import type { Balance } from '../contract';
import { clockTime, fullTime, money, monthName, rate } from '../format';
import type { IFigures } from '../model/carry';
import { Icon } from './Icon';
import { useTrans } from './translation';

interface IFiguresProps {
  balance: Balance;
  shown: IFigures;
  currency: string;
  /** When the figures are no longer live: the time they are from. */
  staleSince: number | null;
}

/** What a person spent, will have spent, and spends an hour. */
export function Figures({ balance, shown, currency, staleSince }: IFiguresProps): ReactElement {
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
            ? trans.__('Spent in %1', monthName(balance.month, trans, 'short'))
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
        <Forecast forecast={shown.forecast} budget={own?.budget ?? null} currency={currency} />
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

interface IForecastProps {
  forecast: number | null;
  /** The person's own. */
  budget: number | null;
  currency: string;
}

/** How it is made is one hover away; that it passes the budget is a mark and a word. */
function Forecast({ forecast, budget, currency }: IForecastProps): ReactElement {
  const trans = useTrans();
  if (forecast === null) {
    return <div />;
  }
  const method = trans.__(
    'At the end of the month: spent so far, what runs now until its usual end, and for each day that is left the mean day of the last 14.'
  );
  const passes = budget !== null && forecast > budget;
  return (
    <div className="gh-middle" title={method}>
      <div className="gh-small gh-dim">
        {passes ? <Icon mark="warning" tone="warn" /> : budget !== null && <i className="gh-swatch hatch" />}
        {passes ? trans.__('Forecast, over') : trans.__('Forecast')}
      </div>
      <div className="gh-num gh-strong gh-v">{money(forecast, currency)}</div>
    </div>
  );
}
