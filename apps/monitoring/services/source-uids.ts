/** Names by which dashboards and links find a data source; they never change. */
export const sourceUids = { prometheus: "prometheus", alertmanager: "alertmanager", loki: "loki", tempo: "tempo" } as const;
