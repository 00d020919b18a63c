/** The panel as a JupyterLab widget: the only Lumino code. */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ISignal, Signal } from '@lumino/signaling';
import type { ReactElement } from 'react';

import { gatehouseIcon } from './icon';
import type { ActiveKernel } from './kernel';
import type { EnvironmentModel } from './model/environment';
import type { StartingModel } from './model/starting';
import { IPanelActions, IView, Panel } from './sections/Panel';
import { browserPage } from './stream/clock';
import type { IAccountModel } from './tokens';

/** What the settings keep of a view. */
export type IKept = Pick<IView, 'clustersOpen' | 'environmentOpen' | 'chargeTo'>;

/** How the panel looks now: whether it is seen, what is open, which kernel is in front. */
export class ViewModel {
  private readonly signal = new Signal<ViewModel, void>(this);
  private kept: IKept = { clustersOpen: true, environmentOpen: true, chargeTo: '' };
  private shown = false;
  private current: IView;

  constructor(private readonly kernel: ActiveKernel) {
    this.current = this.read();
    kernel.changed.connect(() => this.renew());
    browserPage.onChange(() => this.renew());
  }

  get state(): IView {
    return this.current;
  }

  get changed(): ISignal<ViewModel, void> {
    return this.signal;
  }

  /** The sidebar shows or hides the panel. */
  show(shown: boolean): void {
    this.shown = shown;
    this.renew();
  }

  /** The settings have changed. */
  keep(kept: Partial<IKept>): void {
    this.kept = { ...this.kept, ...kept };
    this.renew();
  }

  private read(): IView {
    return { ...this.kept, visible: this.shown && browserPage.visible, kernel: this.kernel.current };
  }

  private renew(): void {
    this.current = this.read();
    this.signal.emit();
  }
}

interface IPanelOptions {
  trans: TranslationBundle;
  account: IAccountModel;
  environment: EnvironmentModel;
  starting: StartingModel;
  view: ViewModel;
  actions: IPanelActions;
  serverName: string;
}

/** The panel in the sidebar. */
export class GatehousePanel extends ReactWidget {
  constructor(private readonly options: IPanelOptions) {
    super();
    this.id = 'gatehouse-panel';
    this.title.icon = gatehouseIcon;
    this.title.caption = 'Gatehouse';
    this.node.tabIndex = -1;
    this.node.setAttribute('role', 'complementary');
    this.node.setAttribute('aria-label', 'Gatehouse');
  }

  protected override onAfterShow(): void {
    this.options.view.show(true);
  }

  protected override onAfterHide(): void {
    this.options.view.show(false);
  }

  /** The keyboard goes on from here. */
  protected override onActivateRequest(): void {
    if (!this.node.contains(document.activeElement)) {
      this.node.focus();
    }
  }

  protected override render(): ReactElement {
    return <Panel {...this.options} />;
  }
}
