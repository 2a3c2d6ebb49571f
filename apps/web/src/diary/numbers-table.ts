import { html } from "../pages/html.ts";
import type { Html } from "../pages/html.ts";
import { DIARY_PATH } from "../pages/paths.ts";
import { shortDay } from "./day.ts";
import type { DiaryEntry } from "./diary.ts";
import { MEASURES, MOODS, measures, showNumber } from "./measures.ts";
import type { MeasureKey } from "./measures.ts";

function cell(key: MeasureKey, value: number | undefined): Html {
  if (value === undefined) return html`<td><span aria-hidden="true">–</span><span class="unseen">niets</span></td>`;
  return html`<td>${key === "mood" ? (MOODS[value - 1] ?? value) : showNumber(measures[key], value)}</td>`;
}

/** Every number of the entries, newest day first; each day leads to the page that changes it. */
export function numbersTable(entries: readonly DiaryEntry[]): Html {
  return html`
      <div class="table-frame" role="region" aria-labelledby="getallen-kop" tabindex="0">
        <table>
          <thead><tr><th scope="col">Dag</th>${MEASURES.map((key) => {
            const { name, unit } = measures[key];
            return html`<th scope="col">${name}${key === "steps" || unit === "" ? undefined : html` <span class="unit">${unit}</span>`}</th>`;
          })}</tr></thead>
          <tbody>${entries.toReversed().map(
            ({ day, values }) => html`
            <tr><th scope="row"><a href="${DIARY_PATH}/${day}">${shortDay(day)}<span class="unseen"> wijzigen</span></a></th>${MEASURES.map((key) => cell(key, values[key]))}</tr>`,
          )}
          </tbody>
        </table>
      </div>`;
}
