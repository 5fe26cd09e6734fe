/**
 * HTML as a type. Names, tags and texts are escaped as they enter a template, so that none of them can become markup;
 * what is markup already was made by the same template.
 */

/** A piece of HTML. Made by the template only. */
export class Html {
  readonly #text: string;

  /** @internal Use the template instead. */
  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** Strings are escaped; pieces of HTML stand as they are. */
export type HtmlValue = string | number | Html | readonly Html[];

/** The template. A value may be text, or the whole value of an attribute in double quotes. */
export function html(literals: TemplateStringsArray, ...values: HtmlValue[]): Html {
  return new Html(
    literals.raw.map((part, index) => (index === 0 ? part : markup(values[index - 1]) + part)).join(''),
  );
}

/**
 * A style sheet or script in the page itself, byte for byte: a policy allows it by its hash.
 * @throws RangeError when its text would end the element
 */
export function inline(element: 'style' | 'script', text: string): Html {
  if (/<[/!]/.test(text))
    throw new RangeError(`the text of an inline ${element} may hold no "</" and no "<!"`);
  return new Html(`<${element}>${text}</${element}>`);
}

function markup(value: HtmlValue | undefined): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(String).join('\n');
  return String(value).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
