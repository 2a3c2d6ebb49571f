/** The group at the provider whose members see the operators' page. */
export const OPERATORS_GROUP = "operators";
