/** What every browser has and jsdom lacks; and a warning of React is a failure. */

import { format, TextDecoder } from 'node:util';

Object.assign(globalThis, { TextDecoder });

// eslint-disable-next-line no-console -- it is what React warns by
console.error = (...args: unknown[]): void => {
  throw new Error(format(...args));
};
