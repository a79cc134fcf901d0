export declare const NODE_VERSION: string;
export declare const PNPM_VERSION: string;
export declare function nodeIsCurrent(version?: string): boolean;
