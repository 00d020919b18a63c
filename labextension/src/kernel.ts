/** Which kernel the person works with: that of the notebook in front, else the server's default. */

import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { KernelSpec } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import type { IKernel } from './sections/Environment';

/** Follows the notebook in front. */
export class ActiveKernel {
  private readonly signal = new Signal<ActiveKernel, void>(this);
  private panel: NotebookPanel | null = null;

  constructor(
    private readonly notebooks: INotebookTracker | null,
    private readonly specs: KernelSpec.IManager
  ) {
    notebooks?.currentChanged.connect(() => this.follow());
    specs.specsChanged.connect(() => this.signal.emit());
    this.follow();
  }

  get current(): IKernel {
    const fallback = this.specs.specs?.default ?? 'python3';
    const name = this.panel?.sessionContext.session?.kernel?.name ?? fallback;
    return { name, title: this.specs.specs?.kernelspecs[name]?.display_name ?? name };
  }

  get changed(): ISignal<ActiveKernel, void> {
    return this.signal;
  }

  private follow(): void {
    this.panel?.sessionContext.kernelChanged.disconnect(this.tell);
    this.panel = this.notebooks?.currentWidget ?? null;
    this.panel?.sessionContext.kernelChanged.connect(this.tell);
    this.signal.emit();
  }

  private readonly tell = (): void => {
    this.signal.emit();
  };
}
