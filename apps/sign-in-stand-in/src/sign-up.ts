import { z } from "zod";

import type { NewAccount } from "./accounts.ts";

/** As the platform's password policy at Authentik (apps/authentik/blueprints). */
export const SHORTEST_PASSWORD = 12;

const schema = z
  .object({
    name: z.string().trim().min(1, "Vul je naam in.").max(100, "Kort je naam in tot 100 tekens."),
    email: z.email("Vul een e-mailadres in, zoals noor@voorbeeld.nl.").max(200, "Gebruik een korter e-mailadres."),
    password: z.string().min(SHORTEST_PASSWORD, `Kies een wachtwoord van ten minste ${SHORTEST_PASSWORD} tekens.`).max(200, "Kort je wachtwoord in tot 200 tekens."),
    repeated: z.string(),
  })
  .refine(({ password, repeated }) => password === repeated, { path: ["repeated"], error: "De twee wachtwoorden zijn niet gelijk. Typ ze opnieuw." });

/** Fields of the page on which an account is made. */
export type SignUpField = keyof z.infer<typeof schema>;

/** What is wrong with a field, in Dutch for whoever fills it in. */
export type SignUpProblems = Readonly<Partial<Record<SignUpField, string>>>;

/** The form as an account that can be made, or what is wrong with it. */
export function readSignUp(form: URLSearchParams): { readonly account: NewAccount } | { readonly problems: SignUpProblems } {
  const result = schema.safeParse({
    name: form.get("name") ?? "",
    email: (form.get("email") ?? "").trim(),
    password: form.get("password") ?? "",
    repeated: form.get("repeated") ?? "",
  });
  if (result.success) return { account: { name: result.data.name, email: result.data.email, password: result.data.password } };
  const { properties = {} } = z.treeifyError(result.error);
  const problems = Object.entries(properties).flatMap(([field, { errors }]) => (errors[0] === undefined ? [] : [[field, errors[0]] as const]));
  return { problems: Object.fromEntries(problems) };
}
