/** The words' language, for every component below a provider. */

import type { TranslationBundle } from '@jupyterlab/translation';
import { createContext, useContext } from 'react';

const Translation = createContext<TranslationBundle | null>(null);

/** Gives every component below it its words. */
export const TranslationProvider = Translation.Provider;

/** Return the words. */
export function useTrans(): TranslationBundle {
  const trans = useContext(Translation);
  if (trans === null) {
    throw new Error('A component of Gatehouse is rendered outside of TranslationProvider.');
  }
  return trans;
}
