export { keyIdOf, newSigningKey, privateKeyOf, publicKeyOf, publicText } from "./keys.ts";
export { isPackPath, type PackManifest, packFile } from "./manifest.ts";
export { buildPack, manifestOf, openPack, packBytes, signPack, type TrustedKey, verifyPack } from "./pack.ts";
export { refused } from "./refusal.ts";
export {
  type InstalledPack,
  type PackCheck,
  type PackInstall,
  type PackRecord,
  PackStore,
  rulePaths,
} from "./store.ts";
