/** The product's mark: a gate between two towers. */

import { LabIcon } from '@jupyterlab/ui-components';

import text from '../style/gatehouse-icon.svg';

/** For the sidebar, the status bar and the palette. */
export const gatehouseIcon = new LabIcon({ name: 'jupyterlab-gatehouse:gatehouse', svgstr: text });
