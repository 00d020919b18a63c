/** When a press becomes a drag. */

import type { PointerEvent as ReactPointerEvent } from 'react';

const FAR = 5;
/** Called once where the pointer is, still pressed. */
export type Begin = (x: number, y: number) => void;

/** Wait until the pressed pointer has moved some pixels; a click is none. Called on `pointerdown`. */
export function onceDragged(pressed: ReactPointerEvent, begin: Begin): void {
  if (pressed.button !== 0) {
    return;
  }
  const { clientX, clientY } = pressed;
  const end = (): void => {
    document.removeEventListener('pointermove', move, true);
    document.removeEventListener('pointerup', end, true);
    document.removeEventListener('pointercancel', end, true);
  };
  const move = (moved: PointerEvent): void => {
    if (Math.hypot(moved.clientX - clientX, moved.clientY - clientY) >= FAR) {
      end();
      begin(moved.clientX, moved.clientY);
    }
  };
  document.addEventListener('pointermove', move, true);
  document.addEventListener('pointerup', end, true);
  document.addEventListener('pointercancel', end, true);
}
