/** regex and what belongs to it, as one pattern that JavaScript understands. */

import type { BodyPattern } from '../../health/config-check.js';
import { quote } from '../keywords/arguments.js';
import type { RegexOption } from '../keywords/web-checks.js';
import type { httpUrl } from '../keywords/web-checks.js';
import type { Values } from '../keywords/schema.js';
import { translatePattern } from '../pcre.js';
import type { Build } from './context.js';

type UrlValues = Pick<Values<(typeof httpUrl)['keywords']>, RegexKeyword>;
type RegexKeyword = 'regex' | 'regex_no_match' | 'regex_options' | 'regex_min_offset' | 'regex_max_offset' | 'regex_stack';

const COMPANIONS = ['regex_no_match', 'regex_options', 'regex_min_offset', 'regex_max_offset', 'regex_stack'] as const;

/** Options that change how PCRE2 works, not what it finds. */
const WITHOUT_EFFECT: ReadonlySet<RegexOption> = new Set([
  'auto_callout', 'no_auto_possess', 'no_dotstar_anchor', 'no_start_optimize', 'never_ucp', 'never_utf', 'never_backslash_c',
  'alt_verbnames', 'use_offset_limit', 'match_unset_backref', 'dupnames',
]);

/** Undefined without a pattern, and with one that PCRE2 would refuse or that has no counterpart; that has been reported. */
export function bodyPattern({ findings }: Build, values: UrlValues): BodyPattern | undefined {
  const { regex, regex_options: given, regex_min_offset: min, regex_max_offset: max } = values;
  if (regex === undefined) {
    for (const name of COMPANIONS) {
      const companion = values[name];
      if (companion !== undefined) findings.report('badPattern', companion.at, `${name} means something with regex only`);
    }
    return undefined;
  }
  const options = new Set((given?.value ?? []).filter((option) => !WITHOUT_EFFECT.has(option)));
  const translated = translatePattern(regex.value.text, options);
  if (!translated.ok) {
    const { index, mappable, reason } = translated;
    const message = mappable
      ? `regex: ${quote(regex.value.text)} is no pattern: ${reason}; it is ignored`
      : `regex: ${reason} has no counterpart here; the pattern is ignored`;
    findings.report(mappable ? 'badPattern' : 'patternNotMappable', regex.value.at(index), message);
    return undefined;
  }
  if (min !== undefined && max !== undefined && max.value <= min.value) {
    findings.report('badPattern', max.at, `nothing begins at ${min.value} or later and before ${max.value}: the pattern is never found`);
  }
  return {
    pattern: regex.value.text,
    source: translated.source,
    flags: translated.flags,
    mustNotMatch: values.regex_no_match !== undefined,
    minOffset: min?.value ?? 0,
    firstLine: options.has('firstline'),
    ...(max === undefined ? {} : { maxOffset: max.value }),
  };
}
