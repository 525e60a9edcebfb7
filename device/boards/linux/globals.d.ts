/** What an image for Linux tokens calls when it is loaded: images.ts gives it. */
declare const galetImage: (start: typeof import('../../token/token.js').startToken, version: string) => void;
