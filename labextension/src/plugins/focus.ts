/** Where the keyboard goes on after a command. */

import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';

/**
 * A command of the palette begins with the focus in the palette's field, which is gone when the command's dialog closes:
 * the focus would be nowhere. It goes to what is in front instead, as it does after commands without a dialog.
 */
export const focusPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyterlab-gatehouse:focus',
  description: 'Gives the focus to what is in front when a command of the panel has left it nowhere.',
  autoStart: true,
  activate: (app: JupyterFrontEnd): void => {
    app.commands.commandExecuted.connect((_, { id, result }) => {
      if (id.startsWith('gatehouse:')) {
        const after = async (): Promise<void> => {
          await settled();
          if (document.activeElement === document.body) {
            app.shell.currentWidget?.activate();
          }
        };
        result.then(after, after);
      }
    });
  }
};

/** Wait until Lumino has delivered what was posted, such as that a widget is activated. */
export async function settled(): Promise<void> {
  await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
}
