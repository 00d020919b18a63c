/** Dragging a cluster: onto a notebook it becomes a cell that connects to it, into an editor its text. */

import { MimeData } from '@lumino/coreutils';
import { Drag } from '@lumino/dragdrop';

import { clientCode } from '../code';
import type { ClusterView } from '../contract';

/** What JupyterLab's notebooks take cells by. */
const CELLS = 'application/vnd.jupyter.cells';

/** Begin at a point of the page; ends by itself where the pointer is let go. */
export function dragCluster(cluster: ClusterView, x: number, y: number): void {
  const code = clientCode(cluster);
  const cell = {
    cell_type: 'code',
    source: code,
    metadata: {},
    outputs: [],
    execution_count: null
  };
  const mimeData = new MimeData();
  mimeData.setData(CELLS, [cell]);
  mimeData.setData('text/plain', code);
  const drag = new Drag({
    mimeData,
    dragImage: image(cluster),
    supportedActions: 'copy',
    proposedAction: 'copy'
  });
  void drag.start(x, y).then(() => drag.dispose());
}

function image(cluster: ClusterView): HTMLElement {
  const node = document.createElement('div');
  node.className = 'gh gh-drag';
  node.textContent = `cluster = ${cluster.name || cluster.title}`;
  return node;
}
