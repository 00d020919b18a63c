/** The charged group's burst credits: how many are left, and where they are going. */

import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import { Meter } from '../components/Meter';
import { useTrans } from '../components/translation';
import type { Balance } from '../contract';
import { span, whole } from '../format';
import { credits, ICredits } from '../model/carry';

interface ICreditsProps {
  balance: Balance;
  /** How long the account is carried on. */
  hours: number;
}

/** A meter with a line below; nothing for a group that needs no credits. */
export function Credits({ balance, hours }: ICreditsProps): ReactElement | null {
  const trans = useTrans();
  const held = credits(balance, hours);
  if (held === null) {
    return null;
  }
  const value = trans.__('%1 of %2', whole(held.left), whole(held.cap));
  return (
    <div title={title(trans, held, balance.title)}>
      <dl className="gh-kv">
        <dt>{trans.__('Burst credits')}</dt>
        <dd>{value}</dd>
      </dl>
      <Meter
        label={trans.__('Burst credits of %1', balance.title)}
        valueText={trans.__('%1 core-minutes', value)}
        spent={Math.max(0, held.left)}
        budget={held.cap}
        warnAt={[]}
        over={held.left <= 0}
      />
      <div className="gh-small gh-dim">{trend(trans, held)}</div>
    </div>
  );
}

function trend(trans: TranslationBundle, { left, cap, rate, overdraft, minutes }: ICredits): string {
  if (rate < 0 && minutes !== null) {
    return overdraft
      ? trans.__('Draining, overdrawn in %1', span(minutes, trans))
      : trans.__('Draining, the burst ends in %1', span(minutes, trans));
  }
  if (left < 0) {
    return rate < 0 ? trans.__('Overdrawn, the burst goes on') : trans.__('Overdrawn, no new burst yet');
  }
  if (rate > 0 && minutes !== null) {
    return trans.__('Filling, full in %1', span(minutes, trans));
  }
  if (left >= cap) {
    return trans.__('Full');
  }
  return left > 0 ? trans.__('Neither filling nor draining') : trans.__('Used up, no burst until they fill');
}

function title(trans: TranslationBundle, { overdraft }: ICredits, group: string): string {
  const rule = trans.__(
    'Core-minutes that %1 saves up while it uses less than its quota, and spends on what it borrows above it.',
    group
  );
  const end = overdraft
    ? trans.__('When they are used up, what runs goes on and is paid back later.')
    : trans.__('When they are used up, clusters shrink to the quota.');
  return `${rule} ${end}`;
}
