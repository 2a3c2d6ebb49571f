import { demoAccounts } from "@jlam/platform/demo-accounts";

import { SHORTEST_PASSWORD } from "./sign-up.ts";
import type { SignUpField, SignUpProblems } from "./sign-up.ts";

const STYLE = "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1.25rem;color:#21312a;background:#fdfbf6}h1{font-size:1.6rem;line-height:1.2}a{color:#1f5a44}label{display:block;margin:1rem 0 .3rem;font-weight:600}input,button{box-sizing:border-box;width:100%;padding:.7rem;font:inherit;border:2px solid #1f5a44;border-radius:8px}button{margin-top:1.5rem;color:#fff;background:#1f5a44;font-weight:600;cursor:pointer}:focus-visible{outline:3px solid #8a4b12;outline-offset:2px}.stand-in{padding:.8rem 1rem;border-left:6px solid #8a4b12;background:#fdf0df}.wrong{color:#9b1c1c;font-weight:600;margin:.3rem 0}[aria-invalid]{border-color:#9b1c1c}.hint{margin:.3rem 0;color:#48594f}code{font-size:1em}";

/** A whole page; `body` is markup of ours, in which everything that somebody sent is escaped. */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="nl">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>${title} · stand-in</title>
  <link rel="icon" href="data:,">
  <style>${STYLE}</style>
</head>
<body>
  <main>
    <h1>${title}</h1>
    <p class="stand-in"><strong>Dit is niet Authentik, maar een stand-in</strong> met demo-accounts, voor ontwikkelen en testen op deze machine.</p>
${body}
  </main>
</body>
</html>
`;
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);

/** Asks for an account and its password; `signUpAddress` leads to the page that makes one. */
export function signInPage(signUpAddress: string, wrong: boolean): string {
  return page(
    "Inloggen",
    `    ${wrong ? '<p class="wrong" role="alert">Deze naam en dit wachtwoord horen niet bij elkaar.</p>' : ""}
    <form method="post">
      <label for="username">E-mailadres of demo-account</label>
      <input id="username" name="username" list="accounts" autocomplete="username" autocapitalize="none" required autofocus>
      <datalist id="accounts">${demoAccounts.map(({ username, name }) => `<option value="${username}">${name}</option>`).join("")}</datalist>
      <label for="password">Wachtwoord</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>
      <button type="submit">Inloggen</button>
    </form>
    <p>Nog geen account? <a href="${escaped(signUpAddress)}">Maak een account</a>.</p>
    <p>Demo-accounts: ${demoAccounts.map(({ username }) => `<code>${username}</code>`).join(", ")}. Hun wachtwoord staat in het geheim dat deze omgeving heeft gemaakt.</p>`,
  );
}

interface Input {
  readonly field: SignUpField;
  readonly label: string;
  readonly type: "text" | "email" | "password";
  readonly autocomplete: string;
  readonly hint?: string;
}

const SIGN_UP_INPUTS: readonly Input[] = [
  { field: "name", label: "Naam", type: "text", autocomplete: "name" },
  { field: "email", label: "E-mailadres", type: "email", autocomplete: "username", hint: "Hiermee log je straks in." },
  { field: "password", label: "Wachtwoord", type: "password", autocomplete: "new-password", hint: `Ten minste ${SHORTEST_PASSWORD} tekens. Een zin is makkelijk te onthouden.` },
  { field: "repeated", label: "Wachtwoord nog een keer", type: "password", autocomplete: "new-password" },
];

/** Passwords are never sent back to the page. */
function signUpInput({ field, label, type, autocomplete, hint }: Input, problems: SignUpProblems, given: URLSearchParams): string {
  const problem = problems[field];
  const described = [...(hint === undefined ? [] : [`${field}-hint`]), ...(problem === undefined ? [] : [`${field}-problem`])].join(" ");
  const attributes = [
    `id="${field}" name="${field}" type="${type}" autocomplete="${autocomplete}" required`,
    ...(type === "password" ? [] : [`value="${escaped(given.get(field) ?? "")}"`]),
    ...(type === "email" ? ['autocapitalize="none"'] : []),
    ...(described === "" ? [] : [`aria-describedby="${described}"`]),
    ...(problem === undefined ? [] : ['aria-invalid="true"']),
  ];
  return `      <label for="${field}">${label}</label>
      ${hint === undefined ? "" : `<p class="hint" id="${field}-hint">${hint}</p>`}
      ${problem === undefined ? "" : `<p class="wrong" id="${field}-problem">${escaped(problem)}</p>`}
      <input ${attributes.join(" ")}>`;
}

/** Asks for what an account needs; `given` is what was filled in before, when something in it was wrong. */
export function signUpPage(signInAddress: string, problems: SignUpProblems = {}, given = new URLSearchParams()): string {
  const wrong = Object.keys(problems).length > 0;
  return page(
    "Account maken",
    `    ${wrong ? '<p class="wrong" role="alert">Er klopt nog iets niet. Kijk wat er bij de velden staat.</p>' : ""}
    <form method="post" novalidate>
${SIGN_UP_INPUTS.map((input) => signUpInput(input, problems, given)).join("\n")}
      <button type="submit">Account maken</button>
    </form>
    <p>Dit account bestaat alleen op deze machine, tot de stand-in opnieuw start.</p>
    <p>Heb je al een account? <a href="${escaped(signInAddress)}">Log in</a>.</p>`,
  );
}

/** Asks whether to sign out; `form` is the provider's own, with its token. */
export const signOutPage = (form: string): string =>
  page("Uitloggen", `    <p>Je logt uit bij alles waarvoor je met dit account bent ingelogd.</p>\n${form}\n    <button type="submit" form="op.logoutForm" name="logout" value="yes">Uitloggen</button>`);

/** Says that something ended: sign-out, a mistake, or a door that stays closed. */
export const messagePage = (title: string, text: string): string => page(title, `    <p>${text}</p>`);
