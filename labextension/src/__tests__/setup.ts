/** What every browser has and jsdom lacks; and a warning of React is a failure. */

import { format, TextDecoder } from 'node:util';

import { configure } from '@testing-library/dom';

Object.assign(globalThis, { TextDecoder });
configure({ asyncUtilTimeout: 30_000 });

// eslint-disable-next-line no-console -- it is what React warns by
console.error = (...args: unknown[]): void => {
  throw new Error(format(...args));
};

/** The browser's modal dialog, as far as a test without a screen needs it. */
if (typeof HTMLDialogElement !== 'undefined') {
  HTMLDialogElement.prototype.showModal = function (): void {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function (): void {
    this.open = false;
    this.dispatchEvent(new Event('close'));
  };
}
