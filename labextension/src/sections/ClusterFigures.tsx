/** What a cluster costs, how much of it was unused, and when it ends: four figures. */

import type { ReactElement } from 'react';

import { useTrans } from '../components/translation';
import type { ClusterHistory, ClusterView } from '../contract';
import { clockTime, duration, fullTime, money, rate } from '../format';
import { carried } from '../model/carry';
import { lived } from './ClusterTables';

interface IFiguresProps {
  view: ClusterView;
  history: ClusterHistory | null;
  currency: string;
  /** How long the cost is carried on. */
  hours: number;
  now: number;
}

/** In the order of the questions: how much, at what rate, for what, until when. */
export function Figures({ view, history, currency, hours, now }: IFiguresProps): ReactElement {
  const trans = useTrans();
  const ended = view.state === 'stopped';
  const cost = money(carried(view.cost, ended ? '0' : view.price_per_hour, hours), currency);
  const until = view.ended_at ?? new Date(now).toISOString();
  const unused = view.busy_share === null ? null : Math.round((1 - view.busy_share) * 100);
  return (
    <div className="gh-stats">
      <Figure
        word={ended ? trans.__('Cost') : trans.__('Cost so far')}
        figure={cost}
        small={view.started_at ? lived(view.started_at, until) : trans.__('not started')}
      />
      <Figure
        word={trans.__('Now')}
        figure={rate(ended ? '0' : view.price_per_hour, currency)}
        small={
          ended
            ? trans.__('nothing runs')
            : trans._n('%1 worker, 1 scheduler', '%1 workers, 1 scheduler', view.running)
        }
      />
      <Figure
        word={trans.__('Idle or starting')}
        figure={unused === null ? '–' : `${unused} %`}
        small={
          unused === null
            ? trans.__('not known yet')
            : trans.__('%1 of %2', money(view.idle_cost, currency), cost)
        }
      />
      <End view={view} history={history} />
    </div>
  );
}

function End({ view, history }: Pick<IFiguresProps, 'view' | 'history'>): ReactElement {
  const trans = useTrans();
  if (view.ended_at) {
    return (
      <Figure
        word={trans.__('Stopped at')}
        figure={clockTime(view.ended_at)}
        small={view.reason ? `[${view.reason}]` : trans.__('by its owner, or by itself')}
        title={fullTime(view.ended_at)}
      />
    );
  }
  const idle = view.idle_seconds
    ? trans.__('or after %1 idle', duration(view.idle_seconds))
    : trans.__('idle or not');
  return history?.stops_at ? (
    <Figure
      word={trans.__('Stops at the latest')}
      figure={clockTime(history.stops_at)}
      small={idle}
      title={fullTime(history.stops_at)}
    />
  ) : (
    <Figure
      word={trans.__('Stops without use')}
      figure={view.idle_seconds ? duration(view.idle_seconds) : '–'}
      small={trans.__('it has no longest life')}
    />
  );
}

interface IFigureProps {
  word: string;
  figure: string;
  small: string;
  title?: string | undefined;
}

function Figure({ word, figure, small, title }: IFigureProps): ReactElement {
  return (
    <div title={title}>
      <div className="gh-small gh-dim">{word}</div>
      <div className="gh-figure">{figure}</div>
      <div className="gh-small gh-dim">{small}</div>
    </div>
  );
}
