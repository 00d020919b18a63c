/** The focus stays near when what had it vanishes. */

import { keepFocus } from '../components/focus';
import { settle } from './fakes';

let stop: () => void = () => undefined;

/** A list of two rows in a part of a page, followed. */
function page(): (id: string) => HTMLElement {
  document.body.innerHTML = `
    <button id="outside"></button>
    <div id="root" tabindex="-1">
      <section><button id="head"></button>
        <ul><li id="row"><button id="caret"></button><span id="more"><button id="stop"></button></span></li></ul>
      </section>
    </div>`;
  const one = (id: string): HTMLElement => {
    const found = document.getElementById(id);
    if (found === null) {
      throw new Error(`There is no ${id}.`);
    }
    return found;
  };
  stop = keepFocus(one('root'));
  one('stop').focus();
  return one;
}

afterEach(() => stop());

describe('the focus', () => {
  it.each([
    ['stop', 'caret', 'its row'],
    ['row', 'head', 'the section of its row'],
    ['more', 'caret', 'its row, when more than it went']
  ])('goes to the nearest: without %s to %s, in %s', async (gone, expected) => {
    const one = page();
    one(gone).remove();
    await settle();
    expect(document.activeElement).toBe(one(expected));
  });

  it('goes to the whole where no control is left', async () => {
    const one = page();
    one('root').replaceChildren();
    await settle();
    expect(document.activeElement).toBe(one('root'));
  });

  it('goes away from what is disabled', async () => {
    const one = page();
    one('stop').setAttribute('disabled', '');
    await settle();
    expect(document.activeElement).toBe(one('caret'));
  });

  it('is not taken from where the person went meanwhile', async () => {
    const one = page();
    one('outside').focus();
    await settle();
    one('row').remove();
    await settle();
    expect(document.activeElement).toBe(one('outside'));
    one('outside').blur();
    one('head').remove();
    await settle();
    expect(document.activeElement).toBe(document.body);
  });
});
