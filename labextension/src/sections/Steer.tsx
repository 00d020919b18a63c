/** How many workers a cluster is to have: a number, or as many as its load needs within bounds. */

import type { ReactElement } from 'react';

import { Count } from '../components/Count';
import { useModel } from '../components/hooks';
import { Icon } from '../components/Icon';
import { Sentence } from '../components/Reason';
import { Slider } from '../components/Slider';
import { Switch } from '../components/Switch';
import { useTrans } from '../components/translation';
import type { ClusterView } from '../contract';
import { boundsOf, IBounds, ISteering, Wish } from '../model/steering';

interface ISteerProps {
  cluster: ClusterView;
  steering: ISteering;
}

interface IRowProps extends ISteerProps {
  name: string;
  /** What was wished last, or what is. */
  workers: number;
  bounds: IBounds | null;
  /** Why nothing can be asked now. */
  wait: string | undefined;
}

/** Shows what was asked for as soon as it is asked; if that comes to nothing, what is, and why. */
export function Steer({ cluster, steering }: ISteerProps): ReactElement {
  const trans = useTrans();
  const { wishes, errors } = useModel(steering);
  const wish = wishes.get(cluster.id);
  const error = errors.get(cluster.id);
  const row: IRowProps = {
    cluster,
    steering,
    name: cluster.name || cluster.title,
    workers: wish?.kind === 'workers' ? wish.workers : cluster.wanted,
    bounds: wishedBounds(wish, cluster),
    wait: cluster.state === 'running' ? undefined : trans.__('When the cluster runs')
  };
  return (
    <div className="gh-steer">
      <Workers {...row} />
      <Adapt {...row} />
      {error && (
        <p className="gh-note" role="alert">
          <Icon mark="stop" tone="bad" />
          <span>
            <Sentence text={error.message} reason={error.reason} />
          </span>
        </p>
      )}
    </div>
  );
}

function wishedBounds(wish: Wish | undefined, cluster: ClusterView): IBounds | null {
  if (wish === undefined) {
    return boundsOf(cluster);
  }
  return wish.kind === 'bounds' ? wish : null;
}

function Workers({ cluster, steering, name, workers, bounds, wait }: IRowProps): ReactElement {
  const trans = useTrans();
  const hint =
    wait ??
    (bounds === null ? undefined : trans.__('It follows the load; switch Adapt off to choose a number'));
  const field = {
    label: trans.__('Workers of %1', name),
    min: 0,
    max: cluster.workers_max,
    value: workers,
    disabled: hint !== undefined,
    onChange: (wished: number) => steering.soon(cluster.id, { kind: 'workers', workers: wished }),
    onEnter: () => steering.flush(cluster.id)
  };
  return (
    <div className="gh-field">
      <span className="gh-dim">{trans.__('Workers')}</span>
      <div>
        <Slider {...field} hint={hint} words={trans._n('%1 worker', '%1 workers', workers)} />
        <Count
          {...field}
          hint={hint ?? trans.__('0 to %1', cluster.workers_max)}
          onInvalid={() => steering.withdraw(cluster.id)}
        />
      </div>
    </div>
  );
}

function Adapt({ cluster, steering, name, workers, bounds, wait }: IRowProps): ReactElement {
  const trans = useTrans();
  const change = (on: boolean): void => {
    const maximum = Math.min(workers || cluster.workers_max, cluster.workers_max); // no dearer than now
    const wish: Wish = on ? { kind: 'bounds', minimum: 0, maximum } : { kind: 'fixed' };
    steering.ask(cluster.id, wish).catch(() => undefined); // the state says why
  };
  return (
    <div className="gh-field">
      <span className="gh-dim">{trans.__('Adapt')}</span>
      <div>
        <Switch
          label={trans.__('Adapt %1 to its load', name)}
          on={bounds !== null}
          word={bounds === null ? trans.__('off') : trans.__('on')}
          disabled={wait !== undefined}
          hint={wait ?? trans.__('Workers come while there is work for them, and go when there is none')}
          onChange={change}
        />
        {bounds === null ? (
          <span className="gh-dim gh-small gh-hide-narrow">{trans.__('follows the load')}</span>
        ) : (
          <Bounds cluster={cluster} steering={steering} name={name} bounds={bounds} wait={wait} />
        )}
      </div>
    </div>
  );
}

type IBoundsProps = Omit<IRowProps, 'workers' | 'bounds'> & { bounds: IBounds };

/** Fewest and most; one moves the other along, so that they are never the wrong way round. */
function Bounds({ cluster, steering, name, bounds, wait }: IBoundsProps): ReactElement {
  const trans = useTrans();
  const wish = ({ minimum, maximum }: IBounds): void =>
    steering.soon(cluster.id, { kind: 'bounds', minimum, maximum });
  const field = {
    min: 0,
    max: cluster.workers_max,
    disabled: wait !== undefined,
    onInvalid: () => steering.withdraw(cluster.id),
    onEnter: () => steering.flush(cluster.id)
  };
  return (
    <span className="gh-bounds">
      <Count
        {...field}
        label={trans.__('Fewest workers of %1', name)}
        hint={trans.__('Fewest workers, also without any work')}
        value={bounds.minimum}
        onChange={minimum => wish({ minimum, maximum: Math.max(minimum, bounds.maximum) })}
      />
      <span className="gh-dim">{trans.__('to')}</span>
      <Count
        {...field}
        label={trans.__('Most workers of %1', name)}
        hint={trans.__('Most workers, 0 to %1', cluster.workers_max)}
        value={bounds.maximum}
        onChange={maximum => wish({ minimum: Math.min(bounds.minimum, maximum), maximum })}
      />
    </span>
  );
}
