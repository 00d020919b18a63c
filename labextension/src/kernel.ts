/** Which kernel the person works with: that of the notebook in front, else the server's default; and what it imports. */

import type { INotebookTracker, Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, KernelSpec } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';

import type { IKernel } from './sections/Environment';

/** Characters of a notebook that are read for its imports. */
const LIMIT = 200_000;
const IMPORT = /^[ \t]*(?:import|from)[ \t].*/gm;

/** Where a change of kernel or imports is heard of. */
export interface IHeard {
  notebooks: INotebookTracker | null;
  specs: KernelSpec.IManager;
  /** A cell was run. */
  executed: ISignal<unknown, { notebook: Notebook }>;
  /** A file was saved, or changed otherwise, by this browser. */
  files: ISignal<unknown, Contents.IChangedArgs>;
}

/** Follows the notebook in front. Its imports are read when it comes to the front and when a cell was run, not while it is written. */
export class ActiveKernel {
  private readonly signal = new Signal<ActiveKernel, void>(this);
  private panel: NotebookPanel | null = null;
  private sources: readonly string[] = [];
  private edits = 0;

  constructor(private readonly heard: IHeard) {
    heard.notebooks?.currentChanged.connect(() => this.follow());
    heard.specs.specsChanged.connect(() => this.signal.emit());
    heard.executed.connect((_, { notebook }) => {
      if (notebook === this.panel?.content) {
        this.read();
      }
    });
    heard.files.connect((_, { type, newValue }) => {
      if (type === 'save' && newValue?.path?.endsWith('.py')) {
        this.edits += 1;
        this.signal.emit();
      }
    });
    this.follow();
  }

  get current(): IKernel {
    const { specs } = this.heard.specs;
    const name = this.panel?.sessionContext.session?.kernel?.name ?? specs?.default ?? 'python3';
    return {
      name,
      title: specs?.kernelspecs[name]?.display_name ?? name,
      notebook: this.panel?.context.localPath ?? '',
      sources: this.sources,
      edits: this.edits
    };
  }

  get changed(): ISignal<ActiveKernel, void> {
    return this.signal;
  }

  private follow(): void {
    const panel = this.heard.notebooks?.currentWidget ?? null;
    this.panel?.sessionContext.kernelChanged.disconnect(this.tell);
    this.panel = panel;
    panel?.sessionContext.kernelChanged.connect(this.tell);
    void panel?.context.ready.then(() => this.read());
    this.read();
    this.signal.emit();
  }

  private read(): void {
    const found = importingCells(cellsOf(this.panel));
    if (importLines(found) !== importLines(this.sources)) {
      this.sources = found;
      this.signal.emit();
    }
  }

  private readonly tell = (): void => {
    this.signal.emit();
  };
}

function cellsOf(panel: NotebookPanel | null): string[] {
  const cells = panel?.content.model?.sharedModel.cells ?? [];
  return cells.filter(cell => cell.cell_type === 'code').map(cell => cell.getSource());
}

/** Return the cells with a line that may be an import, up to a limit of text. */
export function importingCells(cells: readonly string[]): string[] {
  let left = LIMIT;
  return cells.filter(cell => cell.search(IMPORT) >= 0 && (left -= cell.length) >= 0);
}

function importLines(cells: readonly string[]): string {
  return cells.flatMap(cell => cell.match(IMPORT) ?? []).join('\n');
}
