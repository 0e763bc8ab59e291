# The shape of keepalived.conf: lines and blocks. Not one keyword stands here; those live in tables, because a wrong keyword
# is a finding with a position and must not end the parse. The lexer hands over runs of lines, opening lines, closing braces
# and blocks of nothing but lines, and balances the braces (reporting those that are missing or too many), so every token
# sequence it makes is a sentence of this grammar.

@preprocessor typescript
@lexer tokenTypes

@{%
import { append, appendLines, blockOf, flatBlockOf } from '../cst.js';
import type { Statement } from '../cst.js';
import { tokenTypes } from '../lexer.js';
%}

# The start symbol must not be nullable, and lists are left recursions: both keep nearley linear and its memory small.
main -> items %end                {% (d): Statement[] => d[0] %}

items -> null                     {% (): Statement[] => [] %}
       | items %lines             {% (d): Statement[] => appendLines(d[0], d[1]) %}
       | items block              {% (d): Statement[] => append(d[0], d[1]) %}

block -> %open items %close       {% (d): Statement => blockOf(d[0], d[1]) %}
       | %flat                    {% (d): Statement => flatBlockOf(d[0]) %}
