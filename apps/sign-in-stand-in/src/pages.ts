import { demoAccounts } from "./accounts.ts";

const STYLE = "body{font:1.05rem/1.6 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1.25rem;color:#21312a;background:#fdfbf6}h1{font-size:1.6rem;line-height:1.2}label{display:block;margin:1rem 0 .3rem;font-weight:600}input,button{box-sizing:border-box;width:100%;padding:.7rem;font:inherit;border:2px solid #1f5a44;border-radius:8px}button{margin-top:1.5rem;color:#fff;background:#1f5a44;font-weight:600;cursor:pointer}.stand-in{padding:.8rem 1rem;border-left:6px solid #8a4b12;background:#fdf0df}.wrong{color:#9b1c1c;font-weight:600}code{font-size:1em}";

/** A whole page; `body` is markup of ours and never holds what somebody sent. */
function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="nl">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="robots" content="noindex">
  <title>${title} · stand-in</title>
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

/** Asks for a demo account and its password. */
export function signInPage(wrong: boolean): string {
  return page(
    "Inloggen",
    `    ${wrong ? '<p class="wrong" role="alert">Deze naam en dit wachtwoord horen niet bij elkaar.</p>' : ""}
    <form method="post">
      <label for="username">Demo-account</label>
      <input id="username" name="username" list="accounts" autocomplete="username" autocapitalize="none" required autofocus>
      <datalist id="accounts">${demoAccounts.map(({ username, name }) => `<option value="${username}">${name}</option>`).join("")}</datalist>
      <label for="password">Wachtwoord</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>
      <button type="submit">Inloggen</button>
    </form>
    <p>Accounts: ${demoAccounts.map(({ username }) => `<code>${username}</code>`).join(", ")}. Hun wachtwoord staat in het geheim dat deze omgeving heeft gemaakt.</p>`,
  );
}

/** Asks whether to sign out; `form` is the provider's own, with its token. */
export const signOutPage = (form: string): string =>
  page("Uitloggen", `    <p>Je logt uit bij alles waarvoor je met dit account bent ingelogd.</p>\n${form}\n    <button type="submit" form="op.logoutForm" name="logout" value="yes">Uitloggen</button>`);

/** Says that something ended: sign-out, a mistake, or a door that stays closed. */
export const messagePage = (title: string, text: string): string => page(title, `    <p>${text}</p>`);
