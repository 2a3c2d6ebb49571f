/** The SQL that takes every person out of a database, and the SQL that looks for whoever is still there. */
import type { AnonymisationRules, ColumnRule } from "@jlam/backup/plan-file";

/** A column as the database itself tells of it. */
export interface Column {
  readonly table: string;
  readonly column: string;
  /** PostgreSQL's own name of its type: `uuid`, `text`, `timestamptz`. */
  readonly type: string;
}

/** Lists every column of every table: of `public` by its table's name alone, of others with their schema. */
export const columnsQuery = `
  SELECT coalesce(nullif(n.nspname, 'public') || '.', '') || c.relname, a.attname, t.typname
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_type t ON t.oid = a.atttypid
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_' ORDER BY 1, a.attnum;`;

/** What rules and database don't agree on, in words: a column without a rule, or a rule that can't be applied. Pure. */
export function disagreements(rules: AnonymisationRules, columns: readonly Column[]): readonly string[] {
  const found: string[] = [];
  for (const { table, column, type } of columns) {
    const rule = rules[table];
    if (rule === undefined) {
      found.push(`${table}.${column} has no rule`);
      continue;
    }
    if ("emptied" in rule) continue;
    const of = rule.columns[column];
    if (of === undefined) found.push(`${table}.${column} has no rule`);
    else if (!fits(of, type)) found.push(`${table}.${column} is of the type ${type}, which can't be ${of.kind === "pseudonym" ? "given a pseudonym" : of.kind}`);
  }
  return found;
}

function fits(rule: ColumnRule, type: string): boolean {
  switch (rule.kind) {
    case "keep":
      return true;
    case "pseudonym":
      return type === "uuid" || isText(type);
    case "drawn":
      return /^(?:int[248]|numeric|float[48])$/.test(type);
    case "shifted":
      return /^(?:date|timestamptz?)$/.test(type);
    case "scrubbed":
      return isText(type);
  }
}

const isText = (type: string): boolean => /^(?:text|varchar|bpchar|citext)$/.test(type);
const quoted = (name: string): string => name.split(".").map((part) => `"${part.replaceAll('"', '""')}"`).join(".");

/**
 * One transaction that applies the rules, with triggers and foreign keys off: the same pseudonym comes out wherever a
 * person's id stands, so that what belonged together still does. Every right-hand side sees the values of before.
 *
 * @param key what pseudonyms are made with; whoever keeps it could find people again
 */
export function anonymise(rules: AnonymisationRules, columns: readonly Column[], key: string): string {
  const tables = [...new Set(columns.map(({ table }) => table))];
  return [
    "BEGIN; SET LOCAL session_replication_role = replica;",
    `SELECT set_config('jlam.key', '${key}', true) \\g /dev/null`,
    ...tables.flatMap((table) => {
      const rule = rules[table];
      if (rule === undefined) return [];
      if ("emptied" in rule) return [`DELETE FROM ${quoted(table)};`];
      const changed = columns.filter((each) => each.table === table).flatMap(({ column, type }) => changedTo(rule.columns[column], column, type));
      return changed.length === 0 ? [] : [`UPDATE ${quoted(table)} SET ${changed.join(", ")};`];
    }),
    "COMMIT;",
  ].join("\n");
}

function changedTo(rule: ColumnRule | undefined, column: string, type: string): readonly string[] {
  const name = quoted(column);
  const keyed = (of: string): string => `current_setting('jlam.key') || '|' || ${of}::text`;
  switch (rule?.kind) {
    case undefined:
    case "keep":
      return [];
    case "pseudonym": {
      const hash = `encode(sha256(convert_to(${keyed(name)}, 'UTF8')), 'hex')`;
      return [`${name} = ${type === "uuid" ? `left(${hash}, 32)::uuid` : hash}`];
    }
    case "drawn":
      return [`${name} = CASE WHEN ${name} IS NULL THEN NULL ELSE round((${rule.from} + random() * ${rule.to - rule.from})::numeric, ${rule.decimals})::${type} END`];
    case "shifted":
      // From one to 64 days.
      return [`${name} = (${name} - (1 + (hashtextextended(${keyed(quoted(rule.person))}, 0) & 63)) * interval '1 day')::${type}`];
    case "scrubbed":
      return [`${name} = regexp_replace(regexp_replace(${name}, '${mailAddress}', 'iemand@example.org', 'g'), '[0-9](?:[ .-]?[0-9]){5,}', '#', 'g')`];
  }
}

const mailAddress = "[^@[:space:]<>\"'',;:()]+@(?:[[:alnum:]-]+\\.)+[[:alpha:]]{2,}";

/** Domains that RFC 2606 keeps for examples, so that no mail to them ever reaches anybody. */
const exampleDomain = "@(?:.+\\.)?(?:example\\.(?:org|com|net)|[^.]+\\.(?:example|test|invalid|localhost)|(?:example|test|invalid|localhost))$";

/** Names under which something lies that lets somebody in. */
const letsIn = "(?:^|_)(?:tokens?|sessions?|passwords?|secrets?|credentials?|cookies?)(?:_|$)";

/**
 * A line `column|what|rows` for everything by which a person could still be found: mail addresses outside the domains for
 * examples, numbers of eight or nine digits that pass the eleven-test of the BSN, tokens and sessions. Nothing of what was
 * found is told. Looks into every column, whatever its rule says.
 */
export function search(columns: readonly Column[]): string {
  const questions = columns.flatMap(({ table, column, type }) => {
    const [of, name] = [quoted(table), quoted(column)];
    const finding = (what: string, condition: string): string => `SELECT '${`${table}.${column}`.replaceAll("'", "''")}', '${what}', count(*) FROM ${of} WHERE ${condition} HAVING count(*) > 0;`;
    const lets = new RegExp(letsIn, "i");
    // A key, a moment or a measure can't be one; a whole number can.
    const searchable = !/^(?:uuid|date|time|timetz|timestamp|timestamptz|interval|bool|numeric|float4|float8|bytea)$/.test(type);
    return [
      ...(searchable ? [
        finding("a mail address", `EXISTS (SELECT FROM regexp_matches(${name}::text, '${mailAddress}', 'g') AS found WHERE lower(found[1]) !~ '${exampleDomain}')`),
        finding("a BSN", `EXISTS (SELECT FROM regexp_matches(${name}::text, '(?<![[:alnum:]])[0-9](?:[ .-]?[0-9]){7,8}(?![[:alnum:]])', 'g') AS found WHERE pg_temp.is_bsn(found[1]))`),
      ] : []),
      ...(lets.test(table.replace(/^.*\./, "")) || lets.test(column) ? [finding("something that lets somebody in,", `${name} IS NOT NULL`)] : []),
    ];
  });
  return [
    // Nine digits, of which the last counts negatively; shorter ones begin with a zero.
    `CREATE FUNCTION pg_temp.is_bsn(said text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
      SELECT sum(digit::int * CASE place WHEN 9 THEN -1 ELSE 10 - place END) % 11 = 0 AND sum(digit::int) > 0
      FROM unnest(string_to_array(lpad(regexp_replace(said, '[^0-9]', '', 'g'), 9, '0'), NULL)) WITH ORDINALITY AS each(digit, place) $$;`,
    ...questions,
    "SELECT 'large objects', 'data that no rule reads', count(*) FROM pg_largeobject_metadata HAVING count(*) > 0;",
  ].join("\n");
}
