export declare function withLock<T>(
  folder: string,
  work: () => Promise<T>,
  options?: { readonly say?: (line: string) => void; readonly patienceMs?: number },
): Promise<T>;
