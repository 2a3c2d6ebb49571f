import { z } from "zod";

import type { DiaryValues } from "./diary.ts";
import { MEASURES, MOODS, measures, readNumber, showNumber } from "./measures.ts";
import type { Measure, MeasureKey } from "./measures.ts";

/** What was typed into each field, so that a form with a mistake keeps it. */
export type TypedValues = Readonly<Record<MeasureKey, string>>;

/** What is wrong, by field; `form` when it is about all of them. */
export type DayFormErrors = Readonly<Partial<Record<MeasureKey | "form", string>>>;

/** What a sent form holds. */
export type DayForm =
  | { readonly kind: "right"; readonly values: DiaryValues }
  | { readonly kind: "wrong"; readonly typed: TypedValues; readonly errors: DayFormErrors };

/** Longer than any number; what is longer was not typed into our form. */
const field = z.string().max(20).default("");

const schema = z.object({ gewicht: field, glucose: field, stappen: field, slaap: field, stemming: field });

function explain(measure: Measure, problem: "not-a-number" | "out-of-range"): string {
  if (measure.key === "mood") return `Kies een van de ${MOODS.length} woorden, of ‘niet invullen’.`;
  const [least, most] = [showNumber(measure, measure.least), showNumber(measure, measure.most)];
  if (problem === "out-of-range") return `Vul een getal in van ${least} tot en met ${most} ${measure.unit}.`;
  if (measure.decimals === 0) return "Vul een heel getal in, zoals 8000.";
  return measure.key === "sleep" ? "Vul een getal in, zoals 7,5 of 7:30." : "Vul alleen een getal in, met hooguit twee cijfers na de komma.";
}

/** Reads a sent form; undefined when it is none of ours. */
export function readDayForm(body: unknown): DayForm | undefined {
  const sent = schema.safeParse(body);
  if (!sent.success) return undefined;
  const { gewicht, glucose, stappen, slaap, stemming } = sent.data;
  const typed: TypedValues = { weight: gewicht, glucose, steps: stappen, sleep: slaap, mood: stemming };
  const values: Partial<Record<MeasureKey, number>> = {};
  const errors: Partial<Record<MeasureKey | "form", string>> = {};
  for (const key of MEASURES) {
    const read = readNumber(measures[key], typed[key]);
    switch (read.kind) {
      case "number":
        values[key] = read.value;
        break;
      case "empty":
        break;
      case "not-a-number":
      case "out-of-range":
        errors[key] = explain(measures[key], read.kind);
        break;
    }
  }
  if (Object.keys(errors).length > 0) return { kind: "wrong", typed, errors };
  if (Object.keys(values).length === 0) return { kind: "wrong", typed, errors: { form: "Vul ten minste één ding in." } };
  return { kind: "right", values };
}
