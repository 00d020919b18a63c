/** What the notebook in front imports is read when something happened, and is a new list only when it is another. */

import type { INotebookTracker, Notebook, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, KernelSpec } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';

import { ActiveKernel, importingCells } from '../kernel';
import { settle } from './fakes';

/** A notebook in front, whose cells the test writes. */
function front(cells: { type: string; source: string }[]) {
  const content = {
    model: {
      sharedModel: {
        get cells() {
          return cells.map(({ type, source }) => ({ cell_type: type, getSource: () => source }));
        }
      }
    }
  } as unknown as Notebook;
  const panel = {
    content,
    context: { localPath: 'work/a.ipynb', ready: Promise.resolve() },
    sessionContext: { session: { kernel: { name: 'geo' } }, kernelChanged: new Signal<object, unknown>({}) }
  } as unknown as NotebookPanel;
  const notebooks = { currentWidget: panel, currentChanged: new Signal<object, unknown>({}) };
  const executed = new Signal<object, { notebook: Notebook }>({});
  const files = new Signal<object, Contents.IChangedArgs>({});
  const specs = {
    specs: { default: 'python3', kernelspecs: { geo: { display_name: 'Geo' } } },
    specsChanged: new Signal<object, unknown>({})
  } as unknown as KernelSpec.IManager;
  const kernel = new ActiveKernel({
    notebooks: notebooks as unknown as INotebookTracker,
    specs,
    executed,
    files
  });
  const changes = jest.fn();
  kernel.changed.connect(changes);
  return { kernel, changes, files, run: (notebook = content) => executed.emit({ notebook }) };
}

describe('ActiveKernel', () => {
  it('names kernel, notebook and the cells that import', () => {
    const { kernel } = front([
      { type: 'code', source: 'import a' },
      { type: 'code', source: 'x = 1' },
      { type: 'markdown', source: 'import words' }
    ]);
    expect(kernel.current).toEqual({
      name: 'geo',
      title: 'Geo',
      notebook: 'work/a.ipynb',
      sources: ['import a'],
      edits: 0
    });
  });

  it('reads the imports anew after a run, and tells of it only when they are others', async () => {
    const cells = [{ type: 'code', source: 'import a\nx = 1' }];
    const { kernel, changes, run } = front(cells);
    await settle();
    const { sources } = kernel.current;
    cells[0] = { type: 'code', source: 'import a\nx = 2' };
    run();
    expect(kernel.current.sources).toBe(sources);
    cells.push({ type: 'code', source: 'from b import c' });
    expect(changes).not.toHaveBeenCalled();
    run({} as unknown as Notebook);
    expect(changes).not.toHaveBeenCalled();
    run();
    expect(kernel.current.sources).toEqual(['import a\nx = 2', 'from b import c']);
    expect(changes).toHaveBeenCalledTimes(1);
  });

  it('counts the Python files that are saved', () => {
    const { kernel, changes, files } = front([]);
    const save = (path: string, type: Contents.IChangedArgs['type'] = 'save'): void =>
      files.emit({ type, oldValue: null, newValue: { path } });
    save('notes.md');
    save('mylib.py', 'rename');
    expect(changes).not.toHaveBeenCalled();
    save('mylib.py');
    expect(kernel.current.edits).toBe(1);
    expect(changes).toHaveBeenCalledTimes(1);
  });
});

describe('importingCells', () => {
  it('ends at a limit of text, so that a huge notebook costs little', () => {
    const large = `import a\n${'x'.repeat(150_000)}`;
    expect(importingCells([large, large, 'import b'])).toHaveLength(1);
  });
});
