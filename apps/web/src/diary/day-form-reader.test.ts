import { expect, test } from "vitest";

import { readDayForm } from "./day-form-reader.ts";

test("one thing is enough, and what was left empty is left out", () => {
  expect(readDayForm({ token: "x", gewicht: "", glucose: "", stappen: "8.000", slaap: "", stemming: "" })).toEqual({ kind: "right", values: { steps: 8000 } });
});

test("zero steps are something", () => {
  expect(readDayForm({ stappen: "0" })).toEqual({ kind: "right", values: { steps: 0 } });
});

test("nothing at all is asked for again", () => {
  expect(readDayForm({})).toMatchObject({ kind: "wrong", errors: { form: "Vul ten minste één ding in." } });
});

test("every mistake is told at its field, and everything that was typed is kept", () => {
  const form = readDayForm({ gewicht: "82,4", glucose: "zes", stappen: "999999", slaap: "", stemming: "7" });
  expect(form).toEqual({
    kind: "wrong",
    typed: { weight: "82,4", glucose: "zes", steps: "999999", sleep: "", mood: "7" },
    errors: {
      glucose: "Vul alleen een getal in, met hooguit twee cijfers na de komma.",
      steps: "Vul een getal in van 0 tot en met 150.000 stappen.",
      mood: "Kies een van de 5 woorden, of ‘niet invullen’.",
    },
  });
});

test.each([undefined, "gewicht=80", { gewicht: ["80", "81"] }, { gewicht: "8".repeat(21) }])("%j is no form of ours", (body) => {
  expect(readDayForm(body)).toBeUndefined();
});
