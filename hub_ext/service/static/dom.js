// Elements without markup: everything that is data becomes a text node, so a name can never become an element.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 * @param {string} spec tag and classes: "td.gh-n.gh-muted"
 * @param {object} attributes null and false leave one out; "on" holds listeners by event
 * @param {...(Node|string|null|false|Array)} children
 */
export function h(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  return dress(document.createElement(tag), classes, attributes, children);
}

/** Make an SVG element; as h(). */
export function svg(spec, attributes = {}, ...children) {
  const [tag, ...classes] = spec.split(".");
  return dress(document.createElementNS(SVG, tag), classes, attributes, children);
}

function dress(element, classes, attributes, children) {
  if (classes.length) {
    element.setAttribute("class", classes.join(" "));
  }
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") {
      Object.entries(value).forEach(([event, listener]) => element.addEventListener(event, listener));
    } else if (value !== null && value !== undefined && value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  element.append(...nodes(children));
  return element;
}

function nodes(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

/** An icon of the page's sprite; a word stands beside it, so it is hidden from readers of the screen. */
export function icon(name, extra = "") {
  return svg(`svg.gh-icon${extra && `.${extra}`}`, { "aria-hidden": "true" }, svg("use", { href: `#i-${name}` }));
}

/** A state: icon and word, never colour alone. tone is ok, warn, bad, info or idle. */
export function state(tone, name, ...words) {
  return h(`span.gh-state.gh-${tone}`, {}, icon(name), ...words);
}

/** A reason code as people quote it. */
export function code(reason) {
  return reason ? h("span.gh-code", {}, `[${reason}]`) : null;
}

/** Put these very nodes into an element; where they are in it already, nothing happens. For parts that are kept. */
export function fill(element, ...children) {
  const wanted = nodes(children);
  const there = [...element.childNodes];
  if (there.length !== wanted.length || there.some((node, index) => node !== wanted[index])) {
    element.replaceChildren(...wanted);
  }
  return element;
}

/**
 * Make an element look like fresh children, changing only what differs: focus, selection and readers of the screen stay.
 * The children are drawn anew each time; listeners on them would be lost, so a container listens for them.
 */
export function draw(element, ...children) {
  const fresh = nodes(children).map((child) =>
    child instanceof Node ? child : document.createTextNode(String(child)),
  );
  const old = [...element.childNodes];
  fresh.forEach((node, index) => {
    if (index >= old.length) {
      element.append(node);
    } else if (!old[index].isEqualNode(node)) {
      liken(old[index], node);
    }
  });
  old.slice(fresh.length).forEach((node) => node.remove());
  return element;
}

function liken(old, fresh) {
  if (!(old instanceof Element) || old.nodeName !== fresh.nodeName) {
    old.replaceWith(fresh);
    return;
  }
  [...old.attributes].filter(({ name }) => !fresh.hasAttribute(name)).forEach(({ name }) => old.removeAttribute(name));
  [...fresh.attributes].forEach(({ name, value }) => old.getAttribute(name) === value || old.setAttribute(name, value));
  draw(old, ...fresh.childNodes);
}

/** A section with its heading. */
export function section(title, aside, ...children) {
  return h(
    "section.gh-section",
    {},
    h("div.gh-head", {}, h("h2", {}, title), h("div.gh-head-end.gh-muted.gh-small", {}, aside)),
    ...children,
  );
}
