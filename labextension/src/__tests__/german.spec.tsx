/** The German catalog, read by JupyterLab's own translation. */

import type { ITranslatorConnector, Language } from '@jupyterlab/translation/lib/tokens';
import { TranslationManager } from '@jupyterlab/translation/lib/manager';
import type { TranslationBundle } from '@jupyterlab/translation';
import { screen } from '@testing-library/react';

import catalog from '../../../server_ext/locale/de_DE/LC_MESSAGES/jupyterlab_gatehouse.json';
import notices from '../../schema/notices.json';
import { nextMonth, span } from '../format';
import { translated } from '../plugins/settings';
import { accounts } from './fakes';
import { region, show } from './panel';

// Its other half asks a server; the connector below answers in its place.
jest.mock('@jupyterlab/translation/lib/tokens', () => ({ DEFAULT_LANGUAGE_CODE: 'en' }));

/** The words that a page gets after JupyterLab was switched to German. */
async function german(): Promise<TranslationBundle> {
  const answer = { data: { jupyterlab_gatehouse: catalog }, message: '' } as unknown as Language;
  const connector = { fetch: () => Promise.resolve(answer) } as unknown as ITranslatorConnector;
  const manager = new TranslationManager('', undefined, undefined, connector);
  await manager.fetch('de_DE');
  return manager.load('jupyterlab-gatehouse');
}

describe('in German', () => {
  it('shows the panel', async () => {
    await show(accounts.normal, {}, undefined, {}, undefined, undefined, await german());
    expect(region('Geld').getByText('Jetzt')).toBeTruthy();
    expect(region('Umgebung').getByText(/61 Pakete gleich/)).toBeTruthy();
    expect(region('Cluster').getByRole('list', { name: 'Cluster' })).toBeTruthy();
    expect(screen.getByRole('combobox', { name: 'Abrechnen auf' })).toBeTruthy();
    expect(screen.getByRole('contentinfo').textContent).toContain('Nutzungsdienst antwortet');
    expect(screen.getByRole('button', { name: 'Einzelheiten: sales-join' })).toBeTruthy();
  });

  it('has singular and plural, dates and contexts', async () => {
    const trans = await german();
    expect(trans._n('%1 core', '%1 cores', 1)).toBe('1 Kern');
    expect(trans._n('%1 core', '%1 cores', 4)).toBe('4 Kerne');
    expect(nextMonth('2026-11', trans)).toBe('1. Dezember');
    expect(span(0.5, trans)).toBe('weniger als eine Minute');
    expect([trans._p('share of time', 'starting'), trans.__('starting')]).toEqual(['im Start', 'startet']);
  });

  it('translates the settings, and nothing but their words', async () => {
    const { title, properties, ...rest } = translated(notices as never, await german());
    expect(title).toBe('Gatehouse-Benachrichtigungen');
    expect(properties?.cuts).toMatchObject({ title: 'Weniger Worker', type: 'boolean', default: true });
    expect(rest.additionalProperties).toBe(false);
  });
});
