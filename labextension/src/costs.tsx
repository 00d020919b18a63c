/** The page of daily costs as a JupyterLab widget. */

import { ReactWidget } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactElement } from 'react';

import type { MonthModel } from './model/months';
import { Costs } from './sections/Costs';

interface ICostsOptions {
  trans: TranslationBundle;
  model: MonthModel;
  onCopy: (text: string) => void;
}

/** Asks for its month whenever it is shown. */
export class CostsWidget extends ReactWidget {
  constructor(private readonly options: ICostsOptions) {
    super();
    this.addClass('gh-page-frame');
  }

  /** It may have been shown before it was attached, of which nobody is told. */
  look(): void {
    this.options.model.show(this.isVisible);
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

  protected override render(): ReactElement {
    return <Costs {...this.options} />;
  }
}
