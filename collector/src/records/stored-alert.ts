import type { Alert } from "@vedette/sdk";

/** What is asked of a stored alert to have it back as detection raised it, and as it stands now. */
export interface StoredAlert {
  readonly document: string;
  readonly status: string;
  readonly hidden: string;
}

/** The alert of a row, with its status of now. */
export const storedAlert = ({ document, status, hidden }: StoredAlert): Alert => ({
  ...(JSON.parse(document) as Alert),
  status,
  ...(hidden !== "" && { hidden }),
});
