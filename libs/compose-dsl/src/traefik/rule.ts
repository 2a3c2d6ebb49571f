/** Rules of Traefik's routers, in the v3 syntax only. */
/** A rule: one matcher, or several joined. Made by the functions below, written by ruleText. */
export type Rule =
  | { readonly kind: "matcher"; readonly name: Matcher; readonly values: readonly string[] }
  | { readonly kind: "and" | "or"; readonly rules: readonly Rule[] }
  | { readonly kind: "not"; readonly rule: Rule };

/** Traefik's HTTP matchers. */
export type Matcher =
  | "Host" | "HostRegexp" | "Path" | "PathPrefix" | "PathRegexp" | "Header" | "HeaderRegexp" | "Method" | "ClientIP" | "Query" | "QueryRegexp";

/**
 * Requests for a host; `*.example.org` matches one label more (Traefik 3.7 or newer).
 *
 * @throws RangeError if the name isn't a host name
 */
export function host(name: string): Rule {
  if (!/^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(name)) {
    throw new RangeError(`"${name}" is not a host name: use letters, digits and hyphens, divided by dots.`);
  }
  return matcher("Host", name.toLowerCase());
}

/** Requests for a host that matches a Go regular expression. */
export function hostRegexp(expression: string): Rule {
  return matcher("HostRegexp", expression);
}

/**
 * Requests for exactly this path.
 *
 * @throws RangeError if it doesn't begin with a slash, or has a placeholder of the v2 syntax
 */
export function path(exact: `/${string}`): Rule {
  return matcher("Path", plainPath(exact));
}

/**
 * Requests whose path begins so, as text: "/api" also matches "/apidocs"; write "/api/" to end at
 * the slash.
 *
 * @throws RangeError if it doesn't begin with a slash, or has a placeholder of the v2 syntax
 */
export function pathPrefix(prefix: `/${string}`): Rule {
  return matcher("PathPrefix", plainPath(prefix));
}

/** Requests whose path matches a Go regular expression. */
export function pathRegexp(expression: string): Rule {
  return matcher("PathRegexp", expression);
}

/** Requests that have a header with exactly this value. */
export function header(name: string, value: string): Rule {
  return matcher("Header", name, value);
}

/** Requests that have a header whose value matches a Go regular expression. */
export function headerRegexp(name: string, expression: string): Rule {
  return matcher("HeaderRegexp", name, expression);
}

/** Requests with this method. */
export function method(name: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE"): Rule {
  return matcher("Method", name);
}

/**
 * Requests from an address or network, as the connection has it (X-Forwarded-For isn't looked at).
 *
 * @throws RangeError if it is neither
 */
export function clientIp(addressOrNetwork: string): Rule {
  const [address = "", bits, ...rest] = addressOrNetwork.split("/");
  const length = addressBits(address);
  const hasBits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= length);
  if (length === 0 || !hasBits || rest.length > 0) {
    throw new RangeError(`"${addressOrNetwork}" is not an address or network: write it like "10.0.0.1" or "10.0.0.0/8".`);
  }
  return matcher("ClientIP", addressOrNetwork);
}

/** Requests that have a query parameter, with exactly this value where one is given. */
export function query(name: string, value?: string): Rule {
  return value === undefined ? matcher("Query", name) : matcher("Query", name, value);
}

/** Requests that have a query parameter whose value matches a Go regular expression. */
export function queryRegexp(name: string, expression: string): Rule {
  return matcher("QueryRegexp", name, expression);
}

/** Requests that all of the rules match. */
export function and(first: Rule, second: Rule, ...more: readonly Rule[]): Rule {
  return { kind: "and", rules: [first, second, ...more] };
}

/** Requests that one of the rules matches. */
export function or(first: Rule, second: Rule, ...more: readonly Rule[]): Rule {
  return { kind: "or", rules: [first, second, ...more] };
}

/** Requests that the rule doesn't match. */
export function not(rule: Rule): Rule {
  return { kind: "not", rule };
}

/**
 * A rule as Traefik reads it, such as "Host(`jlam.nl`) && !PathPrefix(`/admin`)". Parts that join
 * others stand in parentheses, so that no order of operators has to be known.
 */
export function ruleText(rule: Rule): string {
  switch (rule.kind) {
    case "matcher":
      return `${rule.name}(${rule.values.map((value) => `\`${value}\``).join(", ")})`;
    case "and":
      return rule.rules.map(partText).join(" && ");
    case "or":
      return rule.rules.map(partText).join(" || ");
    case "not":
      return `!${partText(rule.rule)}`;
  }
}

function partText(rule: Rule): string {
  return rule.kind === "and" || rule.kind === "or" ? `(${ruleText(rule)})` : ruleText(rule);
}

/** A matcher quoted by backticks: between them nothing is escaped, so a backtick can't be said. */
function matcher(name: Matcher, ...values: readonly string[]): Rule {
  const wrong = values.find((value) => value === "" || /[`\r\n\0]/.test(value));
  if (wrong !== undefined) {
    throw new RangeError(`${name} can't match ${JSON.stringify(wrong)}: a value of a rule is not empty and has no backtick and no line break.`);
  }
  return { kind: "matcher", name, values };
}

/** Bits of an address: 32, 128, or 0 if it is none. node:net is not used: loading it takes 4 to 12 ms of every synth. */
function addressBits(address: string): 0 | 32 | 128 {
  if (/^((25[0-5]|2[0-4]\d|1?\d?\d)(\.(?!$)|$)){4}$/.test(address)) return 32;
  return address.includes(":") && URL.canParse(`http://[${address}]`) ? 128 : 0;
}

function plainPath(text: string): string {
  if (!text.startsWith("/")) throw new RangeError(`The path "${text}" doesn't begin with a slash: write "/${text}".`);
  if (/[{}]/.test(text)) {
    throw new RangeError(`The path "${text}" has braces: Traefik 3 has no placeholders. Use pathRegexp.`);
  }
  return text;
}
