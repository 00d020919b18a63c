/** Another idle time, in one click. */

import type { ReactElement } from 'react';

import type { ClusterView, ServerView } from '../contract';
import { duration } from '../format';
import { idleChoices } from '../model/idle';
import { Button } from './Button';
import { useTrans } from './translation';

/** What a person can do about an idle time. */
export interface IKeepActions {
  onExtend: (thing: ServerView | ClusterView, seconds: number) => void;
}

interface IKeepProps extends IKeepActions {
  thing: ServerView | ClusterView;
  /** What the person calls it. */
  name: string;
}

/** "Keep it for 1 h, 2 h, 4 h": the longer times that the profile allows; nothing where there is none. */
export function Keep({ thing, name, onExtend }: IKeepProps): ReactElement | null {
  const trans = useTrans();
  const choices = idleChoices(thing);
  if (choices.length === 0) {
    return null;
  }
  return (
    <div className="gh-keep" role="group" aria-label={trans.__('Keep %1 without use', name)}>
      <span className="gh-small gh-dim">{trans.__('Keep it for')}</span>
      {choices.map(seconds => (
        <Button
          key={seconds}
          label={trans.__('Keep %1 for %2 without use', name, duration(seconds))}
          hint={
            seconds === thing.idle_max_seconds
              ? trans.__('The longest that its profile allows')
              : trans.__('It then stops after %1 without use', duration(seconds))
          }
          onClick={() => onExtend(thing, seconds)}
        >
          {duration(seconds)}
        </Button>
      ))}
    </div>
  );
}

/** When it stops without use, in one line. */
export function IdleTime({ thing }: Pick<IKeepProps, 'thing'>): ReactElement | null {
  const trans = useTrans();
  if (thing.idle_seconds === 0 || thing.state !== 'running') {
    return null;
  }
  return (
    <p className="gh-small gh-dim">{trans.__('Stops after %1 without use.', duration(thing.idle_seconds))}</p>
  );
}
