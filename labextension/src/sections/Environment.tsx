/** Whether the kernel's packages are those of a cluster, before a run fails on it. */

import { ReactElement, useEffect, useState } from 'react';

import { Button } from '../components/Button';
import { useModel } from '../components/hooks';
import { Icon } from '../components/Icon';
import { Sentence } from '../components/Reason';
import { Select } from '../components/Select';
import { useTrans } from '../components/translation';
import type { ClusterView } from '../contract';
import type { EnvironmentModel, IEnvironmentState } from '../model/environment';
import { Comparison } from './Comparison';

/** The kernel that is asked: of the notebook in front, else the default one. */
export interface IKernel {
  readonly name: string;
  readonly title: string;
  /** Path of that notebook; empty: there is none. */
  readonly notebook: string;
  /** Its cells that import something; the same list as long as it imports the same. */
  readonly sources: readonly string[];
  /** How many Python files were saved here. */
  readonly edits: number;
}

interface IEnvironmentProps {
  model: EnvironmentModel;
  clusters: readonly ClusterView[];
  kernel: IKernel;
  /** Somebody can see it: nothing is asked otherwise. */
  visible: boolean;
  /** The time in milliseconds. */
  now: number;
}

/** Compares with one running cluster; with several there is a choice. */
export function Environment({ model, clusters, kernel, visible, now }: IEnvironmentProps): ReactElement {
  const trans = useTrans();
  const state = useModel(model);
  const [chosen, setChosen] = useState('');
  const running = clusters.filter(cluster => cluster.state === 'running');
  const cluster = running.find(candidate => candidate.id === chosen) ?? running[0];
  const id = cluster?.id;
  const hasWorkers = (cluster?.running ?? 0) > 0;
  const { name, notebook, sources, edits } = kernel;
  useEffect(() => {
    if (visible && id !== undefined) {
      model.look({ cluster: id, kernel: name, notebook, sources, edits, hasWorkers });
    }
  }, [model, visible, id, name, notebook, sources, edits, hasWorkers]);

  if (cluster === undefined) {
    return (
      <div className="gh-rows">
        <p className="gh-note gh-dim">
          <Icon mark="wait" tone="calm" />
          <span>
            {trans.__(
              'No cluster is running. When one does, its packages are compared with those of %1.',
              kernel.title
            )}
          </span>
        </p>
      </div>
    );
  }
  return (
    <div className="gh-rows">
      {running.length > 1 && (
        <div className="gh-line">
          <Select
            label={trans.__('Compare with')}
            value={cluster.id}
            options={running.map(one => ({ value: one.id, text: one.name || one.title }))}
            onChoose={setChosen}
          />
        </div>
      )}
      <Result state={state} cluster={cluster} kernel={kernel} now={now} onAgain={() => model.again()} />
    </div>
  );
}

interface IResultProps {
  state: IEnvironmentState;
  cluster: ClusterView;
  kernel: IKernel;
  now: number;
  onAgain: () => void;
}

function Result({ state, cluster, kernel, now, onAgain }: IResultProps): ReactElement {
  const trans = useTrans();
  const mine = state.target?.cluster === cluster.id && state.target.kernel === kernel.name;
  const last = mine ? state.last : null;
  if (mine && state.error !== null) {
    return (
      <>
        <p className="gh-note" role="status">
          <Icon mark="warning" tone="warn" />
          <span>
            <Sentence text={state.error.message} reason={state.error.reason} />
          </span>
        </p>
        <div className="gh-buttons">
          <Button onClick={onAgain}>{trans.__('Compare again')}</Button>
        </div>
      </>
    );
  }
  if (last === null) {
    return (
      <p className="gh-note" role="status">
        <Icon mark="starting" tone="info" />
        <span>
          {trans.__(
            'Comparing %1 with %2. This takes a few seconds.',
            kernel.title,
            cluster.name || cluster.title
          )}
        </span>
      </p>
    );
  }
  return (
    <Comparison
      comparison={last}
      name={cluster.name || cluster.title}
      checking={state.checking}
      now={now}
      onAgain={onAgain}
    />
  );
}
