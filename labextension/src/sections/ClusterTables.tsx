/** A cluster's workers one by one, and each decision about it. */

import type { ReactElement } from 'react';

import { Icon } from '../components/Icon';
import { Sentence } from '../components/Reason';
import { useTrans } from '../components/translation';
import type { ClusterHistory } from '../contract';
import { clockSeconds, duration, fullTime, money } from '../format';
import { shortName } from '../model/lines';

interface IHistoryProps {
  history: ClusterHistory;
}

/** Newest first, with how long each ran, how busy it was and what it cost. */
export function Workers({
  history,
  onLogs
}: IHistoryProps & { onLogs: (name: string) => void }): ReactElement {
  const trans = useTrans();
  const heads = [
    trans.__('Worker'),
    trans.__('State'),
    trans.__('Started'),
    trans.__('Ran for'),
    trans.__('Busy'),
    trans.__('Cost')
  ];
  if (history.workers.length === 0) {
    return <p className="gh-log-empty gh-dim">{trans.__('It has had no workers.')}</p>;
  }
  return (
    <div className="gh-rows-scroll">
      <table className="gh-table" aria-label={trans.__('Workers, newest first')}>
        <thead>
          <tr className="gh-small gh-dim">
            {heads.map(head => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {history.workers.map(worker => (
            <tr key={worker.name}>
              <th scope="row">
                <button
                  type="button"
                  className="gh-link"
                  title={trans.__('Show the log of %1', worker.name)}
                  onClick={() => onLogs(`worker-${worker.name}`)}
                >
                  {shortName(`worker-${worker.name}`)}
                </button>
              </th>
              <td>
                <span className="gh-state">
                  <Icon
                    mark={worker.ended_at ? 'paused' : 'running'}
                    tone={worker.ended_at ? 'calm' : 'ok'}
                  />
                  {worker.ended_at
                    ? trans.__('ended at %1', clockSeconds(worker.ended_at))
                    : trans.__('running')}
                </span>
              </td>
              <td title={fullTime(worker.started_at)}>{clockSeconds(worker.started_at)}</td>
              <td>{lived(worker.started_at, worker.ended_at ?? history.as_of)}</td>
              <td>{worker.busy_share === null ? '–' : `${Math.round(worker.busy_share * 100)} %`}</td>
              <td>{money(worker.cost, history.currency)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {history.workers_total > history.workers.length && (
        <p className="gh-small gh-dim">
          {trans.__('The newest %1 of %2.', history.workers.length, history.workers_total)}
        </p>
      )}
    </div>
  );
}

/** Newest first: the start, and each time it was granted less than it wanted. */
export function Decisions({ history }: IHistoryProps): ReactElement {
  const trans = useTrans();
  return (
    <ul className="gh-rows-scroll gh-decisions" aria-label={trans.__('Decisions, newest first')}>
      {history.decisions.map(one => (
        <li key={one.id}>
          <span className="gh-dim" title={fullTime(one.at)}>
            {clockSeconds(one.at)}
          </span>
          <span className="gh-state">
            <Icon
              mark={!one.allowed ? 'stop' : one.reason ? 'wait' : 'done'}
              tone={!one.allowed ? 'bad' : one.reason ? 'warn' : 'ok'}
            />
            {!one.allowed ? trans.__('refused') : one.reason ? trans.__('in part') : trans.__('allowed')}
          </span>
          <span>
            <Sentence text={one.message} reason={one.reason} />{' '}
            <span
              className="gh-reason"
              title={trans.__('The number of the decision, to quote to whom you ask')}
            >
              {one.id}
            </span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Write how long something lived; never less than nothing, whatever the clocks say. */
export function lived(from: string, to: string): string {
  return duration(Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000)));
}
