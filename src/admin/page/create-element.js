/**
 * @typedef {Node | string | number} Child
 * @typedef {Readonly<Record<string, string | number | undefined>>} Attributes
 */

/**
 * An element with attributes and children; text is only ever text.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Attributes} [attributes] - undefined ones are left out
 * @param {readonly Child[]} children
 */
export function createElement(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) element.setAttribute(key, String(value));
  }
  element.append(...children.map((child) => (child instanceof Node ? child : String(child))));
  return element;
}

/** A figure for people, and for programs its value. @param {number | null | undefined} value @param {string} text */
export function createFigure(value, text) {
  return createElement('data', { value: value ?? '' }, text);
}

/**
 * The element with that id. A page without it is not ours.
 * @template {HTMLElement} [T=HTMLElement]
 * @param {string} id
 * @returns {T}
 */
export function findElement(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no ${id}`);
  return /** @type {T} */ (element);
}

/** @type {WeakMap<Element, string>} */
const shown = new WeakMap();

/**
 * Puts new children in, unless what they show is what is there: a selection in it would be lost.
 * @param {Element} parent
 * @param {unknown} content - what the children are made of
 * @param {() => Node[]} create
 */
export function showChildren(parent, content, create) {
  const text = JSON.stringify(content);
  if (shown.get(parent) === text) return;
  shown.set(parent, text);
  parent.replaceChildren(...create());
}

/** Changes a text only where it is another. @param {Element} element @param {string} text */
export function showText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
