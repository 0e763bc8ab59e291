/** Elements without a framework: making them, and bringing a list of them up to date by touching only what changed. */

type Properties = Readonly<Record<string, string>>;

/** An element with attributes and children. Text is always text, never markup. */
export function element(tag: string, attributes: Properties = {}, ...children: readonly (Node | string)[]): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function svg(tag: string, attributes: Properties = {}, ...children: readonly Node[]): SVGElement {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** Writes only what is new: an unchanged text costs no layout. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

export function setAttribute(target: Element, name: string, value: string): void {
  if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

export interface KeyedList<T> {
  readonly update: (items: readonly T[]) => void;
}

/** Children of `parent`, one an item, in their order. What `make` returns brings its child up to date. */
export function keyedList<T>(parent: Element, keyOf: (item: T) => string, make: (item: T) => Row<T>): KeyedList<T> {
  const rows = new Map<string, Row<T>>();
  return {
    update: (items) => {
      const keys = new Set<string>();
      let next: Element | null = parent.firstElementChild;
      for (const item of items) {
        const key = keyOf(item);
        if (keys.has(key)) continue;
        keys.add(key);
        const row = rows.get(key) ?? make(item);
        rows.set(key, row);
        row.update(item);
        if (row.element === next) next = next.nextElementSibling;
        else parent.insertBefore(row.element, next);
      }
      for (const [key, row] of rows) {
        if (keys.has(key)) continue;
        row.element.remove();
        rows.delete(key);
      }
    },
  };
}

export interface Row<T> {
  readonly element: Element;
  readonly update: (item: T) => void;
}

/** An element of the page by its id. Throws if the page has none: a bug. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found;
}
