/** Words of the text itself, which mean the same in every block and are gone before a block is read: for the manual. */

import type { About } from './about.js';

const include = (insists: string, name: string): About & { readonly syntax: string } => ({
  doc: `Read the files that match the pattern in place of this line; ${insists}.`,
  default: 'relative to the directory of this file',
  syntax: 'PATTERN',
  example: `${name} conf.d/*.conf`,
});

export const textWords: Readonly<Record<string, About & { readonly syntax: string }>> = {
  include: include('what cannot be read or found is passed over, unless include_check says otherwise', 'include'),
  includer: include('every file that matches must be readable', 'includer'),
  includem: include('as includer, and a pattern without wildcards must match', 'includem'),
  includew: include('as includem, and a pattern with wildcards must match too', 'includew'),
  includeb: include('as includer, and every alternative in braces must match', 'includeb'),
  includea: include('all of these must hold', 'includea'),
};
