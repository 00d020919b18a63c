/** The panel as a person meets it: rendered with stand-ins, to be queried by role and name. */

import { act, BoundFunctions, queries, render, screen, within } from '@testing-library/react';
import userEvent, { UserEvent } from '@testing-library/user-event';
import { Signal } from '@lumino/signaling';

import type { Account } from '../contract';
import { Compare, EnvironmentModel } from '../model/environment';
import { ServiceError } from '../request';
import { IPanelActions, IView, Panel } from '../sections/Panel';
import type { IAccountState } from '../tokens';
import { comparison, english, FakeAccountModel, settle } from './fakes';

interface IShown {
  model: FakeAccountModel;
  actions: jest.Mocked<IPanelActions>;
  say: (next: Partial<IAccountState>) => void;
  user: UserEvent;
}

/** The service does not answer. */
export const AWAY = new ServiceError(503, 'service_unavailable', 'The usage service is not answering.');

/** Render the panel; `say` lets the model say something else. */
export async function show(
  account: Account | null,
  change: Partial<IAccountState> = {},
  compare: Compare = () => Promise.resolve(comparison()),
  look: Partial<IView> = {}
): Promise<IShown> {
  const model = new FakeAccountModel(account, change);
  const view = {
    state: {
      visible: true,
      clustersOpen: true,
      environmentOpen: true,
      chargeTo: '',
      kernel: { name: 'python3', title: 'Python 3' },
      ...look
    },
    changed: new Signal<object, void>({})
  };
  const actions = {
    dashboard: jest.fn((cluster: { id: string }) => `/gateway/clusters/${cluster.id}/status`),
    onInsertCode: jest.fn(),
    onCosts: jest.fn(),
    onExtend: jest.fn(),
    onStop: jest.fn(),
    onLogin: jest.fn(),
    onCopy: jest.fn(),
    onView: jest.fn((kept: Partial<IView>) => {
      view.state = { ...view.state, ...kept };
      act(() => view.changed.emit());
    })
  } satisfies IPanelActions;
  await act(async () => {
    render(
      <Panel
        trans={english}
        account={model}
        environment={new EnvironmentModel(compare)}
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
  return { model, actions, say, user: userEvent.setup() };
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
