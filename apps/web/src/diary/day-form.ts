import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { DIARY_PATH } from "../pages/paths.ts";
import type { Day } from "./day.ts";
import type { DayFormErrors, TypedValues } from "./day-form-reader.ts";
import type { DiaryEntry, DiaryValues } from "./diary.ts";
import { MEASURES, MOODS, measures, showNumber, typedNumber } from "./measures.ts";
import type { MeasureKey } from "./measures.ts";

/** What the form begins with, or what came back with it. */
export interface DayFormState {
  readonly typed: TypedValues;
  readonly errors: DayFormErrors;
}

/** A form with what is known of its day; empty fields for the rest. */
export function stateOf(values: DiaryValues | undefined): DayFormState {
  const typed = (key: MeasureKey): string => {
    const value = values?.[key];
    return value === undefined ? "" : typedNumber(measures[key], value);
  };
  return {
    typed: { weight: typed("weight"), glucose: typed("glucose"), steps: typed("steps"), sleep: typed("sleep"), mood: typed("mood") },
    errors: {},
  };
}

/** The newest weight before `day`, as a reminder of what to look for on the scale. */
export const weightBefore = (entries: readonly DiaryEntry[], day: Day): number | undefined =>
  entries.findLast((entry) => entry.day < day && entry.values.weight !== undefined)?.values.weight;

const idOf = (key: MeasureKey): string => `veld-${measures[key].field}`;
const errorIdOf = (key: MeasureKey): string => `${idOf(key)}-fout`;

const errorText = (key: MeasureKey, text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="field-error" id="${errorIdOf(key)}">${text}</p>`;

type TypedKey = Exclude<MeasureKey, "mood">;

function numberField(key: TypedKey, { typed, errors }: DayFormState, lastWeight: number | undefined): Html {
  const measure = measures[key];
  const error = errors[key];
  const placeholder = key === "weight" && lastWeight !== undefined ? showNumber(measure, lastWeight) : undefined;
  const unit = key === "steps" ? undefined : html` <span class="unit">${measure.unit}</span>`;
  return html`
          <div class="field">
            <label for="${idOf(key)}">${measure.name}${unit}</label>
            ${errorText(key, error)}
            <input id="${idOf(key)}" name="${measure.field}" type="text" inputmode="${measure.decimals === 0 ? "numeric" : "decimal"}" autocomplete="off" maxlength="20" value="${typed[key]}"${
              placeholder === undefined ? undefined : html` placeholder="${placeholder}"`
            }${error === undefined ? undefined : html` aria-invalid="true" aria-describedby="${errorIdOf(key)}"`}>
          </div>`;
}

function moodField({ typed, errors }: DayFormState): Html {
  const error = errors.mood;
  const option = (value: string, text: Html, index: number): Html => html`
              <label class="mood"><input type="radio" name="${measures.mood.field}" value="${value}"${index === 0 ? html` id="${idOf("mood")}"` : undefined}${
                typed.mood === value ? html` checked` : undefined
              }><span>${text}</span></label>`;
  return html`
          <fieldset class="moods"${error === undefined ? undefined : html` aria-describedby="${errorIdOf("mood")}"`}>
            <legend>Stemming</legend>
            ${errorText("mood", error)}
            <div class="mood-choices">${MOODS.map((word, index) => option(String(index + 1), html`<b>${index + 1}</b> ${word}`, index))}
            </div>${option("", html`niet invullen`, MOODS.length)}
          </fieldset>`;
}

/** Everything that is wrong, each leading to its field. It takes the focus, so that it is heard and seen first. */
function summary({ errors }: DayFormState): Html | undefined {
  const wrong = MEASURES.filter((key) => errors[key] !== undefined);
  if (wrong.length === 0 && errors.form === undefined) return undefined;
  const fields = html`<ul>${wrong.map((key) => html`<li><a href="#${idOf(key)}">${measures[key].name}: ${errors[key]}</a></li>`)}</ul>`;
  return html`
        <div class="error-summary" id="fouten" role="alert" tabindex="-1" autofocus>
          <p><strong>Nog niet bewaard.</strong> ${errors.form}</p>${wrong.length === 0 ? undefined : fields}
        </div>`;
}

/** The form for one day; what it sends replaces what was kept of that day. */
export function dayForm(day: Day, state: DayFormState, lastWeight: number | undefined, token: string | undefined): Html {
  return html`
      <form class="day-form" method="post" action="${DIARY_PATH}/${day}" novalidate>
        <input type="hidden" name="token" value="${token ?? ""}">${summary(state)}
        <div class="fields">${(["weight", "glucose", "steps", "sleep"] as const).map((key) => numberField(key, state, lastWeight))}
        </div>
        ${moodField(state)}
        <button class="button wide" type="submit">Bewaren</button>
      </form>`;
}
