/** Shapes as people read them: the rules of `hub_ext/contract/units.py`. */

import type { TranslationBundle } from '@jupyterlab/translation';

import type { Shape } from '../contract';

const GIB = 2 ** 30;

/** Write `1 core, 2 GiB, 1 L4`. */
export function shapeText(shape: Shape, trans: TranslationBundle): string {
  const gpus = Object.entries(shape.gpus).map(([model, count]) => `${count} ${model.toUpperCase()}`);
  return [trans._n('%1 core', '%1 cores', shape.cores), size(shape.memory), ...gpus].join(', ');
}

function size(bytes: number): string {
  return bytes >= GIB
    ? `${Number((bytes / GIB).toFixed(1))} GiB`
    : `${Number((bytes / 2 ** 20).toFixed(0))} MiB`;
}
