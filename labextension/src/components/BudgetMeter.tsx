/** This month's budget: the person's own, or else the group's. */

import type { ReactElement } from 'react';

import type { Balance } from '../contract';
import { money, monthName } from '../format';
import type { IFigures } from '../model/carry';
import { Meter } from './Meter';
import { useTrans } from './translation';

interface IBudgetMeterProps {
  balance: Balance;
  shown: IFigures;
  currency: string;
}

/** The meter with what is expected; nothing where there is no budget. */
export function BudgetMeter({ balance, shown, currency }: IBudgetMeterProps): ReactElement | null {
  const trans = useTrans();
  const { meter } = shown;
  if (meter === null) {
    return null;
  }
  const month = monthName(balance.month, trans);
  const forecast = meter.of === 'me' ? shown.forecast : shown.groupForecast;
  const spent = trans.__('%1 of %2', money(meter.spent, currency), money(meter.budget, currency));
  return (
    <Meter
      label={
        meter.of === 'me'
          ? trans.__('Your %1 budget', month)
          : trans.__('%1 budget of %2', month, balance.title)
      }
      valueText={forecast === null ? spent : trans.__('%1, forecast %2', spent, money(forecast, currency))}
      spent={meter.spent}
      budget={meter.budget}
      warnAt={balance.warn_at}
      forecast={forecast}
    />
  );
}
