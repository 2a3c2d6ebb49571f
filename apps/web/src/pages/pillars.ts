import { html } from "./html.ts";
import type { Html } from "./html.ts";

/** One of the things in daily life that lifestyle medicine works with. */
export interface Pillar {
  readonly name: string;
  readonly why: string;
  readonly step: string;
  /** The inside of an SVG of 24 by 24, drawn with lines. */
  readonly icon: Html;
}

/** The six areas that the lifestyle medicine societies name; figures are the Health Council's and the Voedingscentrum's. */
export const pillars: readonly Pillar[] = [
  {
    name: "Voeding",
    why: "Wat je eet, werkt door in je bloedsuiker, bloeddruk, gewicht en energie.",
    step: "Eet bij één maaltijd per dag een dubbele portie groente. De Schijf van Vijf gaat uit van 250 gram per dag.",
    icon: html`<path d="M12 7c-2-2-7-1.5-7 4 0 5 3.5 10 7 9 3.5 1 7-4 7-9 0-5.5-5-6-7-4z"/><path d="M12 7c0-2 1-4 3-4"/>`,
  },
  {
    name: "Beweging",
    why: "Je hoeft geen sporter te zijn: wandelen, fietsen en traplopen tellen mee.",
    step: "Loop vandaag tien minuten na het avondeten. De beweegrichtlijn is 150 minuten per week, verspreid over dagen.",
    icon: html`<circle cx="14" cy="4.5" r="1.8"/><path d="M8 21l3-6-2.5-3 2-5 4 2.5 3 .5M11 15l4 2 1 4M8 9l-2.5 3"/>`,
  },
  {
    name: "Slaap",
    why: "In je slaap herstelt je lichaam. Slecht slapen maakt gezond kiezen de volgende dag moeilijker.",
    step: "Sta een week lang elke dag op dezelfde tijd op, ook in het weekend.",
    icon: html`<path d="M20 14.500A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.500z"/>`,
  },
  {
    name: "Ontspanning",
    why: "Spanning hoort bij het leven. Het gaat mis als je er niet meer van bijkomt.",
    step: "Zet twee keer per dag een minuut alles stil en adem langzaam uit.",
    icon: html`<path d="M3 9c3-3 6 3 9 0s6 3 9 0M3 15c3-3 6 3 9 0s6 3 9 0"/>`,
  },
  {
    name: "Verbinding",
    why: "Mensen om je heen en iets wat voor jou telt, maken volhouden lichter.",
    step: "Vertel één iemand wat je wilt veranderen en vraag of je samen kunt beginnen.",
    icon: html`<circle cx="8" cy="8" r="3"/><circle cx="16.5" cy="9.5" r="2.5"/><path d="M2.5 20c0-4 2.5-6 5.5-6s5.5 2 5.5 6M14.5 14.500c4-.5 7 1.5 7 5.5"/>`,
  },
  {
    name: "Roken en alcohol",
    why: "Stoppen met roken en minder drinken zijn op elke leeftijd winst.",
    step: "Spreek met jezelf af op welke dagen je niet drinkt. Hulp bij stoppen met roken vraag je bij je huisarts.",
    icon: html`<circle cx="12" cy="12" r="9"/><path d="M5.7 5.700l12.6 12.6"/>`,
  },
];
