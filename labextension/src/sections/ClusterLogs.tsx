/** What a cluster's scheduler and workers wrote, and what was decided meanwhile: the newest first. */

import { ReactElement, useState } from 'react';

import { Button } from '../components/Button';
import { Icon, Mark, Tone } from '../components/Icon';
import { Sentence } from '../components/Reason';
import { Select } from '../components/Select';
import { useTrans } from '../components/translation';
import type { DecisionRow, LogLevel, LogLine } from '../contract';
import { clockSeconds, fullTime } from '../format';
import type { IAnswer, IClusterPageState } from '../model/clusterPage';
import { chosenLines, DECIDER, shortName } from '../model/lines';

/** What a person can do with the lines. */
export interface ILogActions {
  onSource: (source: string) => void;
  onFollow: (following: boolean) => void;
  onRefresh: () => void;
}

interface IClusterLogsProps extends ILogActions {
  state: IClusterPageState;
  decisions: readonly DecisionRow[];
}

const MARKS: Readonly<Record<LogLevel, { mark: Mark; tone: Tone }>> = {
  debug: { mark: 'info', tone: 'calm' },
  info: { mark: 'info', tone: 'calm' },
  warning: { mark: 'warning', tone: 'warn' },
  error: { mark: 'stop', tone: 'bad' },
  critical: { mark: 'stop', tone: 'bad' }
};

/** The choices, then the lines. */
export function ClusterLogs({ state, decisions, ...actions }: IClusterLogsProps): ReactElement {
  const trans = useTrans();
  const [serious, setSerious] = useState(false);
  const { last } = state.logs;
  const lines = chosenLines(last, decisions, { source: state.source, serious });
  const names = (last?.sources ?? []).map(({ name }) => name);
  const sources = [...new Set([...names, DECIDER, ...(state.source ? [state.source] : [])])];
  return (
    <>
      <div className="gh-log-choices gh-small">
        <Select
          label={trans.__('Written by')}
          value={state.source}
          options={[
            { value: '', text: trans.__('All sources') },
            ...sources.map(name => ({ value: name, text: shortName(name) }))
          ]}
          onChoose={actions.onSource}
          quiet
        />
        <Select
          label={trans.__('Level')}
          value={serious ? 'serious' : ''}
          options={[
            { value: '', text: trans.__('All levels') },
            { value: 'serious', text: trans.__('Warnings and errors') }
          ]}
          onChoose={value => setSerious(value === 'serious')}
          quiet
        />
        <label>
          <input
            type="checkbox"
            role="switch"
            checked={state.following}
            onChange={change => actions.onFollow(change.target.checked)}
          />{' '}
          {trans.__('Follow')}
        </label>
        <Button onClick={actions.onRefresh}>{trans.__('Refresh')}</Button>
        <span className="gh-dim gh-end" role="status">
          {last
            ? trans.__('newest first, kept %1 days after the end', last.kept_days)
            : state.logs.asking && trans.__('Asking the gateway for the logs.')}
        </span>
      </div>
      <Failure answer={state.logs} />
      {last && lines.length === 0 && (
        <p className="gh-log-empty gh-dim">
          {serious ? trans.__('No warnings and no errors.') : trans.__('Nothing was written yet.')}
        </p>
      )}
      <div
        className="gh-log"
        role="log"
        aria-label={trans.__('Logs')}
        aria-live={state.following ? 'polite' : 'off'}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls must be reached by keyboard
        tabIndex={0}
      >
        {lines.map((line, number) => (
          <Line key={`${lines.length - number} ${line.source} ${line.at ?? ''}`} line={line} />
        ))}
      </div>
      {last && last.left_out > 0 && (
        <p className="gh-log-empty gh-dim">
          {trans._n('%1 older line is left out.', '%1 older lines are left out.', last.left_out)}
        </p>
      )}
    </>
  );
}

function Line({ line: { at, level, source, text } }: { line: LogLine }): ReactElement {
  const trans = useTrans();
  const words: Readonly<Record<LogLevel, string>> = {
    debug: trans.__('debug'),
    info: trans.__('info'),
    warning: trans.__('warning'),
    error: trans.__('error'),
    critical: trans.__('critical')
  };
  const calm = level === null || level === 'info' || level === 'debug';
  return (
    <div className="gh-log-line">
      <span className="gh-dim" title={at ? fullTime(at) : undefined}>
        {at && clockSeconds(at)}
      </span>
      <span className={calm ? 'gh-state gh-dim' : 'gh-state'}>
        {level && <Icon {...MARKS[level]} />}
        {level ? words[level] : trans.__('printed')}
      </span>
      <span title={source}>{shortName(source)}</span>
      <span>{text}</span>
    </div>
  );
}

/** Why there is no answer, where there is none; an older one stays below. */
export function Failure({ answer: { error } }: { answer: IAnswer<unknown> }): ReactElement | null {
  return (
    error && (
      <p className="gh-note gh-detail-note" role="alert">
        <Icon mark="away" tone="warn" />
        <span>
          <Sentence text={error.message} reason={error.reason} />
        </span>
      </p>
    )
  );
}
