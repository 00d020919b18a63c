/** The keyboard's place: what has the focus may vanish, such as the button of what has just ended; the focus then goes near. */

import { RefObject, useEffect, useRef } from 'react';

/** What vanishes as a whole or stays: the focus goes to the first control of the nearest that stays. */
const PLACES = 'li, section, [role=tabpanel]';
const CONTROLS = 'button, a[href], select, input, [tabindex="0"]';

/**
 * Follow the focus within an element, and put it near where it was when what had it is removed, hidden or disabled: a
 * browser would put it nowhere, and a person who uses the keyboard would begin again at the top of the page.
 */
export function useKeptFocus<E extends HTMLElement>(): RefObject<E> {
  const root = useRef<E>(null);
  useEffect(() => (root.current ? keepFocus(root.current) : undefined), []);
  return root;
}

/** Keep the focus within `root`; returns how to stop that. */
export function keepFocus(root: HTMLElement): () => void {
  let last: HTMLElement | null = null;
  let places: Element[] = [];
  const came = ({ target }: FocusEvent): void => {
    last = target instanceof HTMLElement ? target : null;
    places = [...around(last, root), root];
  };
  const went = (): void => {
    queueMicrotask(() => {
      if (last && usable(last) && document.activeElement !== last) {
        last = null; // the person went elsewhere
      }
    });
  };
  const changed = (): void => {
    if (
      last &&
      !usable(last) &&
      [null, document.body, last].includes(document.activeElement as HTMLElement)
    ) {
      const near = places.filter(place => place.isConnected).flatMap(controls)[0];
      last = null;
      (near ?? root).focus();
    }
  };
  const watcher = new MutationObserver(changed);
  root.addEventListener('focusin', came);
  root.addEventListener('focusout', went);
  watcher.observe(root, { subtree: true, childList: true, attributeFilter: ['disabled', 'hidden'] });
  return () => {
    watcher.disconnect();
    root.removeEventListener('focusin', came);
    root.removeEventListener('focusout', went);
  };
}

function around(element: Element | null, root: Element): Element[] {
  const place = element?.closest(PLACES);
  return place && root.contains(place) ? [place, ...around(place.parentElement, root)] : [];
}

function usable(element: HTMLElement): boolean {
  return element.isConnected && !element.matches(':disabled') && element.closest('[hidden]') === null;
}

function controls(place: Element): HTMLElement[] {
  return [...place.querySelectorAll<HTMLElement>(CONTROLS)].filter(usable);
}
