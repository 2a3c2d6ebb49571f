import { RETENTION } from "./retention-periods.ts";

/** A wording of what is asked. Older wordings stay, since they say what somebody agreed to at the time. */
export interface PurposeText {
  readonly version: number;
  readonly ask: string;
  readonly explanation: string;
  /** What follows from taking it back. */
  readonly without: string;
}

/** One thing that a member can agree to by itself. */
export interface Purpose {
  readonly title: string;
  /** Oldest first; the last is what is asked now. A new one makes everybody be asked again. */
  readonly texts: readonly [PurposeText, ...PurposeText[]];
}

/** Everything that is done only with consent (GDPR article 6.1a; for health data article 9.2a). The keys are stored. */
export const purposes = {
  "health-data": {
    title: "Mijn dagboek bewaren",
    texts: [
      {
        version: 1,
        ask: "Jullie mogen mijn gezondheidsgegevens bewaren.",
        explanation:
          "Het gaat om wat je zelf in je dagboek schrijft: gewicht, bloedsuiker, stappen, slaap en stemming. Zo kun je terugkijken en zie je hoe het gaat. Alleen jij ziet je dagboek.",
        without: `Dan gaat je dagboek dicht. Wat erin staat, kun je nog ${RETENTION.withdrawnDiaryDays} dagen downloaden; daarna verwijderen we het.`,
      },
    ],
  },
  research: {
    title: "Meehelpen aan onderzoek",
    texts: [
      {
        version: 1,
        ask: "Mijn dagboek mag zonder naam gebruikt worden voor onderzoek naar leefstijl.",
        explanation:
          "Onderzoekers krijgen dan cijfers met een code in plaats van je naam (gepseudonimiseerd). Ze kunnen niet zien wie je bent en mogen dat ook niet uitzoeken.",
        without: "Dan gaat er vanaf dat moment niets meer van jou naar onderzoek. De rest van de site werkt gewoon.",
      },
    ],
  },
  newsletter: {
    title: "Nieuwsbrief",
    texts: [
      {
        version: 1,
        ask: "Stuur me af en toe een e-mail met tips en nieuws.",
        explanation: "Hoogstens één keer per maand. Er zit geen volgsoftware in en we geven je adres aan niemand door.",
        without: "Dan krijg je geen nieuwsbrief meer.",
      },
    ],
  },
} as const satisfies Readonly<Record<string, Purpose>>;

export type PurposeName = keyof typeof purposes;

/** In the order in which they are asked. */
export const purposeNames: readonly PurposeName[] = ["health-data", "research", "newsletter"];

/** What is asked now. */
export function presentText(purpose: PurposeName): PurposeText {
  const { texts }: Purpose = purposes[purpose];
  return texts.at(-1) ?? texts[0];
}
