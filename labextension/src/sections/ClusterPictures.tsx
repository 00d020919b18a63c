/** A cluster's workers as time went by. */

import { ReactElement, useState } from 'react';

import { BusyChart } from '../components/BusyChart';
import { Icon } from '../components/Icon';
import { Select } from '../components/Select';
import { useTrans } from '../components/translation';
import { WorkersChart } from '../components/WorkersChart';
import type { ClusterHistory, ClusterView } from '../contract';
import { ISpan, series } from '../model/steps';

const HOUR = 3_600_000;

interface IPicturesProps {
  view: ClusterView;
  history: ClusterHistory;
  now: number;
}

/** The last hour, or what of its life is asked for; beside it a hint, where there is one. */
export function Pictures({ view, history, now }: IPicturesProps): ReactElement {
  const trans = useTrans();
  const [hours, setHours] = useState(1);
  const [from, to] = [
    Date.parse(view.started_at ?? view.requested_at),
    Date.parse(view.ended_at ?? '') || now
  ];
  const choices = [1, 6, 24].filter(choice => (to - from) / HOUR > choice);
  const longest = (to - from) / HOUR > 24 ? trans.__('last day') : trans.__('all of its life');
  const span: ISpan = {
    from: Math.max(from, to - Math.min(hours, 24) * HOUR),
    to: Math.max(to, from + 1000)
  };
  return (
    <div className={view.hint ? 'gh-cols' : undefined}>
      <div>
        {choices.length > 0 && (
          <div className="gh-span">
            <Select
              label={trans.__('Time shown')}
              quiet
              value={String(hours)}
              options={[
                ...choices
                  .filter(choice => choice < 24)
                  .map(choice => ({
                    value: String(choice),
                    text: choice === 1 ? trans.__('last hour') : trans.__('last %1 hours', choice)
                  })),
                { value: '24', text: longest }
              ]}
              onChoose={value => setHours(Number(value))}
            />
          </div>
        )}
        <WorkersChart series={series(history)} span={span} decisions={history.decisions} />
        <BusyChart busy={history.busy} span={span} />
      </div>
      {view.hint && (
        <aside className="gh-hint" aria-label={trans.__('Hint')}>
          <div className="gh-state gh-strong">
            <Icon mark="hint" tone="info" />
            {trans.__('Smaller would do')}
          </div>
          <p>{view.hint}</p>
        </aside>
      )}
    </div>
  );
}
