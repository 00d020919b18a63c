/** The comparison is asked for once per kernel and cluster, and answers that come too late are left out. */

import type { EnvironmentComparison } from '../contract';
import { EnvironmentModel, IEnvironmentTarget } from '../model/environment';
import { ServiceError } from '../request';
import { comparison, settle } from './fakes';

const TARGET: IEnvironmentTarget = {
  cluster: 'a',
  kernel: 'python3',
  notebook: 'a.ipynb',
  sources: ['import a'],
  edits: 0,
  hasWorkers: true
};

/** A model whose answers the test gives by hand. */
function asked() {
  const calls: {
    target: IEnvironmentTarget;
    fresh: boolean;
    answer: (with_: EnvironmentComparison | Error) => Promise<void>;
  }[] = [];
  const model = new EnvironmentModel(
    (target, fresh) =>
      new Promise((resolve, reject) => {
        const answer = async (result: EnvironmentComparison | Error): Promise<void> => {
          if (result instanceof Error) {
            reject(result);
          } else {
            resolve(result);
          }
          await settle();
        };
        calls.push({ target, fresh, answer });
      })
  );
  return { model, calls };
}

describe('EnvironmentModel', () => {
  it('asks once, however often somebody looks', async () => {
    const { model, calls } = asked();
    model.look(TARGET);
    model.look({ ...TARGET });
    expect(model.state.checking).toBe(true);
    await calls[0]?.answer(comparison());
    model.look(TARGET);
    expect(calls).toHaveLength(1);
    expect(model.state).toMatchObject({ checking: false, last: { same: 61 }, error: null });
  });

  it.each([
    ['another kernel', { ...TARGET, kernel: 'geo' }],
    ['another cluster', { ...TARGET, cluster: 'b' }],
    ['the first workers', { ...TARGET, hasWorkers: false }],
    ['another notebook', { ...TARGET, notebook: 'b.ipynb' }],
    ['other imports', { ...TARGET, sources: ['import a, b'] }]
  ])('asks again for %s', (_, other) => {
    const { model, calls } = asked();
    model.look(other);
    model.look(TARGET);
    expect(calls).toHaveLength(2);
  });

  it('asks anew, without any cache, after a Python file was saved', async () => {
    const { model, calls } = asked();
    model.look(TARGET);
    await calls[0]?.answer(comparison());
    model.look({ ...TARGET, edits: 1 });
    expect(calls[1]?.fresh).toBe(true);
    expect(model.state).toMatchObject({ checking: true, last: { same: 61 } });
  });

  it('leaves an answer out that came after the target had changed', async () => {
    const { model, calls } = asked();
    model.look(TARGET);
    model.look({ ...TARGET, kernel: 'geo' });
    await calls[0]?.answer(comparison());
    expect(model.state).toMatchObject({ checking: true, last: null });
  });

  it('keeps the last answer while it compares again, without any cache', async () => {
    const { model, calls } = asked();
    model.look(TARGET);
    await calls[0]?.answer(comparison());
    model.again();
    expect(calls[1]?.fresh).toBe(true);
    expect(model.state).toMatchObject({ checking: true, last: { same: 61 } });
  });

  it('shows why it could not be compared', async () => {
    const { model, calls } = asked();
    const error = new ServiceError(503, 'service_unavailable', 'The workers did not answer.');
    model.look(TARGET);
    await calls[0]?.answer(error);
    expect(model.state).toMatchObject({ checking: false, error });
  });
});
