export declare class Problem extends Error {}
export declare function causeIn(text: string): string | undefined;
