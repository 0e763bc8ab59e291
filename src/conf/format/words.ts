/** The words of one statement as they are printed: one blank between them, quotes and everything else as written. */

/** A word in double quotes, or one that ends at a blank or a quote. Blanks are those of lines.ts. */
const WORD = /"[^"]*"|[^ \t-\r"]+/g;

/**
 * `text` is the part of a line that a statement covers. Command keywords read their line again with quotes of another kind
 * and with escapes: where such signs stand, blanks may mean something and everything behind the keyword stays. So does a
 * line with a quote that is not closed.
 */
export function normaliseWords(text: string): string {
  if (/['\\]/.test(text) || (text.split('"').length - 1) % 2 === 1) {
    return text.replace(/^([^ \t-\r'"\\]+)[ \t-\r]+/, '$1 ').replace(/[ \t-\r]+$/, '');
  }
  let printed = '';
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    // Words without a blank between them are one to a command keyword.
    printed += printed !== '' && index > end ? ` ${word}` : word;
    end = index + word.length;
  }
  return printed;
}
