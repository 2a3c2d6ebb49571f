import type { ResolvedEnvironment, ResolvedSecret } from "../resolve/resolved.ts";
import type { Explanation } from "./explain.ts";

/** Where each secret file's value comes from; never the value. */
export function secretExplanations({ services, secrets }: ResolvedEnvironment): readonly Explanation[] {
  return [...services.values()].flatMap((service) =>
    service.secrets.flatMap(({ id, file, why }) => {
      const secret = secrets.get(id);
      const path = `secrets.${service.name}.${file}`;
      return secret ? [{ path: `${path}.value-of`, value: id, why }, { path: `${path}.source`, value: sourceInWords(secret), why }] : [];
    }),
  );
}

function sourceInWords({ source, inputs }: ResolvedSecret): string {
  switch (source.kind) {
    case "generated":
      return `${source.bytes} random bytes, replaced within ${source.maxAgeDays} days`;
    case "provided":
      return source.description;
    case "derived":
      return `rendered from ${Object.values(inputs).join(", ")}`;
    case "issued":
      return `the ${source.part} that the local authority issues`;
  }
}
