/** What installer.ts is called by, over the interpreter's console: names that no other code of ours may use. */
interface EspruinoInstaller {
  /** Makes the file of the firmware, or finds one that an interrupted installation made; 0 when Storage has no room. */
  installPages(): number;
  /** Begins an image of `size` bytes. `body`: SHA-256 of the signed body; `hashes`: those of its pages; both base64. */
  installBegin(version: number, size: number, expires: number, body: string, hashes: string): void;
  /** Writes base64 `data` at byte `at` of an image's page; with its last byte, whether the page is what it has to be. */
  installPiece(page: number, at: number, data: string): boolean;
  /** The image is complete: it will be started, and needs no trial. */
  installImage(): boolean;
  /** Puts base64 `data` at byte `at` of the first file that the board runs at its start, and ends it there. */
  installText(at: number, data: string): void;
  /** Writes that file: from the next start on the board is a token. */
  installBoot(name: string): boolean;
}

declare const global: { galet: EspruinoInstaller };
