/**
 * Titles and descriptions of settings, in the reader's language.
 *
 * JupyterLab's server translates them too, but only from language packs; an extension's own catalog reaches the page
 * alone. The contexts are those of `DEFAULT_SCHEMA_SELECTORS` in jupyterlab_server's `translation_utils.py`.
 */

import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Let the settings of a plugin be read in the reader's language; before they are loaded, and once. */
export function translateSettings(
  registry: ISettingRegistry | null,
  plugin: string,
  trans: TranslationBundle
): void {
  registry?.transform(plugin, {
    fetch: fetched => ({ ...fetched, schema: translated(fetched.schema, trans) })
  });
}

/** Return a schema whose words are in the reader's language. */
export function translated(
  schema: ISettingRegistry.ISchema,
  trans: TranslationBundle
): ISettingRegistry.ISchema {
  const properties: Record<string, ISettingRegistry.IProperty> = {};
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    properties[key] = { ...property, ...words(property, 'settings', trans) };
  }
  return { ...schema, ...words(schema, 'schema', trans), properties };
}

function words(
  { title, description }: { title?: string; description?: string },
  context: string,
  trans: TranslationBundle
): { title?: string; description?: string } {
  return {
    ...(title && { title: trans._p(context, title) }),
    ...(description && { description: trans._p(context, description) })
  };
}
