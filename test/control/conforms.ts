/** What a value has that a JSON Schema does not allow: as much of draft 2020-12 as the control API's schema uses. */

type Schema = Readonly<Record<string, unknown>>;

/** Complaints with their places; empty when it conforms. Fields that the schema does not name are complaints too. */
export function complaints(value: unknown, schema: Schema, place = '$'): readonly string[] {
  if ('const' in schema) return value === schema['const'] ? [] : [`${place} is not ${String(schema['const'])}`];
  if (Array.isArray(schema['enum'])) return schema['enum'].includes(value) ? [] : [`${place}: ${String(value)}`];
  if (Array.isArray(schema['anyOf'])) {
    const each = (schema['anyOf'] as readonly Schema[]).map((one) => complaints(value, one, place));
    return each.some((list) => list.length === 0) ? [] : each.flat();
  }
  const types = [schema['type']].flat();
  if (!types.some((type) => isOf(value, type))) return [`${place} is no ${types.join(' or ')}`];
  if (Array.isArray(value)) return value.flatMap((item, i) => complaints(item, schema['items'] as Schema, `${place}[${i}]`));
  if (typeof value === 'string' && schema['format'] === 'date-time') {
    return new Date(value).toISOString() === value ? [] : [`${place}: ${value}`];
  }
  if (typeof value === 'number' && typeof schema['minimum'] === 'number' && value < schema['minimum']) return [`${place}: ${value}`];
  return typeof value === 'object' && value !== null ? fieldComplaints(value, schema, place) : [];
}

function fieldComplaints(value: object, schema: Schema, place: string): readonly string[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, Schema>>;
  const required = (schema['required'] ?? []) as readonly string[];
  const open = schema['additionalProperties'] === true;
  const others = open ? undefined : (schema['additionalProperties'] as Schema | undefined);
  return [
    ...required.filter((name) => !(name in value)).map((name) => `${place}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, field]) => {
      const known = properties[name] ?? others;
      if (known === undefined && open) return [];
      return known === undefined ? [`${place}.${name} is not in the schema`] : complaints(field, known, `${place}.${name}`);
    }),
  ];
}

function isOf(value: unknown, type: unknown): boolean {
  switch (type) {
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
