/** The dialog of a new cluster as a widget of its own, above everything. */

import { ReactWidget } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import type { ReactElement } from 'react';

import { type INewClusterProps, NewCluster } from './sections/NewCluster';

/** Where the focus goes when what opened the dialog is gone: the panel's own button. */
const NEW = '.gh-new';

class NewClusterWidget extends ReactWidget {
  constructor(private readonly props: INewClusterProps) {
    super();
  }

  protected override render(): ReactElement {
    return <NewCluster {...this.props} />;
  }
}

/** Show the dialog; resolves when it is closed. The focus returns to where it was. */
export async function showNewCluster(props: Omit<INewClusterProps, 'onClose'>): Promise<void> {
  const before = document.activeElement;
  await new Promise<void>(resolve => {
    const widget = new NewClusterWidget({
      ...props,
      onClose: () => {
        widget.dispose();
        resolve();
      }
    });
    Widget.attach(widget, document.body);
  });
  await new Promise(requestAnimationFrame); // the panel draws what was asked for; its empty state may be gone
  const places = [before, document.querySelector(NEW)];
  places.find(place => place instanceof HTMLElement && place !== document.body && takesFocus(place));
}

/** Give the focus to it; whether it took it. The palette's field, which opened the dialog, is hidden by now. */
function takesFocus(element: HTMLElement): boolean {
  element.focus();
  return document.activeElement === element;
}
