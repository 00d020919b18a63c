/** The panel as a person meets it: rendered with stand-ins, to be queried by role and name. */

import { act, BoundFunctions, queries, render, screen, within } from '@testing-library/react';
import userEvent, { UserEvent } from '@testing-library/user-event';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';

import type { Account, ClusterView } from '../contract';
import { Compare, EnvironmentModel } from '../model/environment';
import { IStartSource, StartingModel } from '../model/starting';
import { ServiceError } from '../request';
import { IPanelActions, IView, Panel } from '../sections/Panel';
import type { IAccountState } from '../tokens';
import type { ISteering } from '../model/steering';
import { comparison, english, FakeAccountModel, FakeSteering, settle } from './fakes';
import { FIELDS, OFFERS, quoted } from './offers';

interface IShown {
  model: FakeAccountModel;
  starting: StartingModel;
  actions: jest.Mocked<IPanelActions>;
  say: (next: Partial<IAccountState>) => void;
  user: UserEvent;
}

/** The service does not answer. */
export const AWAY = new ServiceError(503, 'service_unavailable', 'The usage service is not answering.');

/** A server that takes every start, or refuses it. */
export function startSource(refusal?: ServiceError): IStartSource {
  return {
    offers: () => Promise.resolve(OFFERS),
    fields: () => Promise.resolve(FIELDS),
    quote: ({ workers }) => Promise.resolve(quoted(workers)),
    start: () => (refusal ? Promise.reject(refusal) : Promise.resolve({ cluster: 'c1' }))
  };
}

/** Render the panel; `say` lets the model say something else. */
export async function show(
  account: Account | null,
  change: Partial<IAccountState> = {},
  compare: Compare = () => Promise.resolve(comparison()),
  look: Partial<IView> = {},
  steering: ISteering = new FakeSteering(),
  source = startSource(),
  trans: TranslationBundle = english
): Promise<IShown> {
  const model = new FakeAccountModel(account, change);
  const view = {
    state: {
      visible: true,
      clustersOpen: true,
      environmentOpen: true,
      chargeTo: '',
      kernel: { name: 'python3', title: 'Python 3', notebook: 'a.ipynb', sources: [], edits: 0 },
      ...look
    },
    changed: new Signal<object, void>({})
  };
  const starting = new StartingModel(source, model);
  const actions = {
    dashboard: jest.fn<string | null, [ClusterView]>(({ id }) => `/gateway/clusters/${id}/status`),
    onInsertCode: jest.fn(),
    steering,
    onConnect: jest.fn(),
    onRestart: jest.fn(),
    onDrag: jest.fn(),
    onCosts: jest.fn(),
    onExtend: jest.fn(),
    onStop: jest.fn(),
    onOpen: jest.fn(),
    onNew: jest.fn(),
    onLogin: jest.fn(),
    onHub: jest.fn(),
    onCopy: jest.fn(),
    onView: jest.fn((kept: Partial<IView>) => {
      view.state = { ...view.state, ...kept };
      act(() => view.changed.emit());
    })
  } satisfies IPanelActions;
  await act(async () => {
    render(
      <Panel
        trans={trans}
        account={model}
        environment={new EnvironmentModel(compare)}
        starting={starting}
        view={view}
        actions={actions}
        serverName=""
      />
    );
    await settle();
  });
  const say = (next: Partial<IAccountState>): void => {
    model.state = { ...model.state, ...next };
    act(() => model.changed.emit());
  };
  return { model, starting, actions, say, user: userEvent.setup() };
}

/** The section with this heading. */
export const region = (name: string): BoundFunctions<typeof queries> =>
  within(screen.getByRole('region', { name }));
/** The row of a server or cluster. */
export const item = (name: string): BoundFunctions<typeof queries> => {
  const found = screen.getByRole('button', { name: `Details of ${name}` }).closest('li');
  return within(found as HTMLElement);
};

afterEach(() => {
  jest.useRealTimers();
});
