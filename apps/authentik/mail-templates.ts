/** The mails that Authentik sends to people, in Dutch: its own templates have no Dutch, and its own name at their foot. */
import { text, type ConfigFile } from "@jlam/compose-dsl";

/** Where Authentik looks for templates that it doesn't bring (its setting `email.template_dir`). */
export const templateFolder = "/templates/email";

interface Mail {
  /** What the template is called, without its ending. */
  readonly name: string;
  readonly says: string;
  readonly button: string;
  readonly ignore: string;
}

const confirmation: Mail = {
  name: "jlam-confirmation",
  says: "Je wilt lid worden van Je Leefstijl Als Medicijn. Bevestig je e-mailadres, dan is je account klaar.",
  button: "Bevestig mijn e-mailadres",
  ignore: "Heb je je niet aangemeld? Dan hoef je niets te doen. De link werkt een half uur.",
};

const newPassword: Mail = {
  name: "jlam-new-password",
  says: "Je vroeg om een nieuw wachtwoord voor Je Leefstijl Als Medicijn. Met deze link stel je het in.",
  button: "Nieuw wachtwoord instellen",
  ignore: "Heb je hier niet om gevraagd? Dan hoef je niets te doen, je wachtwoord blijft zoals het was. De link werkt een half uur.",
};

/** What a stage of a blueprint calls them. */
export const confirmationTemplate = `email/${confirmation.name}.html`;
export const newPasswordTemplate = `email/${newPassword.name}.html`;

/** A page that every mail program shows as it is: no pictures, nothing from elsewhere. `{{ url }}` is Authentik's. */
const asPage = ({ says, button, ignore }: Mail): string => `<!doctype html>
<html lang="nl">
<head><meta charset="utf-8"><title>Je Leefstijl Als Medicijn</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 Arial,sans-serif;color:#21312a;background:#fdfbf6">
  <p>Hallo,</p>
  <p>${says}</p>
  <p><a href="{{ url }}" style="display:inline-block;padding:12px 20px;border-radius:8px;color:#ffffff;background:#1f5a44;text-decoration:none">${button}</a></p>
  <p>Werkt de knop niet? Open dan dit adres: {{ url }}</p>
  <p>${ignore}</p>
  <p>Je Leefstijl Als Medicijn</p>
</body>
</html>
`;

const asText = ({ says, ignore }: Mail): string => `{% autoescape off %}Hallo,

${says}

{{ url }}

${ignore}

Je Leefstijl Als Medicijn
{% endautoescape %}
`;

/** The templates by file name, each as page and as text. */
export const mailTemplates: Readonly<Record<string, ConfigFile>> = Object.fromEntries(
  [confirmation, newPassword].flatMap((mail) => [
    [`${mail.name}.html`, text(asPage(mail))],
    [`${mail.name}.txt`, text(asText(mail))],
  ]),
);
