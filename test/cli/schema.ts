/** The part of JSON Schema that our own schema uses, as a checker: what does not fit, by path. */

interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minimum?: number;
  readonly pattern?: string;
}

/** Properties that the schema does not name are misfits too: the schema is to be complete. */
export function misfits(value: unknown, schema: Schema, path = '$'): readonly string[] {
  const wrong: string[] = [];
  if (schema.type !== undefined && typeOf(value) !== schema.type) return [`${path} is ${typeOf(value)}, not ${schema.type}`];
  if ('const' in schema && value !== schema.const) wrong.push(`${path} is not ${String(schema.const)}`);
  if (schema.enum !== undefined && !schema.enum.includes(value)) wrong.push(`${path} is ${String(value)}`);
  if (schema.minimum !== undefined && Number(value) < schema.minimum) wrong.push(`${path} is below ${schema.minimum}`);
  if (schema.pattern !== undefined && !new RegExp(schema.pattern).test(String(value))) wrong.push(`${path} is ${String(value)}`);
  if (Array.isArray(value)) {
    for (const [i, item] of value.entries()) wrong.push(...misfits(item, schema.items ?? {}, `${path}[${i}]`));
  } else if (typeof value === 'object' && value !== null) {
    for (const name of schema.required ?? []) if (!(name in value)) wrong.push(`${path} lacks ${name}`);
    for (const [name, part] of Object.entries(value)) {
      const own = schema.properties?.[name];
      wrong.push(...(own === undefined ? [`${path}.${name} is not in the schema`] : misfits(part, own, `${path}.${name}`)));
    }
  }
  return wrong;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
