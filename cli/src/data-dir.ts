/** Where `vedette up` keeps everything unless told otherwise. */
export const defaultDataDir = process.env.VEDETTE_DATA ?? "vedette-data";
