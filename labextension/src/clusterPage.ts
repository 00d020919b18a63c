/** The page of one cluster as a tab of JupyterLab's main area. */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { createElement, ReactElement } from 'react';

import { gatehouseIcon } from './icon';
import type { ClusterPageModel } from './model/clusterPage';
import { ClusterPage, IClusterPageActions } from './sections/ClusterPage';
import type { IAccountModel } from './tokens';

interface IClusterTabOptions {
  trans: TranslationBundle;
  account: IAccountModel;
  model: ClusterPageModel;
  actions: Pick<IClusterPageActions, 'dashboard' | 'onInsertCode' | 'onStop'>;
  /** What its tab is called until the cluster is known. */
  name: string;
}

/** One tab for one cluster; it asks for nothing while another tab hides it. */
export class ClusterTab extends ReactWidget {
  constructor(private readonly options: IClusterTabOptions) {
    super();
    const { model, name } = options;
    this.id = `gatehouse-cluster-${model.cluster}`;
    this.addClass('gh-cluster-tab');
    this.node.tabIndex = -1;
    this.title.icon = gatehouseIcon;
    this.title.closable = true;
    this.title.label = name;
    model.changed.connect(() => this.rename());
    this.rename();
  }

  /** The gateway's name for its cluster. */
  get cluster(): string {
    return this.options.model.cluster;
  }

  /** Closed is gone: a tab that was only taken out of sight would be found instead of opened anew. */
  override close(): void {
    super.close();
    this.dispose();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this.options.model.dispose();
    }
    super.dispose();
  }

  protected override onAfterShow(): void {
    this.options.model.show(true);
  }

  protected override onAfterHide(): void {
    this.options.model.show(false);
  }

  /** The keyboard goes on from here. */
  protected override onActivateRequest(): void {
    if (!this.node.contains(document.activeElement)) {
      this.node.focus();
    }
  }

  protected override render(): ReactElement {
    const { trans, account, model, actions } = this.options;
    return createElement(ClusterPage, {
      trans,
      account,
      cluster: model.cluster,
      page: model,
      actions: {
        ...actions,
        onSource: source => model.choose(source),
        onFollow: following => model.follow(following),
        onRefresh: () => model.refresh()
      }
    });
  }

  private rename(): void {
    const { model, trans } = this.options;
    const view = model.view ?? model.state.history.last?.cluster;
    if (view) {
      this.title.label = view.name || view.title;
      this.title.caption = trans.__('Cluster %1 (%2)', view.name || view.title, view.id);
    }
  }
}
